"""What the pages ask: the respondent's form, the week's board, readings for the index."""

from __future__ import annotations

import datetime as dt

from accounts import access
from accounts.projects.models import Project
from accounts.surveys.models import CorrectiveAction
from accounts.surveys.queries import (
    Cell,
    invitation_by_token,
    open_cases,
    survey_page,
    week_board,
)
from accounts.surveys.services import (
    AnswerFacts,
    acknowledge_case,
    issue_token,
    make_invitations,
    name_respondent,
    record_answer,
)
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, project_of
from tests.conftest import MONDAY

NEXT = WEEK + 7 * DAY
LATER = DUE + 30 * DAY


def projects() -> object:
    return Project.objects.order_by("pk")


def cell(office: Office, dimension: str, week: dt.date = WEEK) -> Cell:
    board = week_board(Project.objects.filter(pk=office.project.pk), week)
    position = [each.code for each in board.dimensions].index(dimension)
    return board.rows[0].cells[position]


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


def test_the_board_shows_grades_changes_silence_and_cases(office: Office) -> None:
    office.say(office.chen, delivery="B", quality="A")
    office.say(office.li, delivery="A")
    office.invite(NEXT)
    office.say(office.chen, at=DUE + 7 * DAY, week=NEXT, delivery="D", quality="A", comment="Late")
    board = week_board(Project.objects.filter(pk=office.project.pk), NEXT)
    assert [each.code for each in board.dimensions] == [
        "quality",
        "delivery",
        "communication",
        "service",
        "support",
    ]
    (row,) = board.rows
    assert (row.invited, row.answered, row.worst_change) == (2, 1, -3)
    assert [(each.name, each.last_answered_at) for each in row.silent] == [("Li", DUE + HOUR)]
    assert row.comments == {office.chen.pk: "Late"}
    delivery, quality, service = (cell(office, code, NEXT) for code in ("delivery", "quality", "service"))
    assert delivery.lowest is not None
    assert (delivery.lowest.letter, delivery.change, delivery.case) == ("D", -3, office.case())
    assert (quality.change, quality.case) == (0, None)
    assert (service.lowest, service.change) == (None, None)
    before = cell(office, "delivery")
    assert [grade.letter for grade in before.grades] == ["B", "A"]
    assert before.change is None


def test_only_the_current_version_is_on_the_board(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.chen, delivery="B")
    assert [grade.letter for grade in cell(office, "delivery").grades] == ["B"]
    assert cell(office, "delivery").case == office.case()


def test_the_board_takes_four_queries_for_one_project_and_for_thirty(
    office: Office, django_assert_num_queries: object
) -> None:
    def read() -> int:
        board = week_board(projects(), WEEK)  # type: ignore[arg-type]
        shown = 0
        for row in board.rows:
            for each in row.cells:
                shown += sum(bool(row.people[grade.contact_id]) for grade in each.grades)
                shown += bool(each.case and each.case.owner.name)
            shown += len([silent.name for silent in row.silent])
            assert row.project.customer == "Huaxing Electronics"
            assert row.project.manager == "Manager"
        return shown

    office.say(office.chen, delivery="D")
    with django_assert_num_queries(4):  # type: ignore[operator]
        assert read() == 3
    for number in range(29):
        project = project_of(office.world, f"Project {number}")
        name_respondent(project=project, contact=office.chen, author=None, now=MONDAY)
    make_invitations(WEEK, now=DUE)
    with django_assert_num_queries(4):  # type: ignore[operator]
        assert read() == 32


def test_open_cases_are_those_of_the_projects_that_come_in(
    office: Office, django_assert_num_queries: object
) -> None:
    office.say(office.chen, delivery="D", quality="C")
    acknowledge_case(office.case(), by=office.world.manager, now=DUE + 2 * HOUR)
    mine = access.visible_projects(office.world.manager)
    with django_assert_num_queries(1):  # type: ignore[operator]
        cases = list(open_cases(mine))
        shown = [
            (case.dimension.code, case.owner.name, case.project.name, case.customer.short_name)
            for case in cases
        ]
    assert shown == [
        ("quality", "Manager", "Line 4", "Huaxing Electronics"),
        ("delivery", "Manager", "Line 4", "Huaxing Electronics"),
    ]
    assert not open_cases(access.visible_projects(office.world.stranger)).exists()
    office.say(office.chen, at=DUE + 3 * HOUR, delivery="A", quality="A")
    assert not open_cases(mine).exists()
    assert CorrectiveAction.objects.count() == 2
