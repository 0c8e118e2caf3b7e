"""The list of corrective actions: by clock, filtered, exported."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.surveys.models import CaseState, CorrectiveAction, SurveyDimension
from accounts.surveys.services import acknowledge_case, advance_case, assign_case, plan_case
from crm.queries.cases import all_cases, clock_of, overdue, page_of_cases, with_due_at
from crm.queries.today import scope_of, today_of
from tests.accounts.occasions.shop import shop_of
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office
from tests.conftest import customer_of
from tests.crm.cases.casework import LATER, NOW

CODES = ("quality", "delivery", "communication")


def shown(client: Client, **query: object) -> list[str]:
    return [case.dimension.code for case in client.get("/cases/", query).context["page"].rows]


def complain(office: Office, **grades: str) -> None:
    office.say(office.chen, **grades)  # type: ignore[arg-type]


def copies(office: Office, number: int) -> None:
    """So many more closed cases of the same complaint: its grades stay with the first."""
    first = CorrectiveAction.objects.earliest("pk")
    CorrectiveAction.objects.bulk_create(
        CorrectiveAction(
            customer_id=first.customer_id,
            project_id=first.project_id,
            dimension_id=first.dimension_id,
            programme_version_id=first.programme_version_id,
            opened_by_id=first.opened_by_id,
            owner_id=first.owner_id,
            state=CaseState.CONFIRMED,
            opened_at=DUE,
            acknowledge_by=DUE + DAY,
            plan_by=DUE + 3 * DAY,
            closed_at=DUE + index * HOUR,
            known_at=DUE,
        )
        for index in range(number)
    )


def test_an_empty_list_says_that_nothing_low_stands_unanswered(manager: Client, office: Office) -> None:
    page = manager.get("/cases/").content.decode()
    assert "Nothing low stands unanswered" in page
    assert "No corrective action is like this" in manager.get("/cases/?whose=mine").content.decode()


def test_the_filter_offers_what_the_weekly_survey_asks(manager: Client, office: Office) -> None:
    """Low grades of other surveys open complaints, no corrective actions."""
    shop_of(office.world)
    asked = set(SurveyDimension.objects.filter(programme__is_weekly=True).values_list("code", flat=True))
    assert SurveyDimension.objects.exclude(code__in=asked).exists()
    for page in ("/cases/", "/cases/board"):
        choices = manager.get(page).context["filters"].fields["dimension"].choices
        assert {code for code, _name in choices} == asked | {""}


def test_the_clock_that_is_over_longest_comes_first_and_who_waits_for_the_customer_last(
    manager: Client, office: Office
) -> None:
    complain(office, quality="D", delivery="D", communication="C", service="C")
    quality, delivery, communication, service = (
        office.case(code) for code in ("quality", "delivery", "communication", "service")
    )
    by = office.world.manager
    acknowledge_case(quality, by=by, now=DUE + 2 * HOUR)
    advance_case(quality, to=CaseState.CORRECTED, by=by, comment="Replaced.", now=DUE + 3 * HOUR)
    acknowledge_case(delivery, by=by, now=DUE + 2 * HOUR)
    plan_case(communication, by=by, plan="Call weekly.", solve_by=LATER, now=NOW)
    assert service.acknowledge_by < delivery.plan_by
    assert shown(manager) == ["service", "delivery", "communication", "quality"]


def test_the_instant_in_sql_is_the_clock_of_the_page(office: Office) -> None:
    """With every state and both sides of each instant: a list and its chips never disagree."""
    complain(office, quality="D", delivery="D", communication="C", service="C", support="C")
    by, now = office.world.manager, DUE + 2 * HOUR
    acknowledge_case(office.case("delivery"), by=by, now=now)
    plan_case(office.case("communication"), by=by, plan="Call.", solve_by=now.date(), now=now)
    acknowledge_case(office.case("service"), by=by, now=now)
    advance_case(office.case("service"), to=CaseState.CONTAINED, by=by, comment="Sorted.", now=now)
    acknowledge_case(office.case("support"), by=by, now=now)
    advance_case(office.case("support"), to=CaseState.CORRECTED, by=by, comment="Done.", now=now)
    cases = CorrectiveAction.objects.all()
    instants = set(with_due_at(cases).values_list("due_at", flat=True)) - {None}
    assert len(instants) == 3
    for instant in instants:
        for at in (instant - dt.timedelta(seconds=1), instant):
            expected = {case.pk for case in cases if clock_of(case, at).is_overdue}
            assert set(overdue(cases, at).values_list("pk", flat=True)) == expected


def test_the_list_is_narrowed_by_owner_state_clock_dimension_and_customer(
    manager: Client, office: Office
) -> None:
    complain(office, quality="D", delivery="D", communication="C")
    world = office.world
    assign_case(office.case("quality"), owner=world.owner, by=world.manager, now=DUE + 2 * HOUR)
    plan_case(office.case("delivery"), by=world.manager, plan="Slots.", solve_by=LATER, now=NOW)
    assert sorted(shown(manager)) == ["communication", "delivery", "quality"]
    assert sorted(shown(manager, whose="mine")) == ["communication", "delivery"]
    assert shown(manager, state="planned") == ["delivery"]
    assert sorted(shown(manager, clock="overdue")) == ["communication", "quality"]
    assert shown(manager, dimension="quality") == ["quality"]
    assert len(shown(manager, customer=world.customer.pk)) == 3
    assert shown(manager, customer=world.foreign.pk) == []
    assert shown(manager, customer="x") == shown(manager, state="solved") == []
    assert "Select a valid choice" in manager.get("/cases/?state=solved").content.decode()


def test_the_filter_by_customer_outlives_another_filter(manager: Client, office: Office) -> None:
    complain(office, quality="D")
    page = manager.get("/cases/", {"customer": office.world.customer.pk}).content.decode()
    assert f'<input type="hidden" name="customer" value="{office.world.customer.pk}">' in page


def test_closed_ones_are_listed_on_demand_the_latest_first(manager: Client, office: Office) -> None:
    complain(office, quality="D", delivery="D")
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="A", quality="D")
    office.say(office.chen, at=DUE + 3 * HOUR, delivery="A", quality="B+")
    assert shown(manager) == []
    assert shown(manager, state="confirmed") == ["quality", "delivery"]


def test_pages_of_closed_ones_hold_every_one_once(manager: Client, office: Office) -> None:
    complain(office, delivery="D")
    copies(office, 120)
    seen: list[int] = []
    query = {"state": "confirmed"}
    while True:
        page = manager.get("/cases/", query).context["page"]
        assert (page.count, page.count_is_exact) == (120, True)
        seen += [case.pk for case in page.rows]
        if page.older is None:
            break
        query["after"] = page.older
    assert len(seen) == len(set(seen)) == 120


def test_a_page_takes_as_many_queries_for_thirty_cases_as_for_three(manager: Client, office: Office) -> None:
    complain(office, delivery="D")
    counts = []
    for number in (3, 30):
        copies(office, number)
        with CaptureQueriesContext(connection) as queries:
            manager.get("/cases/", {"state": "confirmed"})
        counts.append(len(queries))
    assert counts[0] == counts[1] < 20


def test_open_rows_have_a_button_that_leads_back_to_the_same_list(manager: Client, office: Office) -> None:
    complain(office, delivery="D")
    page = manager.get("/cases/?whose=mine").content.decode()
    assert f'action="/cases/{office.case().pk}/acknowledge"' in page
    assert '<input type="hidden" name="next" value="/cases/?whose=mine">' in page
    reader = Client()
    reader.force_login(office.world.executive)
    assert "/acknowledge" not in reader.get("/cases/").content.decode()


def test_htmx_gets_the_list_without_the_page(manager: Client, office: Office) -> None:
    fragment = manager.get("/cases/", headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert "HX-Request" in fragment["Vary"]


def test_everybody_lists_what_he_sees(office: Office) -> None:
    complain(office, delivery="D")
    world = office.world
    customer_of(world.stranger, "Elsewhere")
    seen = {}
    for name, user in world.users.items():
        client = Client()
        client.force_login(user)
        seen[name] = len(shown(client))
    nobody = {"stranger", "mate"}
    assert seen == {name: 0 if name in nobody else 1 for name in world.users}


def test_the_export_holds_what_the_list_shows(manager: Client, office: Office) -> None:
    complain(office, quality="D", delivery="D")
    plan_case(office.case("delivery"), by=office.world.manager, plan="Slots.", solve_by=LATER, now=NOW)
    answer = manager.get("/cases/export.csv", {"state": "planned"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    head, row = text.splitlines()
    assert head.startswith("Number,Customer,Project,Dimension,Grade,Lowest grade,State,Until,Overdue,Owner")
    number = f"CA-{office.case('delivery').pk}"
    assert row.startswith(
        f"{number},Huaxing Electronics,Line 4,On-time delivery,D,D,Planned,{LATER},,Manager,"
    )


def test_a_case_has_the_grade_that_stands_and_was_said_last(manager: Client, office: Office) -> None:
    complain(office, delivery="D")
    office.say(office.li, at=DUE + 2 * HOUR, delivery="C")
    (row,) = manager.get("/cases/").context["page"].rows
    (section,) = today_of(scope_of(office.world.manager, now=DUE + DAY, today=DUE.date())).sections
    assert (row.letter, row.lowest) == (section.items[0].letter, "D") == ("C", "D")
    for address in ("/cases/", "/cases/board"):
        page = manager.get(address).content.decode()
        said = page[page.index('class="case-lowest"') :]
        assert (
            said.index("grade-d") < said.index(f"CA-{row.pk}")
            if address == "/cases/board"
            else "grade-d" in said
        )
    office.say(office.li, at=DUE + 3 * HOUR, delivery="A")
    (row,) = manager.get("/cases/").context["page"].rows
    assert (row.letter, row.lowest) == ("D", "D")


def test_the_whole_list_is_read_in_the_order_of_its_pages(office: Office) -> None:
    complain(office, **dict.fromkeys(CODES, "D"))
    copies(office, 60)
    cases = CorrectiveAction.objects.all()
    every = [case.pk for case in all_cases(cases)]
    assert len(every) == 63
    assert every[:50] == [case.pk for case in page_of_cases(cases).rows]
