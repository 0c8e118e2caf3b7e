"""Pages about interactions: log, correct, delete, undo."""

from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact
from accounts.customers.models import CustomerInput
from accounts.interactions.models import Interaction, InteractionKind
from accounts.interactions.services import InteractionFacts, correct_interaction, log_interaction
from accounts.projects.models import FunctionalRole
from accounts.projects.services import Membership, create_project
from accounts.users.models import User
from tests.conftest import MONDAY, World

MOST_QUERIES = 10
HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def contact(world: World, name: str = "Li Na", *, foreign: bool = False) -> Contact:
    customer = world.foreign if foreign else world.customer
    return create_contact(
        customer=customer, name=name, level=Level.MANAGEMENT, author=world.owner, now=MONDAY
    )


def typed(**values: object) -> dict[str, object]:
    present = {
        "kind": "call",
        "started_at": "2026-03-02T10:00",
        "minutes": "20",
        "direction": "outbound",
        "summary": "Asked for samples",
    }
    return present | values


def logged(world: World, author: User | None = None) -> Interaction:
    return log_interaction(
        customer=world.customer,
        facts=InteractionFacts(kind=InteractionKind.CALL, started_at=MONDAY, summary="Weekly call"),
        contacts=[],
        users=[],
        author=author or world.owner,
        now=MONDAY,
    )


def address(world: World) -> str:
    return f"/customers/{world.customer.pk}/interactions/new"


def test_an_interaction_is_logged_with_its_people(owner: Client, world: World) -> None:
    li = contact(world)
    answer = owner.post(address(world), typed(contacts=[li.pk], users=[world.owner.pk], sentiment="-1"))
    found = Interaction.objects.get()
    assert answer.headers["Location"] == f"/customers/{world.customer.pk}"
    assert (found.minutes, found.sentiment, found.author) == (20, -1, world.owner)
    assert {(row.contact, row.user) for row in found.participants.all()} == {(li, None), (None, world.owner)}


def test_the_start_is_read_in_the_persons_own_time_zone(client: Client, world: World) -> None:
    User.objects.filter(pk=world.owner.pk).update(time_zone="Asia/Shanghai")
    client.force_login(world.owner)
    client.post(address(world), typed())
    assert Interaction.objects.get().started_at == dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)


def test_a_quick_log_answers_with_the_new_timeline_and_a_message(owner: Client, world: World) -> None:
    form = owner.get(address(world), headers=HTMX).content.decode()
    assert "<html" not in form
    answer = owner.post(address(world), typed(), headers=HTMX).content.decode()
    assert "<html" not in answer
    assert "Asked for samples" in answer
    assert "Logged." in answer


def test_a_quick_log_typed_wrong_answers_with_the_form(owner: Client, world: World) -> None:
    answer = owner.post(address(world), typed(minutes="-1"), headers=HTMX)
    assert answer.status_code == 422
    assert "<html" not in answer.content.decode()
    assert "Asked for samples" in answer.content.decode()
    assert not Interaction.objects.exists()


