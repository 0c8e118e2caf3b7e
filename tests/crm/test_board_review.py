"""Reviewing the week: marks, notes, filters, and the same numbers on screen, paper and in the workbook."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from accounts.projects.models import Project
from accounts.surveys.models import ReviewNote, WeekReview
from accounts.surveys.services import (
    AnswerFacts,
    add_note,
    issue_token,
    make_invitations,
    mark_reviewed,
    name_respondent,
    publish_version,
    record_answer,
)
from accounts.surveys.standard import STANDARD, DimensionFacts, Words
from accounts.users.models import Role, User
from crm.queries.boards import ReviewRow
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, office_of, project_of
from tests.conftest import MONDAY, World, person

NEXT = WEEK + 7 * DAY
HTMX = {"HX-Request": "true"}


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


def asked(office: Office, name: str, manager: User | None = None) -> Office:
    """Another project of the customer, about which Chen is asked as well."""
    project = project_of(office.world, name)
    if manager:
        Project.objects.filter(pk=project.pk).update(manager=manager)
    name_respondent(project=project, contact=office.chen, author=None, now=MONDAY)
    make_invitations(WEEK, now=DUE)
    return Office(office.world, office.version, project, office.chen, office.li)


def shown(client: Client, query: str = "") -> list[str]:
    return [row.project.name for row in client.get(f"/satisfaction/{query}").context["page"].rows]


def mark(client: Client, office: Office, what: str = "reviewed", **fields: str) -> int:
    body = {"project": office.project.pk, "week": "2026-W10"} | fields
    return client.post(f"/satisfaction/{what}", body).status_code


def test_a_programme_of_another_project_adds_no_column(office: Office, manager: Client) -> None:
    other = project_of(office.world, "Line 9")
    Project.objects.filter(pk=other.pk).update(manager=person("neighbour", Role.PROJECT_MANAGER))
    words = Words(name="Packing", name_zh_hans="包装", name_zh_hant="包裝")
    facts = replace(STANDARD, dimensions=(*STANDARD.dimensions, DimensionFacts(code="packing", words=words)))
    publish_version(office.version.programme, facts=facts, author=None, now=MONDAY - 3 * DAY, project=other)
    name_respondent(project=other, contact=office.chen, author=None, now=MONDAY)
    make_invitations(WEEK, now=DUE)
    assert "Packing" not in manager.get("/satisfaction/").context["review"].labels
    assert "Packing" in as_(office.world.owner).get("/satisfaction/").context["review"].labels


# -- Marks ------------------------------------------------------------------------------------------------


def test_a_row_is_marked_counted_filtered_and_taken_back(office: Office, manager: Client) -> None:
    asked(office, "Line 5")
    assert mark(manager, office) == 302
    answer = manager.get("/satisfaction/")
    assert "1 of 2" in re.sub(r"\s+", " ", answer.content.decode())
    assert (answer.context["review"].reviewed, answer.context["review"].count) == (1, 2)
    assert shown(manager, "?left=not") == ["Line 5"]
    assert WeekReview.objects.get().author == office.world.manager
    assert mark(manager, office, "not-reviewed") == 302
    assert shown(manager, "?left=not&sort=name") == ["Line 4", "Line 5"]
    assert not WeekReview.objects.exists()


def test_all_reviewed_leaves_nothing_to_look_at_but_says_so(office: Office, manager: Client) -> None:
    mark(manager, office)
    answer = manager.get("/satisfaction/?left=not")
    assert answer.context["page"].rows == []
    assert "Every project is reviewed" in answer.content.decode()


def test_a_mark_leads_back_to_where_it_was_made_and_nowhere_else(office: Office, manager: Client) -> None:
    body = {"project": office.project.pk, "week": "2026-W10"}
    answer = manager.post("/satisfaction/reviewed", body | {"next": "/satisfaction/?sort=name&week=2026-W10"})
    assert answer.url == "/satisfaction/?sort=name&week=2026-W10"
    answer = manager.post("/satisfaction/reviewed", body | {"next": "https://elsewhere.test/"})
    assert answer.url == "/satisfaction/?week=2026-W10"
    followed = manager.post(
        "/satisfaction/reviewed", body | {"next": "/satisfaction/?week=2026-W10"}, headers=HTMX, follow=True
    )
    assert followed.content.decode().lstrip().startswith('<div id="list"')


@pytest.mark.parametrize("week", ["", "2026-W60", "soon"])
def test_a_mark_names_its_week(office: Office, manager: Client, week: str) -> None:
    assert mark(manager, office, week=week) == 404
    assert not WeekReview.objects.exists()


def test_a_mark_of_a_foreign_or_malformed_project_is_no_page(office: Office, manager: Client) -> None:
    foreign = asked(office, "Line 5", manager=person("other", Role.PROJECT_MANAGER))
    for project in (str(foreign.project.pk), "x", "", "999999999999999999999"):
        assert mark(manager, office, project=project) == 404
    assert not WeekReview.objects.exists()


def test_who_only_reads_gets_no_buttons_and_writes_nothing(office: Office) -> None:
    executive = as_(office.world.executive)
    assert 'name="project"' not in executive.get("/satisfaction/").content.decode()
    assert mark(executive, office) == 403
    assert 'name="project"' in as_(office.world.lead).get("/satisfaction/").content.decode()
    assert not WeekReview.objects.exists()


def test_the_board_is_sent_again_when_somebody_reviews_or_notes(office: Office, manager: Client) -> None:
    def seen() -> str:
        return str(manager.get("/satisfaction/").context["wish"].pulse.seen)

    first = seen()
    mark_reviewed(office.project, WEEK, by=office.world.manager, now=DUE)
    second = seen()
    add_note(office.project, WEEK, text="Ask Li", by=office.world.manager, now=DUE)
    assert len({first, second, seen()}) == 3


# -- Notes ------------------------------------------------------------------------------------------------


def test_a_note_stands_behind_its_cell_and_in_the_history(office: Office, manager: Client) -> None:
    delivery = office.dimension("delivery")
    page = manager.get(f"/satisfaction/open?note={office.project.pk}&week=2026-W10").content.decode()
    assert f'action="/projects/{office.project.pk}/notes"' in page
    body = {"week": "2026-W10", "text": "Ask Li\r\nabout the lorry", "dimension": delivery.pk}
    assert manager.post(f"/projects/{office.project.pk}/notes", body).status_code == 302
    assert ReviewNote.objects.get().text == "Ask Li\nabout the lorry"
    (row,) = manager.get("/satisfaction/").context["page"].rows
    assert {cell.dimension.code: cell.cell.notes for cell in row.cells}["delivery"] == 1
    behind = manager.get(f"/satisfaction/open?cell={office.project.pk}.{delivery.pk}&week=2026-W10")
    assert "about the lorry" in behind.content.decode()
    history = manager.get(f"/projects/{office.project.pk}/satisfaction?week=2026-W10").content.decode()
    assert "about the lorry" in history


def test_a_note_that_says_nothing_is_refused_where_it_was_typed(office: Office, manager: Client) -> None:
    answer = manager.post(f"/projects/{office.project.pk}/notes", {"week": "2026-W10", "text": " "})
    assert answer.status_code == 422
    assert 'name="text"' in answer.content.decode()
    assert not ReviewNote.objects.exists()


def test_the_customer_and_foreigners_never_see_a_note(office: Office) -> None:
    add_note(office.project, WEEK, text="They bluff", by=office.world.manager, now=DUE)
    address = f"/satisfaction/open?cell={office.project.pk}.0&week=2026-W10"
    assert "They bluff" in as_(office.world.owner).get(address).content.decode()
    assert as_(office.world.stranger).get(address).status_code == 404


def test_a_case_is_assigned_from_the_board(office: Office, manager: Client) -> None:
    office.say(office.chen, delivery="D")
    page = manager.get(f"/satisfaction/open?assign={office.project.pk}&week=2026-W10").content.decode()
    case = office.case()
    assert f'action="/cases/{case.pk}/assign"' in page
    owner = office.world.owner
    assert f'<option value="{owner.pk}"' in page
    body = {"owner": owner.pk, "next": "/satisfaction/?week=2026-W10"}
    answer = manager.post(f"/cases/{case.pk}/assign", body)
    assert (answer.status_code, answer.url) == (302, "/satisfaction/?week=2026-W10")
    assert office.case().owner == owner


@pytest.mark.parametrize("query", ["cell=x.y", "cell=", "cell=1", "note=x", "", "cell=1.999999999999"])
def test_what_no_button_says_is_no_page(office: Office, manager: Client, query: str) -> None:
    assert manager.get(f"/satisfaction/open?{query}").status_code == 404


# -- Filters ----------------------------------------------------------------------------------------------


def test_a_lead_chooses_a_manager_or_a_team(office: Office) -> None:
    asked(office, "Line 5", manager=office.world.mate)
    lead = as_(office.world.lead)
    assert shown(lead, "?sort=name") == ["Line 4", "Line 5"]
    assert shown(lead, f"?by=u{office.world.mate.pk}") == ["Line 5"]
    assert shown(lead, f"?by=u{office.world.manager.pk}") == ["Line 4"]
    team = office.world.mate.team_memberships.get().team_id
    assert shown(lead, f"?by=t{team}") == ["Line 5"]
    assert shown(lead, "?by=nobody&sort=name") == ["Line 4", "Line 5"]
    assert 'name="by"' in lead.get("/satisfaction/").content.decode()
    assert 'name="by"' not in as_(office.world.manager).get("/satisfaction/").content.decode()


# -- Screen, paper, workbook ------------------------------------------------------------------------------


def book_of(client: Client, query: str = "") -> Workbook:
    answer = client.get(f"/satisfaction/export.xlsx{query}")
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def rows_of(book: Workbook, sheet: str) -> list[dict[str, object]]:
    head, *rows = book[sheet].values
    return [dict(zip(head, row, strict=True)) for row in rows]


def cells_of(page: str) -> list[list[str]]:
    """The rows of the table as a reader sees them: letter, steps and numbers, without what is only heard."""
    body = re.search(r"<tbody.*?</tbody>", page, re.S)
    assert body
    rows = re.findall(r"<tr data-row>(.*?)</tr>", body[0], re.S)
    return [[_text(cell) for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.S)] for row in rows]


def _text(cell: str) -> str:
    heard = re.sub(r"<i>.*?</i>|<svg.*?</svg>", "", cell, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", heard))).strip()


def fill(office: Office) -> None:
    other, quiet = asked(office, "Line 5"), asked(office, "=Quiet")
    make_invitations(NEXT, now=DUE + 7 * DAY)
    for there, first, second in ((office, "A", "D"), (other, "C", "B+")):
        there.say(there.chen, delivery=first, quality="B")
        there.say(there.chen, at=DUE + 7 * DAY, week=NEXT, delivery=second, quality="A", comment="Too late")
    add_note(quiet.project, NEXT, text="=Silent since March", by=office.world.manager, now=DUE + 7 * DAY)
    mark_reviewed(other.project, NEXT, by=office.world.manager, now=DUE + 7 * DAY)


@pytest.mark.parametrize("query", ["", "?sort=name", "?week=2026-W10&sort=lowest", "?left=not", "?whose=all"])
def test_workbook_paper_and_screen_have_the_same_numbers(office: Office, manager: Client, query: str) -> None:
    fill(office)
    screen = manager.get(f"/satisfaction/{query}")
    rows: list[ReviewRow] = screen.context["page"].rows
    board = rows_of(book_of(manager, query), "Board")
    on_screen = cells_of(screen.content.decode())
    on_paper = cells_of(manager.get(f"/satisfaction/print{query}").content.decode())
    assert len(rows) == len(board) == len(on_screen) == len(on_paper) == (2 if "left" in query else 3)
    for row, told, seen, printed in zip(rows, board, on_screen, on_paper, strict=True):
        assert told["Project"] == row.project.name
        about = f"{row.project.name} Huaxing Electronics · Manager"
        assert seen[0] == printed[0]
        assert seen[0].startswith(about)
        words = (" 1 comment" * bool(row.project.remarks), " 1 note" * bool(row.notes))
        assert seen[0] == about + " ·".join(word for word in words if word)
        index = "–" if told["Index"] is None else f"{told['Index']}"
        response = f"{told['Answered']} of {told['Invited']}"
        left = told["Questions left open"]
        assert left == row.graded.asked - row.graded.graded
        response += f" {row.graded.graded} of {row.graded.asked} graded" if left else ""
        assert seen[1] == printed[1] == f"{index} {response}"
        assert (told["Answered"], told["Invited"]) == (row.week.answered, row.week.invited)
        for place, cell in enumerate(row.cells, start=3):
            letter, change = told[cell.label] or "–", told[f"{cell.label}: steps against last week"]
            steps = "" if not change else f" {'+' if change > 0 else '−'}{abs(change)}"
            assert seen[place] == printed[place] == f"{letter}{steps}"
        names = str(told["No answer from"] or "").split(", ")
        assert all(name in seen[3 + len(row.cells)] for name in names)


def test_the_row_says_how_much_of_an_answer_was_graded(office: Office, manager: Client) -> None:
    office.say(office.chen, delivery="D")
    row = cells_of(manager.get("/satisfaction/").content.decode())[0]
    assert row[1] == "−100 1 of 2 1 of 5 graded"
    (shown,) = manager.get("/satisfaction/").context["page"].rows
    assert (shown.graded, shown.graded.is_partial) == ((1, 5), True)
    token = issue_token(office.invitation(office.li), now=DUE)
    grades = dict.fromkeys(("quality", "delivery", "communication", "service"), "A")
    facts = AnswerFacts(grades=grades, not_applicable=frozenset({"support"}))
    record_answer(token=token, facts=facts, idempotency_key="li", now=DUE + HOUR)
    (shown,) = manager.get("/satisfaction/").context["page"].rows
    assert shown.graded == (5, 9), "what does not apply is not left open"
    office.say(office.chen, **dict.fromkeys((*grades, "support"), "A"))
    (shown,) = manager.get("/satisfaction/").context["page"].rows
    assert (shown.graded, shown.graded.is_partial) == ((9, 9), False)
    assert " graded" not in cells_of(manager.get("/satisfaction/").content.decode())[0][1]


def test_the_workbook_holds_words_clocks_and_the_silent(office: Office, manager: Client) -> None:
    fill(office)
    book = book_of(manager, "?sort=name")
    assert book.sheetnames == [
        *("Board", "Summary", "13 weeks", "Comments", "Corrective actions", "No answer")
    ]
    words = rows_of(book, "Comments")
    told = {(row["Project"], row["Words"], row["Note of ours"]) for row in words}
    assert told == {
        ("Line 4", "Too late", None),
        ("Line 5", "Too late", None),
        ("=Quiet", "=Silent since March", "yes"),
    }
    (case,) = [row for row in rows_of(book, "Corrective actions") if row["Project"] == "Line 4"]
    assert (case["Dimension"], case["Owner"]) == ("On-time delivery", "Manager")
    silent = [(row["Project"], row["Contact"]) for row in rows_of(book, "No answer")]
    assert ("=Quiet", "Chen") in silent
    types = {cell.data_type for sheet in book for row in sheet for cell in row}
    assert "f" not in types
    paper = manager.get("/satisfaction/print?sort=name").content.decode()
    for text in ("Too late", "=Silent since March", "Week 11", "Manager"):
        assert text.lower() in paper.lower()


def test_thirty_projects_cost_paper_and_workbook_no_more_queries_than_three(
    office: Office, manager: Client
) -> None:
    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert manager.get(address).status_code == 200
        return len(queries)

    addresses = [
        "/satisfaction/?left=not",
        "/satisfaction/print",
        "/satisfaction/export.xlsx",
        f"/satisfaction/open?cell={office.project.pk}.0",
    ]

    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            there = asked(office, f"Project {number}")
            there.say(there.chen, at=DUE + HOUR, delivery="D", comment="Late")

    grow(0, 3)
    manager.get("/satisfaction/")
    few = [cost(address) for address in addresses]
    grow(3, 30)
    assert [cost(address) for address in addresses] == few
