"""What the respondent's form asks."""

from __future__ import annotations

from accounts.surveys.queries import invitation_by_token, survey_page
from accounts.surveys.services import (
    AnswerFacts,
    acknowledge_case,
    issue_token,
    record_answer,
)
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office

NEXT = WEEK + 7 * DAY
LATER = DUE + 30 * DAY


def test_a_link_finds_its_invitation(office: Office) -> None:
    invitation = office.invitation(office.chen)
    token = issue_token(invitation, now=DUE)
    assert invitation_by_token(token) == invitation
    for wrong in ("", token[:-1], token + "x", "\ud800", "x" * 300):
        assert invitation_by_token(wrong) is None


def test_the_form_shows_last_week_and_what_came_of_it_in_three_queries(
    office: Office, django_assert_num_queries: object
) -> None:
    office.say(office.chen, delivery="D", quality="A", comment="Late again")
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="D", quality="A-", comment="Late again")
    office.say(office.li, delivery="A")
    acknowledge_case(office.case(), by=office.world.manager, now=DUE + 3 * HOUR)
    office.invite(NEXT)
    token = issue_token(office.invitation(office.chen, NEXT), now=DUE)
    with django_assert_num_queries(3):  # type: ignore[operator]
        page = survey_page(invitation_by_token(token))  # type: ignore[arg-type]
        assert page.invitation.contact.name == "Chen"
        assert page.invitation.project.name == "Line 4"
        assert page.form.dimensions[1].dimension.code == "delivery"
    assert [grade.letter for grade in page.form.grades] == ["A", "A-", "B+", "B", "B-", "C", "D"]
    assert page.current is None
    assert page.last is not None
    assert (page.last.week, page.last.comment) == (WEEK, "Late again")
    assert page.last.grades["quality"].letter == "A-"
    assert page.last.grades["quality"].case_state is None
    assert page.last.grades["delivery"].case_state == "acknowledged"
    assert page.last.grades["delivery"].case_id == office.case().pk


def test_the_form_shows_what_was_said_this_week(office: Office) -> None:
    token = issue_token(office.invitation(office.chen), now=DUE)
    facts = AnswerFacts(
        grades={"quality": "B"},
        not_applicable=frozenset({"support"}),
        dimension_comments={"quality": "Scratches"},
    )
    record_answer(token=token, facts=facts, idempotency_key="k", now=DUE + HOUR)
    page = survey_page(office.invitation(office.chen))
    assert page.current is not None
    assert page.last is None
    assert page.current.not_applicable == {"support"}
    assert page.current.grades["quality"].comment == "Scratches"