def test_logging_takes_few_queries(owner: Client, world: World) -> None:
    people = [contact(world, name).pk for name in ("A", "B", "C")]
    owner.get(address(world))
    with CaptureQueriesContext(connection) as captured:
        owner.post(address(world), typed(contacts=people, users=[world.owner.pk]))
    assert Interaction.objects.count() == 1
    # Savepoints are the test's own transaction; a request of its own sends none of them.
    sent = [one["sql"] for one in captured if "SAVEPOINT" not in one["sql"]]
    assert len(sent) <= MOST_QUERIES, sent


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("started_at", "one of these days"),
        ("started_at", "1900-01-01 10:00"),
        ("started_at", "2100-01-01 10:00"),
        ("follow_up_on", "soon"),
        ("minutes", "-5"),
        ("started_at", "2999-01-01T10:00"),
        ("kind", "dance"),
        ("minutes", "100001"),
        ("sentiment", "5"),
        ("summary", "x" * 20_001),
        ("follow_up_on", "2026-13-01"),
    ],
)
def test_what_is_typed_wrong_is_said_at_the_field(
    owner: Client, world: World, field: str, value: str
) -> None:
    answer = owner.post(address(world), typed(**{field: value}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Interaction.objects.exists()


def test_people_and_projects_of_another_customer_are_neither_offered_nor_taken(
    owner: Client, world: World
) -> None:
    foreigner = contact(world, "Foreigner", foreign=True)
    pumps = create_project(
        customer=world.foreign, name="Pumps", manager=world.manager, started_on=MONDAY.date(), now=MONDAY
    )
    page = owner.get(address(world)).content.decode()
    assert "Foreigner" not in page
    assert "Pumps" not in page
    for form in (typed(contacts=[foreigner.pk]), typed(project=pumps.pk)):
        assert owner.post(address(world), form).status_code == 422
    assert not Interaction.objects.exists()


def test_a_correction_keeps_the_identity_and_shows_the_earlier_version(owner: Client, world: World) -> None:
    first = logged(world)
    form = typed(summary="Asked for twenty samples", version=first.pk)
    owner.post(f"/interactions/{first.identity}/edit", form)
    current = Interaction.objects.get(superseded_at=None)
    assert (current.identity, current.summary) == (first.identity, "Asked for twenty samples")
    page = owner.get(f"/interactions/{first.identity}").content.decode()
    assert "Weekly call" in page
    assert "Earlier versions" in page


def test_two_people_who_correct_at_once_do_not_overwrite_each_other(owner: Client, world: World) -> None:
    first = logged(world)
    facts = InteractionFacts(kind=InteractionKind.VISIT, started_at=MONDAY, summary="It was a visit")
    correct_interaction(first, facts=facts, corrected_by=world.lead, now=MONDAY)
    answer = owner.post(f"/interactions/{first.identity}/edit", typed(version=first.pk))
    assert answer.status_code == 422
    stored = {row.label: row.stored for row in answer.context["form"].differences}
    assert stored["Summary"] == "It was a visit"
    assert stored["Kind"] == "Visit"
    assert Interaction.objects.get(superseded_at=None).summary == "It was a visit"


def test_a_deletion_can_be_undone_by_whoever_deleted(client: Client, world: World) -> None:
    first = logged(world)
    back = f"/customers/{world.customer.pk}/interactions/{first.identity}/deleted"
    client.force_login(world.owner)
    answer = client.post(f"/interactions/{first.identity}/delete", follow=True)
    assert back in answer.content.decode()
    assert client.get(f"/interactions/{first.identity}").status_code == 404
    for name, status in {"lead": 404, "admin": 404, "stranger": 404, "executive": 404}.items():
        client.force_login(world.users[name])
        assert client.post(back).status_code == status, name
    assert not Interaction.objects.filter(superseded_at=None).exists()
    client.force_login(world.owner)
    client.post(back)
    assert Interaction.objects.get(superseded_at=None).identity == first.identity
    assert client.post(back).status_code == 404


def test_who_may_log_and_who_may_change(client: Client, world: World) -> None:
    create_project(
        customer=world.customer, name="P", manager=world.manager, started_on=MONDAY.date(), now=MONDAY
    )
    expected = {
        "owner": (302, 302),
        "lead": (302, 302),
        "admin": (302, 302),
        "manager": (302, 403),
        "executive": (302, 403),
        "member": (404, 404),
        "stranger": (404, 404),
        "mate": (404, 404),
    }
    for name, (logs, deletes) in expected.items():
        first = logged(world)
        before = Interaction.objects.filter(superseded_at=None).count()
        client.force_login(world.users[name])
        assert client.post(address(world), typed()).status_code == logs, name
        assert Interaction.objects.filter(superseded_at=None).count() == before + (logs == 302)
        assert client.post(f"/interactions/{first.identity}/delete").status_code == deletes, name
        first.refresh_from_db()
        assert (first.superseded_at is None) is (deletes != 302)


def test_a_project_manager_may_delete_what_he_logged_himself(client: Client, world: World) -> None:
    create_project(
        customer=world.customer, name="P", manager=world.manager, started_on=MONDAY.date(), now=MONDAY
    )
    own = logged(world, author=world.manager)
    client.force_login(world.manager)
    assert client.post(f"/interactions/{own.identity}/delete").status_code == 302


def test_the_quick_log_offers_only_customers_he_may_log_for(client: Client, world: World) -> None:
    client.force_login(world.owner)
    assert [row.short_name for row in client.get("/log").context["found"]] == ["Huaxing Electronics"]
    assert [row.short_name for row in client.get("/log?q=hua").context["found"]] == ["Huaxing Electronics"]
    assert list(client.get("/log?q=nordlicht").context["found"]) == []
    client.force_login(world.member)
    assert list(client.get("/log").context["found"]) == []


def test_a_summary_with_markup_is_shown_as_text(owner: Client, world: World) -> None:
    owner.post(address(world), typed(summary="<script>alert(1)</script>"))
    found = Interaction.objects.get()
    for page in (f"/customers/{world.customer.pk}", f"/interactions/{found.identity}"):
        assert "<script>alert(1)" not in owner.get(page).content.decode()


def panel(client: Client, url: str, data: dict[str, object] | None = None) -> object:
    """As the panel over Today asks for it."""
    headers = HTMX | {"HX-Target": "panel-body", "HX-Current-URL": "http://testserver/today/?only=flag"}
    return client.get(url, headers=headers) if data is None else client.post(url, data, headers=headers)


def test_the_panel_closes_over_the_page_it_stands_on(owner: Client, world: World) -> None:
    page = panel(owner, address(world)).content.decode()
    assert "Another customer" in page
    assert 'name="next" value="/today/?only=flag"' in page
    answer = panel(owner, address(world), typed(next="/today/"))
    found = Interaction.objects.get()
    assert answer.headers["HX-Trigger"] == "logged"
    said = answer.content.decode()
    assert "Logged." in said
    assert f'href="/interactions/{found.identity}"' in said
    assert f'data-kept-done="log.{world.owner.pk}.{world.customer.pk}"' in said
    assert f'action="/interactions/{found.identity}/delete"' in said
    undone = owner.post(f"/interactions/{found.identity}/delete", {"next": "/today/"})
    assert undone.headers["Location"] == "/today/"
    assert not Interaction.objects.filter(superseded_at=None).exists()


def test_the_page_of_a_form_leads_back_to_where_one_came_from(owner: Client, world: World) -> None:
    here = {"Referer": "http://testserver/today/"}
    page = owner.get(address(world), headers=here).content.decode()
    assert 'name="next" value="/today/"' in page
    assert owner.post(address(world), typed(next="/today/")).headers["Location"] == "/today/"
    for elsewhere in ("https://evil.test/", "//evil.test/", "javascript:alert(1)"):
        assert owner.get(address(world), {"next": elsewhere}).context["next"] == ""
        answer = owner.post(address(world), typed(next=elsewhere))
        assert answer.headers["Location"] == f"/customers/{world.customer.pk}"


def test_the_log_of_a_page_is_for_its_customer(owner: Client, world: World) -> None:
    li = contact(world)
    foreigner = contact(world, "Foreigner", foreign=True)
    for page in (f"/customers/{world.customer.pk}/people", f"/contacts/{li.pk}"):
        answer = owner.get("/log", headers={"Referer": f"http://testserver{page}"})
        assert answer.status_code == 302, page
        assert answer.headers["Location"].startswith(f"{address(world)}?next=")
    for page in (f"/contacts/{foreigner.pk}", "/today/", "/nowhere", f"/customers/{world.foreign.pk}"):
        answer = owner.get("/log", headers={"Referer": f"http://testserver{page}"})
        assert (answer.status_code, len(answer.context["found"])) == (200, 1), page


def test_enter_takes_the_first_customer_found(owner: Client, world: World) -> None:
    answer = panel(owner, "/log?q=hua&take=1")
    assert answer.headers["Location"].startswith(address(world))
    assert panel(owner, "/log?q=nordlicht&take=1").status_code == 200


def test_what_is_understood_of_a_day_is_said_at_once(owner: Client, world: World) -> None:
    def echo(kind: str, text: str) -> str:
        return owner.get("/day-words", {"kind": kind, "field": "x", "x": text}).content.decode()

    monday = timezone.localdate() + dt.timedelta(days=7 - timezone.localdate().weekday())
    assert f"Mon, {monday:%b} {monday.day}" in echo("day", "next mon")
    assert f"Mon, {monday:%b} {monday.day}" in echo("day", "下周一")
    assert "This names no day." in echo("day", "soon")
    assert "15:00" in echo("moment", "yesterday 15:00")
    assert "This names no moment." in echo("moment", "<script>")
    assert echo("day", " ").strip() == ""


def test_a_follow_up_in_words_is_kept_as_its_day(owner: Client, world: World) -> None:
    start = timezone.localtime(timezone.now()).strftime("%Y-%m-%d %H:%M")
    owner.post(address(world), typed(started_at=start, follow_up_on="明天"))
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    assert Interaction.objects.get().follow_up_on == tomorrow


def test_his_only_project_is_chosen_and_of_two_none(owner: Client, world: World) -> None:
    day = MONDAY.date()
    one = create_project(customer=world.customer, name="P", manager=world.manager, started_on=day, now=MONDAY)
    assert owner.get(address(world)).context["form"]["project"].value() == one.pk
    create_project(customer=world.customer, name="Q", manager=world.manager, started_on=day, now=MONDAY)
    assert owner.get(address(world)).context["form"]["project"].value() is None


def test_two_thousand_people_are_too_many(owner: Client, world: World) -> None:
    Contact.objects.bulk_create(
        Contact(customer=world.customer, name=f"C{at}", level="specialist", known_at=MONDAY, sort_key="c")
        for at in range(2_000)
    )
    everybody = list(Contact.objects.filter(customer=world.customer).values_list("pk", flat=True))
    assert owner.post(address(world), typed(contacts=everybody)).status_code == 400
    answer = owner.post(address(world), typed(contacts=everybody[:201]))
    assert answer.context["form"].errors["contacts"] == ["At most 200 people can be named."]
    assert not Interaction.objects.exists()


def test_ten_megabytes_are_refused_with_a_plain_page(owner: Client, world: World) -> None:
    answer = owner.post(address(world), typed(summary="x" * 10 * 2**20))
    assert answer.status_code == 413
    assert "Nothing was saved" in answer.content.decode()
    too_long = owner.post(address(world), typed(summary="长" * 20_001))
    assert (too_long.status_code, "长" * 20_001 in too_long.content.decode()) == (422, True)
    assert "maxlength" not in str(owner.get(address(world)).context["form"]["summary"])


def test_an_emoji_is_words_like_others(owner: Client, world: World) -> None:
    owner.post(address(world), typed(summary="👍🏽 done 👨‍👩‍👧"))
    assert Interaction.objects.get().summary == "👍🏽 done 👨‍👩‍👧"


def test_an_interaction_of_today_can_be_logged(owner: Client, world: World) -> None:
    now = timezone.localtime(timezone.now()).strftime("%Y-%m-%dT%H:%M")
    assert owner.post(address(world), typed(started_at=now)).status_code == 302


def test_a_follow_up_before_the_day_of_the_interaction_is_refused(owner: Client, world: World) -> None:
    answer = owner.post(address(world), typed(follow_up_on="2026-03-01"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["follow_up_on"])


def test_more_than_a_day_is_refused_in_a_plain_sentence(owner: Client, world: World) -> None:
    answer = owner.post(address(world), typed(minutes="1441"))
    assert answer.context["form"].errors["minutes"] == ["An interaction takes at most a day: 1,440 minutes."]


def test_a_form_saved_twice_is_logged_once(owner: Client, world: World) -> None:
    for headers in ({}, HTMX):
        page = owner.get(address(world), headers=headers)
        token = page.context["form"]["token"].value()
        assert str(token) in page.content.decode()
        owner.post(address(world), typed(token=token))
        count = CustomerInput.objects.get(customer=world.customer).version
        again = owner.post(address(world), typed(token=token, summary="Else"), follow=True)
        assert b"This interaction is already saved." in again.content
        assert Interaction.objects.get(identity=token).summary == "Asked for samples"
        assert CustomerInput.objects.get(customer=world.customer).version == count


def test_a_form_saved_many_times_at_once_is_logged_once(transactional_db: None, world: World) -> None:
    body = typed(token=uuid.uuid4())

    def send(client: Client) -> int:
        try:
            return int(client.post(address(world), body).status_code)
        finally:
            connection.close()

    clients = [Client() for _ in range(6)]
    for client in clients:
        client.force_login(world.owner)
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(send, clients)) == [302] * 6
    assert Interaction.objects.count() == 1


def test_only_whoever_may_log_is_offered_it(client: Client, world: World) -> None:
    create_project(
        customer=world.customer,
        name="Boards",
        manager=world.manager,
        started_on=MONDAY.date(),
        now=MONDAY,
        members=[Membership(user=world.member, functional_role=FunctionalRole.TEST)],
    )
    for name, offered in (("owner", True), ("manager", True), ("executive", True), ("member", False)):
        client.force_login(world.users[name])
        assert ('href="/log"' in client.get("/customers/").content.decode()) is offered, name
        page = client.get("/log").content.decode()
        assert ("There is nobody you can log for" in page) is not offered
        assert ("With which customer was it?" in page) is offered


def test_a_member_who_manages_a_project_is_offered_it(client: Client, world: World) -> None:
    create_project(
        customer=world.customer, name="Boards", manager=world.member, started_on=MONDAY.date(), now=MONDAY
    )
    client.force_login(world.member)
    assert 'href="/log"' in client.get("/customers/").content.decode()


def test_a_missing_right_and_a_form_without_its_token_are_told_apart(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.executive)
    missing_right = client.get(f"/customers/{world.customer.pk}/edit")
    assert missing_right.status_code == 403
    assert "You may see this record, but not do this." in missing_right.content.decode()
    assert "reload" not in missing_right.content.decode()
    without_token = client.post(f"/customers/{world.customer.pk}/edit", {})
    assert without_token.status_code == 403
    assert "reload the page" in without_token.content.decode()
