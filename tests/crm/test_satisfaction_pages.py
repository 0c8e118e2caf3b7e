"""The weekly review: who sees which projects, what a cell tells, its export and how it renews itself."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.customers.models import Customer, Stage
from accounts.projects.models import FunctionalRole, Project, ProjectMember
from accounts.surveys.models import RespondentState
from accounts.surveys.services import (
    acknowledge_case,
    change_respondent,
    make_invitations,
    name_respondent,
    plan_case,
    publish_version,
)
from accounts.surveys.standard import STANDARD
from accounts.surveys.weeks import is_ahead, monday_of
from accounts.users.models import Role, User
from crm.queries import boards
from crm.queries.boards import ReviewRow
from crm.views.satisfaction import code_of
from tests.accounts.surveys.office import (
    CLOSED,
    DAY,
    DUE,
    HOUR,
    WEEK,
    Office,
    contact_of,
    office_of,
    project_of,
)
from tests.conftest import MONDAY, World, person

NEXT = WEEK + 7 * DAY
HTMX = {"HX-Request": "true"}
MOST_QUERIES = 12


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    found.invite()
    return found


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager(world: World) -> Client:
    return as_(world.manager)


def shown(client: Client, query: str = "") -> list[ReviewRow]:
    answer = client.get(f"/satisfaction/{query}")
    assert answer.status_code == 200
    return list(answer.context["page"].rows)


def names(client: Client, query: str = "") -> list[str]:
    """The projects on the page, from top to bottom, as the page itself says them."""
    html = client.get(f"/satisfaction/{query}").content.decode()
    found = re.findall(r'<a id="project-\d+"[^>]*>([^<]*)</a>', html)
    assert found == [row.project.name for row in shown(client, query)]
    return found


def asked(office: Office, name: str, manager: User | None = None) -> Project:
    """Another project of the customer, about which Chen is asked as well."""
    project = project_of(office.world, name)
    if manager:
        Project.objects.filter(pk=project.pk).update(manager=manager)
    name_respondent(project=project, contact=office.chen, author=None, now=MONDAY)
    make_invitations(WEEK, now=DUE)
    return project


def exported(client: Client, query: str = "") -> list[list[str]]:
    answer = client.get(f"/satisfaction/export.csv{query}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


# -- What it shows -------------------------------------------------------------------------------------


def test_the_latest_week_with_letters_changes_words_and_silence(office: Office, manager: Client) -> None:
    office.say(office.chen, delivery="B", quality="A")
    office.say(office.li, delivery="A")
    office.invite(NEXT)
    office.say(
        office.chen, at=DUE + 7 * DAY, week=NEXT, delivery="D", quality="A", comment="Three days late again"
    )
    (row,) = shown(manager)
    html = manager.get("/satisfaction/").content.decode()
    assert "Week 11 of 2026" in html
    cells = {cell.dimension.code: cell for cell in row.cells}
    assert (cells["delivery"].cell.letter, cells["delivery"].cell.change) == ("D", -3)
    assert (cells["quality"].cell.letter, cells["quality"].cell.change) == ("A", 0)
    assert (row.week.answered, row.week.invited, row.week.is_too_few, row.week.index) == (1, 2, True, 0.0)
    assert [waiting.name for waiting in row.waiting] == ["Li"]
    for words in ("below zero is worse", "1 of 2", "reference only", "open corrective action", "−3"):
        assert words in html
    behind = manager.get(f"/satisfaction/open?cell={cells['delivery'].cell.project_id}.0&week=2026-W11")
    assert "Three days late again" in behind.content.decode()
    delivery = f"{office.project.pk}.{cells['delivery'].dimension.pk}"
    behind = manager.get(f"/satisfaction/open?cell={delivery}&week=2026-W11")
    assert f'href="/cases/{office.case().pk}"' in behind.content.decode()


def test_several_respondents_and_a_late_answer_stand_behind_the_letter(
    office: Office, manager: Client
) -> None:
    office.say(office.chen, delivery="C")
    office.say(office.li, at=CLOSED + HOUR, delivery="A-")
    (row,) = shown(manager)
    (delivery,) = [cell for cell in row.cells if cell.dimension.code == "delivery"]
    assert (delivery.cell.letter, delivery.cell.voices, delivery.cell.is_late) == ("C", 2, True)
    assert delivery.cell.has_more
    cell = f"{office.project.pk}.{delivery.dimension.pk}"
    assert f'<button name="cell" value="{cell}">' in manager.get("/satisfaction/").content.decode()
    answer = manager.get(f"/satisfaction/open?week=2026-W10&cell={cell}", headers=HTMX)
    told = [(voice.name, voice.letter, voice.is_late) for voice in answer.context["behind"].voices]
    assert told == [("Chen", "C", False), ("Li", "A-", True)]
    assert "<html" not in answer.content.decode()
    assert "<html" in manager.get(f"/satisfaction/open?week=2026-W10&cell={cell}").content.decode()


def test_an_earlier_week_is_reached_and_does_not_know_later_cases(office: Office, manager: Client) -> None:
    office.say(office.chen, delivery="A")
    office.invite(NEXT)
    office.say(office.chen, at=DUE + 7 * DAY, week=NEXT, delivery="D")
    latest = manager.get("/satisfaction/")
    assert (latest.context["wish"].previous_code, latest.context["review"].open_cases) == ("2026-W10", 1)
    before = manager.get("/satisfaction/?week=2026-W10")
    assert (before.context["wish"].following_code, before.context["review"].open_cases) == ("2026-W11", 0)
    assert before.context["wish"].previous_code == ""


@pytest.mark.parametrize(
    "week", ["2026-W60", "2026-W00", "1999-W01", "2026W10", "soon", "2026-W1", "٢٠٢٦-W10"]
)
def test_a_week_that_the_calendar_lacks_is_no_page(office: Office, manager: Client, week: str) -> None:
    for address in (
        "/satisfaction/",
        "/satisfaction/export.csv",
        f"/projects/{office.project.pk}/satisfaction",
    ):
        assert manager.get(address, {"week": week}).status_code == 404


def test_a_week_that_is_to_come_is_no_page(office: Office, manager: Client) -> None:
    for address in ("/satisfaction/", "/satisfaction/export.csv"):
        assert manager.get(address, {"week": "2099-W10"}).status_code == 404
        assert manager.get(address, {"week": code_of(monday_of(timezone.now().date()))}).status_code == 200


def test_a_week_without_questions_leads_to_the_latest(office: Office, manager: Client) -> None:
    answer = manager.get("/satisfaction/?week=2025-W10")
    assert answer.context["page"].rows == []
    assert "Nobody was asked in this week" in answer.content.decode()


def test_a_week_nobody_was_asked_in_yet_says_when_they_are(office: Office, manager: Client) -> None:
    other = asked(office, "Line 5")
    office.say(office.chen, delivery="D")
    Office(office.world, office.version, other, office.chen, office.li).say(office.chen, delivery="D")
    soon = timezone.now().date() + 30 * DAY
    plan_case(office.case(), by=office.world.manager, plan="Two trucks.", solve_by=soon, now=timezone.now())
    facts = replace(STANDARD, send_weekday=7, send_hour=23)
    publish_version(office.version.programme, facts=facts, author=None, now=MONDAY + 21 * DAY)
    this_week = code_of(monday_of(timezone.now().date()))
    page = manager.get(f"/satisfaction/?week={this_week}").content.decode()
    assert "Not asked yet: the letters go out on Sunday at 23:00, where each respondent is" in page
    rows = page[page.index("<tbody") : page.index("</tbody>")]
    assert "not asked yet" in rows
    assert "<i>not asked yet</i>" in rows
    assert "<i>No answer</i>" not in rows
    assert names(manager, f"?week={this_week}") == ["Line 5", "Line 4"], "overdue comes first"
    before = manager.get("/satisfaction/?week=2026-W11").content.decode()
    assert "not asked yet" not in before.lower()


def test_letters_are_ahead_until_the_last_respondent_has_his(office: Office) -> None:
    friday = DUE.replace(hour=0)
    assert is_ahead(office.version, WEEK, friday)
    assert is_ahead(office.version, WEEK, friday + dt.timedelta(hours=25)), "west of everybody"
    assert not is_ahead(office.version, WEEK, friday + dt.timedelta(hours=26))


def test_wishes_nobody_knows_are_the_default(office: Office, manager: Client) -> None:
    assert names(manager, "?sort=;drop&whose=theirs") == ["Line 4"]


def test_the_worst_fall_comes_first_unless_one_sorts_otherwise(office: Office, manager: Client) -> None:
    falls = {"Always D": ("D", "D"), "Fell to C": ("A", "C"), "Rose": ("C", "A")}
    for name in falls:
        asked(office, name)
    make_invitations(NEXT, now=DUE + 7 * DAY)
    for name, letters in falls.items():
        project = Project.objects.get(name=name)
        there = Office(office.world, office.version, project, office.chen, office.li)
        there.say(office.chen, delivery=letters[0])
        there.say(office.chen, at=DUE + 7 * DAY, week=NEXT, delivery=letters[1])
    assert names(manager) == ["Fell to C", "Always D", "Rose", "Line 4"]
    assert names(manager, "?sort=lowest") == ["Always D", "Fell to C", "Rose", "Line 4"]
    assert names(manager, "?sort=name") == ["Always D", "Fell to C", "Line 4", "Rose"]


def test_what_is_unsolved_comes_before_what_is_quiet(office: Office, manager: Client) -> None:
    for name in ("Silent", "Well", "Dull"):
        there = Office(office.world, office.version, asked(office, name), office.chen, office.li)
        there.say(office.chen, delivery="D" if name == "Silent" else "B")
        make_invitations(NEXT, now=DUE + 7 * DAY)
        if name != "Silent":
            there.say(office.chen, at=DUE + 7 * DAY, week=NEXT, delivery="A" if name == "Well" else "B")
    assert names(manager) == ["Silent", "Dull", "Well", "Line 4"]


# -- Who sees what --------------------------------------------------------------------------------------


def test_everybody_sees_the_projects_his_work_gives_him(office: Office) -> None:
    ProjectMember.objects.create(
        project=office.project, user=office.world.member, functional_role=FunctionalRole.QUALITY
    )
    for name, user in office.world.users.items():
        expected = [] if name in {"stranger", "mate"} else ["Line 4"]
        assert names(as_(user)) == expected, name
        assert [row[1] for row in exported(as_(user))[1:]] == expected, name


def test_a_project_manager_does_not_see_other_projects_of_the_same_customer(
    office: Office, manager: Client
) -> None:
    other = asked(office, "Line 5", manager=person("other", Role.PROJECT_MANAGER))
    assert names(manager, "?whose=all") == ["Line 4"]
    assert names(as_(office.world.owner), "?sort=name") == ["Line 4", "Line 5"]
    for page in ("satisfaction", "respondents"):
        assert manager.get(f"/projects/{other.pk}/{page}").status_code == 404
    assert manager.get(f"/projects/{other.pk}").status_code == 200
    assert "Whom we ask" not in manager.get(f"/projects/{other.pk}").content.decode()


def test_a_lead_sees_all_until_he_manages_a_project_himself(office: Office) -> None:
    asked(office, "Line 5", manager=office.world.mate)
    lead = as_(office.world.lead)
    assert names(lead, "?sort=name") == ["Line 4", "Line 5"]
    assert names(lead, "?whose=mine") == ["Line 5"]
    asked(office, "Line 6", manager=office.world.lead)
    assert names(lead, "?sort=name") == ["Line 5", "Line 6"]
    assert names(lead, "?whose=all&sort=name") == ["Line 4", "Line 5", "Line 6"]
    assert 'name="whose"' in lead.get("/satisfaction/").content.decode()
    assert 'name="whose"' not in as_(office.world.owner).get("/satisfaction/").content.decode()


def test_who_has_no_projects_is_told_so(world: World) -> None:
    assert "Nobody has put you on one yet" in as_(world.stranger).get("/satisfaction/").content.decode()


def test_projects_nobody_is_asked_about_are_listed(world: World) -> None:
    project_of(world, "Line 4")
    answer = as_(world.manager).get("/satisfaction/")
    assert [project.name for project in answer.context["unasked"].shown] == ["Line 4"]
    html = answer.content.decode()
    assert "Nobody has been asked yet" in html
    assert "Say whom to ask" in html
    assert "Say whom to ask" not in as_(world.executive).get("/satisfaction/").content.decode()


def test_a_project_is_unasked_when_nobody_would_get_a_letter(office: Office, manager: Client) -> None:
    def unasked() -> list[str]:
        return [project.name for project in manager.get("/satisfaction/").context["unasked"].shown]

    assert unasked() == []
    for respondent in office.project.respondents.all():
        change_respondent(respondent, state=RespondentState.PAUSED, author=None, now=DUE)
    assert unasked() == ["Line 4"]
    page = manager.get("/satisfaction/")
    assert (page.context["unasked"].count, page.context["unasked"].total) == (0, 1)
    assert "Say whom to ask" not in page.content.decode()
    assert "Paused" in page.content.decode()
    Customer.objects.update(stage=Stage.LOST)
    assert unasked() == []
    Customer.objects.update(stage=Stage.CONTINUING)
    assert unasked() == ["Line 4"]
    Project.objects.filter(pk=office.project.pk).update(ended_on=NEXT)
    assert unasked() == []


# -- Export, refreshing, cost -----------------------------------------------------------------------------


def test_the_export_is_what_the_board_shows(office: Office, manager: Client) -> None:
    asked(office, "Line 5")
    office.invite(NEXT)
    office.say(office.chen, delivery="A", quality="B")
    office.say(office.chen, at=DUE + 7 * DAY, week=NEXT, delivery="D", quality="A", comment="Late")
    for query in ("", "?sort=name", "?week=2026-W10&sort=name", "?whose=all&sort=lowest"):
        head, *lines = exported(manager, query)
        rows = shown(manager, query)
        assert len(rows) == len(lines) == 2
        for row, line in zip(rows, lines, strict=True):
            told = dict(zip(head, line, strict=True))
            assert (told["Project"], told["Customer"]) == (row.project.name, "Huaxing Electronics")
            for cell in row.cells:
                assert told[cell.label] == cell.cell.letter
                change = told[f"{cell.label}: steps against last week"]
                assert change == ("" if cell.cell.change is None else str(cell.cell.change))
            assert told["No answer from"] == ", ".join(waiting.name for waiting in row.waiting)
            assert (told["Answered"], told["Invited"]) == (str(row.week.answered), str(row.week.invited))
    html = manager.get("/satisfaction/?sort=name&week=2026-W10").content.decode()
    assert 'href="/satisfaction/export.csv?sort=name&amp;week=2026-W10"' in html


def test_the_board_is_sent_again_only_when_something_came(office: Office, manager: Client) -> None:
    def poll() -> str:
        html = manager.get("/satisfaction/").content.decode()
        found = re.search(r'data-poll\s+hx-get="([^"]*)"', html)
        assert found
        return found[1].replace("&amp;", "&")

    address = poll()
    assert manager.get(address, headers=HTMX).status_code == 204
    office.say(office.chen, delivery="D")
    again = manager.get(address, headers=HTMX)
    assert again.status_code == 200
    assert again.content.decode().lstrip().startswith('<div id="list"')
    assert f"project-{office.project.pk}" in again.content.decode()
    address = poll()
    assert manager.get(address, headers=HTMX).status_code == 204
    acknowledge_case(office.case(), by=office.world.manager, now=DUE + 2 * HOUR)
    assert manager.get(address, headers=HTMX).status_code == 200
    # Without htmx an address with it is the page.
    assert manager.get(address).status_code == 200


def test_thirty_projects_take_as_many_queries_as_three(office: Office, manager: Client) -> None:
    def cost(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = manager.get(address)
            assert b"".join(answer) if answer.streaming else answer.content
        return len(queries)

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            project = asked(office, f"Project {number}")
            there = Office(office.world, office.version, project, office.chen, office.li)
            there.say(office.chen, delivery="D", comment="Late")
            project_of(office.world, f"Unasked {number}")

    fill(0, 3)
    manager.get("/satisfaction/")
    few = [cost("/satisfaction/"), cost("/satisfaction/export.csv")]
    assert few[0] <= MOST_QUERIES
    assert len(shown(manager)) == 4
    fill(3, 30)
    assert len(shown(manager)) == 31
    assert [cost("/satisfaction/"), cost("/satisfaction/export.csv")] == few


def test_a_long_board_is_turned_over_in_its_order(
    office: Office, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "MOST_ROWS", 2)
    for letter in "BCDEF":
        asked(office, f"Project {letter}")
    first = manager.get("/satisfaction/?sort=name").content.decode()
    assert "6 entries" in first
    seen, address = [], "?sort=name"
    for _page in range(3):
        seen.append(names(manager, address))
        page = manager.get(f"/satisfaction/{address}").context["page"]
        address = f"?sort=name&after={page.older}"
    assert seen == [["Line 4", "Project B"], ["Project C", "Project D"], ["Project E", "Project F"]]
    assert page.older is None
    assert names(manager, f"?sort=name&before={page.newer}") == seen[1]
    assert names(manager, "?sort=name&after=0") == seen[0]


# -- One project ------------------------------------------------------------------------------------------


def test_a_row_opens_its_weeks_cases_and_words(office: Office, manager: Client) -> None:
    office.say(office.chen, delivery="D", comment="Late again")
    office.invite(NEXT)
    office.say(office.li, at=DUE + 7 * DAY, week=NEXT, quality="B+")
    address = f"/projects/{office.project.pk}/satisfaction?week=2026-W11"
    page = manager.get(address)
    history = page.context["history"]
    assert [week.index.week for week in history.weeks] == [NEXT, WEEK]
    assert dict(zip(history.labels, history.weeks[1].letters, strict=True))["On-time delivery"] == "D"
    said = [(words.name, words.text, words.week, words.said_at) for words in history.words]
    assert said == [("Chen", "Late again", WEEK, DUE + HOUR)]
    dates = r'<time datetime="2026-03-06">[^<]*</time> · Week\s+<time datetime="2026-03-02"'
    assert re.search(dates, page.content.decode())
    assert history.cases == (office.case(),)
    panel = manager.get(address, headers=HTMX).content.decode()
    assert "<html" in page.content.decode()
    assert "<html" not in panel
    assert "Late again" in panel
    assert f"/cases/{office.case().pk}" in panel


def test_a_project_never_asked_about_says_what_to_do(world: World, manager: Client) -> None:
    project = project_of(world, "Line 4")
    html = manager.get(f"/projects/{project.pk}/satisfaction").content.decode()
    assert "Nobody was asked in these 13 weeks" in html


def test_what_was_corrected_is_told_once(office: Office, manager: Client) -> None:
    office.say(office.chen, delivery="D", comment="Typed wrong")
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="B", comment="Better")
    html = manager.get(f"/projects/{office.project.pk}/satisfaction?week=2026-W10").content.decode()
    assert "Better" in html
    assert "Typed wrong" not in html


def test_the_history_ends_with_the_week_it_was_opened_from(office: Office, manager: Client) -> None:
    office.say(office.chen, delivery="B")
    far = WEEK + dt.timedelta(weeks=20)
    year, week, _day = far.isocalendar()
    address = f"/projects/{office.project.pk}/satisfaction?week={year}-W{week:02}"
    assert manager.get(address).context["history"].weeks == ()


def test_somebody_named_later_does_not_change_what_was(office: Office, manager: Client) -> None:
    office.say(office.chen, delivery="B")
    wang = contact_of(office.world, "Wang")
    name_respondent(project=office.project, contact=wang, author=None, now=DUE + DAY)
    (row,) = shown(manager)
    assert (row.week.answered, row.week.invited) == (1, 2)
