"""The year that was, beside the year that must be."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import connection

from accounts.notices.models import Notice
from accounts.surveys.models import CaseAlarm
from accounts.surveys.services.alarms import DUE_NOTICE, ESCALATED_NOTICE, MISSED_NOTICE
from tests.chaos.checks import Figures, Line
from tests.year import expected
from tests.year.expected import DAY, Ledger
from tests.year.owners import Owners, Round

WANTED_SHARE = 95
JUDGED_FROM = 100
"""Corrective actions: of fewer, one is more than a percent."""
INVITATIONS = "select project_id, contact_id, week_id, due_at, closes_at from surveys_invitation"
ANSWERS = "select idempotency_key, count(*) from surveys_answer group by 1"
# Each low grade with its corrective action and what was logged of it there.
GRADES = """
select a.idempotency_key, d.code, g.case_id is not null and c.project_id = a.project_id
    and c.dimension_id = g.dimension_id,
  exists (
    select from surveys_caseevent e where e.case_id = g.case_id
      and e.answer_id in (select id from surveys_answer o where o.invitation_id = a.invitation_id)
      and e.kind in ('opened', 'attached', 'reopened')
  )
from surveys_answergrade g
join surveys_answer a on a.id = g.answer_id
join surveys_surveydimension d on d.id = g.dimension_id
left join surveys_correctiveaction c on c.id = g.case_id
where g.case_id is not null or g.opens_case
"""
CASES = "select id, project_id from surveys_correctiveaction"


def check_everything(
    figures: Figures, ledger: Ledger, owners: Owners, *, first: dt.date, last: dt.date, end: dt.datetime
) -> None:
    """``first``, ``last``: Mondays between which the ledger knows all; ``end``: when the year was over."""
    check_invitations(figures, ledger, first=first, last=last)
    check_answers(figures, ledger)
    check_cases(figures, ledger)
    check_clocks(figures, owners.rounds)
    check_alarms(figures, owners)
    check_shares(figures, owners, end)


def check_invitations(figures: Figures, ledger: Ledger, *, first: dt.date, last: dt.date) -> None:
    mondays = [first + 7 * DAY * n for n in range((last - first).days // 7 + 1)]
    wanted = expected.invitations(ledger, mondays)
    rows = _rows(INVITATIONS)
    there = Counter((project, contact, monday) for project, contact, monday, _due, _closes in rows)
    figures.tell("invitations due", len(wanted))
    figures.none("due and not there", (key for key in wanted if key not in there))
    figures.none("there and not due", (key for key in there if key not in wanted))
    figures.none("there twice", (key for key, count in there.items() if count > 1))
    figures.none(
        "with other hours",
        (
            row[:3]
            for row in rows
            if row[:3] in wanted and (wanted[row[:3]].due, wanted[row[:3]].closes) != row[3:]
        ),
    )


def check_answers(figures: Figures, ledger: Ledger) -> None:
    there: dict[str, int] = dict(_rows(ANSWERS))
    figures.tell("answers", len(ledger.answers))
    figures.none("answers missing", ledger.answers.keys() - there.keys())
    figures.none("answers nobody gave", there.keys() - ledger.answers.keys())
    figures.none("answers doubled", (key for key, count in there.items() if count > 1))


def check_cases(figures: Figures, ledger: Ledger) -> None:
    low = {(key, code) for key, said in ledger.answers.items() for code in said.low}
    grades = {(key, code): (has_case, is_logged) for key, code, has_case, is_logged in _rows(GRADES)}
    figures.tell("low grades", len(low), f"{len(_rows(CASES)):,} corrective actions")
    figures.none("low grades without a case", (key for key in low if not grades.get(key, (False,))[0]))
    figures.none("of which the log is silent", (key for key in low if not grades.get(key, (False, True))[1]))
    figures.none("cases of no low grade", (key for key in grades if key not in low))


def check_clocks(figures: Figures, rounds: Iterable[Round]) -> None:
    """The clocks as the calendar says, to the second."""
    rounds = list(rounds)
    figures.tell("clocks begun", 2 * len(rounds))
    wrong = [each for each in rounds if (each.stored, each.plan_stored) != (each.until, each.plan_until)]
    figures.none("clocks that end at another time", ((each.case, each.stored, each.until) for each in wrong))


def check_alarms(figures: Figures, owners: Owners) -> None:
    alarms = list(CaseAlarm.objects.values_list("case", "clock", "due_at", "step", "raised_at", "told"))
    line = {(case, clock, due): at for case, clock, due, step, at, _told in alarms if step == "line"}
    steps = Counter(alarm[3] for alarm in alarms)
    figures.tell("alarms", len(alarms), ", ".join(f"{count} {step}" for step, count in sorted(steps.items())))
    figures.tell("clocks missed", len(owners.missed))
    figures.none("missed in silence", owners.missed.keys() - line.keys())
    figures.none("told of what was not missed", line.keys() - owners.missed.keys())
    figures.none("told late", (key for key, at in owners.missed.items() if line.get(key, at) > at))
    figures.none("alarms nobody heard", (alarm[:4] for alarm in alarms if not alarm[5]))
    kinds = (DUE_NOTICE, MISSED_NOTICE, ESCALATED_NOTICE)
    notices = Notice.objects.filter(kind__in=kinds).count()
    told = sum(len(alarm[5]) for alarm in alarms)
    figures.lines.append(Line("notices of alarms", notices, told, "one for each person and alarm"))


def check_shares(figures: Figures, owners: Owners, end: dt.datetime) -> None:
    """Of the corrective actions whose first clock was over, or stopped, before the end of the year."""
    counted = [each for each in owners.rounds if _counts(each, owners, end)]
    if not counted:
        figures.lines.append(Line("cases with a clock", 0, 1, "nothing to judge"))
        return
    in_time = sum(each.acknowledged is not None and each.acknowledged <= each.until for each in counted)
    alone = sum(each.noticed <= each.until for each in counted)
    figures.tell("acknowledged", len(counted))
    share, without = 100 * in_time / len(counted), 100 * alone / len(counted)
    is_enough = share >= WANTED_SHARE or len(counted) < JUDGED_FROM
    note = f"{share:.1f} % in time; {WANTED_SHARE} % is enough, judged from {JUDGED_FROM}"
    figures.lines.append(Line("in time", in_time, in_time if is_enough else -1, note))
    figures.tell("in time without reminders", alone, f"{without:.1f} %, the same owners")


def _counts(each: Round, owners: Owners, end: dt.datetime) -> bool:
    closed = owners.closed.get((each.case, each.opened))
    if each.acknowledged is None and closed is not None and closed <= each.until:
        return False
    return each.acknowledged is not None or each.until < end


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
