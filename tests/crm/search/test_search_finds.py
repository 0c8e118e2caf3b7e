"""One search over everything: what it finds by which words, in which order, and for whom."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact
from accounts.customers.models import Customer
from accounts.customers.services import add_former_name, change_owner, create_customer
from accounts.deals.services import ContractFacts, add_contract
from accounts.interactions.models import InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.orders.models import Order
from accounts.projects.models import Project
from accounts.projects.services import change_project, create_project
from accounts.users.models import User
from crm import recent
from crm.queries import search
from crm.queries.search import Answer, Kind, TooLongError
from tests.accounts.surveys.office import office_of
from tests.conftest import MONDAY, World


def customer(name: str, owner: User | None, legal: str = "", number: str | None = None) -> Customer:
    return create_customer(
        short_name=name,
        legal_name=legal,
        number=number,
        owner=owner,
        author=owner,
        currency="CNY",
        now=MONDAY,
    )


def contact(of: Customer, name: str, **fields: str) -> Contact:
    return create_contact(customer=of, name=name, level=Level.EXECUTIVE, author=None, now=MONDAY, **fields)


def talk(about: Customer, author: User, summary: str, days: int = 0) -> None:
    at = MONDAY - dt.timedelta(days=days)
    facts = InteractionFacts(kind=InteractionKind.CALL, started_at=at, summary=summary)
    log_interaction(customer=about, facts=facts, contacts=[], users=[], author=author, now=MONDAY)


def order(of: Customer, number: str) -> Order:
    return Order.objects.create(
        known_at=MONDAY,
        identity=number,
        number=number,
        customer=of,
        ordered_on=MONDAY.date(),
        currency="CNY",
        amount_minor=1,
        base_amount_minor=1,
    )


def answer(text: str, user: User, **how: object) -> Answer:
    question = search.question_of(text)
    return search.answer_to(question, user=user, **how) if question else Answer([])  # type: ignore[arg-type]


def found(text: str, user: User, kind: str = Kind.CUSTOMER, **how: object) -> list[str]:
    groups = {group.kind: group for group in answer(text, user, **how).groups}
    return [hit.name for hit in groups[kind].hits] if kind in groups else []  # type: ignore[index]


def marked(text: str, user: User) -> str:
    """What was meant in the title of the first hit."""
    return "".join(part.text for part in answer(text, user).hits[0].title if part.is_meant)


@pytest.fixture
def book(world: World) -> World:
    huawei = customer("深圳华为技术", world.owner, "深圳市华为技术有限公司", "K-77")
    add_former_name(huawei, name="大同机械", now=MONDAY)
    siemens = customer("Siemens Müller", world.owner, "Siemens Müller AG")
    customer("國泰電子", world.owner)
    contact(huawei, "单国强", email="guoqiang@huawei.example", phone="+86 138 0013 4567")
    contact(siemens, "Zoë Ångström", email="zoe@siemens.example")
    create_project(
        customer=huawei, name="模具产线", manager=world.manager, started_on=MONDAY.date(), now=MONDAY
    )
    order(huawei, "PO-2041/A")
    talk(huawei, world.owner, "拜訪總經理，談到新工廠的建設。")
    talk(siemens, world.owner, "Straße 5: delivery was late, ISO-9001 too.", days=99)
    return world


@pytest.mark.parametrize(
    ("text", "name", "mark"),
    [
        ("华为", "深圳华为技术", "华为"),  # two characters, which have no trigram
        ("華為", "深圳华为技术", "华为"),  # traditional for simplified
        ("国泰", "國泰電子", "國泰"),  # and the other way round
        ("电子", "國泰電子", "電子"),
        ("hw", "深圳华为技术", "华为"),  # initials from the middle
        ("szhw", "深圳华为技术", "深圳华为"),
        ("huawei", "深圳华为技术", "华为"),
        ("hua wei", "深圳华为技术", "华为"),
        ("HUAWE", "深圳华为技术", "华为"),
        ("ｈｕａｗｅｉ", "深圳华为技术", "华为"),  # full width
        ("hua\u200bwei\ufeff", "深圳华为技术", "华为"),  # with what nobody sees in it
        ("大同", "深圳华为技术", ""),  # a former name
        ("k77", "深圳华为技术", ""),
        ("K-77", "深圳华为技术", ""),
        ("muller", "Siemens Müller", "Müller"),
        ("MÜLLER", "Siemens Müller", "Müller"),
        ("si", "Siemens Müller", "Si"),
        ("s", "Siemens Müller", "S"),
        ("siemens ag", "Siemens Müller", "Siemens"),
    ],
)
def test_a_customer_is_found_by_characters_pinyin_initials_and_former_names(
    book: World, text: str, name: str, mark: str
) -> None:
    assert name in found(text, book.owner)
    assert found(text, book.admin)[0] == found(text, book.owner)[0]
    if found(text, book.owner)[0] == name:
        assert marked(text, book.owner) == mark


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("单", Kind.CONTACT, "单国强"),  # one surname
        ("shan guoqiang", Kind.CONTACT, "单国强"),  # in every reading of it
        ("dgq", Kind.CONTACT, "单国强"),
        ("guoqiang@huawei", Kind.CONTACT, "单国强"),
        ("4567", Kind.CONTACT, "单国强"),  # the last digits of his telephone
        ("0138 0013", Kind.CONTACT, "单国强"),
        ("１３８００１３", Kind.CONTACT, "单国强"),
        ("angstrom", Kind.CONTACT, "Zoë Ångström"),
        ("模具", Kind.PROJECT, "模具产线"),
        ("mjcx", Kind.PROJECT, "模具产线"),
        ("po-20", Kind.ORDER, "PO-2041/A"),
        ("PO-2041/A", Kind.ORDER, "PO-2041/A"),
        ("工厂", Kind.INTERACTION, "拜訪總經理，談到新工廠的建設。"),
        ("建设", Kind.INTERACTION, "拜訪總經理，談到新工廠的建設。"),
        ("总经理 新工厂", Kind.INTERACTION, "拜訪總經理，談到新工廠的建設。"),
        ("deliv late", Kind.INTERACTION, "Straße 5: delivery was late, ISO-9001 too."),
        ("iso-9001", Kind.INTERACTION, "Straße 5: delivery was late, ISO-9001 too."),
        ("STRASSE", Kind.INTERACTION, "Straße 5: delivery was late, ISO-9001 too."),
    ],
)
def test_contacts_projects_orders_and_talks_are_found(book: World, text: str, kind: str, name: str) -> None:
    assert found(text, book.owner, kind) == [name]
    assert found(text, book.admin, kind) == [name]


@pytest.mark.parametrize(
    "text", ["为华", "经总", "xqzzk", "deliveries", "%", "_", "\\", "'", "\x00", "🏭", "\u202e"]
)
def test_what_is_not_there_is_not_found(book: World, text: str) -> None:
    assert [hit.name for hit in answer(text, book.admin).hits] == []


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Simens", "Siemens Müller"), ("siemans", "Siemens Müller"), ("angstorm", "Zoë Ångström")],
)
def test_a_misspelt_name_is_guessed(book: World, typed: str, name: str) -> None:
    for user in (book.owner, book.admin):
        guess = answer(typed, user)
        assert guess.is_guess
        assert name in [hit.name for hit in guess.hits]


def test_the_exact_name_comes_first_then_beginnings_then_initials_then_the_rest(world: World) -> None:
    for name in ("北京海华精密", "海华", "海华精密", "汉和", "苏州海华"):
        customer(name, None)
    assert found("海华", world.admin) == ["海华", "海华精密", "北京海华精密", "苏州海华"]
    assert found("haihua", world.admin)[0] == "海华"
    assert found("hh", world.admin)[:2] == ["海华", "汉和"]


def test_ones_own_and_lately_opened_customers_come_before_others_that_match_as_well(world: World) -> None:
    for name in ("Alpha Pumps", "Beta Pumps", "Gamma Pumps", "Pumps"):
        customer(name, None)
    gamma = Customer.objects.get(short_name="Gamma Pumps")
    assert found("pumps", world.admin)[:2] == ["Pumps", "Alpha Pumps"]
    assert found("pumps", world.admin, recent=[gamma.pk])[:2] == ["Pumps", "Gamma Pumps"]
    change_owner(gamma, owner=world.admin, author=None, now=MONDAY)
    assert found("pumps", world.admin)[:2] == ["Pumps", "Gamma Pumps"]


def test_what_one_does_not_see_is_neither_found_nor_counted_nor_remembered(book: World) -> None:
    foreign = book.foreign
    contact(foreign, "华为 Foreign", email="foreign@nord.example")
    create_project(
        customer=foreign, name="华为 line", manager=book.stranger, started_on=MONDAY.date(), now=MONDAY
    )
    order(foreign, "PO-2099")
    talk(foreign, book.stranger, "华为 came up; delivery too.")
    for text in ("华为", "nordlicht", "foreign", "po-20", "delivery", "Nordlihct"):
        for hit in answer(text, book.owner).hits:
            assert hit.customer_id != foreign.pk, text
        for hit in answer(text, book.stranger).hits:
            assert hit.customer_id == foreign.pk, text
    seen = {group.kind: group.count for group in answer("华为", book.owner).groups}
    assert seen == {Kind.CUSTOMER: 1}
    assert answer("华为", book.mate).groups == []
    contacts = Contact.objects.filter(customer=foreign).values_list("pk", flat=True)
    entries = [("customer", foreign.pk), ("contact", contacts[0]), ("customer", book.customer.pk)]
    assert [hit.key for hit in search.recent_hits(entries, user=book.owner)] == [str(book.customer.pk)]


def test_the_loser_of_a_merge_and_older_versions_are_not_found(book: World) -> None:
    tombstone = customer("Siemens Double", book.owner)
    Customer.objects.filter(pk=tombstone.pk).update(merged_into=book.customer)
    Order.objects.filter(number="PO-2041/A").update(superseded_at=MONDAY)
    assert found("siemens", book.admin) == ["Siemens Müller"]
    assert found("po-2041", book.admin, Kind.ORDER) == []


def test_somebody_inactive_finds_nothing(book: World) -> None:
    book.owner.is_active = False
    book.owner.save()
    assert answer("华为", book.owner).groups == []


def test_an_empty_search_asks_nothing(book: World, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        for text in ("", " ", "\t\n", "\u200b", "%%", "--", "。，"):
            assert search.question_of(text) is None


def test_more_than_a_name_is_refused_before_it_is_looked_for() -> None:
    with pytest.raises(TooLongError):
        search.question_of("华" * 10_000_000)


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_a_search_takes_as_many_statements_for_thirty_as_for_three(
    book: World, django_assert_num_queries: object, who: str
) -> None:
    statements = {"owner": 3, "admin": 2}[who]
    with django_assert_num_queries(statements):  # type: ignore[operator]
        assert len(answer("si", book.users[who], limit=50).hits) >= 1
    for number in range(30):
        one = customer(f"Sigma {number}", book.owner)
        contact(one, f"Simon {number}")
        talk(one, book.owner, "si, said Simon")
    with django_assert_num_queries(statements):  # type: ignore[operator]
        assert len(answer("si", book.users[who], limit=50).hits) > 60


def test_talks_are_the_same_whichever_way_they_are_read(book: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of few customers, through the index for each, and for who sees many."""
    for number in range(12):
        talk(book.customer, book.owner, f"Late delivery, case {number}", days=12 - number)
    expected = found("late deliv", book.owner, Kind.INTERACTION, limit=10)
    assert expected[0] == "Late delivery, case 11"
    assert len(expected) == 10
    assert found("late deliv", book.admin, Kind.INTERACTION, limit=10) == expected
    monkeypatch.setattr("crm.queries.search.talks.FEW", 0)
    assert found("late deliv", book.owner, Kind.INTERACTION, limit=10) == expected
    monkeypatch.setattr("crm.queries.search.talks.SOME", 0)
    assert found("late deliv", book.owner, Kind.INTERACTION, limit=10) == expected
    monkeypatch.setattr("crm.queries.search.talks.LATEST_OF_SOME", 1)
    assert found("late deliv", book.owner, Kind.INTERACTION, limit=10) == expected
    assert found("late deliv", book.stranger, Kind.INTERACTION, limit=10) == []


