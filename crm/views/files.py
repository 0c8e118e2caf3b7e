"""Files of a customer and of an interaction: add several, open, delete, undo."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.customers.models import Customer
from accounts.files import services
from accounts.files.models import Attachment
from accounts.files.types import BY_SUFFIX, SHOWN
from crm.queries.files import page_of_files
from crm.queries.standing import standing_of
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, say_with_undo

MOST_AT_ONCE = 20
ACCEPTED = ",".join(sorted(BY_SUFFIX))
# What is opened runs nothing and loads nothing, whatever a browser makes of it.
_HARMLESS = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@require_safe
def customer_files(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    now = timezone.now()
    page = page_of_files(customer, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = upload_context(request, customer, page.rows) | {
        "standing": standing_of(customer, request.user, now=now),
        "tab": "files",
        "base_currency": settings.BASE_CURRENCY,
        "now": now,
        "page": page,
        "here": reverse("customer_files", args=[customer.pk]),
    }
    return render(request, "files/customer.html", context)


def upload_context(
    request: UserRequest, customer: Customer, files: Iterable[Attachment]
) -> dict[str, object]:
    """What the form and the list of files need, on whichever page they stand."""
    deletable = access.changeable_files(request.user).filter(pk__in=[file.pk for file in files])
    return {
        "customer": customer,
        "may_add_files": access.loggable_customers(request.user).filter(pk=customer.pk).exists(),
        "deletable": set(deletable.values_list("pk", flat=True)),
        "accepted": ACCEPTED,
        "most_mb": settings.FILE_LIMIT_BYTES // 2**20,
    }


@require_POST
def file_upload(request: UserRequest, pk: int) -> HttpResponse:
    """Each file by itself: what is refused says why, and keeps nobody else out."""
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.loggable_customers(request.user), customer)
    talk = None
    if request.POST.get("interaction"):
        found = access.get_interaction_or_404(request.user, request.POST["interaction"])
        access.require(found.customer_id == customer.pk)
        talk = found.identity
    sent = request.FILES.getlist("files")
    if not sent:
        messages.error(request, _("Choose a file first."))
    elif len(sent) > MOST_AT_ONCE:
        messages.error(
            request, _("At most %(most)s files at once. Nothing was added.") % {"most": MOST_AT_ONCE}
        )
    else:
        _add(request, customer, sent, talk)
    return redirect(back_or(request, reverse("customer_files", args=[customer.pk])))


def _add(
    request: UserRequest, customer: Customer, sent: Sequence[UploadedFile], talk: uuid.UUID | None
) -> None:
    added = 0
    for one in sent:
        try:
            services.add_file(
                customer=customer,
                content=one,
                name=one.name or "",
                uploaded_by=request.user,
                now=timezone.now(),
                most_bytes=settings.FILE_LIMIT_BYTES,
                interaction=talk,
            )
            added += 1
        except ValidationError as refusal:
            for text in refusal.messages:
                messages.error(request, text)
    if added:
        said = ngettext("%(count)s file added.", "%(count)s files added.", added) % {"count": added}
        messages.success(request, said)


@require_safe
def file_open(request: UserRequest, pk: int) -> FileResponse:
    """A picture or a PDF in the window unless ``save`` is asked for; everything else only as a download."""
    found = access.get_file_or_404(request.user, pk)
    return given(found, is_shown=found.type in SHOWN and "save" not in request.GET)


def given(found: Attachment, *, is_shown: bool) -> FileResponse:
    """The content, made harmless; 404 when the storage has lost it."""
    try:
        content = default_storage.open(found.path, "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    answer = FileResponse(
        content,
        as_attachment=not is_shown,
        filename=found.name,
        content_type=found.type if is_shown else "application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = _HARMLESS
    answer["Cache-Control"] = "private, no-cache"
    return answer


@require_POST
def file_delete(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_file_or_404(request.user, pk)
    demand(access.changeable_files(request.user), found)
    back = back_or(request, reverse("customer_files", args=[found.customer_id]))
    if services.delete_file(found, deleted_by=request.user, now=timezone.now()):
        text = _("%(name)s is deleted.") % {"name": found.name}
        say_with_undo(request, text, reverse("file_restore", args=[found.pk]), {}, next_url=back)
    return redirect(back)


@require_POST
def file_restore(request: UserRequest, pk: int) -> HttpResponse:
    found: Attachment = access.get_or_404(access.deleted_files(request.user), pk)
    services.restore_file(found, by=request.user)
    messages.success(request, _("It is back."))
    return redirect(back_or(request, reverse("customer_files", args=[found.customer_id])))
