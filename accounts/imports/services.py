"""Every write of an import: receive, choose, start, claim, run, cancel, requeue.

One import runs like this
1. A worker claims it by a conditional UPDATE with a lease, which `Pulse` renews.
2. The file is read into a temporary table and checked there (autocommit: progress is seen meanwhile).
3. Customers and facts are written, and the import is ended, in one transaction. Its last statement asks
   whether the import is still ours; if not, all of it is rolled back.
Killed anywhere, nothing of it is there, and the lease brings another worker, who begins with the file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from accounts.customers.services import company_day
from accounts.imports import fields, layouts, matching, staging
from accounts.imports.kinds import KINDS
from accounts.imports.layouts import Layout
from accounts.imports.models import Import, ImportKind, ImportState
from accounts.imports.problems import BadFileError
from accounts.imports.pulse import LEASE_SECONDS, Pulse, StoppedError
from accounts.imports.styles import Rules
from accounts.imports.versions import job_of
from accounts.notices.services import tell
from accounts.users.models import User

MAX_ATTEMPTS = 5
NOTHING: Mapping[str, int] = {}
APPLY_LOCK = 0x1340_0001
"""Advisory lock: two imports that create the same customer at once would both find him missing."""


def receive_import(
    *, file: File[bytes], owner: User | None, user: User | None, kind: ImportKind | None = ImportKind.ORDERS
) -> Import:
    """Keep the file and guess its layout, without ``kind`` that as well; nothing is imported yet.

    Raises BadFileError.
    """
    if file.size > settings.UPLOAD_LIMIT_BYTES:
        raise BadFileError("too_big", value=str(settings.UPLOAD_LIMIT_BYTES >> 20))
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    name = Path(file.name or "").name
    received = Import(
        file_name=name[-240:],
        sha256=digest.hexdigest(),
        bytes=file.size,
        owner=owner,
        created_by=user,
    )
    received.file.save(f"{digest.hexdigest()[:16]}.txt", file, save=False)
    try:
        received.kind = kind or _guessed_kind(Path(received.file.path))
        guessed = layouts.sniff(Path(received.file.path), KINDS[received.kind].columns)
        _set_layout(received, *_remembered(received.kind, *guessed))
        received.save(force_insert=True)
    except BaseException:
        received.file.delete(save=False)
        raise
    return received


def choose(chosen: Import, *, layout: Layout, mapping: Mapping[str, int], owner: User | None = None) -> None:
    """Keep how the file is to be read. Another encoding or delimiter gives another header: the guess is new.

    Raises BadFileError; an import that was started stays as it is.
    """
    before = Layout.from_plain(chosen.layout)
    if (layout.encoding, layout.delimiter) != (before.encoding, before.delimiter):
        path = Path(chosen.file.path)
        guessed, mapping = layouts.sniff(
            path, KINDS[chosen.kind].columns, encoding=layout.encoding, delimiter=layout.delimiter
        )
        layout = replace(
            guessed, currency=layout.currency, rates=layout.rates, all_or_nothing=layout.all_or_nothing
        )
    _set_layout(chosen, layout, mapping)
    Import.objects.filter(pk=chosen.pk, state=ImportState.UPLOADED).update(
        layout=chosen.layout, mapping=chosen.mapping, owner=owner
    )
    chosen.refresh_from_db()


def change_kind(changed: Import, kind: ImportKind) -> None:
    """What the file holds was another thing than thought: its columns are guessed anew.

    Raises BadFileError; an import that was started stays as it is.
    """
    layout = Layout.from_plain(changed.layout)
    guessed = layouts.sniff(Path(changed.file.path), KINDS[kind].columns, encoding=layout.encoding)
    _set_layout(changed, *_remembered(kind, *guessed))
    Import.objects.filter(pk=changed.pk, state=ImportState.UPLOADED).update(
        kind=kind, layout=changed.layout, mapping=changed.mapping
    )
    changed.refresh_from_db()


def start_import(started: Import) -> bool:
    """From now on a worker may take it; False when it was started before. Raises BadFileError."""
    fields.require_columns(started.mapping, KINDS[started.kind].columns)
    _require_rows(Path(started.file.path), Layout.from_plain(started.layout))
    return _move(
        "state = 'waiting', lease_until = statement_timestamp() + make_interval(secs => %(lease)s)",
        "id = %(id)s and state = 'uploaded'",
        id=started.pk,
    )


def _require_rows(path: Path, layout: Layout) -> None:
    """Raises BadFileError for a header alone. What cannot be read is named by the import, with its line."""
    try:
        first = next(layouts.records(path, layout), None)
    except (BadFileError, OSError):
        return
    if first is None:
        raise BadFileError("only_header")


def cancel_import(cancelled: Import) -> bool:
    """Nothing of it is taken; False when it had ended."""
    return _move(
        "state = 'cancelled', finished_at = statement_timestamp(), lease_until = null",
        "id = %(id)s and state in ('uploaded', 'waiting', 'running')",
        id=cancelled.pk,
    )


def requeue_expired() -> list[int]:
    """Imports whose worker is gone or whose message was lost: their ids, to be queued again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            update imports_import
            set state = 'waiting', lease_until = statement_timestamp() + make_interval(secs => %s)
            where state in ('waiting', 'running') and lease_until < statement_timestamp()
            returning id, attempts
            """,
            [LEASE_SECONDS],
        )
        found = cursor.fetchall()
        for import_id, attempts in found:
            if attempts >= MAX_ATTEMPTS:
                _end(import_id, attempts, error=BadFileError("gave_up").stored, was="waiting")
    return [import_id for import_id, attempts in found if attempts < MAX_ATTEMPTS]


def run_import(import_id: int, *, now: dt.datetime) -> bool:
    """Do all of it; True when it was applied. False: refused as a whole, cancelled, or not ours to do.

    ``now`` dates corrections and decides what lies in the future. A lost database or a clash with another
    writer is raised; the import then begins again when its lease has run out.
    """
    attempt = _claim(import_id)
    if attempt is None:
        return False
    with Pulse(import_id, attempt) as pulse:
        try:
            return _work(Import.objects.select_related("created_by").get(pk=import_id), pulse, now)
        except BadFileError as error:
            pulse.finish()
            _end(import_id, attempt, error=error.stored)
        except StoppedError:
            pass
        except (OperationalError, InterfaceError, IntegrityError):
            if not pulse.is_stopped:
                raise
        except Exception:
            pulse.finish()
            _end(import_id, attempt, error=BadFileError("internal").stored)
            raise
    return False


def _work(running: Import, pulse: Pulse, now: dt.datetime) -> bool:
    path = Path(running.file.path)
    if not path.exists():
        raise BadFileError("file_gone")
    layout = Layout.from_plain(running.layout)
    staging.drop_tables()
    kind = KINDS[running.kind]
    rows = staging.stage(path, layout, running.mapping, kind.columns, at=pulse.at)
    pulse.step("checking")
    kind.check(layout, running.mapping, Rules(settings.BASE_CURRENCY, company_day(now)))
    pulse.step("writing")
    with transaction.atomic():
        is_applied = _apply(running, layout, rows, pulse, now)
    staging.drop_tables()
    return is_applied


def _apply(running: Import, layout: Layout, rows: int, pulse: Pulse, now: dt.datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [APPLY_LOCK])
        cursor.execute("set local work_mem = '64MB'")
    kind = KINDS[running.kind]
    matching.match_customers()
    kind.gather(running.sha256)
    refused = _keep_refused(running.pk)
    counts = {"rows_read": rows, "rows_refused": refused, "bytes_read": running.bytes}
    if refused and layout.all_or_nothing:
        pulse.finish()
        _end(running.pk, running.attempts, counts, error=BadFileError("rows_refused").stored)
        return False
    written = kind.write(job_of(running, now))
    counts |= {
        "customers_added": written.customers_added,
        "rows_added": written.added,
        "rows_corrected": written.corrected,
        "rows_unchanged": written.unchanged,
    }
    pulse.finish()
    if not _end(running.pk, running.attempts, counts):
        raise StoppedError
    return True


def _keep_refused(import_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into imports_refusedrow (refused_in_id, line, "column", reason, value)
            select %s, line, fault, reason, coalesce(value, '')
            from import_checked where reason is not null order by line
            """,
            [import_id],
        )
        return int(cursor.rowcount)


