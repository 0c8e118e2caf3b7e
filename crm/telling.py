"""Notices in words: what happened, and where it leads.

A notice keeps ids and numbers; names come from `crm.queries.notices.names_behind`, which leaves out what the
reader may not see. So every sentence has a form without the name, and an unknown kind has one too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts.imports.problems import file_problem
from accounts.notices.models import Notice
from accounts.surveys.models import CaseClock, CorrectiveAction
from crm.queries.notices import Names
from crm.telling_needs import WORDS as NEED_WORDS
from crm.templatetags.formats import in_words, number
from crm.told import Facts, Told, customer_url
from scoring.models import FlagLevel


def words_of(notice: Notice, names: Names) -> Told:
    """The notice in the active language."""
    found = _WORDS.get(notice.kind, _unknown)
    return found(notice, notice.facts, names)


def _import_done(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("%(file)s is imported: %(added)s added, %(corrected)s corrected, %(refused)s refused.") % {
        "file": facts.get("file", ""),
        "added": number(facts.get("rows_added", 0)),
        "corrected": number(facts.get("rows_corrected", 0)),
        "refused": number(facts.get("rows_refused", 0)),
    }
    return Told(icon="file-import", text=text, url=_import_url(facts, names))


def _import_failed(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("%(file)s could not be imported. %(reason)s") % {
        "file": facts.get("file", ""),
        "reason": file_problem(str(facts.get("error", ""))),
    }
    return Told(icon="alert-triangle", text=text, url=_import_url(facts, names), bar="at_risk")


def _import_url(facts: Facts, names: Names) -> str:
    pk = facts.get("import")
    return reverse("import", args=[pk]) if pk in names.imports else ""


def _grades_low(notice: Notice, facts: Facts, names: Names) -> Told:
    grades = pgettext("list", ", ").join(
        _("%(grade)s for %(dimension)s") % {"grade": letter, "dimension": names.dimensions.get(code, code)}
        for code, letter in facts.get("grades", {}).items()
    )
    text = _("%(who)s gave %(grades)s (%(project)s).") % {
        "who": names.contacts.get(facts.get("contact", 0), _("A respondent")),
        "grades": grades,
        "project": names.projects.get(facts.get("project", 0), _("a project")),
    }
    if facts.get("is_late"):
        text = _("%(sentence)s The answer came late.") % {"sentence": text}
    cases = [pk for pk in facts.get("cases", {}).values() if pk in names.cases]
    url = reverse("case", args=[cases[0]]) if cases else customer_url(notice)
    return Told(icon="mood-sad", text=text, url=url, bar="critical" if cases else "watch")


def _grades_eased(notice: Notice, facts: Facts, names: Names) -> Told:
    after = facts.get("grades", {})
    changes = pgettext("list", ", ").join(
        (
            _("%(before)s to %(grade)s for %(dimension)s")
            if after.get(code)
            else _("no %(before)s for %(dimension)s")
        )
        % {"before": letter, "grade": after.get(code), "dimension": names.dimensions.get(code, code)}
        for code, letter in facts.get("before", {}).items()
    )
    text = _("%(who)s changed the answer: %(changes)s (%(project)s). The corrective action stays.") % {
        "who": names.contacts.get(facts.get("contact", 0), _("A respondent")),
        "changes": changes,
        "project": names.projects.get(facts.get("project", 0), _("a project")),
    }
    cases = [pk for pk in facts.get("cases", {}).values() if pk in names.cases]
    url = reverse("case", args=[cases[0]]) if cases else customer_url(notice)
    return Told(icon="mood-smile", text=text, url=url)


def _case_assigned(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("%(who)s made you the owner of a corrective action: %(case)s.") % {
        "who": names.users.get(facts.get("by", 0), _("Somebody")),
        "case": _case_name(names.cases.get(facts.get("case", 0))),
    }
    return Told(icon="urgent", text=text, url=_case_url(notice, facts, names), bar="at_risk")


def _case_confirmed(notice: Notice, facts: Facts, names: Names) -> Told:
    if facts.get("letter"):
        text = _("%(who)s changed the grade to %(grade)s: %(case)s.")
    else:
        text = _("%(who)s confirmed that it is solved: %(case)s.")
    text %= {
        "who": names.contacts.get(facts.get("contact", 0), _("A respondent")),
        "grade": facts.get("letter"),
        "case": _case_name(names.cases.get(facts.get("case", 0))),
    }
    return Told(icon="circle-check", text=text, url=_case_url(notice, facts, names))


def _case_commented(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("%(who)s wrote to you about %(case)s.") % {
        "who": names.users.get(facts.get("by", 0))
        or names.contacts.get(facts.get("contact", 0))
        or _("Somebody"),
        "case": _case_name(names.cases.get(facts.get("case", 0))),
    }
    return Told(icon="message", text=text, url=_case_url(notice, facts, names), bar="accent")


def _case_rejected(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("The customer says that it is not solved: %(case)s.") % {
        "case": _case_name(names.cases.get(facts.get("case", 0)))
    }
    return Told(icon="urgent", text=text, url=_case_url(notice, facts, names), bar="critical")


def _case_due(notice: Notice, facts: Facts, names: Names) -> Told:
    if _is_answered(notice, facts, names):
        answered = {
            CaseClock.ACKNOWLEDGE: _("Acknowledged since: %(case)s."),
            CaseClock.PLAN: _("Planned since: %(case)s."),
            CaseClock.SOLVE: _("Corrected since: %(case)s."),
        }
        return _case_rang(answered, notice, facts, names, bar="")
    texts = {
        CaseClock.ACKNOWLEDGE: _("A clock runs out: acknowledge %(case)s."),
        CaseClock.PLAN: _("A clock runs out: plan %(case)s."),
        CaseClock.SOLVE: _("A clock runs out: solve %(case)s."),
    }
    return _case_rang(texts, notice, facts, names, bar="at_risk")


def _case_missed(notice: Notice, facts: Facts, names: Names) -> Told:
    if _is_answered(notice, facts, names):
        answered = {
            CaseClock.ACKNOWLEDGE: _("Acknowledged, after the clock had run out: %(case)s."),
            CaseClock.PLAN: _("Planned, after the clock had run out: %(case)s."),
            CaseClock.SOLVE: _("Corrected, after the clock had run out: %(case)s."),
        }
        return _case_rang(answered, notice, facts, names, bar="")
    texts = {
        CaseClock.ACKNOWLEDGE: _("Not acknowledged in time: %(case)s."),
        CaseClock.PLAN: _("Not planned in time: %(case)s."),
        CaseClock.SOLVE: _("Not solved in time: %(case)s."),
    }
    return _case_rang(texts, notice, facts, names, bar="critical")


def _is_answered(notice: Notice, facts: Facts, names: Names) -> bool:
    """Whether the clock that rang stands still by now: who reads of it late must not hurry for nothing."""
    case = names.cases.get(facts.get("case", 0))
    if case is None or case.opened_at > notice.created_at:
        return False
    stopped = {
        CaseClock.ACKNOWLEDGE: case.acknowledged_at,
        CaseClock.PLAN: case.planned_at or case.corrected_at,
        CaseClock.SOLVE: case.corrected_at,
    }
    return stopped.get(facts.get("clock", "")) is not None


def _case_rang(texts: dict[Any, str], notice: Notice, facts: Facts, names: Names, *, bar: str) -> Told:
    case = names.cases.get(facts.get("case", 0))
    text = texts.get(facts.get("clock", ""), "%(case)s") % {"case": _case_name(case)}
    if case is not None:
        text = _("%(customer)s: %(sentence)s") % {"customer": case.customer.short_name, "sentence": text}
    return Told(icon="alarm", text=text, url=_case_url(notice, facts, names), bar=bar)


def _respondent_wish(notice: Notice, facts: Facts, names: Names) -> Told:
    texts = {
        "paused": _("%(who)s wants no letters before %(day)s (%(project)s)."),
        "stopped": _("%(who)s wants no more letters about %(project)s."),
        "stopped_all": _("%(who)s wants no more letters about any project."),
        "resumed": _("%(who)s wants to be asked again (%(project)s)."),
    }
    wish = facts.get("wish", "")
    if wish not in texts:
        return _unknown(notice, facts, names)
    until = facts.get("until")
    text = texts[wish] % {
        "who": names.contacts.get(facts.get("contact", 0), _("A respondent")),
        "project": names.projects.get(facts.get("project", 0), _("a project")),
        "day": in_words(dt.date.fromisoformat(until)) if until else "",
    }
    is_loss = wish != "resumed"
    return Told(
        icon="player-pause" if is_loss else "player-play",
        text=text,
        url=_respondents_url(notice, facts, names),
        bar="watch" if is_loss else "",
    )


def _referral(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("%(who)s proposes that we ask a colleague instead (%(project)s).") % {
        "who": names.contacts.get(facts.get("contact", 0), _("A respondent")),
        "project": names.projects.get(facts.get("project", 0), _("a project")),
    }
    return Told(icon="user-plus", text=text, url=_respondents_url(notice, facts, names), bar="watch")


def _respondents_url(notice: Notice, facts: Facts, names: Names) -> str:
    pk = facts.get("project")
    return reverse("project_respondents", args=[pk]) if pk in names.projects else customer_url(notice)


def _action_assigned(notice: Notice, facts: Facts, names: Names) -> Told:
    action = names.actions.get(facts.get("action", 0))
    text = _("%(who)s gave you something to do: %(action)s.") % {
        "who": names.users.get(facts.get("by", 0), _("Somebody")),
        "action": action or _("it is gone"),
    }
    url = reverse("action", args=[facts["action"]]) if action else reverse("actions")
    return Told(icon="checklist", text=text, url=url, bar="accent")


def _case_name(case: CorrectiveAction | None) -> str:
    if case is None:
        return _("a project you do not see")
    dimension = case.dimension.name_in(get_language() or "en")
    words = {"number": case.number, "dimension": dimension, "project": case.project.name}
    return _("%(number)s, %(dimension)s, %(project)s") % words


def _case_url(notice: Notice, facts: Facts, names: Names) -> str:
    pk = facts.get("case")
    return reverse("case", args=[pk]) if pk in names.cases else customer_url(notice)


def _voice_owned(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("%(who)s asks you to answer what a customer said.") % {
        "who": names.users.get(facts.get("by", 0), _("Somebody"))
    }
    pk = facts.get("voice")
    url = reverse("voice", args=[pk]) if isinstance(pk, int) else customer_url(notice)
    return Told(icon="message-2", text=text, url=url, bar="at_risk")


def _voice_overdue(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("%(customer)s waits for an answer: the day it was promised by is over.") % {
        "customer": notice.customer.short_name if notice.customer else _("A customer")
    }
    pk = facts.get("voice")
    url = reverse("voice", args=[pk]) if isinstance(pk, int) else customer_url(notice)
    return Told(icon="alarm", text=text, url=url, bar="critical")


def _survey_complaint(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("%(who)s gave a low grade in a survey: it is a complaint that you answer.") % {
        "who": names.contacts.get(facts.get("contact", 0), _("A contact"))
    }
    pk = facts.get("voice")
    url = reverse("voice", args=[pk]) if isinstance(pk, int) else customer_url(notice)
    return Told(icon="message-2", text=text, url=url, bar="at_risk")


def _survey_wish(notice: Notice, facts: Facts, names: Names) -> Told:
    is_out = bool(facts.get("is_out"))
    text = _("%(who)s wants no surveys any more.") if is_out else _("%(who)s wants to be asked again.")
    return Told(
        icon="player-pause" if is_out else "player-play",
        text=text % {"who": names.contacts.get(facts.get("contact", 0), _("A contact"))},
        url=customer_url(notice),
        bar="watch" if is_out else "",
    )


def _churn_flag(notice: Notice, facts: Facts, names: Names) -> Told:
    level, before = FlagLevel(facts.get("level", 0)), FlagLevel(facts.get("before", 0))
    values = {"level": level.label, "before": before.label, "score": number(facts.get("score"))}
    if before:
        text = _("The churn flag rose from %(before)s to %(level)s (%(score)s of 100).") % values
    else:
        text = _("A churn flag opened: %(level)s (%(score)s of 100).") % values
    return Told(icon="flag", text=text, url=customer_url(notice), bar=level.code)


def _bulk_done(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("%(changed)s of %(total)s customers were changed.") % {
        "changed": number(facts.get("changed", 0)),
        "total": number(facts.get("total", 0)),
    }
    pk = facts.get("change")
    url = reverse("bulk_change", args=[pk]) if isinstance(pk, int) else ""
    return Told(icon="checks", text=text, url=url)


def _unknown(notice: Notice, facts: Facts, names: Names) -> Told:
    return Told(icon="bell", text=_("Something happened here."), url=customer_url(notice))


def _contact_left(notice: Notice, facts: Facts, names: Names) -> Told:
    pk = facts.get("contact", 0)
    who = names.contacts.get(pk, _("A contact"))
    text = _("%(who)s left %(customer)s.") % {"who": who, "customer": notice.customer or _("a customer")}
    url = reverse("contact", args=[pk]) if pk in names.contacts else customer_url(notice)
    return Told(icon="door-exit", text=text, url=url, bar="watch")


_WORDS: dict[str, Callable[[Notice, Facts, Names], Told]] = NEED_WORDS | {
    "import_done": _import_done,
    "import_failed": _import_failed,
    "survey_grades_low": _grades_low,
    "survey_grades_eased": _grades_eased,
    "survey_case_assigned": _case_assigned,
    "survey_case_confirmed": _case_confirmed,
    "survey_case_rejected": _case_rejected,
    "survey_case_commented": _case_commented,
    "survey_case_due": _case_due,
    "survey_case_missed": _case_missed,
    "survey_case_escalated": _case_missed,
    "survey_respondent_wish": _respondent_wish,
    "survey_referral": _referral,
    "voice_owned": _voice_owned,
    "voice_overdue": _voice_overdue,
    "survey_complaint": _survey_complaint,
    "survey_wish": _survey_wish,
    "action_assigned": _action_assigned,
    "churn_flag": _churn_flag,
    "bulk_done": _bulk_done,
    "contact_left": _contact_left,
}
KINDS = frozenset(_WORDS)
