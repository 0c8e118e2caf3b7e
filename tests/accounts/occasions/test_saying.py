"""Answers to surveys: every version kept, nothing unknown taken, a low grade becomes one complaint."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from accounts.contacts.services import mark_left
from accounts.customers.models import Customer
from accounts.notices.models import Notice
from accounts.occasions.facts import OptionFacts, QuestionFacts
from accounts.occasions.models import (
    Occasion,
    OccasionAnswer,
    OccasionChoice,
    OccasionGrade,
    OccasionInvitation,
    OccasionReply,
    Question,
    QuestionOption,
)
from accounts.occasions.services import resume_letters, stop_letters, take_interview
from accounts.occasions.standard import ANY_TIME, NEEDS
from accounts.surveys.models import ProgrammeKind
from accounts.surveys.standard import Words
from accounts.voice.models import Voice
from tests.accounts.occasions.shop import (
    DAY,
    HOUR,
    TEN,
    TODAY,
    Shop,
    contact_of,
    facts_said,
    published,
    say,
    shop_of,
)
from tests.accounts.surveys.office import execute
from tests.conftest import MONDAY, World

CLOSED = MONDAY.replace(hour=0) + 15 * DAY
WORDS = Words(name="W", name_zh_hans="问", name_zh_hant="問")
QUESTIONS = (
    QuestionFacts(code="why", kind="text", words=WORDS),
    QuestionFacts(code="boxes", kind="number", words=WORDS, unit="pcs"),
    *(
        QuestionFacts(
            code=kind,
            kind=kind,
            words=WORDS,
            options=tuple(OptionFacts(code=code, words=WORDS) for code in ("a", "b", "c")),
        )
        for kind in ("one", "several")
    ),
)


@pytest.fixture
def invitation(shop: Shop) -> OccasionInvitation:
    shop.ask(shop.chen, about="4711")
    return shop.invitation(shop.chen)


@pytest.fixture
def full(shop: Shop) -> OccasionInvitation:
    """Of a survey that asks questions of every kind."""
    facts = replace(ANY_TIME, questions=QUESTIONS)
    mixed = replace(shop, programme=published("Mixed", ProgrammeKind.ANY_TIME, facts))
    mixed.ask(shop.chen, event="", happened_on=TODAY)
    return mixed.invitation(shop.chen)


def current(invitation: OccasionInvitation) -> OccasionAnswer:
    return OccasionAnswer.objects.get(invitation=invitation, superseded_at=None)


def letters(answer: OccasionAnswer) -> dict[str, str | None]:
    return dict(answer.grades.order_by("pk").values_list("dimension__code", "grade__letter"))


def code_of(error: pytest.ExceptionInfo[ValidationError]) -> tuple[str, str]:
    ((field, problems),) = error.value.error_dict.items()
    return field, problems[0].code


def test_an_answer_keeps_grades_comments_and_what_does_not_apply(invitation: OccasionInvitation) -> None:
    recorded = say(
        invitation, on_time="A", complete="B", absent=["documents"], comments={"complete": "One missing."}
    )
    assert recorded.is_new
    assert letters(recorded.answer) == {"on_time": "A", "complete": "B", "documents": None}
    assert recorded.answer.grades.get(dimension__code="complete").comment == "One missing."
    invitation.refresh_from_db()
    assert invitation.answered_at == TEN + HOUR
    assert not Voice.objects.exists()


def test_replies_of_every_kind_are_kept(full: OccasionInvitation) -> None:
    answer = say(
        full,
        texts={"why": "因为。"},
        numbers={"boxes": Decimal("12.5")},
        choices={"one": ["b"], "several": ["c", "a", "a"]},
    ).answer
    said = dict(answer.replies.values_list("question__code", "text"))
    assert said == {"why": "因为。", "boxes": ""}
    assert answer.replies.get(question__code="boxes").number == Decimal("12.5")
    ticked = set(answer.choices.values_list("question__code", "option__code"))
    assert ticked == {("one", "b"), ("several", "a"), ("several", "c")}


def test_a_changed_answer_supersedes_and_every_version_is_kept(invitation: OccasionInvitation) -> None:
    say(invitation, on_time="A")
    say(invitation, at=TEN + 2 * HOUR, on_time="B")
    versions = OccasionAnswer.objects.order_by("pk")
    assert [letters(each) for each in versions] == [{"on_time": "A"}, {"on_time": "B"}]
    assert [each.superseded_at for each in versions] == [TEN + 2 * HOUR, None]
    invitation.refresh_from_db()
    assert invitation.answered_at == TEN + HOUR


def test_the_same_post_twice_and_a_late_double_are_one_answer(invitation: OccasionInvitation) -> None:
    assert [say(invitation, key="k", on_time="A").is_new for _ in range(2)] == [True, False]
    assert say(invitation, key="newer", on_time="B").is_new
    assert not say(invitation, key="k", on_time="A").is_new
    assert letters(current(invitation)) == {"on_time": "B"}
    assert say(invitation, key="newer", on_time="A").is_new  # on the same form: he changed his mind
    assert OccasionAnswer.objects.count() == 3


def test_it_is_taken_until_the_survey_closes(invitation: OccasionInvitation) -> None:
    assert say(invitation, at=CLOSED - dt.timedelta(microseconds=1), on_time="A").is_new
    with pytest.raises(ValidationError) as error:
        say(invitation, at=CLOSED, on_time="B")
    assert code_of(error) == ("invitation", "closed")
    assert letters(current(invitation)) == {"on_time": "A"}


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"nothing": "A"}, "grades", "unknown_dimension"),
        ({"overall": "E"}, "grades", "unknown_grade"),
        ({"overall": "A", "absent": ["overall"]}, "grades", "both"),
        ({"texts": {"who": "x"}}, "questions", "unknown_question"),
        ({"texts": {"boxes": "x"}}, "questions", "unknown_question"),
        ({"numbers": {"why": Decimal(1)}}, "questions", "unknown_question"),
        ({"choices": {"why": ["a"]}}, "questions", "unknown_question"),
        ({"choices": {"one": ["z"]}}, "questions", "unknown_option"),
        ({"choices": {"one": ["a", "b"]}}, "questions", "one"),
        ({"numbers": {"boxes": Decimal("1e14")}}, "questions", "number"),
        ({"numbers": {"boxes": Decimal("NaN")}}, "questions", "number"),
        ({"numbers": {"boxes": Decimal("1e400")}}, "questions", "number"),
        ({"numbers": {"boxes": Decimal("0.00001")}}, "questions", "number"),
        ({"texts": {"why": "x" * 4001}}, "comment", "too_long"),
        ({"texts": {"why": "\ud800"}}, "comment", "not_text"),
        ({"comment": "a\x00"}, "comment", "not_text"),
        ({"key": "ü", "overall": "A"}, "idempotency_key", "key"),
        ({"texts": {"why": " "}, "choices": {"several": []}}, "questions", "empty"),
        ({}, "questions", "empty"),
    ],
)
def test_what_was_not_asked_or_says_nothing_is_refused(
    full: OccasionInvitation, said: Mapping[str, Any], field: str, code: str
) -> None:
    with pytest.raises(ValidationError) as error:
        say(full, **said)
    assert code_of(error) == (field, code)
    assert not OccasionAnswer.objects.exists()


def test_a_low_grade_becomes_a_complaint_of_the_owner(shop: Shop, invitation: OccasionInvitation) -> None:
    say(
        invitation,
        on_time="C",
        complete="A",
        packaging="B-",
        comments={"on_time": "Two days late.", "complete": "Fine."},
        comment="Call me.",
    )
    voice = Voice.objects.get()
    assert voice.text == "4711\nOn time: C (Poor)\nTwo days late.\nPackaging: B- (Could be better)\nCall me."
    assert (voice.kind, voice.theme, voice.channel) == ("complaint", "delivery", "email")
    assert (voice.owner, voice.contact, voice.customer) == (shop.world.owner, shop.chen, shop.customer)
    assert (voice.author, voice.heard_on, voice.answer_by) == (None, TODAY, TODAY + 2 * DAY)
    invitation.refresh_from_db()
    assert invitation.voice == voice
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (shop.world.owner, "survey_complaint")
    assert notice.facts == {"voice": voice.pk, "contact": shop.chen.pk}


def test_it_is_one_complaint_however_often_he_changes_it(invitation: OccasionInvitation) -> None:
    for grade in ("C", "A", "D"):
        say(invitation, on_time=grade)
    assert Voice.objects.count() == 1
    assert "On time: C" in Voice.objects.get().text
    assert letters(current(invitation)) == {"on_time": "D"}


def test_he_complains_in_his_own_language(shop: Shop) -> None:
    wang = contact_of(shop.customer, "Wang", language="zh-hans")
    shop.ask(wang)
    say(shop.invitation(wang), on_time="D")
    assert Voice.objects.get().text == "准时: D (完全不可接受)"


def test_a_complaint_longer_than_a_voice_may_be_is_cut(invitation: OccasionInvitation) -> None:
    say(invitation, on_time="C", comments={"on_time": "x" * 3000}, comment="y" * 3000)
    text = Voice.objects.get().text
    assert len(text) == 4000
    assert text.endswith("y…")


def test_of_a_customer_without_owner_whoever_asked_hears_of_it(shop: Shop) -> None:
    shop.ask(shop.chen)
    shop.world.owner.__class__.objects.filter(pk=shop.world.owner.pk).update(is_active=False)
    Customer.objects.filter(pk=shop.customer.pk).update(owner=None)
    say(shop.invitation(shop.chen), on_time="C")
    assert Voice.objects.get().owner == shop.world.admin


def test_an_interview_is_written_down_and_nobody_is_written_to(shop: Shop) -> None:
    token = uuid.uuid4()
    programme = published("Needs", ProgrammeKind.YEARLY, NEEDS)
    facts = facts_said(stay="A", texts={"needs": "Smaller lots."}, choices={"volume": ["more"]})

    def interview() -> bool:
        return take_interview(
            contact=shop.chen,
            facts=facts,
            taken_by=shop.world.owner,
            now=MONDAY,
            token=token,
            programme=programme,
        ).is_new

    assert [interview(), interview()] == [True, False]
    answer = OccasionAnswer.objects.get()
    assert answer.taken_by == shop.world.owner
    invitation = answer.invitation
    assert (invitation.sent_at, invitation.answered_at) == (None, MONDAY)
    assert Occasion.objects.get().author == shop.world.owner


def test_in_an_interview_about_an_occasion_his_own_answer_is_superseded(
    shop: Shop, invitation: OccasionInvitation
) -> None:
    say(invitation, on_time="A")
    recorded = take_interview(
        contact=shop.chen,
        facts=facts_said(on_time="C"),
        taken_by=shop.world.manager,
        now=CLOSED + DAY,
        token=uuid.uuid4(),
        occasion=invitation.occasion,
    )
    assert recorded.answer == current(invitation)
    assert Voice.objects.count() == 1
    assert OccasionInvitation.objects.count() == 1


def test_who_left_or_is_another_customers_cannot_be_interviewed(
    shop: Shop, invitation: OccasionInvitation
) -> None:
    mark_left(shop.li, left_on=TODAY, now=MONDAY)
    shop.li.refresh_from_db()
    foreign = contact_of(shop.world.foreign, "Meyer")
    for contact, code in ((shop.li, "left"), (foreign, "other_customer")):
        with pytest.raises(ValidationError) as error:
            take_interview(
                contact=contact,
                facts=facts_said(on_time="A"),
                taken_by=shop.world.owner,
                now=MONDAY,
                token=uuid.uuid4(),
                occasion=invitation.occasion,
            )
        assert code_of(error) == ("contact", code)
    assert not OccasionAnswer.objects.exists()


def test_stopping_and_resuming_hold_for_every_survey_and_are_told(
    shop: Shop, invitation: OccasionInvitation
) -> None:
    assert [stop_letters(invitation, now=TEN), stop_letters(invitation, now=TEN)] == [True, False]
    shop.chen.refresh_from_db()
    assert shop.chen.opted_out
    assert resume_letters(invitation, now=TEN)
    shop.chen.refresh_from_db()
    assert not shop.chen.opted_out
    assert [notice.facts["is_out"] for notice in Notice.objects.order_by("pk")] == [True, False]


def test_the_database_takes_nothing_of_another_version_or_answer(
    shop: Shop, full: OccasionInvitation
) -> None:
    shop_answer = shop.ask(shop.li)
    other = say(shop.invitation(shop.li), on_time="A").answer
    answer = say(full, texts={"why": "x"}, choices={"one": ["a"]}, overall="A").answer
    assert shop_answer.pk
    boxes = Question.objects.get(code="boxes")
    foreign = QuestionOption.objects.get(question__code="several", code="a")
    grade, reply, choice = OccasionGrade, OccasionReply, OccasionChoice
    broken = [
        ("update occasions_occasiongrade set answer_id = %s", other.pk),
        (
            "update occasions_occasiongrade set dimension_id ="
            " (select dimension_id from occasions_occasiongrade where answer_id = %s)",
            other.pk,
        ),
        ("update occasions_occasionreply set text = '', number = null where answer_id = %s", answer.pk),
        ("update occasions_occasionreply set number = 1 where answer_id = %s", answer.pk),
        ("update occasions_occasionreply set answer_id = %s", other.pk),
        ("update occasions_occasionchoice set option_id = %s", foreign.pk),
        ("update occasions_occasionchoice set question_id = %s", boxes.pk),
        ("update occasions_occasionanswer set customer_id = %s", shop.world.foreign.pk),
        ("update occasions_occasionanswer set invitation_id = %s", other.invitation_id),
    ]
    before = [model.objects.count() for model in (grade, reply, choice)]
    for statement, value in broken:
        with pytest.raises(IntegrityError):
            execute(statement, value)
    assert [model.objects.count() for model in (grade, reply, choice)] == before


@pytest.mark.django_db(transaction=True)
def test_eight_posts_of_the_same_form_at_once_are_one_answer_and_one_complaint(world: World) -> None:
    shop = shop_of(world)
    shop.ask(shop.chen)
    invitation = shop.invitation(shop.chen)
    barrier, new = threading.Barrier(8), []

    def post(number: int) -> None:
        try:
            barrier.wait()
            new.append(say(invitation, key=f"k{number // 4}", on_time="C").is_new)
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False] * 7 + [True]
    assert OccasionAnswer.objects.count() == Voice.objects.count() == 1
