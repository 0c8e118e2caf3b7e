"""Words of the survey programme in templates."""

from django import template

from accounts.surveys.models import ProgrammeVersion
from accounts.surveys.standard import VersionFacts, Words
from crm import programme_words

register = template.Library()


@register.filter
def in_language(words: Words) -> str:
    """The name in the reader's language."""
    return programme_words.words_in(words)


@register.filter
def works(facts: VersionFacts) -> str:
    """When clocks run."""
    return programme_words.working_time(facts)


@register.filter
def rated_week(facts: VersionFacts) -> str:
    """Which week the letter asks about."""
    return programme_words.rated_week(facts)


@register.filter
def weekday(iso: int) -> str:
    return programme_words.weekday(iso)


@register.filter
def hour(value: int) -> str:
    return programme_words.time_of(value * 60)


@register.filter
def as_hours(count: int) -> str:
    return programme_words.hours(count)


@register.filter
def as_days(count: int) -> str:
    return programme_words.days(count)


@register.filter
def functional_role(role: str) -> str:
    return programme_words.role_name(role)


@register.filter
def scope(version: ProgrammeVersion) -> str:
    """Whose programme it is: a customer's or project's name; empty for the general one."""
    if version.project:
        customer, project = str(version.project.customer), str(version.project)
        return project if project.startswith(customer) else f"{customer} · {project}"
    return str(version.customer) if version.customer else ""
