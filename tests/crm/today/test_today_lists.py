"""What stands on whose list, why, and in which order."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import access
from accounts.contacts.models import Contact
from accounts.customers.models import Customer, CustomerStage, Stage
from accounts.imports.models import Import, ImportKind, ImportState
from accounts.interactions.models import Interaction, InteractionKind
from accounts.interactions.services import InteractionFacts, complete_follow_up, log_interaction
from accounts.projects.models import FunctionalRole, Project, ProjectMember
from accounts.projects.services import Membership, create_project
from accounts.surveys.models import CaseState, Invitation, RespondentState
from accounts.surveys.services import (
    acknowledge_case,
    advance_case,
    assign_case,
    change_respondent,
    mark_failed,
    mark_reminded,
    mark_sent,
    name_respondent,
    plan_case,
)
from accounts.users.models import User
from crm.queries import today as queries
from crm.queries.outbox import page_of_outbox
from crm.queries.standing import standing_of
from crm.queries.today.company import refresh_company_week
from crm.queries.today.items import CaseItem, FlagItem, FollowUpItem, GradeItem, LetterItem
from scoring.models import ChurnFlag, CustomerScore, FlagLevel, RunKind, RunState, ScoringRun
from scoring.policy import active_policy, policy_of
from scoring.rescore import sweep
from scoring.satisfaction import group_week
from scoring.services import acknowledge_flag
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, office_of
from tests.conftest import MONDAY, World, customer_of, person
from tests.scoring.book import order, score

NOON = DUE + 2 * HOUR
KINDS = ("owner", "mate", "lead", "stranger", "manager", "member", "executive", "admin")


@pytest.fixture
def office(world: World) -> Office:
    office = office_of(world)
    office.invite()
    return office


def listed(user: User, *, now: dt.datetime = NOON, only: str = "") -> queries.Today:
    return queries.today_of(queries.scope_of(user, now=now, today=now.date()), only=only)


def items(user: User, kind: str, *, now: dt.datetime = NOON) -> list[queries.Item]:
    return [
        item for section in listed(user, now=now).sections if section.code == kind for item in section.items
    ]


def cases(user: User, *, now: dt.datetime = NOON) -> list[CaseItem]:
    return [item for item in items(user, "case", now=now) if isinstance(item, CaseItem)]


def flags(user: User) -> list[FlagItem]:
    return [item for item in items(user, "flag") if isinstance(item, FlagItem)]


def flagged(customer: Customer, level: FlagLevel, score_of_100: float = 60.0) -> ChurnFlag:
    return ChurnFlag.objects.create(
        customer=customer, level=level, score=score_of_100, run_id=1, opened_at=MONDAY
    )


def test_a_d_stands_with_its_reason_on_the_lists_of_those_who_answer_for_it(office: Office) -> None:
    office.say(office.chen, delivery="D", quality="A", comment="Late for the third time")
    world = office.world
    other = person("other", "project_manager")
    create_project(
        customer=world.customer, name="Line 5", manager=other, started_on=MONDAY.date(), now=MONDAY
    )
    seen = {who: cases(user) for who, user in {**world.users, "other": other}.items()}
    assert {who for who, found in seen.items() if found} == {"owner", "lead", "manager"}
    (item,) = seen["manager"]
    assert (item.letter, item.dimension, item.respondent) == ("D", "On-time delivery", "Chen")
    assert item.words == "Late for the third time"
    assert item.case == office.case()
    assert (item.owner, seen["owner"][0].owner) == ("", "Manager")


def test_within_a_sweep_the_same_d_is_the_reason_of_a_flag(office: Office) -> None:
    world = office.world
    Customer.objects.update(known_at=MONDAY)
    # A prospect cannot leave.
    CustomerStage.objects.create(
        customer=world.customer, stage="continuing", valid_from=MONDAY.date(), known_at=MONDAY
    )
    score(DUE, kind=RunKind.NIGHTLY)
    assert flags(world.owner) == []
    office.say(office.chen, delivery="D")
    assert sweep(limit=10, as_of=NOON, zone="UTC").done == (world.customer.pk,)
    (item,) = flags(world.owner)
    assert (item.customer_id, item.since) == (world.customer.pk, NOON)
    assert item.level in {"at_risk", "critical"}
    assert [str(reason.label) for reason in item.reasons] == [
        "Low satisfaction index",
        "Low grades not yet solved",
    ]
    assert item.reasons[0].points > item.reasons[1].points > 0
    assert sum(reason.points for reason in item.reasons) + item.other_points == pytest.approx(item.score)
    assert [who for who in KINDS if flags(getattr(world, who))] == ["owner", "lead", "manager", "executive"]


def test_an_assigned_case_stands_on_the_list_of_a_member(office: Office) -> None:
    ProjectMember.objects.create(
        project=office.project, user=office.world.member, functional_role=FunctionalRole.QUALITY
    )
    office.say(office.chen, delivery="D")
    assert cases(office.world.member) == []
    assign_case(office.case(), owner=office.world.member, by=office.world.manager, now=NOON)
    (item,) = cases(office.world.member)
    assert item.may_work
    assert item.owner == ""


def test_the_clock_that_runs_out_first_comes_first(office: Office) -> None:
    office.say(office.chen, quality="C", at=DUE + 2 * HOUR)
    office.say(office.li, delivery="D", at=DUE + HOUR)
    assert [item.dimension for item in cases(office.world.manager)] == ["On-time delivery", "Quality"]
    bars = [item.bar for item in cases(office.world.manager, now=DUE + DAY + HOUR)]
    assert bars == ["critical", "at_risk"]


def test_what_waits_for_the_customers_word_needs_nobody(office: Office) -> None:
    world = office.world
    office.say(office.chen, delivery="D")
    manager, now = world.manager, NOON
    acknowledge_case(office.case(), by=manager, now=now)
    plan_case(office.case(), plan="Another carrier", solve_by=NOON.date() + 9 * DAY, by=manager, now=now)
    assert (len(cases(manager)), listed(manager).waiting_cases) == (1, 0)
    advance_case(office.case(), to=CaseState.CORRECTED, comment="It runs.", by=manager, now=now)
    assert (cases(manager), listed(manager).count, listed(manager).waiting_cases) == ([], 0, 1)
    assert listed(world.owner).waiting_cases == 1
    assert listed(world.stranger).waiting_cases == listed(world.executive).waiting_cases == 0


def test_an_executive_sees_what_is_overdue_and_worse_than_watch(office: Office) -> None:
    world = office.world
    office.say(office.chen, delivery="D")
    flagged(world.customer, FlagLevel.WATCH)
    flagged(world.foreign, FlagLevel.CRITICAL)
    assert cases(world.executive) == []
    assert [item.customer for item in flags(world.executive)] == ["Nordlicht Pumps"]
    assert len(cases(world.executive, now=DUE + 2 * DAY)) == 1


def test_the_score_is_that_of_the_reasons_and_says_why_the_level_differs(world: World) -> None:
    Customer.objects.update(known_at=MONDAY)
    CustomerStage.objects.create(
        customer=world.customer, stage="continuing", valid_from=MONDAY.date(), known_at=MONDAY
    )
    run = score(NOON)
    ChurnFlag.objects.all().delete()
    flagged(world.customer, FlagLevel.AT_RISK, 86.0)
    scores = CustomerScore.objects.filter(run_id=run.pk, customer_id=world.customer.pk)
    others = len(policy_of(run.policy).churn.signals) - 1

    def shown(churn_score: float, *, level: FlagLevel, is_immediate: bool = False) -> tuple[float, str]:
        scores.update(churn_score=churn_score, churn_points=[churn_score] + [0.0] * others, flag_level=level)
        scores.update(is_immediate=is_immediate)
        ChurnFlag.objects.update(level=level)
        (item,) = flags(world.owner)
        standing = standing_of(world.customer, world.owner, now=NOON).score
        assert standing is not None
        assert (standing.churn_score, standing.tendency) == (item.score, item.tendency)
        assert standing.holds_until == item.holds_until
        assert item.reasons[0].points == item.score
        return item.score, item.tendency

    assert shown(6.0, level=FlagLevel.AT_RISK) == (6.0, "falls")
    assert shown(6.0, level=FlagLevel.AT_RISK, is_immediate=True) == (6.0, "held")
    assert shown(40.0, level=FlagLevel.AT_RISK) == (40.0, "")
    kept = flags(world.owner)[0].holds_until
    assert kept is not None
    assert kept <= 40.0
    assert shown(64.0, level=FlagLevel.AT_RISK) == (64.0, "")
    assert flags(world.owner)[0].holds_until is None
    assert shown(65.0, level=FlagLevel.AT_RISK) == (65.0, "rises")
    assert shown(100.0, level=FlagLevel.CRITICAL) == (100.0, "")


def test_money_is_shown_where_profit_is_and_is_no_secret_of_the_order(world: World) -> None:
    rich, poor = world.customer, customer_of(world.owner, "Small Works")
    for customer, amount in ((rich, 90_000_000), (poor, 100_000)):
        for month in range(1, 13):
            order(customer.pk, f"2025-{month:02}-10", amount, direct_cost_minor=0, base_direct_cost_minor=0)
        create_project(
            customer=customer, name="P", manager=world.manager, started_on=MONDAY.date(), now=MONDAY
        )
    Customer.objects.update(known_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    run = score(MONDAY)
    for customer, churn_score in ((rich, 50.0), (poor, 55.0)):
        scores = CustomerScore.objects.filter(run_id=run.pk, customer_id=customer.pk)
        scores.update(churn_score=churn_score)
    ChurnFlag.objects.all().delete()
    flagged(rich, FlagLevel.AT_RISK, 50.0)
    flagged(poor, FlagLevel.AT_RISK, 55.0)
    by_owner, by_manager = flags(world.owner), flags(world.manager)
    assert [item.customer_id for item in by_owner] == [rich.pk, poor.pk]
    assert (by_owner[0].money_minor or 0) > (by_owner[1].money_minor or 0) > 0
    assert [item.money_minor for item in by_manager] == [None, None]
    assert [item.customer_id for item in by_manager] == [poor.pk, rich.pk]
    User.objects.filter(pk=world.manager.pk).update(may_see_profit=True)
    world.manager.refresh_from_db()
    assert [item.customer_id for item in flags(world.manager)] == [rich.pk, poor.pk]


def test_who_may_acknowledge_a_flag_is_told(office: Office) -> None:
    flagged(office.world.customer, FlagLevel.AT_RISK)
    for who, may_change in (("owner", True), ("lead", True), ("manager", False), ("executive", False)):
        (item,) = flags(getattr(office.world, who))
        assert item.may_change is may_change, who


def test_an_acknowledged_flag_stands_in_a_block_of_its_own_until_it_rises(office: Office) -> None:
    world = office.world
    flag = flagged(world.customer, FlagLevel.WATCH)
    acknowledge_flag(flag, user=world.owner, now=NOON)
    today = listed(world.owner)
    assert today.count == 0
    assert today.acknowledged is not None
    assert [item.key for item in today.acknowledged.items] == [str(flag.pk)]
    ChurnFlag.objects.update(level=FlagLevel.CRITICAL, acknowledged_at=None, acknowledged_by=None)
    today = listed(world.owner)
    assert today.count == 1
    assert today.acknowledged is None


def promise(world: World, *, by: User, days: int, at: dt.datetime = MONDAY) -> Interaction:
    return log_interaction(
        customer=world.customer,
        facts=InteractionFacts(
            kind=InteractionKind.CALL,
            started_at=at,
            summary="Send the offer",
            follow_up_on=at.date() + dt.timedelta(days=days),
            follow_up_by_id=by.pk,
        ),
        contacts=[],
        users=[],
        author=by,
        now=at,
    )


def test_a_follow_up_stands_from_its_day_until_it_is_done_or_the_customer_was_touched(world: World) -> None:
    interaction = promise(world, by=world.owner, days=3)

    def due(user: User, day: int) -> list[FollowUpItem]:
        found = items(user, "follow_up", now=MONDAY + dt.timedelta(days=day))
        return [item for item in found if isinstance(item, FollowUpItem)]

    assert due(world.owner, 2) == []
    assert [item.is_overdue for item in due(world.owner, 3)] == [False]
    assert [item.is_overdue for item in due(world.owner, 4)] == [True]
    assert [item.by for item in due(world.lead, 4)] == ["Owner"]
    assert due(world.mate, 4) == []
    complete_follow_up(interaction, by=world.owner, now=MONDAY)
    assert due(world.owner, 4) == []
    promise(world, by=world.owner, days=5, at=MONDAY + HOUR)
    assert len(due(world.owner, 6)) == 1
    promise(world, by=world.mate, days=20, at=MONDAY + 6 * DAY)
    assert due(world.owner, 7) == []


def test_the_empty_list_says_what_comes_next(office: Office) -> None:
    world = office.world
    promise(world, by=world.owner, days=9)
    today = listed(world.owner)
    assert today.count == 0
    assert today.next is not None
    assert today.next.follow_up_on == dt.date(2026, 3, 11)
    assert today.next.follow_up_customer == "Huaxing Electronics"
    assert today.next.closes_at == Invitation.objects.get(contact=office.chen).closes_at


def test_warning_grades_stand_for_a_week_and_do_not_open_anything(office: Office) -> None:
    office.say(office.chen, quality="B-", support="B-", delivery="A")
    (item,) = items(office.world.manager, "grade")
    assert isinstance(item, GradeItem)
    said = [(each.letter, each.dimension) for each in item.grades]
    assert (said, item.respondent) == ([("B-", "Quality"), ("B-", "Technical support")], "Chen")
    assert len(items(office.world.owner, "grade")) == 1
    assert items(office.world.stranger, "grade") == []
    assert items(office.world.manager, "grade", now=NOON + 8 * DAY) == []


def test_a_late_word_about_an_older_week_is_no_warning_of_this_one(office: Office) -> None:
    office.invite(WEEK + 7 * DAY)
    office.invite(WEEK + 14 * DAY)
    now = NOON + 14 * DAY
    office.say(office.chen, quality="B-", at=now - HOUR)
    assert items(office.world.manager, "grade", now=now) == []
    office.say(office.chen, quality="B-", at=now - HOUR, week=WEEK + 7 * DAY)
    office.say(office.chen, quality="B-", at=now - HOUR, week=WEEK + 14 * DAY)
    assert len(items(office.world.manager, "grade", now=now)) == 1


def test_who_was_reminded_and_is_silent_is_one_line(office: Office) -> None:
    invitation = office.invitation(office.chen)
    mark_sent(invitation.pk, now=DUE)
    assert listed(office.world.manager).silent.count == 0
    mark_reminded(invitation.pk, now=DUE + HOUR)
    assert listed(office.world.manager).silent.names == ("Chen",)
    assert listed(office.world.owner).silent.count == 1
    assert listed(office.world.stranger).silent.count == 0
    office.say(office.chen, quality="A")
    assert listed(office.world.manager).silent.count == 0


def test_projects_without_respondents_are_told_to_those_who_name_them(office: Office) -> None:
    world = office.world
    create_project(
        customer=world.customer, name="Bare", manager=world.manager, started_on=MONDAY.date(), now=MONDAY
    )
    create_project(
        customer=world.customer,
        name="Later",
        manager=world.manager,
        started_on=dt.date(2027, 1, 1),
        now=MONDAY,
    )
    bare = str(Project.objects.get(name="Bare").pk)
    resting = create_project(
        customer=world.customer, name="Rest", manager=world.manager, started_on=MONDAY.date(), now=MONDAY
    )
    who = name_respondent(project=resting, contact=office.chen, author=world.manager, now=MONDAY)
    change_respondent(who, state=RespondentState.PAUSED, author=world.manager, now=MONDAY)
    named = {who: [item.key for item in items(getattr(world, who), "project")] for who in KINDS}
    assert named == {who: [bare] if who in {"manager", "admin"} else [] for who in KINDS}
    Customer.objects.filter(pk=world.customer.pk).update(stage=Stage.LOST)
    assert items(world.manager, "project") == items(world.admin, "project") == []


def test_an_admin_is_told_what_keeps_the_product_from_running(office: Office) -> None:
    world = office.world
    policy = active_policy()
    Import.objects.create(
        kind=ImportKind.ORDERS,
        file_name="orders.csv",
        sha256="0" * 64,
        bytes=1,
        state=ImportState.FAILED,
        finished_at=NOON - HOUR,
        error="empty|0|",
    )
    ScoringRun.objects.create(
        kind=RunKind.NIGHTLY, as_of=NOON, policy=policy, state=RunState.FAILED, opened_at=NOON
    )
    mark_failed(office.invitation(office.chen).pk, reason="550 no such mailbox", now=NOON)
    Customer.objects.filter(pk=world.foreign.pk).update(owner=None)
    assert [section.code for section in listed(world.admin).sections] == [
        "run",
        "import",
        "letter",
        "ownerless",
    ]
    assert listed(world.owner).count == 0
    office.say(office.li, delivery="D")
    flagged(world.customer, FlagLevel.AT_RISK)
    overview = listed(world.admin, now=DUE + 2 * DAY).overview
    assert overview is not None
    assert overview.flags == (("critical", 0), ("at_risk", 1), ("watch", 0))
    assert (overview.cases, overview.overdue_cases) == (1, 1)
    assert listed(world.owner).overview is None


def test_a_letter_that_failed_is_mended_where_its_reason_is(office: Office) -> None:
    world, now = office.world, NOON
    mark_failed(office.invitation(office.chen).pk, reason="550 no such mailbox", now=now)

    def told() -> tuple[str, list[bool]]:
        (item,) = items(world.admin, "letter")
        assert isinstance(item, LetterItem)
        page = page_of_outbox(Invitation.objects.filter(week=WEEK), state="failed", now=now)
        return item.action, [row.may_be_sent_again for row in page.rows]

    assert told() == ("address", [True])
    Project.objects.filter(pk=office.project.pk).update(started_on=WEEK - 9 * DAY, ended_on=WEEK - DAY)
    assert told() == ("respondents", [False])
    Contact.objects.filter(pk=office.chen.pk).update(left_on=WEEK)
    assert told() == ("contact", [False])
    Contact.objects.filter(pk=office.chen.pk).update(left_on=None, email="")
    assert told() == ("address", [False])


def test_an_executive_sees_the_companys_week(office: Office) -> None:
    office.say(office.chen, delivery="D", quality="A")
    week = listed(office.world.executive).week
    assert week is not None
    assert (week.lowest, week.answered, week.invited) == ("D", 1, 2)
    assert listed(office.world.owner).week is None


def test_the_companys_week_is_computed_by_the_beat_for_every_page(office: Office) -> None:
    world = office.world
    refresh_company_week(NOON)
    office.say(office.chen, delivery="D")
    kept = listed(world.executive).week
    assert kept is not None
    assert (kept.lowest, kept.answered) == ("", 0)
    refresh_company_week(NOON)
    graded = list(access.graded_projects(world.executive).values_list("pk", flat=True))
    assert listed(world.executive).week == group_week(graded, week=WEEK, as_of=NOON)


def test_sections_are_short_and_their_counts_exact(world: World) -> None:
    for number in range(25):
        flagged(customer_of(world.owner, f"Customer {number}"), FlagLevel.WATCH, float(number))
    (section,) = listed(world.owner).sections
    assert (len(section.items), section.count, section.has_more) == (10, 25, True)
    (alone,) = listed(world.owner, only="flag").sections
    assert (len(alone.items), alone.has_more) == (25, False)


@pytest.mark.parametrize("who", ["owner", "lead", "manager", "executive", "admin", "member"])
def test_thirty_items_take_as_many_queries_as_three(office: Office, who: str) -> None:
    world = office.world

    def fill(numbers: range) -> None:
        for number in numbers:
            customer = customer_of(world.owner, f"Customer {number}")
            flagged(customer, FlagLevel.CRITICAL)
            project = create_project(
                customer=customer,
                name="P",
                manager=world.manager,
                started_on=MONDAY.date(),
                now=MONDAY,
                members=[Membership(user=world.member, functional_role=FunctionalRole.QUALITY)],
            )
            promise_of(customer, project)

    def promise_of(customer: Customer, project: Project) -> None:
        for by in (world.owner, world.manager, world.executive, world.admin, world.member):
            log_interaction(
                customer=customer,
                facts=InteractionFacts(
                    kind=InteractionKind.CALL,
                    started_at=MONDAY,
                    follow_up_on=MONDAY.date() + DAY,
                    follow_up_by_id=by.pk,
                    project_id=project.pk,
                ),
                contacts=[],
                users=[],
                author=by,
                now=MONDAY,
            )

    def queries_taken() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert listed(getattr(world, who)).count
        return len(captured)

    office.say(office.chen, delivery="D", quality="C", support="B-")
    fill(range(3))
    queries_taken()
    few = queries_taken()
    fill(range(3, 30))
    assert queries_taken() == few <= 26
