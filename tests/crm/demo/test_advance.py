"""The demo a week later: what was is exactly a week older, and the new week is like those before it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from accounts.contacts.models import Contact
from accounts.costs.models import ActivityUsage
from accounts.imports.models import Import, ImportKind, ImportState
from accounts.interactions.models import Interaction
from accounts.notices.models import Notice
from accounts.orders.models import Order
from accounts.snoozes.models import Snooze
from accounts.surveys.models import (
    Answer,
    AnswerGrade,
    CaseEvent,
    CorrectiveAction,
    Invitation,
    Respondent,
    Week,
)
from accounts.surveys.queries import invitation_by_token
from accounts.surveys.services import (
    AnswerFacts,
    acknowledge_case,
    ensure_programme,
    issue_token,
    make_due_invitations,
    name_respondent,
    plan_case,
    publish_version,
    record_answer,
)
from accounts.surveys.standard import STANDARD, DimensionFacts, Words
from accounts.users.models import User
from crm.demo.shift import CALENDARS, BrokenKeyError, check_foreign_keys, move_dates, moved_columns
from crm.demo.story.bargains import tell_bargains
from crm.demo.story.book import create_book
from crm.demo.story.cast import create_cast, email
from crm.demo.story.costs import SOURCES, set_up
from crm.demo.story.house import tell_house
from crm.demo.story.planned import tell_planned
from crm.demo.story.playbooks import tell_playbooks
from crm.demo.story.plots import order_lines
from crm.demo.story.surveys import tell_surveys
from crm.demo.story.wants import tell_wants
from crm.demo.story.weeks import tell_weeks
from crm.management.commands.demo_advance import Command, nights_between
from scoring import recompute, tasks
from scoring.models import CurrentRun, RunKind, ScoringRun
from tests.conftest import rows_for_module
from tests.crm.demo.test_story_weeks import CUSTOMERS, LOW, SUNDAY

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
WEEK = 7 * DAY
OURS = (
    *("actions", "appointments", "contacts", "costs", "customers", "deals", "fields", "files", "imports"),
    "interactions",
    *("lists", "needs", "notices", "occasions", "orders", "pghistory", "playbooks", "projects", "reminding"),
    *("scoring", "snoozes", "surveys", "users", "voice"),
)
STAY = {"last_login", "lease_until"}


def make_book() -> None:
    """Customers with their orders, as the first start would have written them."""
    relations = create_book(create_cast(), SUNDAY, count=CUSTOMERS)
    random = np.random.default_rng(1)
    lines = [
        (relation, line)
        for relation in relations
        for line in order_lines(relation.plot, SUNDAY.date(), random)
    ]
    Order.objects.bulk_create(
        Order(
            identity=f"SO{number:06}",
            number=f"SO{number:06}",
            customer=relation.customer,
            ordered_on=line.ordered_on,
            promised_on=line.promised_on,
            delivered_on=line.delivered_on,
            currency="CNY",
            amount_minor=round(line.amount * 100),
            base_amount_minor=round(line.amount * 100),
            direct_cost_minor=round(line.direct_cost * 100),
            base_direct_cost_minor=round(line.direct_cost * 100),
            known_at=min(dt.datetime.combine(line.ordered_on, dt.time(1), tzinfo=dt.UTC), SUNDAY),
        )
        for number, (relation, line) in enumerate(lines, start=1)
    )
    taken = [
        (ImportKind.ORDERS, "orders.csv"),
        *((ImportKind.ACTIVITY_USAGE, source.file_name) for source in SOURCES.values()),
    ]
    Import.objects.bulk_create(
        Import(kind=kind, file_name=name, sha256=f"{number:064}", bytes=1, state=ImportState.DONE)
        for number, (kind, name) in enumerate(taken)
    )


def fill(now: dt.datetime) -> None:
    set_up(User.objects.get(email=email("admin")), now)
    tell_weeks(now)
    tell_house(now)
    tell_wants(now)
    tell_bargains(now)
    tell_planned(now=now)
    tell_surveys(now)
    for as_of in (now - DAY, now):
        run, _is_new = recompute.open_run(as_of, kind=RunKind.MANUAL, terms=tasks.terms())
        while recompute.work(run.pk, terms=tasks.terms()):
            pass
    tell_playbooks(User.objects.get(email=email("admin")), now=now)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    def make() -> None:
        make_book()
        fill(SUNDAY)

    yield from rows_for_module(django_db_blocker, make)


def advance(now: dt.datetime = SUNDAY) -> str:
    output = io.StringIO()
    Command(stdout=output).advance(now)
    return output.getvalue()


def checksums(*, days_back: int) -> dict[str, str]:
    """Of every table of the product, with its dates so many days earlier."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_schema = current_schema() and is_generated = 'NEVER'"
            " and data_type not in ('jsonb', 'tsvector') order by 1, 2"
        )
        tables: dict[str, list[sql.Composable]] = {}
        for table, column, kind in cursor.fetchall():
            if table.partition("_")[0] not in OURS:
                continue
            text = "{}"
            stays = column in STAY or table == CALENDARS
            if not stays and (kind == "date" or kind.startswith("timestamp")):
                text = "{}::timestamp - make_interval(hours => 24 * {days})"
            elif kind == "double precision" and (column.endswith("_day") or "_day_" in column):
                text = "{} - {days}"
            tables.setdefault(table, []).append(
                sql.SQL(text).format(sql.Identifier(column), days=sql.Literal(days_back))
            )
        sums = {}
        for table, columns in tables.items():
            cursor.execute(
                sql.SQL(
                    "select md5(string_agg(said, chr(10) order by said))"
                    " from (select row({})::text said from {}) x"
                ).format(sql.SQL(", ").join(columns), sql.Identifier(table))
            )
            row = cursor.fetchone()
            if row and row[0]:
                sums[table] = row[0]
        return sums


