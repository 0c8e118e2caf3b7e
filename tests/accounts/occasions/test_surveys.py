"""Surveys beside the weekly one: drafts, versions that cannot change, publishing and withdrawing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.customers.services import ConflictError
from accounts.occasions.facts import NO_WORDS, OptionFacts, QuestionFacts, RulesFacts, survey_facts_of
from accounts.occasions.models import Question, QuestionOption, SurveyRules
from accounts.occasions.queries import active_version, asked_of
from accounts.occasions.services import (
    create_programme,
    discard_draft,
    draft_survey,
    ensure_standard_programmes,
    publish_survey,
    rename_programme,
    save_draft,
    withdraw_programme,
)
from accounts.occasions.standard import ANY_TIME, DELIVERY, NEEDS, STANDARD_SURVEYS
from accounts.surveys.models import ProgrammeKind, ProgrammeVersion, SurveyProgramme, VersionState
from accounts.surveys.services import ensure_programme
from accounts.surveys.standard import DimensionFacts, Words
from tests.accounts.occasions.shop import Shop, publish, published
from tests.accounts.surveys.office import execute
from tests.conftest import MONDAY

WORDS = Words(name="What?", name_zh_hans="什么?", name_zh_hant="什麼?")
TEXT = QuestionFacts(code="what", kind="text", words=WORDS)
YES = OptionFacts(code="yes", words=WORDS)


def code_of(error: pytest.ExceptionInfo[ValidationError]) -> tuple[str, str]:
    ((field, problems),) = error.value.error_dict.items()
    return field, problems[0].code


def test_the_three_standard_surveys_are_drafts_that_say_what_the_product_says(db: None) -> None:
    ensure_programme(now=MONDAY)
    made = ensure_standard_programmes(MONDAY)
    assert [each.kind for each in made] == ["event", "any_time", "yearly"]
    assert ensure_standard_programmes(MONDAY) == []
    for programme, standard in zip(made, STANDARD_SURVEYS, strict=True):
        version = programme.versions.get()
        assert (version.state, version.created_at) == (VersionState.DRAFT, MONDAY)
        assert survey_facts_of(version) == standard.facts
        assert active_version(programme) is None
    assert SurveyProgramme.objects.filter(is_weekly=True).count() == 1


def test_every_word_of_the_standard_surveys_is_there_in_three_languages() -> None:
    for each in STANDARD_SURVEYS:
        words = [part.words for part in (*each.facts.version.dimensions, *each.facts.questions)]
        words += [option.words for question in each.facts.questions for option in question.options]
        words.append(each.facts.rules.opening)
        assert all(part.name and part.name_zh_hans and part.name_zh_hant for part in words)


def test_a_draft_is_saved_published_and_then_never_changed(db: None) -> None:
    programme = create_programme(
        name="Needs", kind=ProgrammeKind.YEARLY, facts=NEEDS, author=None, now=MONDAY
    )
    draft = draft_survey(programme, author=None, now=MONDAY)
    changed = replace(NEEDS, questions=(TEXT, *NEEDS.questions[:2]))
    save_draft(draft, facts=changed, expected_digest=NEEDS.digest)
    draft.refresh_from_db()
    assert survey_facts_of(draft) == changed
    publish_survey(draft, expected_digest=changed.digest, now=MONDAY)
    question, option = Question.objects.first(), QuestionOption.objects.first()
    assert question is not None
    assert option is not None
    for table in ("surveyrules", "question", "questionoption"):
        with pytest.raises(IntegrityError, match="in use"):
            execute(f"delete from occasions_{table} where version_id = %s", draft.pk)
    with pytest.raises(IntegrityError, match="in use"):
        execute("update occasions_question set name = 'x' where id = %s", question.pk)
    with pytest.raises(IntegrityError, match="in use"):
        execute("update occasions_surveyrules set rest_days = 0 where version_id = %s", draft.pk)
    assert survey_facts_of(draft) == changed


def test_a_new_draft_says_what_holds_and_retires_it_once_published(shop: Shop) -> None:
    first = shop.version
    draft = draft_survey(shop.programme, author=shop.world.admin, now=MONDAY)
    assert survey_facts_of(draft) == survey_facts_of(first)
    assert draft_survey(shop.programme, author=None, now=MONDAY) == draft
    publish_survey(draft, expected_digest=survey_facts_of(draft).digest, now=MONDAY)
    first.refresh_from_db()
    assert (first.state, first.retired_at) == (VersionState.RETIRED, MONDAY)
    assert shop.version == draft


def test_who_read_an_older_draft_cannot_save_or_publish_it(shop: Shop) -> None:
    draft = draft_survey(shop.programme, author=None, now=MONDAY)
    read = survey_facts_of(draft)
    theirs = replace(read, rules=replace(read.rules, rest_days=7))
    save_draft(draft, facts=theirs, expected_digest=read.digest)
    with pytest.raises(ConflictError):
        save_draft(draft, facts=read, expected_digest=read.digest)
    with pytest.raises(ConflictError):
        publish_survey(draft, expected_digest=read.digest, now=MONDAY)
    assert survey_facts_of(draft) == theirs
    discard_draft(draft)
    with pytest.raises(ConflictError):
        save_draft(draft, facts=read, expected_digest=read.digest)


def test_a_discarded_draft_leaves_nothing_and_the_survey_can_begin_anew(db: None) -> None:
    programme = create_programme(
        name="Any time", kind=ProgrammeKind.ANY_TIME, facts=ANY_TIME, author=None, now=MONDAY
    )
    discard_draft(programme.versions.get())
    left = (ProgrammeVersion, SurveyRules, Question, QuestionOption)
    assert not any(model.objects.exists() for model in left)
    assert not programme.dimensions.exists()
    assert survey_facts_of(draft_survey(programme, author=None, now=MONDAY)) == ANY_TIME


def test_withdrawn_nobody_can_be_asked_until_it_is_published_again(shop: Shop) -> None:
    assert withdraw_programme(shop.programme, now=MONDAY)
    assert not withdraw_programme(shop.programme, now=MONDAY)
    with pytest.raises(ValidationError) as error:
        shop.ask(shop.chen)
    assert code_of(error) == ("programme", "retired")
    publish(shop.programme, at=MONDAY)
    assert shop.ask(shop.chen)


def test_a_name_is_given_once(shop: Shop) -> None:
    other = published("Other", ProgrammeKind.ANY_TIME, ANY_TIME)
    for name, code in (("After a delivery", "name_taken"), ("  ", "blank"), ("x" * 121, "blank")):
        with pytest.raises(ValidationError) as error:
            rename_programme(other, name=name)
        assert code_of(error) == ("name", code)
    assert rename_programme(other, name=" New \n name ").name == "New name"
    with pytest.raises(ValidationError) as error:
        create_programme(
            name="New name", kind=ProgrammeKind.ANY_TIME, facts=ANY_TIME, author=None, now=MONDAY
        )
    assert code_of(error) == ("name", "name_taken")
    with pytest.raises(ValidationError) as error:
        create_programme(name="W", kind=ProgrammeKind.WEEKLY, facts=ANY_TIME, author=None, now=MONDAY)
    assert code_of(error) == ("kind", "kind_weekly")


def dimension(code: str) -> DimensionFacts:
    return DimensionFacts(code=code, words=WORDS)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"version": {"dimensions": ()}}, "questions", "questions"),
        ({"version": {"dimensions": (dimension("a"), dimension("a"))}}, "dimensions", "dimensions"),
        ({"version": {"send_hour": 24}}, "send_hour", "hour"),
        ({"version": {"remind_after_days": 15}}, "remind_after_days", "reminder"),
        ({"version": {"grades": ()}}, "grades", "grades"),
        ({"rules": {"asked_levels": ("boss",)}}, "asked_levels", "levels"),
        ({"rules": {"wait_days": 366}}, "wait_days", "days"),
        ({"rules": {"answer_days": 0}}, "remind_after_days", "reminder"),
        ({"rules": {"rest_days": -1}}, "rest_days", "days"),
        ({"rules": {"yearly_month": 2, "yearly_day": 1}}, "yearly_day", "yearly"),
        ({"rules": {"opening": replace(NO_WORDS, name="x" * 601)}}, "opening", "words"),
        ({"questions": (TEXT, TEXT)}, "questions", "questions"),
        ({"questions": (replace(TEXT, code="on_time"),)}, "questions", "questions"),
        ({"questions": (replace(TEXT, code="comment"),)}, "questions", "questions"),
        ({"questions": (replace(TEXT, code="What?"),)}, "questions", "questions"),
        ({"questions": (replace(TEXT, kind="essay"),)}, "questions", "kind"),
        ({"questions": (replace(TEXT, words=NO_WORDS),)}, "questions", "words"),
        ({"questions": (replace(TEXT, unit="kg"),)}, "questions", "unit"),
        ({"questions": (replace(TEXT, options=(YES,)),)}, "questions", "options"),
        ({"questions": (replace(TEXT, kind="one", options=(YES,)),)}, "questions", "options"),
        ({"questions": (replace(TEXT, kind="one", options=(YES, YES)),)}, "questions", "options"),
    ],
)
def test_what_a_version_cannot_say_is_refused_and_changes_nothing(
    shop: Shop, changes: dict[str, Any], field: str, code: str
) -> None:
    draft = draft_survey(shop.programme, author=None, now=MONDAY)
    facts = survey_facts_of(draft)
    wrong = facts
    for part, values in changes.items():
        value = replace(getattr(facts, part), **values) if isinstance(values, dict) else values
        wrong = replace(wrong, **{part: value})
    with pytest.raises(ValidationError) as error:
        save_draft(draft, facts=wrong, expected_digest=facts.digest)
    assert code_of(error) == (field, code)
    assert survey_facts_of(draft) == facts


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (RulesFacts(), "yearly"),
        (RulesFacts(yearly_month=2, yearly_day=29), "yearly"),
        (RulesFacts(yearly_month=13, yearly_day=1), "yearly"),
        (RulesFacts(yearly_month=2, yearly_day=1, asks_deliveries=True), "kind"),
    ],
)
def test_a_yearly_survey_has_a_day_that_every_year_has(db: None, rules: RulesFacts, code: str) -> None:
    with pytest.raises(ValidationError) as error:
        create_programme(
            name="Y", kind=ProgrammeKind.YEARLY, facts=replace(NEEDS, rules=rules), author=None, now=MONDAY
        )
    assert code_of(error)[1] == code
    assert not SurveyProgramme.objects.exists()


def test_a_yearly_survey_may_ask_questions_alone(db: None) -> None:
    facts = replace(NEEDS, version=replace(NEEDS.version, dimensions=()))
    programme = published("Needs", ProgrammeKind.YEARLY, facts)
    asked = asked_of(programme.versions.get().pk)
    assert asked.form.dimensions == ()
    assert [each.code for each in asked.questions] == [each.code for each in facts.questions]
    assert [each.code for each in asked.questions[1].options.all()][:2] == ["development", "prototypes"]


def test_the_delivery_survey_has_the_standard_grades() -> None:
    assert [grade.letter for grade in DELIVERY.version.grades] == ["A", "A-", "B+", "B", "B-", "C", "D"]
