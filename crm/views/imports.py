"""Facts from a file: upload, choose what columns mean, watch, read what was taken and what was not."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.imports import services
from accounts.imports.fields import REFUSAL_HEADERS
from accounts.imports.layouts import CDNOW_FIELDS
from accounts.imports.models import Import, ImportKind, ImportState
from accounts.imports.problems import BadFileError, file_problem
from accounts.imports.queries import imported_before, preview, refused_with_originals, short_date
from crm import tasks
from crm.forms.imports import LayoutForm, UploadForm
from crm.metrics import pulse
from crm.queries import imports as queries
from crm.views.request import UserRequest
from crm.views.spreadsheet import csv_answer

logger = logging.getLogger(__name__)
page_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@vary_on_headers("HX-Request")
def imports(request: UserRequest) -> HttpResponse:
    access.require(access.may_import(request.user))
    page = queries.page_of_imports(request.user, **_cursors(request))
    return render(
        request, _template(request, "imports/_imports.html", "imports/imports.html"), {"page": page}
    )


@page_or_post
def upload(request: UserRequest) -> HttpResponse:
    access.require(access.may_import(request.user))
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user)
    if form.is_valid():
        try:
            received = services.receive_import(
                file=form.cleaned_data["file"],
                owner=form.cleaned_data["owner"],
                user=request.user,
                kind=None,
            )
        except BadFileError as error:
            form.add_error("file", file_problem(error.stored))
        else:
            return redirect("import", pk=received.pk)
    return render(request, "imports/upload.html", {"form": form}, status=422 if form.is_bound else 200)


@page_or_post
@vary_on_headers("HX-Request")
def one_import(request: UserRequest, pk: int) -> HttpResponse:
    shown = access.get_or_404(access.visible_imports(request.user), pk)
    if shown.state == ImportState.UPLOADED:
        return _choose(request, shown)
    progress = queries.progress_of(shown)
    context = {
        "progress": progress,
        "import": shown,
        "page": queries.page_of_refused(shown, **_cursors(request)) if shown.rows_refused else None,
        "refresh_seconds": 2 if progress.is_running else None,
        "nobody_takes_it": shown.state == ImportState.WAITING and _no_worker_is_alive(),
    }
    return render(request, _template(request, "imports/_progress.html", "imports/import.html"), context)


def _no_worker_is_alive() -> bool:
    return pulse.is_any_worker_alive(now=timezone.now().timestamp()) is False


@require_POST
def cancel(request: UserRequest, pk: int) -> HttpResponse:
    shown = access.get_or_404(access.visible_imports(request.user), pk)
    if services.cancel_import(shown):
        # The page of a file that never started says all there is to say.
        if shown.state != ImportState.UPLOADED:
            messages.success(request, _("The import is stopped. Nothing of it was taken."))
    else:
        messages.info(request, _("This import had already ended."))
    return redirect("import", pk=pk)


@require_safe
def refused_csv(request: UserRequest, pk: int) -> StreamingHttpResponse:
    shown = access.get_or_404(access.visible_imports(request.user), pk)
    return csv_answer(f"refused-{shown.pk}", _refused_rows(shown))


@require_safe
def file(request: UserRequest, pk: int) -> FileResponse:
    """The file as it came in."""
    shown = access.get_or_404(access.visible_imports(request.user), pk)
    try:
        return FileResponse(shown.file.open("rb"), as_attachment=True, filename=shown.file_name)
    except (FileNotFoundError, ValueError) as error:
        raise Http404 from error


def _choose(request: UserRequest, shown: Import) -> HttpResponse:
    """What it holds, the columns' meaning and a preview; the same form starts the import."""
    if request.POST.get("kind") in ImportKind.values:
        return _change_kind(request, shown, ImportKind(request.POST["kind"]))
    return _choose_columns(request, shown)


def _change_kind(request: UserRequest, shown: Import, kind: ImportKind) -> HttpResponse:
    try:
        services.change_kind(shown, kind)
    except BadFileError as error:
        messages.error(request, file_problem(error.stored))
    except OSError:
        messages.error(request, file_problem(BadFileError("file_gone").stored))
    return redirect("import", pk=shown.pk)


def _choose_columns(request: UserRequest, shown: Import) -> HttpResponse:
    found = short_date(shown)
    form = LayoutForm(
        request.POST or None, shown=shown, user=request.user, separator=found.separator if found else ""
    )
    problem = ""
    if form.is_valid():
        try:
            _keep_choice(shown, form)
            if "start" in request.POST:
                return _start(shown)
            return redirect("import", pk=shown.pk)
        except BadFileError as error:
            problem = file_problem(error.stored)
        except OSError:
            problem = file_problem(BadFileError("file_gone").stored)
    context = {
        "import": shown,
        "form": form,
        "problem": problem,
        "ambiguous_date": found.text if found and found.is_ambiguous else "",
        "before": imported_before(shown),
        "base_currency": settings.BASE_CURRENCY,
        "other_kinds": [kind for kind in ImportKind if kind != shown.kind],
    }
    if not problem:
        try:
            context["preview"] = preview(shown, now=timezone.now())
        except BadFileError as error:
            context["problem"] = file_problem(error.stored)
        except Exception:
            # Whatever is wrong with the file, it can still be discarded here.
            logger.exception("The preview of import %s failed.", shown.pk)
            context["problem"] = file_problem(BadFileError("no_preview").stored)
    return render(request, "imports/choose.html", context, status=422 if form.is_bound else 200)


def _keep_choice(shown: Import, form: LayoutForm) -> None:
    mapping = form.mapping(shown.mapping)
    services.choose(shown, layout=form.layout(), mapping=mapping, owner=form.cleaned_data.get("owner"))


def _start(shown: Import) -> HttpResponse:
    with transaction.atomic():
        if services.start_import(shown):
            transaction.on_commit(lambda: tasks.queue_import(shown.pk), robust=True)
    return redirect("import", pk=shown.pk)


def _refused_rows(shown: Import) -> Iterator[Iterable[object]]:
    header = shown.layout.get("header") or CDNOW_FIELDS
    yield (*header, *REFUSAL_HEADERS)
    for refused, original in refused_with_originals(shown):
        row = queries.in_words(shown, refused)
        filled = (*original, *[""] * (len(header) - len(original)))
        yield (*filled, row.line, row.column, row.reason, row.value)


def _cursors(request: UserRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("after", "before")}


def _template(request: UserRequest, fragment: str, page: str) -> str:
    return fragment if request.htmx and not request.htmx.history_restore_request else page