def written() -> list[list[tuple[object, ...]]]:
    """What was told, without ids and secrets."""
    return [
        sorted(Answer.objects.values_list("known_at", "invitation__contact__email", "week_id", "digest")),
        sorted(CaseEvent.objects.values_list("known_at", "case__project__name", "kind", "comment")),
        sorted(Order.objects.values_list("known_at", "number", "customer__number", "amount_minor")),
        sorted(ActivityUsage.objects.values_list("known_at", "reference", "quantity", "base_cost_minor")),
        sorted(Interaction.objects.values_list("started_at", "customer__number", "kind", "summary")),
        sorted(ScoringRun.objects.values_list("as_of", "kind", "state")),
        sorted(Notice.objects.values_list("created_at", "kind", "user__email")),
    ]


def test_everything_is_exactly_a_week_older_and_nothing_else_has_changed(demo: None) -> None:
    expected = checksums(days_back=7)
    facts = list(Notice.objects.order_by("pk").values_list("facts", flat=True))
    moved = move_dates(days=7)
    assert len(expected) > 25
    assert checksums(days_back=0).items() == expected.items()
    assert moved.rows > Invitation.objects.count() + AnswerGrade.objects.count()
    for week in Week.objects.all():
        assert (week.iso_year, week.iso_week) == week.monday.isocalendar()[:2]
    now = list(Notice.objects.order_by("pk").values_list("facts", flat=True))
    pairs = [(old, new) for old, new in zip(facts, now, strict=True) if "week" in old]
    assert pairs
    for old, new in pairs:
        assert dt.date.fromisoformat(new["week"]) == dt.date.fromisoformat(old["week"]) - WEEK
        assert new == old | {"week": new["week"]}
    run = ScoringRun.objects.latest("as_of")
    assert run.cuts is not None
    assert run.cuts["as_of_day"] == (run.as_of.date() - dt.date(1970, 1, 1)).days


def test_every_kind_of_date_column_in_the_catalogue_is_known(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct table_name, udt_name from information_schema.columns"
            " where table_schema = current_schema() and (udt_name ~ 'date|time' or udt_name ~ 'range')"
        )
        kinds = {kind for table, kind in cursor.fetchall() if table.partition("_")[0] in OURS}
    assert kinds == {"date", "timestamptz"}
    assert {table.partition("_")[0] for table in moved_columns()} == set(OURS)


def test_log_ins_sessions_and_leases_keep_their_time(demo: None) -> None:
    User.objects.filter(email=email("am")).update(last_login=SUNDAY)
    Session.objects.create(session_key="key", session_data="", expire_date=SUNDAY)
    ScoringRun.objects.update(lease_until=SUNDAY)
    user = User.objects.get(email=email("am"))
    Snooze.objects.create(user=user, kind="follow_up", key="1", was="2026-03-10", until=SUNDAY)
    created = user.created_at
    move_dates(days=7)
    user.refresh_from_db()
    assert (user.last_login, user.created_at) == (SUNDAY, created - WEEK)
    assert Session.objects.get().expire_date == SUNDAY
    assert set(ScoringRun.objects.values_list("lease_until", flat=True)) == {SUNDAY}
    assert Snooze.objects.values_list("was", "until").get() == ("2026-03-03", SUNDAY - WEEK)


