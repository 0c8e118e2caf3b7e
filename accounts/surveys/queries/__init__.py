"""Reads of the weekly survey. Who may see what is decided by the queryset of projects that comes in."""

from accounts.surveys.queries.forms import (
    Form,
    Said,
    SaidGrade,
    SurveyPage,
    form_of,
    invitation_by_token,
    said_at,
    survey_page,
)
from accounts.surveys.queries.readings import VersionScale, scales_of

__all__ = [
    "Form",
    "Said",
    "SaidGrade",
    "SurveyPage",
    "VersionScale",
    "form_of",
    "invitation_by_token",
    "said_at",
    "scales_of",
    "survey_page",
]
