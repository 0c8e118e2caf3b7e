"""The form of an occasion as three people see it: who was asked, one of ours who takes an interview, and an
admin who looks at what he wrote. They look the same, so that what is previewed is what will be read."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.occasions.models import EventKind, Occasion, OccasionInvitation, SurveyRules
from accounts.occasions.queries import Asked
from accounts.surveys.models import ProgrammeKind
from accounts.surveys.models.answers import MAX_COMMENT
from accounts.users.models import User
from crm.forms.occasions_answer import OccasionForm, merged, typed_before
from crm.queries.occasions_said import Said, said_at, said_by
from crm.templatetags.formats import in_words
from crm.templatetags.survey import last_day
from crm.views.survey_door import Language


@dataclass(frozen=True)
class Paper:
    """What stands around the questions. ``line``: what it is about; ``keeper``: who reads the answer.

    ``back_url``: where one of ours goes back to; a respondent has no such way.
    """

    title: str
    line: str
    opening: str
    contact_name: str
    keeper: User | None
    last_day: str = ""
    is_preview: bool = False
    is_interview: bool = False
    back_url: str = ""
    back_label: str = ""


@dataclass(frozen=True)
class Address:
    """Where the form is sent, and the language it is read in. ``stop_url``: of a respondent's letters."""

    url: str
    language: str
    stop_url: str = ""
    is_closed: bool = False


def title_of(kind: str, event: str) -> str:
    """The question above all others, in the active language: the programme's name is only for us."""
    titles = {
        EventKind.DELIVERY.value: _("How was our delivery?"),
        EventKind.INSTALLATION.value: _("How was the installation?"),
        EventKind.REPAIR.value: _("How was the repair?"),
    }
    if event in titles:
        return titles[event]
    if kind == ProgrammeKind.YEARLY:
        return _("What will you need from us?")
    return _("How do you see our work?")


def paper_of(invitation: OccasionInvitation, language: str) -> Paper:
    occasion = invitation.occasion
    open_until = last_day(invitation.closes_at)
    parts = [
        about_of(occasion),
        invitation.customer.owner.name if invitation.customer.owner else "",
        _("open until %(day)s") % {"day": open_until},
    ]
    return Paper(
        title=title_of(occasion.programme.kind, occasion.event),
        line=" · ".join(part for part in parts if part),
        opening=opening_of(occasion.programme_version_id, language),
        contact_name=invitation.contact.name,
        keeper=invitation.customer.owner,
        last_day=open_until,
    )


def preview_paper(kind: str, *, event: str, opening: str, keeper: User, day: dt.date) -> Paper:
    """As the respondent would see it, with an example of what it is about."""
    example = pgettext("what an order or delivery is called in an example", "Order 4711")
    line = f"{example} · {in_words(day)}" if event else ""
    return Paper(
        title=title_of(kind, event),
        line=line,
        opening=opening,
        contact_name="",
        keeper=keeper,
        is_preview=True,
    )


def about_of(occasion: Occasion) -> str:
    """What it is about with its day; of a year the year."""
    if occasion.year is not None:
        return str(occasion.year)
    day = in_words(occasion.happened_on) if occasion.event or occasion.about else ""
    return " · ".join(part for part in (occasion.about, day) if part)


def opening_of(version_id: int, language: str) -> str:
    rules = SurveyRules.objects.filter(version=version_id).first()
    return rules.opening_in(language) if rules else ""


def form_context(
    paper: Paper,
    address: Address,
    form: OccasionForm,
    asked: Asked,
    *,
    languages: list[Language],
    said: Said | None = None,
) -> dict[str, Any]:
    """What the template of the form needs of all three; a preview has no key, and sends nothing."""
    return {
        "paper": paper,
        "visit": address,
        "form": form,
        "rows": list(form.rows()),
        "questions": list(form.askings()),
        "grades": [(each.letter, each.name_in(address.language)) for each in asked.form.grades],
        "comment": form["comment"].value() or "",
        "most_characters": MAX_COMMENT,
        "key": "" if paper.is_preview else secrets.token_urlsafe(16),
        "said": said,
        "said_at": said.given_at.isoformat() if said else "",
        "languages": languages,
        "is_refused": form.is_bound and not form.is_valid(),
    }


def both(invitation: int, sent: OccasionForm, asked: Asked) -> tuple[Said, dict[str, Any]]:
    """What was said elsewhere since ``sent`` was opened, and the fields of a form that hold both together."""
    assert sent.sent is not None
    opened_over = sent.seen.given_at if sent.seen else None
    before = said_at(invitation, opened_over) if opened_over else None
    since = said_by([invitation])[invitation]
    return since, merged(before, since, typed_before(sent.sent, asked))