def test_nothing_is_written_into_the_history_by_the_move(demo: None) -> None:
    def old_versions() -> int:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from surveys_correctiveactionevent")
            return int(cursor.fetchone()[0])

    before = old_versions()
    assert before > 0
    move_dates(days=7)
    assert old_versions() == before
    acknowledge_case(
        CorrectiveAction.objects.get(state="open", project__customer__number="C1001"),
        by=User.objects.get(email=email("pm")),
        now=SUNDAY,
    )
    assert old_versions() == before + 1


def test_a_row_that_points_nowhere_is_found(demo: None) -> None:
    check_foreign_keys()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")
            cursor.execute("delete from surveys_week where monday = (select max(monday) from surveys_week)")
            cursor.execute("set local session_replication_role = origin")
        with pytest.raises(BrokenKeyError, match="surveys_"):
            check_foreign_keys()
        transaction.set_rollback(True)


def look_at_the_week(now: dt.datetime, since: dt.datetime) -> None:
    """What holds after every advance."""
    check_foreign_keys()
    assert not AnswerGrade.objects.filter(grade__letter__in=LOW, case=None).exists()
    for model in (Answer, CaseEvent, Order, Interaction, AnswerGrade, Invitation):
        assert not model.objects.filter(known_at__gt=now).exists(), model
    assert not Notice.objects.filter(created_at__gt=now).exists()
    assert not Notice.objects.filter(created_at__lte=since).exists()
    assert not Invitation.objects.filter(due_at__gt=now).exists()
    assert not Invitation.objects.filter(closes_at__lte=now, sent_at=None).exists()
    assert make_due_invitations(now=now) == 0
    open_now = Invitation.objects.filter(closes_at__gt=now)
    assert not open_now.filter(answered_at=None, sent_at__isnull=False).exists()
    nights = nights_between(since, now)
    assert len(nights) == 7
    scored = set(ScoringRun.objects.filter(state="done").values_list("as_of", flat=True))
    assert scored >= set(nights)
    assert now <= CurrentRun.objects.get().run.as_of <= now + 3 * dt.timedelta(seconds=1)
    severe = AnswerGrade.objects.filter(grade__letter="D", known_at__gt=since)
    assert severe.exists()


def test_the_new_week_is_like_those_before(demo: None) -> None:
    cases = set(CorrectiveAction.objects.filter(closed_at=None).values_list("pk", flat=True))
    orders = Order.objects.filter(superseded_at=None).count()
    known_talks = Interaction.objects.count()
    was_open = list(Invitation.objects.filter(closes_at__gt=SUNDAY).values_list("pk", flat=True))
    printed = advance()
    look_at_the_week(SUNDAY, SUNDAY - WEEK)
    assert "8 runs of 12 customers" in printed
    closed = Invitation.objects.filter(pk__in=was_open)
    silent = closed.filter(project__customer__number__in=["C1005", "C1007"])
    asked = closed.exclude(pk__in=silent)
    assert 0.65 < asked.filter(answered_at__isnull=False).count() / asked.count() <= 1
    assert not silent.filter(answered_at__isnull=False).exists()
    new = Invitation.objects.filter(closes_at__gt=SUNDAY)
    assert set(new.values_list("respondent__state", flat=True)) == {"active"}
    assert abs(new.count() - len(was_open)) <= 3
    assert 0.15 < new.filter(answered_at__isnull=False).count() / new.count() < 0.8
    steps = CaseEvent.objects.filter(known_at__gt=SUNDAY - WEEK, case__in=cases, author__isnull=False)
    assert steps.exists()
    assert Order.objects.filter(superseded_at=None).count() > orders
    usages = ActivityUsage.objects.all()
    assert f"{usages.count()} activity usages" in printed
    assert usages.count() > 5
    week = (SUNDAY - WEEK).date(), SUNDAY.date() + DAY
    assert usages.filter(used_on__range=week, known_at__lte=SUNDAY).count() == usages.count()
    delivered = Order.objects.filter(superseded_at=None, delivered_on__gt=(SUNDAY - WEEK).date())
    assert delivered.exists()
    assert not delivered.filter(delivered_on__gt=SUNDAY.date() + DAY).exists()
    talks = Interaction.objects.filter(started_at__gt=SUNDAY - WEEK)
    assert talks.count() == Interaction.objects.count() - known_talks > 0


