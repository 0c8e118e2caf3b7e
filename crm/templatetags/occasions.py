"""Words of the surveys beside the weekly one in templates."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from accounts.occasions.facts import QuestionFacts, SurveyFacts
from accounts.occasions.models import QuestionKind
from accounts.surveys.models.programmes import Worded
from crm.survey_words import rules_of_kind

register = template.Library()


@register.filter
def rules_for(facts: SurveyFacts, kind: str) -> list[tuple[str, str]]:
    """Name and value of every rule that a survey of this kind has."""
    return rules_of_kind(facts, kind)


@register.filter
def question_kind(facts: QuestionFacts) -> str:
    return str(QuestionKind(facts.kind).label)


@register.filter
def named(words: Worded) -> str:
    """What a dimension, a grade, a question or a choice is called in the reader's language."""
    return words.name_in(get_language() or "en")