def test_names_are_the_same_whichever_way_they_are_read(book: World, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("hw", "huawei", "华为", "si", "s", "4567", "mjcx", "guoqiang@", "simens")
    expected = [[hit.name for hit in answer(text, book.owner).hits] for text in texts]
    assert all(expected)
    monkeypatch.setattr("crm.queries.search.scope.FEW", 0)
    assert [[hit.name for hit in answer(text, book.owner).hits] for text in texts] == expected


def test_opened_pages_are_remembered_the_latest_first(client: Client, book: World) -> None:
    client.force_login(book.owner)
    other = Customer.objects.get(short_name="Siemens Müller")
    for path in (
        f"/customers/{book.customer.pk}",
        f"/customers/{other.pk}/orders",
        f"/customers/{book.foreign.pk}",
    ):
        client.get(path)
    client.get(f"/customers/{book.customer.pk}/edit")
    client.get(f"/customers/{book.customer.pk}", headers={"HX-Request": "true"})
    assert recent.opened_lately(book.owner.pk) == [("customer", other.pk), ("customer", book.customer.pk)]
    names = [hit.name for hit in client.get("/search/palette").context["recent"]]
    assert names == ["Siemens Müller", "Huaxing Electronics"]
    change_owner(other, owner=book.stranger, author=None, now=MONDAY)
    assert [hit.name for hit in client.get("/search/").context["recent"]] == ["Huaxing Electronics"]
    cache.delete(f"opened-lately:{book.owner.pk}")


def test_an_order_opens_the_page_that_begins_with_it(client: Client, book: World) -> None:
    client.force_login(book.owner)
    of = Order.objects.get(number="PO-2041/A").customer
    for number in range(60):
        order(of, f"PO-3{number:03}")
    (hit,) = answer("PO-2041", book.owner).hits
    assert client.get(hit.url).context["page"].rows[0].number == "PO-2041/A"


def test_projects_get_their_keys_with_every_change_of_the_name(book: World) -> None:
    project = Project.objects.get(name="模具产线")
    change_project(project, expected_version=project.version, changes={"name": "样机试制"})
    assert found("yangji", book.owner, Kind.PROJECT) == ["样机试制"]
    assert found("模具", book.owner, Kind.PROJECT) == []


@pytest.mark.parametrize("typed", ["simens-muler", "Simens Muller", "Zoe Angstorm"])
def test_names_of_two_misspelt_words_are_guessed(book: World, typed: str) -> None:
    for user in (book.owner, book.admin):
        hits = [hit.name for hit in answer(typed, user).hits]
        assert {"Siemens Müller", "Zoë Ångström"} & set(hits), typed


def test_a_contract_is_found_by_how_its_number_begins(client: Client, book: World) -> None:
    facts = ContractFacts(
        title="Supply of boxes", number="SC-2026/07", starts_on=MONDAY.date(), owner_id=book.owner.pk
    )
    made = add_contract(customer=book.customer, facts=facts, author=book.owner, now=MONDAY)
    for typed in ("SC-2026/07", "sc-2026", "sc-2"):
        (hit,) = answer(typed, book.owner).hits
        assert (hit.kind, hit.name, hit.url) == ("contract", "Supply of boxes", f"/contracts/{made.pk}")
        assert found(typed, book.admin, Kind.CONTRACT) == ["Supply of boxes"]
        assert found(typed, book.stranger, Kind.CONTRACT) == []
    for typed in ("2026/07", "sc_2026", "sc-%1"):
        assert found(typed, book.owner, Kind.CONTRACT) == []
    client.force_login(book.owner)
    assert "<mark>SC-2026</mark>/07" in client.get("/search/", {"q": "sc-2026"}).content.decode()


def test_a_corrective_action_is_found_by_its_number(world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, delivery="D")
    case = office.case()
    for typed in (f"CA-{case.pk}", f"ca {case.pk}", f"ca{case.pk}", f"ＣＡ-{case.pk}", f"CA-0{case.pk}"):
        (hit,) = answer(typed, office.world.manager).hits
        assert (hit.kind, hit.name, hit.url) == ("case", f"CA-{case.pk}", f"/cases/{case.pk}")
        assert hit.customer == office.world.customer.short_name
    assert found(f"CA-{case.pk}", office.world.admin, Kind.CASE) == [f"CA-{case.pk}"]
    assert found(f"CA-{case.pk}", office.world.stranger, Kind.CASE) == []
    for typed in (f"CA-{case.pk + 1}", "CA-0", "CA-99999999999999999999", "CA", str(case.pk)):
        assert found(typed, office.world.admin, Kind.CASE) == []
