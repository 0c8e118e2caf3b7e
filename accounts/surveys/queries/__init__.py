"""Reads of the weekly survey. Who may see what is decided by the queryset of projects that comes in."""

from accounts.surveys.queries.boards import (
    Asked,
    Board,
    BoardProject,
    BoardRow,
    Cell,
    CellGrade,
    open_cases,
    projects_of_week,
    week_board,
)
from accounts.surveys.queries.forms import Form, Said, SurveyPage, form_of, invitation_by_token, survey_page
from accounts.surveys.queries.readings import (
    Reading,
    Response,
    VersionScale,
    readings_and_responses,
    scales_of,
)

__all__ = [
    "Asked",
    "Board",
    "BoardProject",
    "BoardRow",
    "Cell",
    "CellGrade",
    "Form",
    "Reading",
    "Response",
    "Said",
    "SurveyPage",
    "VersionScale",
    "form_of",
    "invitation_by_token",
    "open_cases",
    "projects_of_week",
    "readings_and_responses",
    "scales_of",
    "survey_page",
    "week_board",
]
