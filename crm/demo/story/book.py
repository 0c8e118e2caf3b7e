"""Fill an empty installation with the demo's company: cast, customers, people, projects, talks, orders."""

import csv
import datetime as dt
from pathlib import Path

import numpy as np

from accounts.contacts.models import Attitude, Contact, DecisionRole, Level
from accounts.contacts.services import create_contact, mark_left
from accounts.customers.models import Customer, Industry, Region, SalesChannel, Stage
from accounts.customers.services import change_stage, create_customer
from accounts.projects.models import FunctionalRole, Project, TeamStyle
from accounts.projects.services import Membership, create_project
from accounts.users.models import User
from crm.demo.story import companies
from crm.demo.story.cast import Cast
from crm.demo.story.plots import Plot, order_lines, plots
from crm.demo.story.talks import Relation, write_talks

SEED = 20_260_101
ORDER_SEED = 20_260_102
CUSTOMERS = 150
PROJECTS_PER_GAP = 7
ORDER_HEADER = (
    "Order number",
    "Customer number",
    "Customer",
    "Order date",
    "Promised date",
    "Delivered on",
    "Product line",
    "Quantity",
    "Amount",
    "Direct cost",
    "Currency",
)
_TITLES = {
    Level.EXECUTIVE: (("General manager", "总经理"), ("Vice president operations", "运营副总")),
    Level.MANAGEMENT: (("Purchasing manager", "采购经理"), ("Quality manager", "品质经理")),
    Level.SPECIALIST: (("Design engineer", "设计工程师"), ("Test engineer", "测试工程师")),
    Level.OPERATIONAL: (("Buyer", "采购员"), ("Planner", "计划员")),
}
_HEADCOUNT = {Level.EXECUTIVE: 1, Level.MANAGEMENT: 2, Level.SPECIALIST: 2, Level.OPERATIONAL: 2}
# Level and place of the superior: buyer and planner report to purchasing, the test engineer to quality.
_REPORTS_TO = {
    (Level.MANAGEMENT, 0): (Level.EXECUTIVE, 0),
    (Level.MANAGEMENT, 1): (Level.EXECUTIVE, 0),
    (Level.SPECIALIST, 0): (Level.EXECUTIVE, 0),
    (Level.SPECIALIST, 1): (Level.MANAGEMENT, 1),
    (Level.OPERATIONAL, 0): (Level.MANAGEMENT, 0),
    (Level.OPERATIONAL, 1): (Level.MANAGEMENT, 0),
}
UNREACHED_EVERY = 6
"""One customer in so many has a general manager whom nobody of ours looks after."""


def create_book(cast: Cast, now: dt.datetime, *, count: int = CUSTOMERS) -> list[Relation]:
    """Customers with contacts on all four levels, projects with teams, and what was talked about."""
    random = np.random.default_rng(SEED)
    firms, stories = _drawn(count, random)
    channels = [SalesChannel.objects.get_or_create(name=name)[0] for name in companies.CHANNELS]
    relations = []
    for index, (firm, plot) in enumerate(zip(firms, stories, strict=True)):
        since = now - dt.timedelta(days=plot.starts_before + 30)
        # The stories belong to the demo's first account manager: whoever logs in as "am" finds them.
        owner = cast.managers[0] if index < 8 else cast.managers[index % len(cast.managers)]
        customer = create_customer(
            number=f"C{1001 + index}",
            short_name=firm.short_name,
            legal_name=firm.legal_name,
            region=Region.objects.get_or_create(name=firm.region)[0],
            industry=Industry.objects.get_or_create(name=str(random.choice(firm.industries)))[0],
            channel=channels[random.integers(len(channels))],
            currency="CNY",
            stage=Stage.LONG_TERM if plot.starts_before > 700 else Stage.CONTINUING,
            acquired_on=(now - dt.timedelta(days=plot.starts_before)).date(),
            owner=owner,
            author=owner,
            now=since,
        )
        ours = _counterparts(owner, cast, index)
        contacts = _create_contacts(customer, plot, ours, firm, now, random)
        project = _create_project(customer, owner, cast, index, since, random, is_chinese=firm.is_chinese)
        relations.append(Relation(customer, plot, contacts, project, owner, firm.is_chinese))
    write_talks(relations, now, random)
    _mark_lost(relations, now)
    return relations


def plots_of_the_book(count: int) -> list[Plot]:
    """The plots that `create_book` drew for so many customers, in the order of their numbers."""
    return _drawn(count, np.random.default_rng(SEED))[1]


def _drawn(count: int, random: np.random.Generator) -> tuple[list[companies.Company], list[Plot]]:
    return companies.companies(count, random), plots(count, random)


def write_order_file(relations: list[Relation], path: Path, now: dt.datetime) -> int:
    """The book's orders as a CSV file, for the product's own import; returns the number of rows."""
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(ORDER_HEADER)
        for place, relation in enumerate(relations):
            random = np.random.default_rng([ORDER_SEED, place])
            for line in order_lines(relation.plot, now.date(), random):
                count += 1
                writer.writerow(
                    (
                        f"SO{count:06}",
                        relation.customer.number,
                        relation.customer.short_name,
                        line.ordered_on.isoformat(),
                        line.promised_on.isoformat(),
                        line.delivered_on.isoformat() if line.delivered_on else "",
                        companies.PRODUCT_LINES[random.integers(len(companies.PRODUCT_LINES))],
                        line.quantity,
                        f"{line.amount:.2f}",
                        f"{line.direct_cost:.2f}",
                        "CNY",
                    )
                )
    return count


