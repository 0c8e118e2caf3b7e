"""Reads of the weekly survey. Who may see what is decided by the queryset of projects that comes in."""

from accounts.surveys.queries.forms import Form, Said, SurveyPage, form_of, invitation_by_token, survey_page
from accounts.surveys.queries.readings import (
    Reading,
    Response,
    VersionScale,
    readings_and_responses,
    scales_of,
)

__all__ = [
    "Form",
    "Reading",
    "Response",
    "Said",
    "SurveyPage",
    "VersionScale",
    "form_of",
    "invitation_by_token",
    "readings_and_responses",
    "scales_of",
    "survey_page",
]