def _end(
    import_id: int,
    attempt: int,
    counts: Mapping[str, int] = NOTHING,
    *,
    error: str = "",
    was: str = "running",
) -> bool:
    """Done, or failed with ``error``, and told to whoever began it; False when it is no longer ours."""
    mine = Import.objects.filter(pk=import_id, attempts=attempt, state=was)
    with transaction.atomic():
        ended = mine.update(
            state=ImportState.FAILED if error else ImportState.DONE,
            error=error,
            step="",
            lease_until=None,
            **counts,
        )
        if not ended:
            return False
        _move("finished_at = statement_timestamp()", "id = %(id)s", id=import_id)
        told = Import.objects.select_related("created_by").get(pk=import_id)
        if told.created_by:
            facts = {"import": told.pk, "file": told.file_name, "error": error, **counts}
            tell(told.created_by, "import_failed" if error else "import_done", facts)
    return True


def _claim(import_id: int) -> int | None:
    """The number of this attempt, or None when there is nothing to do."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update imports_import set state = 'running', attempts = attempts + 1, step = 'reading',
                rows_read = 0, bytes_read = 0, started_at = coalesce(started_at, statement_timestamp()),
                lease_until = statement_timestamp() + make_interval(secs => %s)
            where id = %s and (
                state = 'waiting' or (state = 'running' and lease_until < statement_timestamp())
            )
            returning attempts
            """,
            [LEASE_SECONDS, import_id],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _move(change: str, condition: str, **values: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"update imports_import set {change} where {condition}",  # noqa: S608 - both are written above
            {"lease": LEASE_SECONDS, **values},
        )
        return bool(cursor.rowcount == 1)


def _set_layout(target: Import, layout: Layout, mapping: Mapping[str, int]) -> None:
    target.layout = layout.to_plain()
    target.mapping = dict(mapping)


def _guessed_kind(path: Path) -> ImportKind:
    """By the header: what lacks less of an activity usage than of an order. Raises BadFileError."""
    layout, as_orders = layouts.sniff(path, fields.ORDERS)
    as_usages = fields.guessed_mapping(layout.header, fields.USAGES)
    lacking = (len(fields.missing(as_usages, fields.USAGES)), len(fields.missing(as_orders, fields.ORDERS)))
    is_usage = "activity" in as_usages and lacking[0] < lacking[1]
    return ImportKind.ACTIVITY_USAGE if is_usage else ImportKind.ORDERS


def _remembered(kind: str, layout: Layout, mapping: dict[str, int]) -> tuple[Layout, dict[str, int]]:
    """What was chosen the last time a file of this kind had this header, in place of the guess."""
    started = Import.objects.filter(kind=kind, layout__fingerprint=layout.fingerprint).exclude(
        state=ImportState.UPLOADED
    )
    last = started.order_by("-pk").first()
    if last is None:
        return layout, mapping
    then = Layout.from_plain(last.layout)
    return (
        replace(
            layout,
            dates=then.dates,
            decimals=then.decimals,
            currency=then.currency,
            rates=then.rates,
            all_or_nothing=then.all_or_nothing,
        ),
        dict(last.mapping),
    )
