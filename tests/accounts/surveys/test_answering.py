"""What a respondent submits, in every right and wrong way; nothing lost, no case missing or doubled."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.customers.models import CustomerInput
from accounts.notices.models import Notice
from accounts.surveys.models import (
    Answer,
    AnswerGrade,
    AnswerNotApplicable,
    CaseEvent,
    CorrectiveAction,
    InvitationToken,
)
from accounts.surveys.services import AnswerFacts, issue_token, record_answer
from tests.accounts.surveys.office import CLOSED, DAY, DUE, EXPIRED, HOUR, WEEK, Office

SECOND = dt.timedelta(seconds=1)
ALL_A = dict.fromkeys(("quality", "delivery", "communication", "service", "support"), "A")


def letters(answer: Answer) -> dict[str, str]:
    return dict(answer.grades.values_list("dimension__code", "grade__letter"))


def events(case: CorrectiveAction) -> list[str]:
    return list(case.log.order_by("pk").values_list("kind", flat=True))


def version_of(office: Office) -> int:
    return CustomerInput.objects.get(customer=office.world.customer).version


def test_an_answer_is_stored_with_all_it_says(office: Office) -> None:
    before = version_of(office)
    token = issue_token(office.invitation(office.chen), now=DUE)
    facts = AnswerFacts(
        grades={"quality": "A-", "delivery": "B+"},
        not_applicable=frozenset({"support"}),
        comment="Thank you",
        dimension_comments={"delivery": "One day late", "quality": ""},
    )
    recorded = record_answer(
        token=token, facts=facts, idempotency_key="k", now=DUE + HOUR, week=WEEK, fingerprint="f" * 90
    )
    answer = Answer.objects.get()
    assert recorded.is_new
    assert recorded.answer == answer
    assert (answer.comment, answer.is_late, answer.known_at) == ("Thank you", False, DUE + HOUR)
    assert letters(answer) == {"quality": "A-", "delivery": "B+"}
    assert answer.grades.get(dimension__code="delivery").comment == "One day late"
    assert [each.dimension.code for each in answer.not_applicable.all()] == ["support"]
    assert office.invitation(office.chen).answered_at == DUE + HOUR
    assert version_of(office) == before + 1
    assert not CorrectiveAction.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.parametrize("letter", ["C", "D"])
def test_a_low_grade_opens_a_case_and_tells_both_managers(office: Office, letter: str) -> None:
    answer = office.say(office.chen, **ALL_A | {"delivery": letter}).answer
    case = office.case()
    assert (case.state, case.owner, case.opened_by) == ("open", office.world.manager, answer)
    assert case.acknowledge_by == DUE + HOUR + dt.timedelta(hours=24)
    assert case.plan_by == DUE + HOUR + dt.timedelta(hours=72)
    assert list(case.grades.all()) == [answer.grades.get(dimension__code="delivery")]
    assert events(case) == ["opened"]
    told = Notice.objects.filter(kind="survey_grades_low")
    assert {notice.user for notice in told} == {office.world.manager, office.world.owner}
    assert told[0].facts == {
        "answer": answer.pk,
        "project": office.project.pk,
        "contact": office.chen.pk,
        "week": "2026-03-02",
        "is_late": False,
        "grades": {"delivery": letter},
        "cases": {"delivery": case.pk},
    }


def test_a_warning_tells_but_opens_nothing(office: Office) -> None:
    office.say(office.chen, **ALL_A | {"service": "B-"})
    assert not CorrectiveAction.objects.exists()
    assert [notice.facts["grades"] for notice in Notice.objects.all()] == [{"service": "B-"}] * 2
    assert Notice.objects.first().facts["cases"] == {}


def test_five_low_grades_open_five_cases_and_one_notice_each(office: Office) -> None:
    office.say(office.chen, **dict.fromkeys(ALL_A, "D"))
    assert CorrectiveAction.objects.count() == 5
    assert Notice.objects.count() == 2


def test_the_same_post_twice_changes_nothing(office: Office) -> None:
    first = office.say(office.chen, key="form", delivery="D")
    before = version_of(office), Notice.objects.count(), CaseEvent.objects.count()
    again = office.say(office.chen, key="form", at=DUE + 2 * HOUR, delivery="D")
    assert not again.is_new
    assert again.answer == first.answer
    assert Answer.objects.count() == CorrectiveAction.objects.count() == 1
    assert (version_of(office), Notice.objects.count(), CaseEvent.objects.count()) == before


def test_the_same_words_through_another_form_change_nothing(office: Office) -> None:
    office.say(office.chen, delivery="D", quality="A")
    assert not office.say(office.chen, quality="A", delivery="D").is_new
    assert Answer.objects.count() == 1


def test_a_late_duplicate_of_an_earlier_form_does_not_undo_the_newer_one(office: Office) -> None:
    office.say(office.chen, key="first", delivery="D")
    newer = office.say(office.chen, key="second", delivery="A-")
    late = office.say(office.chen, key="first", delivery="D")
    assert not late.is_new
    assert late.answer == newer.answer
    assert letters(Answer.objects.get(superseded_at=None)) == {"delivery": "A-"}


def test_who_changes_his_mind_back_on_the_same_form_is_heard(office: Office) -> None:
    for letter in ("D", "B", "D"):
        assert office.say(office.chen, key="form", delivery=letter).is_new
    assert letters(Answer.objects.get(superseded_at=None)) == {"delivery": "D"}
    assert Answer.objects.count() == 3


def test_every_version_is_kept_and_one_is_current(office: Office) -> None:
    for hour, letter in enumerate(("B", "B+", "A"), start=1):
        office.say(office.chen, at=DUE + hour * HOUR, delivery=letter)
    versions = Answer.objects.order_by("pk")
    assert [letters(version) for version in versions] == [{"delivery": each} for each in ("B", "B+", "A")]
    assert [version.superseded_at for version in versions] == [DUE + 2 * HOUR, DUE + 3 * HOUR, None]
    assert [grade.superseded_at for grade in AnswerGrade.objects.order_by("pk")] == [
        version.superseded_at for version in versions
    ]
    assert office.invitation(office.chen).answered_at == DUE + HOUR


def test_what_did_not_apply_is_superseded_too(office: Office) -> None:
    token = issue_token(office.invitation(office.chen), now=DUE)
    for hour, absent in enumerate(({"support"}, set()), start=1):
        facts = AnswerFacts(grades={"quality": "A"}, not_applicable=frozenset(absent))
        record_answer(token=token, facts=facts, idempotency_key=f"{hour}", now=DUE + hour * HOUR)
    assert [each.superseded_at for each in AnswerNotApplicable.objects.all()] == [DUE + 2 * HOUR]


def test_an_edit_from_d_to_b_and_back_keeps_the_case(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.chen, delivery="B")
    case = office.case()
    assert (case.state, case.grades.count()) == ("open", 1)
    office.say(office.chen, delivery="D")
    assert CorrectiveAction.objects.count() == 1
    assert events(office.case()) == ["opened", "attached"]
    assert office.case().grades.count() == 2


def test_a_low_grade_kept_in_a_new_version_stays_in_its_case_without_a_new_event(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.chen, delivery="D", quality="B")
    assert events(office.case()) == ["opened"]
    assert office.case().grades.filter(superseded_at=None).count() == 1
    assert Notice.objects.count() == 2


def test_an_answer_after_closing_is_marked_late(office: Office) -> None:
    assert not office.say(office.chen, at=CLOSED - SECOND, quality="A").answer.is_late
    assert office.say(office.chen, at=CLOSED, quality="B").answer.is_late
    assert office.say(office.li, at=EXPIRED - SECOND, delivery="D").answer.is_late
    assert office.case().opened_by.is_late


def refused(
    office: Office, *, at: dt.datetime = DUE + HOUR, token: str | None = None, **facts: object
) -> str:
    """The code with which it is refused; nothing was written."""
    given = {"grades": {"delivery": "D"}, **facts}
    week, key = given.pop("week", None), given.pop("key", "form")
    link = issue_token(office.invitation(office.chen), now=DUE) if token is None else token
    with pytest.raises(ValidationError) as error:
        record_answer(
            token=link,
            facts=AnswerFacts(**given),  # type: ignore[arg-type]
            idempotency_key=key,  # type: ignore[arg-type]
            now=at,
            week=week,  # type: ignore[arg-type]
        )
    assert not Answer.objects.exists()
    assert not AnswerGrade.objects.exists()
    assert not CorrectiveAction.objects.exists()
    assert not Notice.objects.exists()
    ((field, (problem,)),) = error.value.error_dict.items()
    return f"{field}: {problem.code}"


def test_wrong_links_are_refused(office: Office) -> None:
    assert refused(office, at=EXPIRED) == "token: expired"
    assert refused(office, week=WEEK + 7 * DAY) == "token: other_week"
    for token in ("", "x", "\x00", "\ud800", "x" * 5_000_000, InvitationToken.objects.first().sha256):
        assert refused(office, token=token) == "token: unknown"


def test_a_link_answers_its_own_week_only(office: Office) -> None:
    office.invite(WEEK + 7 * DAY)
    office.say(office.chen, at=DUE + 7 * DAY, quality="B")
    assert Answer.objects.get().week_id == WEEK
    assert office.invitation(office.chen, WEEK + 7 * DAY).answered_at is None


def test_wrong_grades_are_refused(office: Office) -> None:
    assert refused(office, grades={"delivery": "E"}) == "grades: unknown_grade"
    assert refused(office, grades={"delivery": ""}) == "grades: unknown_grade"
    assert refused(office, grades={"delivery": "a"}) == "grades: unknown_grade"
    assert refused(office, grades={"price": "A"}) == "grades: unknown_dimension"
    assert refused(office, not_applicable=frozenset({"price"})) == "grades: unknown_dimension"
    assert refused(office, dimension_comments={"price": "x"}) == "grades: unknown_dimension"
    assert refused(office, not_applicable=frozenset({"delivery"})) == "grades: both"
    assert refused(office, grades={}, comment=" ") == "grades: empty"


def test_wrong_comments_and_keys_are_refused(office: Office) -> None:
    assert refused(office, comment="x" * 4_001) == "comment: too_long"
    assert refused(office, comment="x" * 5_000_000) == "comment: too_long"
    assert refused(office, dimension_comments={"delivery": "x" * 4_001}) == "comment: too_long"
    assert refused(office, comment="nul \x00") == "comment: not_text"
    assert refused(office, comment="half \ud800") == "comment: not_text"
    for key in ("", "x" * 65, "\x00", "é"):
        assert refused(office, key=key) == "idempotency_key: key"


def test_the_longest_comment_is_kept_to_the_last_character(office: Office) -> None:
    comment = "客" * 3_999 + "🙂"
    assert office.say(office.chen, quality="A", comment=comment).answer.comment == comment
    assert Answer.objects.get().comment == comment


def test_a_comment_or_only_what_does_not_apply_is_an_answer(office: Office) -> None:
    assert office.say(office.chen, comment="On holiday").is_new
    token = issue_token(office.invitation(office.li), now=DUE)
    facts = AnswerFacts(grades={}, not_applicable=frozenset(ALL_A))
    assert record_answer(token=token, facts=facts, idempotency_key="k", now=DUE + HOUR).is_new
    assert office.invitation(office.li).answered_at


def test_an_answer_takes_few_queries_whatever_it_says(
    office: Office, django_assert_num_queries: object
) -> None:
    tokens = [issue_token(office.invitation(contact), now=DUE) for contact in (office.chen, office.li)]

    def post(token: str, grades: dict[str, str], key: str) -> None:
        record_answer(token=token, facts=AnswerFacts(grades=grades), idempotency_key=key, now=DUE + HOUR)

    with django_assert_num_queries(12):  # type: ignore[operator]
        post(tokens[0], ALL_A, "first answer")
    with django_assert_num_queries(15):  # type: ignore[operator]
        post(tokens[0], ALL_A | {"quality": "B"}, "edit")
    with django_assert_num_queries(21):  # type: ignore[operator]
        post(tokens[1], dict.fromkeys(ALL_A, "D"), "five low grades")
