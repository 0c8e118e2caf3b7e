"""Projects: what we do for a customer, and the team that serves him."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.facts import Known
from accounts.history import old_versions
from accounts.users.models import User


class FunctionalRole(models.TextChoices):
    PRODUCTION = "production", _("Production")
    ENGINEERING = "engineering", _("Engineering")
    QUALITY = "quality", _("Quality")
    TEST = "test", _("Test")
    PLANNING = "planning", _("Planning")
    MATERIALS = "materials", _("Materials")
    SALES = "sales", _("Sales")
    PROJECT_MANAGEMENT = "project_management", _("Project management")


class TeamStyle(models.TextChoices):
    CONTRIBUTOR = "contributor", _("Contributor")
    COLLABORATOR = "collaborator", _("Collaborator")
    COMMUNICATOR = "communicator", _("Communicator")
    CHALLENGER = "challenger", _("Challenger")


@pghistory.track(*old_versions())
class Project(Known):
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="projects")
    name = models.CharField(_("name"), max_length=160)
    manager = models.ForeignKey(
        User, models.PROTECT, related_name="managed_projects", verbose_name=_("project manager")
    )
    started_on = models.DateField(_("started on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    search_text = models.TextField(db_default="", editable=False)
    search_tokens = ArrayField(models.TextField(), default=list, db_default=[], editable=False)

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="project_has_a_name"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="project_ends_after_it_starts",
            ),
            models.UniqueConstraint(fields=["customer", "id"], name="project_of_customer"),
            models.UniqueConstraint(fields=["customer", "name"], name="project_name_once"),
        ]
        indexes = [
            GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="project_trigrams"),
            GinIndex(fields=["search_tokens"], name="project_tokens"),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track(*old_versions())
class ProjectMember(models.Model):
    """A person of the customer service project team in one functional role; one style is dominant."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, related_name="project_memberships")
    functional_role = models.CharField(_("functional role"), max_length=20, choices=FunctionalRole)
    styles = ArrayField(
        models.CharField(max_length=16, choices=TeamStyle),
        verbose_name=_("team styles"),
        default=list,
        blank=True,
    )
    dominant_style = models.CharField(_("dominant style"), max_length=16, choices=TeamStyle, blank=True)

    class Meta:
        verbose_name = _("project member")
        verbose_name_plural = _("project members")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user", "functional_role"], name="member_once_per_role"
            ),
            models.CheckConstraint(
                condition=Q(functional_role__in=FunctionalRole.values), name="member_role_known"
            ),
            models.CheckConstraint(
                condition=Q(dominant_style="") | Q(styles__contains=[F("dominant_style")]),
                name="dominant_style_is_one_of_his",
            ),
            models.CheckConstraint(
                condition=Q(styles__contained_by=TeamStyle.values), name="member_styles_known"
            ),
        ]


class FunctionalManager(models.Model):
    """Who heads a function of the company: he agrees who is staffed, and hears of clocks that were missed."""

    functional_role = models.CharField(
        _("functional role"), max_length=20, choices=FunctionalRole, primary_key=True
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("functional manager"))

    class Meta:
        verbose_name = _("functional manager")
        verbose_name_plural = _("functional managers")
        constraints = [
            models.CheckConstraint(
                condition=Q(functional_role__in=FunctionalRole.values), name="functional_manager_role_known"
            )
        ]
