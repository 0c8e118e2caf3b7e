"""A small book in which every page has something to show: made by the real services, weeks before now.

Its names are Chinese: a page must find room for them in every language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.actions.models import Action
from accounts.actions.services import add_action
from accounts.appointments.models import Appointment, AppointmentKind
from accounts.appointments.services import AppointmentFacts, plan_appointment
from accounts.contacts.models import Attitude, Contact, DecisionRole, Level
from accounts.contacts.services import create_contact, mark_left
from accounts.costs.models import Activity, CostPool, Driver
from accounts.costs.services import UsageFacts, add_activity, add_usage, set_rate
from accounts.customers.models import Customer
from accounts.customers.services import add_former_name, create_customer
from accounts.imports import services as imports
from accounts.imports.models import Import
from accounts.interactions.models import Interaction, InteractionKind, KindTemplate
from accounts.interactions.services import InteractionFacts, delete_interaction, log_interaction
from accounts.notices.services import tell
from accounts.orders.models import Order
from accounts.orders.services import OrderFacts, add_order
from accounts.projects.models import FunctionalRole, Project
from accounts.projects.services import Membership, create_project
from accounts.surveys.models import (
    CaseState,
    CorrectiveAction,
    HolidayCalendar,
    Invitation,
    LetterKind,
    ReviewMeeting,
)
from accounts.surveys.services import (
    AnswerFacts,
    acknowledge_case,
    add_decision,
    advance_case,
    ensure_programme,
    issue_token,
    make_invitations,
    mark_failed,
    name_respondent,
    plan_case,
    record_answer,
    start_draft,
    start_meeting,
)
from accounts.surveys.services.calendars import create_calendar, fill_calendar
from accounts.surveys.weeks import monday_of
from accounts.users.models import Role, User
from accounts.users.services import create_user, save_team
from accounts.voice.models import Voice, VoiceKind
from accounts.voice.services import VoiceFacts, add_voice
from crm.mail import delivery, letters
from crm.mail.folder import page_of_letters
from tests.browser.playing import playing
from tests.browser.surveys import surveys_of
from tests.browser.wanting import wanting
from tests.conftest import PASSWORD
from tests.crm import listed
from tests.scoring.book import score

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
CLERKS = {
    "owner": ("王芳", Role.ACCOUNT_MANAGER),
    "mate": ("李娜", Role.ACCOUNT_MANAGER),
    "lead": ("张伟", Role.ACCOUNT_MANAGER),
    "newcomer": ("刘洋", Role.ACCOUNT_MANAGER),
    "manager": ("陈静", Role.PROJECT_MANAGER),
    "secured": ("杨磊", Role.MEMBER),
    "executive": ("赵敏", Role.EXECUTIVE),
    "admin": ("周杰", Role.ADMIN),
}
NAMES = ("华星电子", "北方光电", "长江仪表", "东海机械", "明远医疗", "天河电力")
GRADES = (
    {"quality": "A-", "delivery": "D", "communication": "B-", "service": "A", "support": "B"},
    {"quality": "C", "delivery": "C", "communication": "B", "service": "C", "support": "D"},
)
ORDERS = """订单号,客户,日期,金额,成本,数量
订-1,华星电子,{day},1200.00,800.00,10
订-2,华星电子,某一天,10.00,1.00,1
订-3,,{day},20.00,1.00,1
"""


@dataclass(frozen=True)
class Book:
    """``keys``: what an address of the product needs to be reversed, by the name pages.py gives it."""

    people: Mapping[str, User]
    keys: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class _Customers:
    first: Customer
    project: Project
    contacts: list[Contact]
    bare: Customer
    """Without anything but a name."""


def make_book() -> Book:
    """Everything, in the database of the test that asks; letters and files in the folders of the settings."""
    now = timezone.now()
    people = {
        who: create_user(email=f"{who}@truenorth.test", name=name, role=role, password=PASSWORD)
        for who, (name, role) in CLERKS.items()
    }
    team = save_team(None, name="华东", lead=people["lead"], members=[people["owner"], people["mate"]])
    customers = _customers(people, now)
    talks, deleted = _talks(customers, people, now)
    orders = [_order(customers.first, number, now) for number in range(12)]
    cases = _cases(customers, people, now)
    done, received = _imports(people["admin"], now)
    activity = _costs(customers.first, now)
    run = score(now - HOUR)
    _tell(people["owner"], customers.first, cases[0])
    keys = {
        "customer": {"pk": customers.first.pk},
        "fact": {"pk": customers.first.pk, "field": "industry"},
        "contact": {"pk": customers.contacts[0].pk},
        "contact_fact": {"pk": customers.contacts[0].pk, "field": "opted_out"},
        "gone": {"pk": customers.contacts[-1].pk},
        "erased": {"pk": _erased(customers.first, now)},
        "project": {"pk": customers.project.pk},
        "interaction": {"identity": talks[0].identity},
        "template": {"pk": _template().pk},
        "deleted": {"pk": customers.first.pk, "identity": deleted.identity},
        "order": {"pk": orders[-1].pk},
        "person": {"pk": people["owner"].pk},
        "team": {"pk": team.pk},
        "run": {"pk": run.pk},
        "import": {"pk": done.pk},
        "received": {"pk": received.pk},
        "activity": {"pk": activity.pk},
        "nowhere": {"pk": 10**9},
        "bare": {"pk": customers.bare.pk},
        "unknown": {"token": "unknown"},
        **{f"case{place}": {"pk": case.pk} for place, case in enumerate(cases)},
        "action": {"pk": _action(cases[0], people, now).pk},
        "appointment": {"pk": _appointment(cases[0], people, now).pk},
        "meeting": {"pk": _meeting(cases[0], people, now).pk},
        "voice": {"pk": _voice(customers, people, now).pk},
        **wanting(customers.first, people["mate"], now),
        **playing(customers.first, people["owner"], people["admin"], now),
        "view": {"pk": listed.view(people["owner"]).pk},
        "bulk": {"pk": listed.change(people["owner"], customers.first).pk},
        "field": {"pk": listed.field().pk},
        "calendar": {"pk": _calendar(now).pk},
        "version": {"pk": cases[0].programme_version_id},
        "draft": {"pk": start_draft(cases[0].programme_version.programme, author=people["admin"]).pk},
        **{
            what: {"pk": customers.first.pk, "what": what}
            for what in ("value", "score", "tier", "flag", "satisfaction")
        },
    }
    return Book(
        people,
        keys
        | _links(customers, now)
        | _letters(customers, people)
        | _entrance(people["secured"])
        | surveys_of(customers.first, customers.contacts[:3], people["owner"]),
    )


def _appointment(case: CorrectiveAction, people: Mapping[str, User], now: dt.datetime) -> Appointment:
    """A visit to come, with guests of both sides."""
    first, second = Contact.objects.filter(customer=case.customer, left_on=None).order_by("pk")[:2]
    facts = AppointmentFacts(
        kind=AppointmentKind.VISIT,
        title="Delivery plan of line 4",
        starts_at=now + dt.timedelta(days=20),
        place="Suzhou, hall 2",
        note="Please bring the drawings.",
        invites=True,
        contacts=(first.pk, second.pk),
        users=(people["mate"].pk,),
    )
    return plan_appointment(customer=case.customer, facts=facts, author=people["owner"], now=now)


def _action(case: CorrectiveAction, people: Mapping[str, User], now: dt.datetime) -> Action:
    """Overdue, out of a case, and for the owner to do."""
    return add_action(
        title="与物流商确认班次",
        note="每周两次，另加周六。",
        owner=people["owner"],
        author=people["manager"],
        case=case,
        due_on=now.date() - 2 * DAY,
        now=now,
    )


def _meeting(case: CorrectiveAction, people: Mapping[str, User], now: dt.datetime) -> ReviewMeeting:
    """About the week of a case, with a decision and an action."""
    meeting = start_meeting(week=case.opened_by.week_id, chair=people["manager"], held_on=now.date(), now=now)
    add_decision(meeting, text="更换物流商。", decided_by=people["manager"], project=case.project, now=now)
    add_action(
        title="拜访新物流商",
        owner=people["manager"],
        author=people["manager"],
        project=case.project,
        meeting=meeting,
        now=now,
    )
    return meeting


def _voice(customers: _Customers, people: Mapping[str, User], now: dt.datetime) -> Voice:
    facts = VoiceFacts(
        kind=VoiceKind.COMPLAINT,
        text="货车半夜才到。",
        heard_on=now.date() - 5 * DAY,
        owner_id=people["owner"].pk,
        contact_id=customers.contacts[0].pk,
    )
    return add_voice(customer=customers.first, facts=facts, author=people["mate"], now=now)


def _calendar(now: dt.datetime) -> HolidayCalendar:
    calendar = create_calendar(name="中国", country="CN")
    fill_calendar(calendar, years=[now.year], language="zh-hans")
    return calendar


def _customers(people: Mapping[str, User], now: dt.datetime) -> _Customers:
    since = now - 400 * DAY
    made = [
        create_customer(
            short_name=name,
            legal_name=f"{name}股份有限公司",
            number=f"KH-{place}",
            currency="CNY",
            owner=people["owner"] if place < 4 else None,
            author=people["admin"],
            acquired_on=since.date(),
            now=since,
        )
        for place, name in enumerate(NAMES)
    ]
    add_former_name(made[0], name="华星无线电厂", now=since)
    contacts: list[Contact] = []
    for place, (name, level) in enumerate(
        zip(("陈建国", "黄丽", "吴强", "徐静", "孙浩"), [*Level, Level.SPECIALIST], strict=True)
    ):
        contacts.append(
            create_contact(
                customer=made[0],
                name=name,
                level=level,
                author=people["owner"],
                now=since,
                title="采购部经理",
                email=f"contact{place}@huaxing.test",
                attitude=list(Attitude)[place % 3],
                decision_role=list(DecisionRole)[place],
                reports_to=contacts[0] if contacts else None,
                counterpart=people["owner"],
                time_zone="UTC",
            )
        )
    contacts[-1] = mark_left(contacts[-1], left_on=(now - 30 * DAY).date(), now=now)
    project = create_project(
        customer=made[0],
        name="四号生产线",
        manager=people["manager"],
        started_on=since.date(),
        now=since,
        members=[Membership(user=people["secured"], functional_role=FunctionalRole.QUALITY)],
    )
    return _Customers(made[0], project, contacts, made[3])


def _talks(
    customers: _Customers, people: Mapping[str, User], now: dt.datetime
) -> tuple[list[Interaction], Interaction]:
    """Three talks, the first with a follow-up that is overdue; and one that was deleted."""

    def talk(days: int, **more: Any) -> Interaction:
        facts = InteractionFacts(
            kind=InteractionKind.CALL, started_at=now - days * DAY, minutes=20, summary="谈了交货期。", **more
        )
        return log_interaction(
            customer=customers.first,
            facts=facts,
            contacts=[customers.contacts[0].pk],
            users=[people["owner"].pk],
            author=people["owner"],
            now=now - days * DAY,
        )

    follow = {"follow_up_on": (now - 2 * DAY).date(), "follow_up_by_id": people["owner"].pk}
    talks = [talk(9, **follow), talk(40), talk(90)]
    deleted = talk(5)
    delete_interaction(deleted, deleted_by=people["owner"], now=now)
    return talks, deleted


def _erased(customer: Customer, now: dt.datetime) -> int:
    contact = create_contact(customer=customer, name="无", level=Level.SPECIALIST, author=None, now=now)
    pk = contact.pk
    contact.delete()
    return pk


def _template() -> KindTemplate:
    texts = {"text": "Present:\nAgreed:", "text_zh_hans": "参加人员：\n达成一致："}
    return KindTemplate.objects.get_or_create(kind=InteractionKind.VISIT, defaults=texts)[0]


def _order(customer: Customer, number: int, now: dt.datetime) -> Order:
    day = (now - (360 - 20 * number) * DAY).date()
    facts = OrderFacts(
        ordered_on=day,
        amount_minor=1_000_000 + number,
        currency="CNY",
        number=f"XS-{number}",
        direct_cost_minor=700_000,
    )
    return add_order(customer=customer, facts=facts, now=now)


def _cases(customers: _Customers, people: Mapping[str, User], now: dt.datetime) -> list[CorrectiveAction]:
    """Two weeks of answers, and of their corrective actions one in each state that an action begins with."""
    ensure_programme(now=now - 400 * DAY)
    for contact in customers.contacts[:3]:
        name_respondent(
            project=customers.project, contact=contact, author=people["manager"], now=now - 60 * DAY
        )
    for weeks, grades in ((2, GRADES[0]), (1, GRADES[1])):
        monday = monday_of(now.date()) - weeks * 7 * DAY
        due = _due(monday)
        make_invitations(monday, now=due)
        for contact in customers.contacts[:2]:
            token = issue_token(_invitation(contact, monday), now=due)
            facts = AnswerFacts(grades=grades, comment="连续两次交货晚了。")
            record_answer(token=token, facts=facts, idempotency_key=f"{contact.pk}-{weeks}", now=due + HOUR)
    cases = list(CorrectiveAction.objects.order_by("pk"))
    solve_by = (now + 10 * DAY).date()
    manager = people["manager"]
    acknowledge_case(cases[1], by=manager, now=now)
    plan_case(cases[2], by=manager, plan="每周两次发车。", solve_by=solve_by, now=now)
    plan_case(cases[3], by=manager, plan="每周两次发车。", solve_by=solve_by, now=now)
    advance_case(cases[3], to=CaseState.CORRECTED, by=manager, comment="已经预订。", now=now)
    return cases


def _due(monday: dt.date) -> dt.datetime:
    """Friday 14:00 where the respondents are."""
    return dt.datetime.combine(monday + 4 * DAY, dt.time(14), dt.UTC)


def _invitation(contact: Contact, monday: dt.date) -> Invitation:
    return Invitation.objects.get(contact=contact, week=monday)


def _costs(customer: Customer, now: dt.datetime) -> Activity:
    """Two activities, one of which adds no value, and a year of what was used of them."""
    made = [
        add_activity(code=code, name=name, pool=pool, driver=driver, is_value_adding=pool == "sales", now=now)
        for code, name, pool, driver in (
            ("SA-VIS", "客户拜访", CostPool.SALES, Driver.VISITS),
            ("AS-CMP", "投诉处理", CostPool.AFTER_SALES, Driver.MINUTES),
        )
    ]
    day = (now - 400 * DAY).date()
    for activity in made:
        set_rate(activity=activity, valid_from=day, rate_minor=Decimal(98_050), author=None, now=now)
        for month in range(12):
            used_on, quantity = (now - 30 * month * DAY).date(), Decimal(1 + month % 3)
            facts = UsageFacts(activity=activity, used_on=used_on, quantity=quantity)
            add_usage(customer=customer, facts=facts, now=now)
    return made[0]


def _imports(admin: User, now: dt.datetime) -> tuple[Import, Import]:
    """One that is done, with refused rows; one that waits for its columns to be chosen."""
    text = ORDERS.format(day=(now - 30 * DAY).date())

    def receive(name: str) -> Import:
        return imports.receive_import(file=ContentFile(text.encode(), name), owner=None, user=admin)

    done = receive("订单.csv")
    imports.start_import(done)
    imports.run_import(done.pk, now=now)
    done.refresh_from_db()
    return done, receive("新订单.csv")


def _tell(owner: User, customer: Customer, case: CorrectiveAction) -> None:
    tell(owner, "churn_flag", {"flag": 1, "level": 2, "before": 1, "score": 51.2}, customer)
    tell(owner, "survey_case_assigned", {"case": case.pk, "by": owner.pk}, customer)


def _links(customers: _Customers, now: dt.datetime) -> dict[str, dict[str, str]]:
    """Respondents' links: to the form, to what was recorded, and one that has expired."""
    last = monday_of(now.date()) - 7 * DAY
    due = _due(last)
    answered, _, silent = customers.contacts[:3]
    links = {
        "form": {"token": issue_token(_invitation(silent, last), now=due)},
        "answered": {"token": issue_token(_invitation(answered, last), now=due)},
        "expired": {"token": issue_token(_invitation(silent, last - 7 * DAY), now=due - 7 * DAY)},
    }
    Invitation.objects.filter(week=last).update(closes_at=now + DAY, expires_at=now + 15 * DAY)
    Invitation.objects.exclude(week=last).update(closes_at=now - DAY, expires_at=now - HOUR)
    return links


def _letters(customers: _Customers, people: Mapping[str, User]) -> dict[str, dict[str, str]]:
    """A letter to a respondent and one to a colleague, and one that could not be delivered."""
    asked = Invitation.objects.order_by("-week", "contact")
    invitation = asked.filter(contact=customers.contacts[2])[0]
    # At its own hour: on a Sunday evening last week's letters are too old to be sent.
    assert delivery.deliver(invitation.pk, LetterKind.INVITATION, now=invitation.due_at + HOUR)
    mark_failed(asked[0].pk, reason="550 5.1.1", now=timezone.now())
    letters.deliver("one", "invitation", people["mate"].pk, {})
    return {"letter": {"name": page_of_letters().rows[-1].name}}


def _entrance(secured: User) -> dict[str, dict[str, Any]]:
    """A link to a new password, one that was used, and one that confirms no address."""
    person = user_pk_to_url_str(secured)
    return {
        "new_password": {"uidb36": person, "key": default_token_generator.make_token(secured)},
        "used_password": {"uidb36": person, "key": "used"},
        "confirm": {"key": "unknown"},
    }
