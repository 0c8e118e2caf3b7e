"""Every write of the surveys beside the weekly one, one transaction each.

What is wrong is raised as a ValidationError by field with a code (each module names its own); nothing is
written then.
"""

from accounts.occasions.services.answering import (
    OccasionFacts,
    OccasionRecorded,
    answer_survey,
    take_interview,
)
from accounts.occasions.services.due import make_due_occasions
from accounts.occasions.services.occasions import ask_about, cancel_invitation
from accounts.occasions.services.surveys import (
    create_programme,
    draft_survey,
    ensure_standard_programmes,
    publish_survey,
    rename_programme,
    save_draft,
    withdraw_programme,
)
from accounts.occasions.services.wishes import resume_letters, stop_letters
from accounts.surveys.services import discard_draft

__all__ = [
    "OccasionFacts",
    "OccasionRecorded",
    "answer_survey",
    "ask_about",
    "cancel_invitation",
    "create_programme",
    "discard_draft",
    "draft_survey",
    "ensure_standard_programmes",
    "make_due_occasions",
    "publish_survey",
    "rename_programme",
    "resume_letters",
    "save_draft",
    "stop_letters",
    "take_interview",
    "withdraw_programme",
]