def test_week_after_week_corrections_are_confirmed_by_those_who_complained(demo: None) -> None:
    first = set(CorrectiveAction.objects.filter(closed_at=None).values_list("pk", flat=True))
    mondays = []
    for _week in range(4):
        advance()
        look_at_the_week(SUNDAY, SUNDAY - WEEK)
        mondays.append(list(Week.objects.order_by("monday").values_list("monday", flat=True)))
    assert mondays[-1][-1] == mondays[0][-1]
    assert len(mondays[-1]) == len(mondays[0]) + 3
    gaps = np.diff(np.array(mondays[-1], dtype="datetime64[D]")).astype(int)
    assert set(gaps.tolist()) == {7}
    kept = Interaction.objects.filter(follow_up_done_at__isnull=False)
    assert 0 < kept.count() < Interaction.objects.filter(follow_up_on__lte=SUNDAY.date()).count()
    confirmed = CorrectiveAction.objects.filter(pk__in=first, closed_at__isnull=False)
    assert confirmed.count() > 0
    for case in confirmed:
        assert case.corrected_at is not None
        assert case.closed_at is not None
        assert case.corrected_at < case.closed_at
        assert case.log.filter(kind="confirmed", contact__isnull=False).exists()


def test_a_customer_with_a_programme_of_his_own_answers_what_it_asks(demo: None) -> None:
    """Three of the five dimensions, one of ours, and grades of which the demo knows not all."""
    general = ensure_programme(now=SUNDAY)
    price = DimensionFacts(
        code="price", words=Words(name="Price", name_zh_hans="价格", name_zh_hant="價格"), weight=1
    )
    dropped = {"A-", "B-"}
    own = publish_version(
        general.programme,
        facts=replace(
            STANDARD,
            dimensions=(*STANDARD.dimensions[:3], price),
            grades=tuple(
                replace(each, warns=True, opens_case=True, confirms_case=False)
                if each.letter == "B"
                else each
                for each in STANDARD.grades
                if each.letter not in dropped
            ),
        ),
        author=None,
        now=SUNDAY - 3 * WEEK,
        customer=Respondent.objects.filter(state="active").earliest("pk").customer,
    )
    for _week in range(3):
        advance()
        look_at_the_week(SUNDAY, SUNDAY - WEEK)
    said = AnswerGrade.objects.filter(programme_version=own)
    assert said.exists()
    asked = {each.code for each in STANDARD.dimensions[:3]}
    assert set(said.values_list("dimension__code", flat=True)) <= asked
    assert not said.filter(opens_case=True, case=None).exists()


def test_the_same_demo_goes_on_in_the_same_way(demo: None) -> None:
    rows = []
    for _time in range(2):
        with transaction.atomic():
            advance()
            advance()
            rows.append(written())
            transaction.set_rollback(True)
    assert rows[0] == rows[1]
    assert all(rows[0])


def test_a_link_that_was_sent_before_still_works(demo: None) -> None:
    waiting = Invitation.objects.filter(closes_at__gt=SUNDAY, answered_at=None)
    tokens = {each.pk: issue_token(each, now=SUNDAY) for each in waiting}
    advance()
    silent = Invitation.objects.filter(pk__in=tokens, answered_at=None, expires_at__gt=SUNDAY).first()
    assert silent is not None
    assert invitation_by_token(tokens[silent.pk]) == silent
    recorded = record_answer(
        token=tokens[silent.pk], facts=AnswerFacts(grades={"quality": "B"}), idempotency_key="me", now=SUNDAY
    )
    assert recorded.answer.is_late


def test_what_people_did_meanwhile_is_left_to_them(demo: None) -> None:
    manager = User.objects.get(email=email("pm"))
    case = CorrectiveAction.objects.get(state="open", project__customer__number="C1001")
    plan_case(case, by=manager, plan="Mine.", solve_by=SUNDAY.date() + 30 * DAY, now=SUNDAY)
    asked = Respondent.objects.values_list("contact", flat=True)
    contact = Contact.objects.filter(customer=case.customer, left_on=None).exclude(pk__in=asked)[0]
    mine = name_respondent(project=case.project, contact=contact, author=manager, now=SUNDAY - 20 * DAY)
    make_due_invitations(now=SUNDAY)
    advance()
    case.refresh_from_db()
    assert case.solve_by == SUNDAY.date() + 23 * DAY
    assert case.log.get(kind="planned").comment == "Mine."
    invited = Invitation.objects.filter(respondent=mine)
    assert invited.count() == 2
    assert not invited.filter(answered_at__isnull=False).exists()
    assert invited.filter(sent_at=None).count() == 1


def test_filling_again_afterwards_does_nothing(demo: None) -> None:
    advance()
    before = (written(), Interaction.objects.count())
    output = io.StringIO()
    call_command("demo_data", stdout=output)
    assert output.getvalue() == ""
    assert (written(), Interaction.objects.count()) == before
