"""A low grade becomes a complaint on the owner's list: one per invitation, however often he changes it."""

from __future__ import annotations

import datetime as dt
from itertools import chain

from accounts.occasions.models import EventKind, OccasionInvitation
from accounts.surveys.models import ProgrammeGrade
from accounts.surveys.queries import Form
from accounts.surveys.services import AnswerFacts
from accounts.users.models import Role, User
from accounts.voice.models import Voice, VoiceTheme
from accounts.voice.services import complain

THEMES = {"on_time": VoiceTheme.DELIVERY, "overall": VoiceTheme.OTHER}
THEMES_OF_EVENTS = {
    EventKind.DELIVERY: VoiceTheme.DELIVERY,
    EventKind.INSTALLATION: VoiceTheme.SERVICE,
    EventKind.REPAIR: VoiceTheme.SUPPORT,
}


def complain_of_low_grades(
    invitation: OccasionInvitation, said: AnswerFacts, form: Form, *, now: dt.datetime
) -> Voice | None:
    """The complaint that the grades which warn became now; None where there is none, or was one before.

    A later better grade leaves it: somebody has begun to answer it. It is said in the contact's words.
    """
    low = {code: grade for code, letter in said.grades.items() if (grade := form.grade(letter)).warns}
    if not low or invitation.voice_id is not None:
        return None
    occasion, language = invitation.occasion, invitation.contact.language
    owner = _owner_of(invitation)
    if owner is None:
        return None
    lines = [occasion.about] if occasion.about else []
    for line in form.dimensions:
        code = line.dimension.code
        if code in low:
            comment = said.dimension_comments.get(code, "").strip()
            name = line.dimension.name_in(language)
            lines.append(grade_line(name, low[code], language))
            lines += [comment] if comment else []
    lines += [said.comment.strip()] if said.comment.strip() else []
    voice = complain(
        customer=invitation.customer,
        contact=invitation.contact,
        project=occasion.project,
        text="\n".join(lines),
        theme=_theme_of(next(iter(low)), occasion.event),
        owner=owner,
        now=now,
    )
    invitation.voice = voice
    invitation.save(update_fields=["voice"])
    return voice


def grade_line(dimension: str, grade: ProgrammeGrade, language: str) -> str:
    """What a complaint says of a dimension that was graded low; a reader may be told it in his language."""
    return f"{dimension}: {grade.letter} ({grade.name_in(language)})"


def _owner_of(invitation: OccasionInvitation) -> User | None:
    """The customer's owner; where none of them works here, the project's manager, whoever asked, an admin."""
    project = invitation.occasion.project
    manager = project.manager if project is not None else None
    near = (invitation.customer.owner, manager, invitation.occasion.author)
    admins = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk")
    found = (user for user in near if user is not None and user.is_active)
    return next(chain(found, admins[:1]), None)


def _theme_of(code: str, event: str) -> VoiceTheme:
    if code in VoiceTheme.values:
        return VoiceTheme(code)
    if code in THEMES:
        return THEMES[code]
    return THEMES_OF_EVENTS[EventKind(event)] if event in THEMES_OF_EVENTS else VoiceTheme.OTHER
