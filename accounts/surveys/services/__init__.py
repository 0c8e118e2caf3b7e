"""Every write of the weekly survey, one transaction each.

What is wrong is raised as a ValidationError by field with a code (each module names its own); nothing is
written then.
"""

from accounts.surveys.services.answering import AnswerFacts, Recorded, record_answer
from accounts.surveys.services.cases import (
    acknowledge_case,
    advance_case,
    assign_case,
    comment_case,
    confirm_case,
    hand_over_cases,
    plan_case,
    reject_case,
)
from accounts.surveys.services.confirming import Answered, answer_request, ask_customer, request_by_token
from accounts.surveys.services.inviting import (
    ask_again,
    change_respondent,
    give_up_unsent,
    issue_token,
    make_due_invitations,
    make_invitations,
    mark_failed,
    mark_reminded,
    mark_sent,
    name_respondent,
    resume_paused,
)
from accounts.surveys.services.letters import (
    Letter,
    issue_confirmation_token,
    letter_came_back,
    letter_deferred,
    letter_delayed,
    letter_failed,
    letter_sent,
    try_again,
    try_confirmation_again,
)
from accounts.surveys.services.programmes import (
    activate,
    discard_draft,
    end_override,
    ensure_programme,
    publish_version,
    save_draft,
    start_draft,
)

__all__ = [
    "AnswerFacts",
    "Answered",
    "Letter",
    "Recorded",
    "acknowledge_case",
from accounts.surveys.services.referrals import (
    accept_referral,
    contact_meant,
    decline_referral,
    propose,
)
from accounts.surveys.services.reviews import add_note, mark_reviewed, unmark_reviewed
from accounts.surveys.services.wishes import Wish, pause_letters, resume_letters, stop_letters
    "activate",
    "advance_case",
    "answer_request",
    "ask_again",
    "ask_customer",
    "assign_case",
    "Wish",
    "accept_referral",
    "change_respondent",
    "comment_case",
    "confirm_case",
    "discard_draft",
    "end_override",
    "ensure_programme",
    "give_up_unsent",
    "hand_over_cases",
    "issue_confirmation_token",
    "issue_token",
    "letter_came_back",
    "letter_deferred",
    "letter_delayed",
    "contact_meant",
    "decline_referral",
    "letter_failed",
    "letter_sent",
    "make_due_invitations",
    "make_invitations",
    "mark_failed",
    "mark_reminded",
    "mark_sent",
    "name_respondent",
    "plan_case",
    "publish_version",
    "record_answer",
    "reject_case",
    "request_by_token",
    "resume_paused",
    "save_draft",
    "start_draft",
    "try_again",
    "try_confirmation_again",
]
    "pause_letters",
    "propose",
    "resume_letters",
    "start_meeting",
    "stop_letters",
