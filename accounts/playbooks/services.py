"""Every write of playbooks and of their runs. Nothing here is scored.

1. A run is claimed by a unique constraint: whoever starts the same playbook for the same customer at the same
   moment gets nothing, and a run and its actions are one transaction.
2. Only actions that nobody has touched are changed or dropped here.
3. Many customers are taken `AT_ONCE`, so that a transaction stays short; cut short, the next call goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actions.models import UNDONE, Action
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, bump, company_day, refuse
from accounts.playbooks.models import Doer, Ending, Playbook, PlaybookRun, PlaybookStep, RunStep, Trigger
from accounts.projects.models import Project
from accounts.users.models import TeamMember, User

AT_ONCE = 500
MOST_STEPS = 8
UNTOUCHED = UNDONE & Q(version=1)
_LEFT = Q(action__done_at__isnull=True, action__dropped_at__isnull=True)

_CLAIM = """
insert into playbooks_playbookrun (playbook_id, customer_id, version, started_at, started_by_id, ending)
select %(playbook)s, c.id, %(version)s, %(now)s, %(by)s, ''
from customers_customer c join users_user u on u.id = c.owner_id and u.is_active
where c.id = any(%(ids)s::bigint[]) and c.merged_into_id is null
order by c.id
on conflict (playbook_id, customer_id) where closed_at is null do nothing
returning id
"""


@dataclass(frozen=True)
class Words:
    en: str
    zh_hans: str = ""
    zh_hant: str = ""


@dataclass(frozen=True)
class StepFacts:
    title: Words
    days: int
    who: Doer
    note: str = ""


@dataclass(frozen=True)
class PlaybookFacts:
    title: Words
    trigger: Trigger
    value: str
    steps: tuple[StepFacts, ...]


@transaction.atomic
def save_playbook(
    facts: PlaybookFacts, *, by: User, now: dt.datetime, stored: Playbook | None = None, version: int = 0
) -> Playbook:
    """A new one, which starts nothing by itself yet; or ``stored`` anew, if ``version`` is still the present
    one (else ConflictError). Refused: steps: none, too_many."""
    if not facts.steps:
        refuse("steps", "none", _("Say at least one thing that is to be done."))
    if len(facts.steps) > MOST_STEPS:
        refuse("steps", "too_many", _("A playbook has at most 8 steps."))
    playbook = Playbook(author=by, known_at=now)
    if stored is not None:
        playbook = Playbook.objects.select_for_update(no_key=True).get(pk=stored.pk)
        if playbook.version != version:
            raise ConflictError(playbook.pk)
        playbook.version += 1
    playbook.title, playbook.title_zh_hans, playbook.title_zh_hant = _columns(facts.title)
    playbook.trigger, playbook.value = facts.trigger, facts.value
    playbook.save()
    playbook.steps.all().delete()
    PlaybookStep.objects.bulk_create(
        [_step(playbook, position, step) for position, step in enumerate(facts.steps, start=1)]
    )
    return playbook


@transaction.atomic
def switch_playbook(playbook: Playbook, *, is_active: bool, now: dt.datetime) -> bool:
    """Whether it starts by itself from now on; switched off, its runs stop. False when nothing changed."""
    changed = Playbook.objects.filter(pk=playbook.pk, is_active=not is_active).update(is_active=is_active)
    if changed and not is_active:
        runs = PlaybookRun.objects.filter(playbook=playbook, closed_at=None, started_by=None)
        _close(runs.values_list("pk", flat=True), Ending.STOPPED, now=now)
    return bool(changed)


def start_runs(
    playbook: Playbook, customer_ids: Collection[int], *, now: dt.datetime, by: User | None = None
) -> int:
    """For those of them where it is not at work, and who have an owner; how many. ``by``: who wished it; by
    itself it does not start where somebody stopped it and the reason has held ever since."""
    at_work = PlaybookRun.objects.filter(playbook=playbook, closed_at=None)
    busy = set(at_work.values_list("customer", flat=True))
    if by is None:
        # Asked after those at work: a run that is stopped meanwhile is seen as one or the other.
        busy |= set(_resting(playbook).values_list("customer", flat=True))
    ids = sorted(set(customer_ids) - busy)
    return sum(_start(playbook, part, now=now, by=by) for part in _parts(ids))


def follow_playbook(playbook: Playbook, customer_ids: Collection[int], *, now: dt.datetime) -> int:
    """``customer_ids``: all of whom its trigger holds now. It starts where it is not at work, open runs do as
    its present version says, and end where the reason is gone; how many started."""
    open_runs = PlaybookRun.objects.filter(playbook=playbook, closed_at=None)
    holds = set(customer_ids)
    gone = [
        pk
        for pk, customer in open_runs.filter(started_by=None).values_list("pk", "customer")
        if customer not in holds
    ]
    for part in _parts(gone):
        _close(part, Ending.REASON_GONE, now=now)
    _resting(playbook).exclude(customer__in=holds).update(rests=False)
    earlier = open_runs.filter(version__lt=playbook.version).values_list("pk", flat=True)
    for part in _parts(earlier):
        _renew(playbook, part, now=now)
    return start_runs(playbook, holds, now=now) if playbook.is_active else 0


def end_finished_runs(*, now: dt.datetime) -> int:
    """Of those that somebody started himself: where nothing is left to do; how many."""
    left = RunStep.objects.filter(_LEFT)
    open_runs = PlaybookRun.objects.filter(closed_at=None, started_by__isnull=False)
    finished = open_runs.exclude(pk__in=left.values("run")).values_list("pk", flat=True)
    return _close(finished, Ending.DONE, now=now)


@transaction.atomic
def stop_run(run: PlaybookRun, *, now: dt.datetime) -> bool:
    """What nobody has touched of it is dropped; False when it had ended. It starts again by itself only when
    its reason has gone and come back."""
    stopped = _close([run.pk], Ending.STOPPED, now=now)
    if stopped:
        PlaybookRun.objects.filter(pk=run.pk).update(rests=True)
    return bool(stopped)


def _resting(playbook: Playbook) -> QuerySet[PlaybookRun]:
    return PlaybookRun.objects.filter(playbook=playbook, rests=True)


@transaction.atomic
def _start(playbook: Playbook, ids: Sequence[int], *, now: dt.datetime, by: User | None) -> int:
    values: dict[str, Any] = {
        "playbook": playbook.pk,
        "version": playbook.version,
        "now": now,
        "by": by.pk if by else None,
        "ids": list(ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        claimed = [pk for (pk,) in cursor.fetchall()]
    _make_actions(playbook, PlaybookRun.objects.filter(pk__in=claimed), by=by, now=now)
    return len(claimed)


@transaction.atomic
def _renew(playbook: Playbook, ids: Sequence[int], *, now: dt.datetime) -> None:
    """Open runs of an earlier version: steps that nobody touched become the present ones."""
    runs = PlaybookRun.objects.filter(pk__in=ids, closed_at=None, version__lt=playbook.version)
    held = [run.pk for run in runs.order_by("pk").select_for_update(no_key=True)]
    steps = {step.position: step for step in playbook.steps.all()}
    untouched = Action.objects.filter(UNTOUCHED, run_step__run__in=held)
    made = RunStep.objects.filter(action__in=untouched).select_related("run", "action__owner")
    kept = []
    for each in made.order_by("action").select_for_update(of=("action",)):
        step = steps.get(each.position)
        if step is not None:
            _say(each.action, step, each.run)
            each.action.changed_at = now
            kept.append(each.action)
    Action.objects.bulk_update(kept, ["title", "note", "due_on", "changed_at"])
    bump({action.customer_id for action in kept if action.customer_id is not None})
    _drop(untouched.exclude(pk__in=[action.pk for action in kept]), Ending.STOPPED, now=now)
    PlaybookRun.objects.filter(pk__in=held).update(version=playbook.version)
    _make_actions(playbook, PlaybookRun.objects.filter(pk__in=held), by=None, now=now)


def _make_actions(
    playbook: Playbook, runs: Iterable[PlaybookRun], *, by: User | None, now: dt.datetime
) -> None:
    """An action for each step that has none yet."""
    found = list(runs)
    there = set(RunStep.objects.filter(run__in=[run.pk for run in found]).values_list("run", "position"))
    doers = _doers_of({run.customer_id for run in found})
    steps = list(playbook.steps.order_by("position"))
    made: list[tuple[PlaybookRun, PlaybookStep, Action]] = []
    for run in found:
        for step in steps:
            who = doers.get(run.customer_id, {}).get(Doer(step.who))
            if who is None or (run.pk, step.position) in there:
                continue
            author = by.pk if by else playbook.author_id
            action = Action(customer_id=run.customer_id, owner=who, author_id=author, known_at=now)
            _say(action, step, run)
            made.append((run, step, action))
    Action.objects.bulk_create([action for _run, _step, action in made])
    bump({run.customer_id for run, _step, _action in made})
    RunStep.objects.bulk_create(
        [RunStep(run=run, position=step.position, action=action) for run, step, action in made]
    )


def _say(action: Action, step: PlaybookStep, run: PlaybookRun) -> None:
    """In the language of whoever is to do it."""
    action.title, action.note = step.name_in(action.owner.language), step.note
    action.due_on = company_day(run.started_at) + dt.timedelta(days=step.days)


def _doers_of(customer_ids: Collection[int]) -> dict[int, dict[Doer, User]]:
    """By customer, who does what. Three queries."""
    customers = Customer.objects.filter(pk__in=customer_ids, owner__is_active=True).select_related("owner")
    owners = {each.pk: each.owner for each in customers if each.owner is not None}
    latest = Project.objects.filter(customer__in=owners, ended_on=None, manager__is_active=True)
    managers = {
        each.customer_id: each.manager
        for each in latest.select_related("manager")
        .order_by("customer", "-started_on", "-pk")
        .distinct("customer")
    }
    members = TeamMember.objects.filter(user__in=[each.pk for each in owners.values()])
    leads = {
        each.user_id: each.team.lead
        for each in members.filter(team__lead__is_active=True).select_related("team__lead").order_by("-pk")
    }
    return {
        pk: {Doer.OWNER: who, Doer.MANAGER: managers.get(pk, who), Doer.LEAD: leads.get(who.pk, who)}
        for pk, who in owners.items()
    }


@transaction.atomic
def _close(ids: Iterable[int], ending: Ending, *, now: dt.datetime) -> int:
    """What nobody has touched is dropped with that word; what somebody works on stays his."""
    open_runs = PlaybookRun.objects.filter(pk__in=list(ids), closed_at=None).order_by("pk")
    held = [run.pk for run in open_runs.select_for_update(no_key=True)]
    PlaybookRun.objects.filter(pk__in=held).update(closed_at=now, ending=ending)
    _drop(Action.objects.filter(UNTOUCHED, run_step__run__in=held), ending, now=now)
    return len(held)


def _drop(untouched: QuerySet[Action], ending: Ending, *, now: dt.datetime) -> None:
    """Each person reads why in his language."""
    ids: dict[str, list[int]] = {}
    customers: set[int] = set()
    for pk, customer, language in untouched.values_list("pk", "customer", "owner__language"):
        ids.setdefault(language, []).append(pk)
        customers.add(customer)
    for language, theirs in ids.items():
        with translation.override(language):
            why = str(ending.label)
        Action.objects.filter(UNTOUCHED, pk__in=theirs).update(
            dropped_at=now, drop_reason=why, changed_at=now, version=F("version") + 1
        )
    bump(customers)


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(list(ids))
    while part := list(islice(rest, AT_ONCE)):
        yield part


def _step(playbook: Playbook, position: int, facts: StepFacts) -> PlaybookStep:
    title, hans, hant = _columns(facts.title)
    return PlaybookStep(
        playbook=playbook,
        position=position,
        title=title,
        title_zh_hans=hans,
        title_zh_hant=hant,
        note=facts.note,
        days=facts.days,
        who=facts.who,
    )


def _columns(words: Words) -> tuple[str, str, str]:
    return words.en.strip(), words.zh_hans.strip(), words.zh_hant.strip()
