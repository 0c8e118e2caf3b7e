"""The weekly survey: what is asked (programmes), whom and when (invitations), what was said (answers), what
comes of a low grade (cases), what became of letters (letters), and how a week is reviewed (reviews).

A fact carries the keys of what it belongs to, and foreign keys over several columns hold them together: a
grade is of the version, customer, project and week of its answer, and a case of the project and dimension of
its grades. Those stand in migrations 0002 and 0008, because Django cannot declare them.
"""

from accounts.surveys.models.answers import Answer, AnswerGrade, AnswerNotApplicable
from accounts.surveys.models.calendars import CalendarDay, HolidayCalendar
from accounts.surveys.models.cases import (
    OPEN,
    AlarmStep,
    CaseAlarm,
    CaseClock,
    CaseEvent,
    CaseEventKind,
    CaseInteraction,
    CaseState,
    CorrectiveAction,
)
from accounts.surveys.models.invitations import (
    Invitation,
    InvitationToken,
    Respondent,
    RespondentChange,
    RespondentState,
    Week,
)
from accounts.surveys.models.letters import (
    ConfirmationRequest,
    ConfirmationToken,
    LetterAttempt,
    LetterFate,
    LetterKind,
    Referral,
    ReferralState,
    Verdict,
)
from accounts.surveys.models.programmes import (
    ProgrammeDimension,
    ProgrammeGrade,
    ProgrammeKind,
    ProgrammeVersion,
    SurveyDimension,
    SurveyProgramme,
    VersionState,
)
from accounts.surveys.models.reviews import (
    MeetingAttendee,
    MeetingDecision,
    ReviewMeeting,
    ReviewNote,
    WeekReview,
)

__all__ = [
    "OPEN",
    "AlarmStep",
    "Answer",
    "AnswerGrade",
    "AnswerNotApplicable",
    "CalendarDay",
    "CaseAlarm",
    "CaseClock",
    "CaseEvent",
    "CaseEventKind",
    "CaseInteraction",
    "CaseState",
    "ConfirmationRequest",
    "ConfirmationToken",
    "CorrectiveAction",
    "HolidayCalendar",
    "Invitation",
    "InvitationToken",
    "LetterAttempt",
    "LetterFate",
    "LetterKind",
    "MeetingAttendee",
    "MeetingDecision",
    "ProgrammeDimension",
    "ProgrammeGrade",
    "ProgrammeKind",
    "ProgrammeVersion",
    "Referral",
    "ReferralState",
    "Respondent",
    "RespondentChange",
    "RespondentState",
    "ReviewMeeting",
    "ReviewNote",
    "SurveyDimension",
    "SurveyProgramme",
    "Verdict",
    "VersionState",
    "Week",
    "WeekReview",
]
