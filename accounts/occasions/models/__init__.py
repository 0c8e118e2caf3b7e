"""Surveys beside the weekly one: after an event, at any time, once a year.

They are versions of a `SurveyProgramme` like the weekly one: dimensions, grades, drafts and immutability
are the same. Here stands what they have more: open questions (`questions`), why and whom we ask
(`occasions`), and what was said (`answers`). The weekly cycle and its figures never read these tables.
"""

from accounts.occasions.models.answers import (
    OccasionAnswer,
    OccasionChoice,
    OccasionGrade,
    OccasionReply,
)
from accounts.occasions.models.occasions import (
    Occasion,
    OccasionAttempt,
    OccasionInvitation,
    OccasionToken,
)
from accounts.occasions.models.questions import (
    EventKind,
    Question,
    QuestionKind,
    QuestionOption,
    SurveyRules,
)

__all__ = [
    "EventKind",
    "Occasion",
    "OccasionAnswer",
    "OccasionAttempt",
    "OccasionChoice",
    "OccasionGrade",
    "OccasionInvitation",
    "OccasionReply",
    "OccasionToken",
    "Question",
    "QuestionKind",
    "QuestionOption",
    "SurveyRules",
]
