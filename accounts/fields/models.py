"""Custom fields: what an admin adds to a customer's record. Values stand in `Customer.custom_fields`."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.history import old_versions

KEY_PATTERN = "^[a-z][a-z0-9_]{0,39}$"


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    CHOICE = "choice", _("Choice")
    YES_NO = "yes_no", _("Yes or no")


class Subject(models.TextChoices):
    CUSTOMER = "customer", _("Customer")


@pghistory.track(*old_versions())
class CustomField(models.Model):
    """``key`` stands in JSON, in addresses and in files, and never changes; labels are what people read.

    An archived field is asked for no more; values that were given stay readable.
    """

    subject = models.CharField(
        _("subject"), max_length=12, choices=Subject, default=Subject.CUSTOMER, editable=False
    )
    key = models.CharField(_("key"), max_length=40)
    label = models.CharField(_("name"), max_length=80)
    label_zh_hans = models.CharField(_("name in simplified Chinese"), max_length=80, blank=True)
    label_zh_hant = models.CharField(_("name in traditional Chinese"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=FieldKind)
    choices = ArrayField(models.CharField(max_length=80), verbose_name=_("choices"), default=list, blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints = [
            models.UniqueConstraint(fields=["subject", "key"], name="custom_field_key_once"),
            models.CheckConstraint(condition=Q(key__regex=KEY_PATTERN), name="custom_field_key_form"),
            models.CheckConstraint(condition=~Q(label=""), name="custom_field_has_a_name"),
            models.CheckConstraint(condition=Q(kind__in=FieldKind.values), name="custom_field_kind_known"),
            models.CheckConstraint(condition=Q(subject__in=Subject.values), name="custom_field_about_known"),
            models.CheckConstraint(
                condition=Q(kind=FieldKind.CHOICE, choices__len__gt=0)
                | (~Q(kind=FieldKind.CHOICE) & Q(choices__len=0)),
                name="custom_field_choices_of_a_choice",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def label_in(self, language: str) -> str:
        """Its name in a language of the product; the first one where nobody wrote another."""
        named = {"zh-hans": self.label_zh_hans, "zh-hant": self.label_zh_hant}
        return named.get(language.lower(), "") or self.label
