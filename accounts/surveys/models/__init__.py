"""The weekly survey: what is asked (programmes), whom and when (invitations), what was said (answers), and
what comes of a low grade (cases).

A fact carries the keys of what it belongs to, and foreign keys over several columns hold them together: a
grade is of the version, customer, project and week of its answer, and a case of the project and dimension of
its grades. Those stand in migration 0002, because Django cannot declare them.
"""

from accounts.surveys.models.answers import Answer, AnswerGrade, AnswerNotApplicable
from accounts.surveys.models.cases import OPEN, CaseEvent, CaseEventKind, CaseState, CorrectiveAction
from accounts.surveys.models.invitations import (
    Invitation,
    InvitationToken,
    Respondent,
    RespondentChange,
    RespondentState,
    Week,
)
from accounts.surveys.models.programmes import (
    ProgrammeDimension,
    ProgrammeGrade,
    ProgrammeVersion,
    SurveyDimension,
    SurveyProgramme,
    VersionState,
)

__all__ = [
    "OPEN",
    "Answer",
    "AnswerGrade",
    "AnswerNotApplicable",
    "CaseEvent",
    "CaseEventKind",
    "CaseState",
    "CorrectiveAction",
    "Invitation",
    "InvitationToken",
    "ProgrammeDimension",
    "ProgrammeGrade",
    "ProgrammeVersion",
    "Respondent",
    "RespondentChange",
    "RespondentState",
    "SurveyDimension",
    "SurveyProgramme",
    "VersionState",
    "Week",
]
