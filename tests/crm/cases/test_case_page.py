"""What the page of a corrective action shows, and to whom."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.customers.models import Customer
from accounts.projects.models import Project
from accounts.projects.services import create_project
from accounts.surveys.models import CaseEvent, CaseState, CorrectiveAction
from accounts.surveys.services import acknowledge_case, advance_case, plan_case
from crm.queries.cases import Running, clock_of, steps_of
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office
from tests.conftest import World
from tests.crm.cases.casework import LATER, NEXT, NOW, address, again, kinds


def test_the_page_says_who_complained_when_about_what_and_what_runs(
    manager: Client, case: CorrectiveAction
) -> None:
    page = manager.get(address(case)).content.decode()
    for words in (
        "On-time delivery",
        "Chen",
        "Week of <time",
        "Three days late.<br>Again.",
        "Overdue: acknowledge",
    ):
        assert words in page
    for link in (
        f"/customers/{case.customer_id}",
        f"/projects/{case.project_id}",
        "/satisfaction/?week=2026-W10",
    ):
        assert f'href="{link}"' in page
    assert "Nobody of ours can." in page
    assert "grade of B+ or better" in page


def test_who_only_reads_sees_everything_and_no_form(case: CorrectiveAction, world: World) -> None:
    reader = Client()
    reader.force_login(world.executive)
    page = reader.get(address(case))
    assert "forms" not in page.context
    assert "Three days late." in page.content.decode()
    assert f'action="{address(case)}' not in page.content.decode()


def test_an_edited_grade_is_marked_with_what_it_says_now(
    manager: Client, office: Office, case: CorrectiveAction
) -> None:
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="B")
    page = manager.get(address(case))
    (grade,) = page.context["record"].complaints
    assert (grade.grade.letter, grade.now_letter, grade.superseded_at) == ("D", "B", DUE + 2 * HOUR)
    assert "changed to B since" in page.content.decode()


def test_a_case_that_was_opened_again_keeps_the_grades_of_the_round_before_apart(
    manager: Client, office: Office, case: CorrectiveAction
) -> None:
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="A")
    office.invite(NEXT)
    office.say(office.li, at=DUE + 7 * DAY + HOUR, week=NEXT, delivery="C")
    page = manager.get(address(case))
    record = page.context["record"]
    assert [grade.grade.letter for grade in record.complaints] == ["C"]
    assert [grade.grade.letter for grade in record.earlier] == ["D"]
    assert "Opened again" in page.content.decode()


def test_other_open_cases_of_the_project_are_named(manager: Client, office: Office) -> None:
    office.say(office.chen, delivery="D", quality="C", communication="C")
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="D", quality="C", communication="A")
    others = manager.get(address(office.case())).context["record"].others
    assert [case.dimension.code for case in others] == ["quality"]


def test_the_case_of_a_customer_that_was_merged_is_gone_without_a_crash(
    manager: Client, case: CorrectiveAction, world: World
) -> None:
    Customer.objects.filter(pk=world.customer.pk).update(merged_into=world.foreign)
    assert manager.get(address(case)).status_code == 404
    assert manager.post(address(case, "acknowledge")).status_code == 404
    assert manager.get("/cases/").status_code == 200
    assert kinds(case) == ["opened"]


def test_a_project_with_another_manager_is_worked_on_by_him_and_the_old_one_keeps_what_he_owns(
    manager: Client, case: CorrectiveAction, world: World
) -> None:
    Project.objects.filter(pk=case.project_id).update(manager=world.stranger)
    assert manager.get(address(case)).status_code == 200
    CorrectiveAction.objects.filter(pk=case.pk).update(owner=world.stranger)
    assert manager.post(address(case, "acknowledge")).status_code == 404
    client = Client()
    client.force_login(world.stranger)
    assert client.post(address(case, "acknowledge")).status_code == 302


def test_the_log_takes_as_many_queries_for_thirty_entries_as_for_three(
    manager: Client, case: CorrectiveAction
) -> None:
    counts = []
    for number in (3, 30):
        CaseEvent.objects.bulk_create(
            CaseEvent(
                case=case,
                customer_id=case.customer_id,
                kind="commented",
                author=case.owner,
                comment=f"Entry {index}",
                known_at=DUE,
            )
            for index in range(number)
        )
        with CaptureQueriesContext(connection) as queries:
            manager.get(address(case))
        counts.append(len(queries))
    assert counts[0] == counts[1] < 30


def test_a_long_log_is_paged_and_the_fragment_holds_only_entries(
    manager: Client, case: CorrectiveAction
) -> None:
    CaseEvent.objects.bulk_create(
        CaseEvent(
            case=case, customer_id=case.customer_id, kind="commented", comment=f"Entry {index}.", known_at=DUE
        )
        for index in range(60)
    )
    log = manager.get(address(case)).context["log"]
    assert len(log.rows) == 50
    headers = {"HX-Request": "true", "HX-Target": "log"}
    page = manager.get(address(case), {"after": log.older}, headers=headers).content.decode()
    assert "<html" not in page
    assert "Entry 9." in page
    assert "Entry 10." not in page


@pytest.mark.parametrize(
    ("state", "fields", "running", "is_overdue"),
    [
        ("open", {}, Running.ACKNOWLEDGE, False),
        ("open", {"acknowledge_by": DUE}, Running.ACKNOWLEDGE, True),
        ("acknowledged", {}, Running.PLAN, False),
        ("acknowledged", {"plan_by": DUE}, Running.PLAN, True),
        ("planned", {"solve_by": DUE.date()}, Running.SOLVE, False),
        ("planned", {"solve_by": DUE.date() - DAY}, Running.SOLVE, True),
        ("contained", {"plan_by": DUE}, Running.PLAN, True),
        ("cause_found", {"solve_by": DUE.date()}, Running.SOLVE, False),
        ("corrected", {"corrected_at": DUE, "solve_by": DUE.date() - DAY}, Running.CUSTOMER, False),
        ("confirmed", {"closed_at": DUE}, Running.NOTHING, False),
    ],
)
def test_the_clock_that_runs(
    state: str, fields: dict[str, object], running: Running, is_overdue: bool
) -> None:
    times = {"acknowledge_by": DUE + DAY, "plan_by": DUE + 3 * DAY}
    case = CorrectiveAction(state=state, **(times | fields))
    clock = clock_of(case, DUE + HOUR)
    assert (clock.running, clock.is_overdue) == (running, is_overdue)


def test_a_step_that_was_passed_over_says_so(case: CorrectiveAction) -> None:
    acknowledge_case(case, by=case.owner, now=DUE + 2 * HOUR)
    advance_case(case, to=CaseState.CORRECTED, by=case.owner, comment="Replaced.", now=DUE + 3 * HOUR)
    steps = steps_of(again(case))
    assert [one.is_passed_over for one in steps] == [False, False, True, True, True, False, False]
    assert [one.is_current for one in steps].index(True) == 5
    assert steps[-1].at is None


def test_the_log_calls_a_complaint_that_was_taken_back_a_changed_grade(
    manager: Client, office: Office, case: CorrectiveAction
) -> None:
    acknowledge_case(case, by=case.owner, now=DUE + 2 * HOUR)
    office.say(office.chen, delivery="B+", at=DUE + 3 * HOUR)
    page = manager.get(address(case)).content.decode()
    log = page[page.index('id="log"') :]
    assert "Grade changed by the customer" in log
    assert "Confirmed by the customer" not in log
    notice = manager.get("/notices/").content.decode()
    assert f"Chen changed the grade to B+: CA-{case.pk}, On-time delivery, Line 4." in notice


def test_the_log_calls_it_confirmed_once_we_did_something(
    manager: Client, office: Office, case: CorrectiveAction
) -> None:
    acknowledge_case(case, by=case.owner, now=DUE + 2 * HOUR)
    advance_case(case, to=CaseState.CONTAINED, by=case.owner, comment="Sorted.", now=DUE + 3 * HOUR)
    office.say(office.chen, delivery="B+", at=DUE + 4 * HOUR)
    page = manager.get(address(case)).content.decode()
    log = page[page.index('id="log"') :]
    assert "Confirmed by the customer" in log
    assert "Grade changed by the customer" not in log


def test_the_plan_of_the_page_is_the_latest(manager: Client, case: CorrectiveAction) -> None:
    for words in ("First plan.", "Second plan."):
        plan_case(case, by=case.owner, plan=words, solve_by=LATER, now=NOW)
    assert manager.get(address(case)).context["record"].plan.comment == "Second plan."


def test_a_project_manager_does_not_see_the_case_of_a_colleague_at_the_same_customer(
    case: CorrectiveAction, world: World
) -> None:
    create_project(customer=world.customer, name="Line 5", manager=world.stranger, started_on=WEEK, now=DUE)
    client = Client()
    client.force_login(world.stranger)
    assert client.get(f"/customers/{world.customer.pk}").status_code == 200
    assert client.get(address(case)).status_code == 404
    assert client.post(address(case, "comment"), {"comment": "x"}).status_code == 404
