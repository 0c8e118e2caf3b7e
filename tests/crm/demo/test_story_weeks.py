"""The demo's weeks of grades: the stories are there to be found, and the rows are those of the product."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.db import connection, transaction

from accounts.contacts.models import Contact
from accounts.notices.models import Notice
from accounts.projects.models import Project
from accounts.surveys.models import (
    Answer,
    AnswerGrade,
    AnswerNotApplicable,
    CaseEvent,
    CaseEventKind,
    CorrectiveAction,
    Invitation,
    Respondent,
    RespondentState,
)
from accounts.surveys.services import AnswerFacts, issue_token, record_answer
from crm.demo.story.book import create_book
from crm.demo.story.bulk import write_in_bulk
from crm.demo.story.cast import create_cast
from crm.demo.story.comments import CHINESE, ENGLISH
from crm.demo.story.moods import HISTORY_WEEKS, ORDINARY, THEMES, Panel, temper_of, week_of
from crm.demo.story.sheets import Sheet, invitations
from crm.demo.story.weeks import tell_weeks
from tests.accounts.surveys.office import DUE, HOUR, office_of
from tests.conftest import World

SUNDAY = dt.datetime(2026, 3, 8, 9, 0, tzinfo=dt.UTC)
STARTS = [
    dt.datetime(2026, 3, day, hour, minute, tzinfo=dt.UTC)
    for day, hour, minute in (
        (2, 0, 30),
        (3, 9, 0),
        (4, 15, 0),
        (5, 23, 30),
        (6, 4, 0),
        (6, 6, 1),
        (6, 9, 0),
        (6, 13, 5),
        (7, 12, 0),
        (8, 22, 0),
    )
]
CUSTOMERS = 12
LOW = {"C", "D"}


@pytest.fixture
def book(db: None) -> None:
    create_book(create_cast(), SUNDAY, count=CUSTOMERS)


@pytest.fixture
def told(book: None) -> None:
    tell_weeks(SUNDAY)


def project(place: int) -> Project:
    return Project.objects.get(customer__number=f"C{1001 + place}")


def lowest(place: int, theme: str) -> dict[dt.date, str]:
    """The lowest letter of each week, oldest week first."""
    grades = AnswerGrade.objects.filter(project=project(place), dimension__code=theme, superseded_at=None)
    rows = grades.order_by("week", "grade__position").values_list("week_id", "grade__letter")
    return dict(rows)


def written() -> list[list[tuple[object, ...]]]:
    """Everything that was told, without ids and secrets, in an order that no tie leaves to the database."""
    said = (
        Answer.objects.values_list(
            "known_at", "invitation__contact__email", "week_id", "comment", "digest", "is_late"
        ),
        CaseEvent.objects.values_list("known_at", "case__project__name", "kind", "comment", "author__email"),
        Invitation.objects.values_list("due_at", "contact__email", "sent_at", "reminded_at", "answered_at"),
    )
    return [sorted(rows, key=repr) for rows in said]


def test_the_same_seed_and_start_tell_the_same(book: None) -> None:
    rows = []
    for _time in range(2):
        with transaction.atomic():
            tell_weeks(SUNDAY)
            rows.append(written())
            transaction.set_rollback(True)
    assert len(rows[0][0]) > 500
    assert rows[0] == rows[1]


def test_no_low_grade_is_without_a_case_and_every_open_case_has_its_clock(told: None) -> None:
    grades = AnswerGrade.objects.filter(superseded_at=None)
    low = grades.filter(grade__letter__in=LOW)
    assert 0.001 < low.count() / grades.count() < 0.03
    assert not low.filter(case=None).exists()
    still_open = CorrectiveAction.objects.filter(closed_at=None)
    assert {case.state for case in still_open} >= {"open", "acknowledged", "cause_found"}
    for case in still_open:
        assert case.opened_at > SUNDAY - dt.timedelta(days=40)
        assert case.next_clock is not None or case.corrected_at is not None
    assert CorrectiveAction.objects.exclude(closed_at=None).count() >= 3
    assert not CaseEvent.objects.filter(known_at__gt=SUNDAY).exists()
    connection.check_constraints()


def test_most_answer_and_some_do_not(told: None) -> None:
    closed = Invitation.objects.filter(closes_at__lte=SUNDAY)
    still_asked = closed.exclude(project__in=[project(4), project(6)])
    rate = still_asked.filter(answered_at__isnull=False).count() / still_asked.count()
    assert 0.72 < rate < 0.9
    assert not closed.filter(sent_at=None).exists()
    assert closed.filter(reminded_at__isnull=False).exists()
    assert 0 < Answer.objects.filter(is_late=True).count() < 0.05 * Answer.objects.count()
    assert AnswerNotApplicable.objects.exists()
    assert AnswerGrade.objects.exclude(comment="").count() > 20


def test_everybody_has_an_address_of_his_own_and_one_project_asks_nobody(told: None) -> None:
    addresses = list(Contact.objects.values_list("email", flat=True))
    assert len(set(addresses)) == len(addresses)
    assert all(address.endswith(".example") for address in addresses)
    asked = Respondent.objects.values_list("project", flat=True)
    assert set(Project.objects.exclude(pk__in=asked)) == {project(9)}
    states = set(Respondent.objects.values_list("state", flat=True))
    assert states == set(RespondentState.values)
    for each in Project.objects.filter(pk__in=asked):
        levels = {respondent.contact.level for respondent in each.respondents.select_related("contact")}
        assert len(levels) >= 2


def test_the_first_customers_deliveries_slide_over_four_weeks(told: None) -> None:
    letters = list(lowest(0, "delivery").values())
    assert letters[-4:] == ["A-", "B", "B-", "C"]
    case = CorrectiveAction.objects.get(project=project(0), closed_at=None)
    assert case.state == "open"
    assert case.acknowledge_by > SUNDAY
    told_to = Notice.objects.filter(kind="survey_grades_low", customer=case.customer, created_at__lte=SUNDAY)
    assert {"am@demo.truenorth.example", "pm@demo.truenorth.example"} <= {
        notice.user.email for notice in told_to
    }


def test_the_saved_customer_confirmed_the_correction_himself(told: None) -> None:
    case = CorrectiveAction.objects.get(project=project(5), dimension__code="delivery")
    assert case.state == "confirmed"
    kinds = set(case.log.values_list("kind", flat=True))
    assert kinds >= {CaseEventKind.CONTAINED, CaseEventKind.CAUSE_FOUND, CaseEventKind.CORRECTED}
    letters = list(lowest(5, "delivery").values())
    fall = letters.index("D")
    assert len(letters) - fall == 6
    assert letters[fall + 3] in ("B+", "A-")
    assert set(letters[fall + 4 :]) <= {"A", "A-"}


def test_one_customer_fell_silent_and_one_disagrees_with_himself(told: None) -> None:
    last = Answer.objects.filter(project=project(4)).latest("week_id").week_id
    asked_since = Invitation.objects.filter(project=project(4), week__gt=last, closes_at__lte=SUNDAY)
    assert asked_since.values("week").distinct().count() == 6
    grades = AnswerGrade.objects.filter(project=project(2), superseded_at=None)
    executive = grades.filter(answer__invitation__level="executive")
    operational = grades.filter(answer__invitation__level="operational")
    letters = list(executive.values_list("grade__letter", flat=True))
    assert letters.count("B-") > 0.5 * len(letters)
    letters = list(operational.values_list("grade__letter", flat=True))
    assert letters.count("A") > 0.6 * len(letters)


def test_on_whatever_day_it_starts_the_open_week_is_half_answered(book: None) -> None:
    open_weeks = 0
    for now in STARTS:
        with transaction.atomic():
            tell_weeks(now)
            rows = Invitation.objects.filter(due_at__lte=now)
            assert rows.count() == Invitation.objects.count()
            assert not Answer.objects.filter(known_at__gt=now).exists()
            assert list(lowest(0, "delivery").values())[-4:] == ["A-", "B", "B-", "C"]
            still_open = rows.filter(closes_at__gt=now)
            assert not still_open.filter(answered_at=None, sent_at__isnull=False).exists()
            assert not rows.filter(closes_at__lte=now, sent_at=None).exists()
            if still_open.filter(contact__time_zone="Asia/Shanghai").exists():
                open_weeks += 1
                answered = still_open.filter(answered_at__isnull=False).count()
                assert 0.15 < answered / still_open.count() < 0.8
            transaction.set_rollback(True)
    between_two_weeks = 2  # Thursday 23:30 and Friday 4:00 UTC: Friday before 14:00 in Shanghai
    assert open_weeks == len(STARTS) - between_two_weeks


def test_an_answer_written_in_bulk_is_the_one_that_the_page_would_have_written(world: World) -> None:
    office = office_of(world)
    office.invite()
    facts = AnswerFacts(
        grades={"quality": "A-", "delivery": "B", "communication": "A"},
        not_applicable=frozenset({"support"}),
        comment="谢谢",
        dimension_comments={"delivery": "Two days late.\t\\N"},
    )
    chen, li = invitations()
    at = DUE + HOUR
    write_in_bulk([Sheet(row=0, week=0, invitation=chen, at=at, is_late=False, facts=facts, is_told=False)])
    invitation = Invitation.objects.get(pk=li.id)
    token = issue_token(invitation, now=DUE)
    record_answer(token=token, facts=facts, idempotency_key="form", now=at)
    own = {"id", "invitation_id", "answer_id", "idempotency_key", "recorded_at"}
    for model in (Answer, AnswerGrade, AnswerNotApplicable):
        answer = "" if model is Answer else "answer__"
        rows = [
            [
                {name: value for name, value in row.items() if name not in own}
                for row in model.objects.filter(**{f"{answer}invitation": each.id}).order_by("pk").values()
            ]
            for each in (chen, li)
        ]
        assert rows[0]
        assert rows[0] == rows[1]


def test_a_further_week_follows_from_the_same_numbers() -> None:
    import numpy as np

    panel = Panel(
        customer=np.repeat(np.arange(20), 2),
        levels=("management", "operational") * 20,
        is_steady=np.ones(40, dtype=bool),
        moods=(ORDINARY,) * 20,
    )
    temper = temper_of(panel)
    weeks = [week_of(panel, temper, week) for week in range(HISTORY_WEEKS - 1, HISTORY_WEEKS + 2)]
    again = week_of(panel, temper_of(panel), HISTORY_WEEKS)
    assert (weeks[1].grades == again.grades).all()
    assert weeks[1].grades.shape == (40, len(THEMES))
    for before, after in itertools.pairwise(weeks):
        assert (before.grades != after.grades).any()
        assert abs(before.grades.mean() - after.grades.mean()) < 0.5


def test_there_is_something_to_say_on_every_theme_in_both_languages() -> None:
    for remarks in (ENGLISH, CHINESE):
        assert set(remarks) == set(THEMES)
        sentences = [text for each in remarks.values() for text in (*each.good, *each.poor)]
        assert len(set(sentences)) == len(sentences) > 50
