"""Custom fields: what an admin adds to every customer's record."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.fields import services
from accounts.fields.models import CustomField
from crm.forms.fields import FieldForm
from crm.queries.fields import all_fields
from crm.views.request import UserRequest
from crm.views.writing import page_or_post, say_with_undo, status_of


@require_safe
def fields(request: UserRequest) -> HttpResponse:
    access.require(access.may_manage_fields(request.user))
    return render(request, "fields/fields.html", {"fields": all_fields()})


@page_or_post
def field_new(request: UserRequest) -> HttpResponse:
    access.require(access.may_manage_fields(request.user))
    form = FieldForm(request.POST or None)
    if form.is_valid():
        try:
            services.add_field(key=form.cleaned_data["key"], facts=form.facts)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The field is asked for from now on."))
            return redirect("custom_fields")
    return render(request, "fields/field.html", {"form": form, "field": None}, status=status_of(form))


@page_or_post
def field(request: UserRequest, pk: int) -> HttpResponse:
    access.require(access.may_manage_fields(request.user))
    stored = access.get_or_404(CustomField.objects.all(), pk)
    form = FieldForm(request.POST or None, stored=stored)
    if form.is_valid():
        try:
            services.change_field(stored, form.facts)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("custom_fields")
    return render(request, "fields/field.html", {"form": form, "field": stored}, status=status_of(form))


@require_POST
def archive(request: UserRequest, pk: int) -> HttpResponse:
    """Nobody is asked for it any more; ``undo`` takes that back."""
    access.require(access.may_manage_fields(request.user))
    stored = access.get_or_404(CustomField.objects.all(), pk)
    if "undo" in request.POST:
        services.restore_field(stored)
        messages.success(request, _("It is back."))
    else:
        services.archive_field(stored, now=timezone.now())
        say_with_undo(
            request,
            _("The field is archived; its values stay readable."),
            reverse("custom_field_archive", args=[pk]),
            {"undo": "1"},
            next_url=reverse("custom_fields"),
        )
    return redirect("custom_fields")
