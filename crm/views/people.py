"""Pages about people who log in: the list, one person, handing over, and everybody's own profile."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language as set_language_cookie

from accounts import access, handover
from accounts.users import services
from crm.forms.people import HandOverForm, PeopleFilter, ProfileForm, UserForm
from crm.mail import letters
from crm.queries import people as queries
from crm.views.request import UserRequest

OPTIONS_SHOWN = 20
page_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def people(request: UserRequest) -> HttpResponse:
    access.require(access.may_manage_people(request.user))
    form = PeopleFilter(request.GET or {"state": "active"})
    wish = form.cleaned_data if form.is_valid() else {}
    found = queries.people(
        request.user, q=wish.get("q", ""), role=wish.get("role", ""), state=wish.get("state", "")
    )
    page = queries.page_of_people(found, after=_id(request, "after"), before=_id(request, "before"))
    template = "people/_people.html" if request.htmx and not request.htmx.boosted else "people/people.html"
    context = {"filters": form, "page": page, "clear_url": request.path if request.GET else ""}
    return render(request, template, context)


@require_safe
def user_options(request: UserRequest) -> JsonResponse:
    """Colleagues for a picker, as one types; ``among=owners``: those he may make the owner of a customer."""
    owners = request.GET.get("among") == "owners"
    offered = access.possible_owners(request.user) if owners else access.visible_users(request.user)
    text = request.GET.get("q", "").replace("\0", "")[:200].strip()
    rows = queries.named(offered, text, limit=OPTIONS_SHOWN) if text else []
    return JsonResponse({"results": [{"value": pk, "text": name} for pk, name in rows]})


@page_or_post
def new_user(request: UserRequest) -> HttpResponse:
    access.require(access.may_manage_people(request.user))
    start = {"language": settings.LANGUAGE_CODE, "time_zone": settings.TIME_ZONE}
    form = UserForm(request.POST or None, person=None, initial=start)
    if form.is_valid():
        with transaction.atomic():
            person = services.create_user(**form.cleaned_data)
            letters.post(letters.Kind.INVITATION, person)
        messages.success(request, _("Invited. The mail with the link is on its way."))
        return redirect("users")
    return render(request, "people/new.html", {"form": form}, status=_status(form))


@page_or_post
def user(request: UserRequest, pk: int) -> HttpResponse:
    person = access.get_user_to_manage_or_404(request.user, pk)
    present = {name: getattr(person, name) for name in UserForm.base_fields if name != "teams"}
    present["teams"] = [membership.team_id for membership in person.team_memberships.all()]
    form = UserForm(request.POST or None, person=person, initial=present)
    if form.is_valid():
        try:
            services.change_user(person, **form.cleaned_data)
        except services.LastAdminError as error:
            form.add_error("role", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("user", pk)
    context = {"person": person, "form": form, "holdings": queries.holdings(person)}
    return render(request, "people/user.html", context, status=_status(form))


@require_POST
def invite(request: UserRequest, pk: int) -> HttpResponse:
    """Send the link again."""
    person = access.get_user_to_manage_or_404(request.user, pk)
    if person.is_active:
        letters.post(letters.Kind.INVITATION, person)
        messages.success(request, _("The mail with the link is on its way."))
    return redirect("user", pk)


@require_POST
def deactivate(request: UserRequest, pk: int) -> HttpResponse:
    person = access.get_user_to_manage_or_404(request.user, pk)
    try:
        services.deactivate(person)
    except services.LastAdminError as error:
        messages.error(request, str(error))
        return redirect("user", pk)
    messages.success(request, _("Deactivated: sessions and API tokens have ended."))
    return redirect("user_hand_over" if queries.holdings(person) else "user", pk)


@require_POST
def reactivate(request: UserRequest, pk: int) -> HttpResponse:
    person = access.get_user_to_manage_or_404(request.user, pk)
    services.reactivate(person)
    messages.success(request, _("Active again."))
    return redirect("user", pk)


@page_or_post
def hand_over(request: UserRequest, pk: int) -> HttpResponse:
    person = access.get_user_to_manage_or_404(request.user, pk)
    form = HandOverForm(request.POST or None, leaving=person, user=request.user)
    if form.is_valid():
        to = form.cleaned_data["to"]
        moved = handover.hand_over(leaving=person, to=to, author=request.user, now=timezone.now())
        text = ngettext("%(count)d customer was handed over.", "%(count)d customers were handed over.", moved)
        messages.success(request, text % {"count": moved})
        return redirect("user", pk)
    context = {"person": person, "form": form, "holdings": queries.holdings(person)}
    return render(request, "people/hand_over.html", context, status=_status(form))


@page_or_post
def profile(request: UserRequest) -> HttpResponse:
    person = access.get_myself(request.user)
    present = {name: getattr(person, name) for name in ProfileForm.base_fields}
    form = ProfileForm(request.POST or None, initial=present)
    if form.is_valid():
        services.change_profile(person, **form.cleaned_data)
        with override(person.language):
            messages.success(request, _("Saved."))
        return redirect("profile")
    return render(request, "people/profile.html", {"person": person, "form": form}, status=_status(form))


@require_safe
def email_address(request: UserRequest) -> HttpResponse:
    """In place of django-allauth's page: an admin changes addresses."""
    return redirect("profile")


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """The cookie for the entrance, and the person's own choice wherever he logs in."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        services.change_language(request.user, language=language)
    return set_language_cookie(request)


def _status(form: forms.Form) -> int:
    return 422 if form.is_bound else 200


def _id(request: HttpRequest, name: str) -> int | None:
    """A cursor of the list; one that is no number is no cursor."""
    try:
        return int(request.GET[name])
    except (KeyError, ValueError):
        return None
