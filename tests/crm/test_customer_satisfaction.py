"""What a customer says every week: in the head, on the tab, in the timeline, taken apart, and to whom."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact
from accounts.customers.services import company_day
from accounts.projects.models import Project
from accounts.projects.services import create_project
from accounts.surveys.models import CorrectiveAction, Invitation
from accounts.surveys.services import (
    AnswerFacts,
    acknowledge_case,
    ensure_programme,
    issue_token,
    make_invitations,
    name_respondent,
    record_answer,
)
from accounts.surveys.weeks import monday_of
from accounts.users.models import Role, User
from crm.findings import index_finding
from crm.queries.satisfaction import Satisfaction, heat_map, satisfaction_of
from crm.queries.timeline import events_of
from tests.conftest import World, person

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
ALL = ("quality", "delivery", "communication", "service", "support")
MOST_QUERIES = 24
HTMX = {"HX-Request": "true"}


def weeks_ago(count: int) -> dt.date:
    """The Monday of a past week; 1 is the last week, whose answers have all come."""
    return monday_of(company_day(timezone.now())) - 7 * count * DAY


def friday(week: dt.date) -> dt.datetime:
    return dt.datetime.combine(week + 4 * DAY, dt.time(14), tzinfo=dt.UTC)


@dataclass(frozen=True)
class Line:
    """A project of ``world.customer`` with its respondents."""

    world: World
    project: Project
    people: dict[str, Contact]

    def say(
        self, name: str, grades: str, *, week: dt.date, at: dt.timedelta = HOUR, text: str = "", **texts: str
    ) -> None:
        """``grades``: letters in the order of the dimensions; ``texts``: words by dimension."""
        invitation = Invitation.objects.get(project=self.project, contact=self.people[name], week=week)
        record_answer(
            token=issue_token(invitation, now=friday(week)),
            facts=AnswerFacts(
                grades=dict(zip(ALL, grades.split(), strict=True)), comment=text, dimension_comments=texts
            ),
            idempotency_key=f"{invitation.pk} {at}",
            now=friday(week) + at,
        )


def line_of(world: World, name: str, manager: User, *people: str) -> Line:
    started = friday(weeks_ago(30))
    ensure_programme(now=started)
    project = create_project(
        customer=world.customer, name=name, manager=manager, started_on=started.date(), now=started
    )
    contacts = {
        each: create_contact(
            customer=world.customer,
            name=each,
            level=Level.SPECIALIST,
            author=world.owner,
            now=started,
            email=f"{each.lower()}@huaxing.test",
            time_zone="UTC",
        )
        for each in people
    }
    for contact in contacts.values():
        name_respondent(project=project, contact=contact, author=manager, now=started)
    return Line(world, project, contacts)


def invite(week: dt.date) -> None:
    make_invitations(week, now=friday(week))


@pytest.fixture
def line(world: World) -> Line:
    """Chen and Li: 100 and 60 two weeks ago, then Chen complains and Li is silent: 60 - 100/5 ..."""
    line = line_of(world, "Line 4", world.manager, "Chen", "Li")
    invite(weeks_ago(2))
    line.say("Chen", "A A A A A", week=weeks_ago(2))
    line.say("Li", "B+ B+ B+ B+ B+", week=weeks_ago(2))
    invite(weeks_ago(1))
    line.say(
        "Chen", "A D A A A", week=weeks_ago(1), text="Please call me.", delivery="Two shipments came late."
    )
    return line


@pytest.fixture
def other(world: World) -> Line:
    """Another project of the same customer, with a manager of its own; everybody is content."""
    line = line_of(world, "Line 5", person("neighbour", Role.PROJECT_MANAGER), "Wu")
    invite(weeks_ago(2))
    line.say("Wu", "A- A- A- A- A-", week=weeks_ago(2))
    return line


def said_by(line: Line, user: User) -> Satisfaction:
    return satisfaction_of(line.world.customer, user, as_of=timezone.now())


def address(line: Line, part: str = "") -> str:
    return f"/customers/{line.world.customer.pk}{part}"


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def test_the_head_says_index_lowest_grade_change_response_and_cases(owner: Client, line: Line) -> None:
    said = owner.get(address(line)).context["standing"].satisfaction
    assert said.latest.week == weeks_ago(1)
    # (4 x 100 - 100) / 5 = 60 from Chen alone; the week before (100 + 60) / 2 = 80: of half no change.
    assert (said.latest.index, said.latest.lowest, said.change, said.open_cases) == (60, "D", None, 1)
    assert (said.latest.answered, said.latest.invited, said.latest.is_too_few) == (1, 2, True)
    assert said.line == [*[None] * 11, 80, 60]
    text = " ".join(owner.get(address(line, "/standing")).content.decode().split())
    for words in (
        f'href="{address(line, "/explain/satisfaction/")}"',
        "Index of 13 weeks, from 80 to 60",
        "1 of 2 answered",
        "Too few answers",
        "1 open corrective action",
        "grade-d",
    ):
        assert words in text, words


def test_no_change_is_told_against_a_week_without_an_index(owner: Client, world: World) -> None:
    line = line_of(world, "Line 4", world.manager, "Chen")
    for week in (3, 2, 1):
        invite(weeks_ago(week))
    line.say("Chen", "A A A A A", week=weeks_ago(3))
    line.say("Chen", "B B B B B", week=weeks_ago(1))
    said = said_by(line, world.owner)
    assert (said.latest and said.latest.index, said.change) == (40, None)
    assert said.line[-3:] == [100, None, 40]


def test_the_tab_shows_weeks_by_dimensions_with_gaps_as_gaps(owner: Client, line: Line) -> None:
    page = owner.get(address(line, "/satisfaction"))
    fell = "The index fell from 80 to 60 in 1 week; the lowest grade is D"
    assert page.context["finding"] == f"{fell} (too few answers, for reference only)"
    rows = {row.dimension.code: row.cells for row in page.context["rows"]}
    assert list(rows) == list(ALL)
    assert [(cell.points, cell.lowest) for cell in rows["delivery"][-3:]] == [
        (None, ""),
        (80, "B+"),
        (-100, "D"),
    ]
    text = page.content.decode()
    assert "80.0 points on average, 2 grades" in text
    assert text.count('<td class="num">') >= 13
    assert [case.dimension.code for case in page.context["cases"]] == ["delivery"]
    assert f'href="/cases/{CorrectiveAction.objects.get().pk}"' in text
    people = [(each.contact.name, each.lowest, each.answered_week) for each in page.context["respondents"]]
    assert people == [("Chen", "D", weeks_ago(1)), ("Li", "B+", weeks_ago(2))]
    assert "Two shipments came late." in text
    assert "Please call me." in text


@pytest.mark.parametrize(
    ("grades", "finding"),
    [
        ([], "Nobody has answered in the last 13 weeks"),
        ([(3, "B")], "The index is 40, the lowest grade B"),
        ([(4, "C"), (1, "A-")], "The index rose from 0 to 80 in 3 weeks; the lowest grade is A-"),
        ([(2, "A"), (1, "D")], "The index fell from 100 to −100 in 1 week; the lowest grade is D"),
        ([(6, "B"), (1, "B")], "The index is 40, as 5 weeks before; the lowest grade is B"),
        ([(20, "A"), (1, "C")], "The index is 0, the lowest grade C"),
    ],
)
def test_the_title_is_the_finding(world: World, grades: list[tuple[int, str]], finding: str) -> None:
    line = line_of(world, "Line 4", world.manager, "Chen")
    for week, letter in grades:
        invite(weeks_ago(week))
        line.say("Chen", " ".join([letter] * 5), week=weeks_ago(week))
    assert index_finding(said_by(line, world.owner)) == finding


def test_the_present_week_is_shown_as_soon_as_somebody_is_asked_about_it(world: World) -> None:
    line = line_of(world, "Line 4", world.manager, "Chen")
    invite(weeks_ago(1))
    saturday = friday(weeks_ago(0)) + DAY

    def last_week() -> dt.date:
        return satisfaction_of(world.customer, world.owner, as_of=saturday).weeks[-1].week

    assert last_week() == weeks_ago(1)
    invite(weeks_ago(0))
    assert last_week() == weeks_ago(0)
    assert len(said_by(line, world.owner).weeks) == 13


def test_a_manager_of_another_project_sees_neither_index_nor_grades_nor_comments_nor_cases(
    client: Client, line: Line, other: Line
) -> None:
    neighbour = other.project.manager
    said = said_by(line, neighbour)
    assert (said.project_ids, said.hidden, said.open_cases) == ((other.project.pk,), 1, 0)
    assert [week.index for week in said.weeks[-2:]] == [80, None]
    client.force_login(neighbour)
    case = f"/cases/{CorrectiveAction.objects.get().pk}"
    secrets = ("Two shipments", "Please call me", case, "Chen", "Li<", "Line 4", "−20")
    for part in ("", "/satisfaction", "/satisfaction.csv", "/standing", "/explain/satisfaction/"):
        answer = client.get(address(line, part))
        text = (answer.getvalue() if answer.streaming else answer.content).decode()
        assert answer.status_code == 200, part
        # Who works there is no secret, what he said is.
        known = {"Chen", "Li<"} if part == "" else set()
        assert [secret for secret in secrets if secret in text and secret not in known] == [], part
        # How many points a D has is no secret; that somebody gave one is.
        assert "explain" in part or "grade-d" not in text, part
    assert "One other project of this customer" in client.get(address(line, "/satisfaction")).content.decode()
    assert {event.kind for event in events_of(line.world.customer, neighbour).rows} == {
        "stage",
        "owner",
        "joined",
    }
    assert client.get(case).status_code == 404


def test_a_manager_sees_his_own_project_alone_and_the_owner_sees_both(line: Line, other: Line) -> None:
    mine = said_by(line, line.world.manager)
    assert mine.line[-2:] == [80, 60]
    both = said_by(line, line.world.owner)
    # Two weeks ago both projects stand at 80; last week only Line 4 was asked and answered.
    assert both.line[-2:] == [80, 60]
    assert (both.project_ids, both.hidden) == ((line.project.pk, other.project.pk), 0)
    assert both.weeks[-2].invited == 3


def test_the_index_is_taken_apart_into_answers_weights_and_points(owner: Client, line: Line) -> None:
    invite_again = weeks_ago(1)
    line.say("Li", "B B B B B", week=invite_again)
    fragment = owner.get(address(line, "/explain/satisfaction/"), headers=HTMX)
    behind = fragment.context["behind"]
    assert behind.week.index == 50
    assert [(row.answer.invitation.contact.name, row.index) for row in behind.answers] == [
        ("Chen", 60),
        ("Li", 40),
    ]
    assert [(name, week.index) for name, week in behind.projects] == [("Line 4", 50)]
    assert [part.weight for part in behind.form.dimensions] == [1] * 5
    text = fragment.content.decode()
    assert "<html" not in text
    assert "survey programme version 1" in text
    assert "sum of weight × points / sum of weight" in text
    assert "<html" in owner.get(address(line, "/explain/satisfaction/")).content.decode()


def test_nobody_is_asked_yet(owner: Client, world: World) -> None:
    line = line_of(world, "Line 4", world.manager)
    projects = f'href="{address(line, "/projects")}"'
    for part in ("", "/satisfaction"):
        text = owner.get(address(line, part)).content.decode()
        assert "Nobody is asked yet" in text
        assert projects in text
    assert (
        "No grades in the last 13 weeks"
        in owner.get(address(line, "/explain/satisfaction/")).content.decode()
    )
    assert owner.get(address(line, "/satisfaction.csv")).getvalue().decode().count("\n") == 14


def test_the_file_holds_the_weeks_that_the_page_draws(owner: Client, line: Line) -> None:
    text = owner.get(address(line, "/satisfaction.csv")).getvalue().decode("utf-8-sig")
    head, *rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 13
    last = dict(zip(head, rows[-1], strict=True))
    assert last["Week"] == str(weeks_ago(1))
    assert (last["Index"], last["Lowest grade"], last["Answers"], last["Invited"]) == ("60.0", "D", "1", "2")
    assert (last["Response rate"], last["Too few answers, for reference only"]) == ("0.5", "yes")
    assert (last["On-time delivery"], last["On-time delivery, lowest"]) == ("-100.0", "D")
    assert rows[0][1:3] == ["", ""]


def test_low_grades_and_cases_stand_in_the_timeline(owner: Client, line: Line) -> None:
    world = line.world
    acknowledge_case(CorrectiveAction.objects.get(), by=world.manager, now=timezone.now())
    invite(weeks_ago(0))
    line.say("Chen", "A A A A A", week=weeks_ago(0))
    kinds = [
        (event.kind, event.record.kind if event.kind == "case" else "")
        for event in events_of(world.customer, world.owner).rows
    ]
    assert ("answer", "") in kinds
    assert ("case", "opened") in kinds
    assert ("case", "confirmed") in kinds
    assert ("case", "acknowledged") not in kinds
    assert len([kind for kind, _ in kinds if kind == "answer"]) == 1
    text = " ".join(owner.get(address(line)).content.decode().split())
    assert "On-time delivery · Opened" in text
    assert "Two shipments came late." in text


def test_the_timeline_pages_through_answers_and_cases_once(world: World) -> None:
    people = [f"P{number}" for number in range(6)]
    line = line_of(world, "Line 4", world.manager, *people)
    for week in range(1, 4):
        invite(weeks_ago(week))
        for name in people:
            # All at the same instant: only the kind and the id say what comes first.
            line.say(name, "A C A A B-", week=weeks_ago(week))
    seen, cursor = [], ""
    for _page in range(30):
        page = events_of(world.customer, world.owner, after=cursor, limit=4)
        seen += page.rows
        if page.older is None:
            break
        cursor = page.older
    once = {(event.kind, event.record.pk) for event in seen}
    assert len(seen) == len(once)
    assert [event.at for event in seen] == sorted((event.at for event in seen), reverse=True)
    assert len([event for event in seen if event.kind == "answer"]) == 18
    assert len([event for event in seen if event.kind == "case"]) == 1


def test_comments_come_newest_first_page_by_page(owner: Client, world: World) -> None:
    people = [f"P{number:02}" for number in range(20)]
    line = line_of(world, "Line 4", world.manager, *people)
    invite(weeks_ago(1))
    for number, name in enumerate(people):
        line.say(name, "A A A A A", week=weeks_ago(1), at=number * HOUR, text=f"Words of {name}")
    first = owner.get(address(line, "/satisfaction")).context["comments"]
    assert [answer.comment for answer in first.rows] == [f"Words of {name}" for name in people[:4:-1]]
    fragment = owner.get(address(line, f"/satisfaction?after={first.older}"), headers=HTMX)
    assert [answer.comment for answer in fragment.context["comments"].rows] == [
        f"Words of {name}" for name in people[4::-1]
    ]
    assert "<html" not in fragment.content.decode()
    assert 'id="comments"' in fragment.content.decode()


def test_a_late_answer_says_so_and_an_edited_comment_is_not_shown(owner: Client, line: Line) -> None:
    line.say("Chen", "A B A A A", week=weeks_ago(1), at=2 * HOUR, text="Solved, thank you.")
    text = owner.get(address(line, "/satisfaction")).content.decode()
    assert "Solved, thank you." in text
    assert "Two shipments came late." not in text
    line.say("Li", "A A A A A", week=weeks_ago(2), at=8 * DAY, text="Sorry for the delay.")
    page = owner.get(address(line, "/satisfaction"))
    assert {answer.comment: answer.is_late for answer in page.context["comments"].rows} == {
        "Solved, thank you.": False,
        "Sorry for the delay.": True,
    }


@pytest.mark.parametrize("part", ["", "/satisfaction", "/standing", "/explain/satisfaction/"])
def test_thirty_projects_take_as_many_queries_as_three(owner: Client, world: World, part: str) -> None:
    lines: list[Line] = []

    def queries_with(count: int) -> int:
        while len(lines) < count:
            lines.append(line_of(world, f"Line {len(lines)}", world.manager, f"P{len(lines)}"))
        week = weeks_ago(1)
        invite(week)
        for each in lines:
            name = next(iter(each.people))
            if Invitation.objects.filter(project=each.project, answered_at=None).exists():
                each.say(name, "A D B A A", week=week, text="Too late")
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(address(lines[0], part)).status_code == 200
        return len(captured)

    queries_with(1)
    assert queries_with(3) == queries_with(30) <= MOST_QUERIES


def test_the_heat_map_needs_one_query(line: Line) -> None:
    said = said_by(line, line.world.owner)
    with CaptureQueriesContext(connection) as captured:
        assert len(heat_map(said.picture)) == 5
    assert len(captured) == 1