def _create_contacts(
    customer: Customer,
    plot: Plot,
    ours: dict[Level, User | None],
    firm: companies.Company,
    now: dt.datetime,
    random: np.random.Generator,
) -> list[Contact]:
    owner = customer.owner
    since = now - dt.timedelta(days=plot.starts_before)
    addresses = companies.AddressBook(firm)
    created: dict[tuple[Level, int], Contact] = {}
    for level, headcount in _HEADCOUNT.items():
        for place in range(headcount):
            name = addresses.person(random)
            above = _REPORTS_TO.get((level, place))
            created[level, place] = create_contact(
                customer=customer,
                name=name,
                email=addresses.address(name),
                title=_TITLES[level][place][int(firm.is_chinese)],
                level=level,
                reports_to=created[above] if above else None,
                decision_role=_decision_role(level, place),
                attitude=Attitude(str(random.choice(Attitude.values, p=[0.35, 0.55, 0.10]))),
                counterpart=ours[level] if place == 0 else None,
                language="zh-hans" if firm.is_chinese else "en",
                time_zone="Asia/Shanghai" if firm.is_chinese else "Europe/Berlin",
                author=owner,
                now=since,
            )
    if plot.supporter_left_before is not None:
        _leave(created[Level.EXECUTIVE, 0], addresses, plot.supporter_left_before, now, random)
    return list(created.values())


def _counterparts(owner: User, cast: Cast, index: int) -> dict[Level, User | None]:
    """Who of ours looks after whom: the owner, but engineers talk to engineers."""
    return {
        **dict.fromkeys(Level, owner),
        Level.EXECUTIVE: None if index % UNREACHED_EVERY == 4 else owner,
        Level.SPECIALIST: cast.members[index % len(cast.members)],
    }


def _decision_role(level: Level, place: int) -> str:
    first = {
        Level.EXECUTIVE: DecisionRole.DECISION_MAKER,
        Level.MANAGEMENT: DecisionRole.INFLUENCER,
        Level.SPECIALIST: DecisionRole.USER,
        Level.OPERATIONAL: DecisionRole.BUYER,
    }
    return first[level] if place == 0 else ""


def _leave(
    superior: Contact,
    addresses: companies.AddressBook,
    days_ago: int,
    now: dt.datetime,
    random: np.random.Generator,
) -> None:
    is_chinese = addresses.company.is_chinese
    name = addresses.person(random)
    champion = create_contact(
        customer=superior.customer,
        name=name,
        email=addresses.address(name),
        title="采购总监" if is_chinese else "Head of purchasing",
        level=Level.MANAGEMENT,
        reports_to=superior,
        decision_role=DecisionRole.DECISION_MAKER,
        attitude=Attitude.SUPPORTER,
        language="zh-hans" if is_chinese else "en",
        time_zone="Asia/Shanghai" if is_chinese else "Europe/Berlin",
        counterpart=superior.customer.owner,
        author=superior.customer.owner,
        now=now - dt.timedelta(days=700),
    )
    gone = now - dt.timedelta(days=days_ago)
    mark_left(champion, left_on=gone.date(), now=gone)


def _create_project(
    customer: Customer,
    owner: User,
    cast: Cast,
    index: int,
    since: dt.datetime,
    random: np.random.Generator,
    *,
    is_chinese: bool,
) -> Project:
    manager = cast.project_managers[index % len(cast.project_managers)]
    line = companies.PRODUCT_LINES[index % len(companies.PRODUCT_LINES)]
    return create_project(
        customer=customer,
        name=f"{customer.short_name} {companies.in_his_language(line, is_chinese=is_chinese)}",
        manager=manager,
        started_on=since.date(),
        now=since,
        members=_team(owner, manager, cast.members, index, random),
    )


def _team(
    owner: User, manager: User, members: list[User], index: int, random: np.random.Generator
) -> list[Membership]:
    """Every functional role: sales and project management by rank, the others by two members between them.

    One project in `PROJECTS_PER_GAP` has one or two roles that nobody fills.
    """
    people = {FunctionalRole.SALES: owner, FunctionalRole.PROJECT_MANAGEMENT: manager}
    two = (members[index % len(members)], members[(index + 1) % len(members)])
    styles = {
        person.pk: tuple(TeamStyle(style) for style in random.permutation(TeamStyle.values)[:2])
        for person in (owner, manager, *two)
    }
    others = [role for role in FunctionalRole if role not in people]
    people |= {role: two[place % 2] for place, role in enumerate(others)}
    if index % PROJECTS_PER_GAP == 3:
        for role in random.permutation(others)[: random.integers(1, 3)]:
            del people[FunctionalRole(role)]
    return [
        Membership(
            user=person, functional_role=role, styles=styles[person.pk], dominant_style=styles[person.pk][0]
        )
        for role, person in people.items()
    ]


def _mark_lost(relations: list[Relation], now: dt.datetime) -> None:
    for relation in relations:
        if relation.plot.is_lost:
            change_stage(
                relation.customer,
                stage=Stage.LOST,
                reason="竞争对手的第二工厂就在隔壁。"
                if relation.is_chinese
                else "The competitor's second site is next door.",
                author=relation.owner,
                now=now - dt.timedelta(days=20),
            )
