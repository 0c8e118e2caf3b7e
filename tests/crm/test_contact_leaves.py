"""A contact leaves or moves: what hangs on the person before and after, who is told, and the way back."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions.services import add_action
from accounts.contacts.models import Attitude, Contact, ContactMove, DecisionRole, Level
from accounts.contacts.services import change_contact, create_contact, mark_left, move_contact, undo_left
from accounts.customers.models import CustomerInput
from accounts.interactions.models import InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.notices.models import Notice
from accounts.surveys.models import Invitation, Respondent
from accounts.surveys.services import ask_successor
from crm.queries.leaving import leaving_of
from tests.accounts.surveys.office import DUE, HOUR, office_of
from tests.conftest import MONDAY, World, customer_of

DAY = MONDAY.date()


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def person(world: World, name: str, above: Contact | None = None, **fields: object) -> Contact:
    return create_contact(
        customer=world.customer,
        name=name,
        level=Level.MANAGEMENT,
        reports_to=above,
        author=world.owner,
        now=MONDAY,
        **fields,  # type: ignore[arg-type]
    )


def superior(contact: Contact) -> Contact | None:
    return Contact.objects.get(pk=contact.pk).reports_to


def test_reports_go_to_somebody_else_and_come_back(world: World) -> None:
    boss, chief = person(world, "Boss"), person(world, "Chief")
    chen = person(world, "Chen", above=boss)
    ann, bob = person(world, "Ann", above=chen), person(world, "Bob", above=chen)
    mark_left(chen, left_on=DAY, now=MONDAY, author=world.owner, successor=chief)
    assert (superior(ann), superior(bob)) == (chief, chief)
    change_contact(
        Contact.objects.get(pk=bob.pk),
        expected_version=2,
        changes={"reports_to": boss},
        author=world.owner,
        now=MONDAY,
    )
    undo_left(chen, now=MONDAY)
    assert superior(ann) == chen
    assert superior(bob) == boss, "somebody decided otherwise since"


def test_one_of_the_reports_takes_over(world: World) -> None:
    boss = person(world, "Boss")
    chen = person(world, "Chen", above=boss)
    ann, bob = person(world, "Ann", above=chen), person(world, "Bob", above=chen)
    mark_left(chen, left_on=DAY, now=MONDAY, author=world.owner, successor=ann)
    assert (superior(ann), superior(bob)) == (boss, ann)
    undo_left(chen, now=MONDAY)
    assert (superior(ann), superior(bob)) == (chen, chen)


def test_a_successor_below_one_of_the_reports_would_close_a_loop(world: World) -> None:
    chen = person(world, "Chen")
    ann = person(world, "Ann", above=chen)
    low = person(world, "Low", above=ann)
    with pytest.raises(ValidationError) as refusal:
        mark_left(chen, left_on=DAY, now=MONDAY, successor=low)
    assert refusal.value.error_dict["successor"][0].code == "loop"
    stored = Contact.objects.get(pk=chen.pk)
    assert (stored.left_on, superior(ann)) == (None, chen)


def test_owner_and_counterpart_are_told_and_not_whoever_says_it(world: World) -> None:
    chen = person(world, "Chen", counterpart=world.mate)
    version = CustomerInput.objects.get(customer=world.customer).version
    mark_left(chen, left_on=DAY, now=MONDAY, author=world.lead)
    told = Notice.objects.filter(kind="contact_left")
    assert {notice.user for notice in told} == {world.owner, world.mate}
    assert CustomerInput.objects.get(customer=world.customer).version > version
    mark_left(chen, left_on=DAY, now=MONDAY, author=world.lead)
    assert told.count() == 2


def test_the_page_says_before_and_after_what_hangs_on_him(owner: Client, world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, at=DUE + HOUR, delivery="D")
    Contact.objects.filter(pk=office.chen.pk).update(
        attitude=Attitude.SUPPORTER, decision_role=DecisionRole.DECISION_MAKER
    )
    ann = person(world, "Ann", above=office.chen)
    action = add_action(
        customer=world.customer,
        contact=office.chen,
        title="Send the drawing",
        owner=world.owner,
        author=world.owner,
        now=MONDAY,
    )
    before = owner.get(f"/contacts/{office.chen.pk}/left")
    leaving = before.context["leaving"]
    assert (leaving.reports, leaving.cases, leaving.actions) == ([ann], [office.case()], [action])
    assert (leaving.surveys, leaving.is_champion) == (1, True)
    assert Contact.objects.get(pk=office.chen.pk).left_on is None

    form = {"left_on": "2026-03-09", "successor": office.li.pk}
    owner.post(f"/contacts/{office.chen.pk}/left", form)
    page = owner.get(f"/contacts/{office.chen.pk}")
    assert page.context["leaving"].given == [ann]
    for words in ("Now with Li", "no further letter is sent", "Send the drawing", "Undo"):
        assert words in page.content.decode(), words
    owner.post(f"/contacts/{office.chen.pk}/back")
    assert superior(ann) == office.chen


def test_who_leaves_gets_no_letter_and_his_case_can_be_asked_elsewhere(world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, at=DUE + HOUR, delivery="D")
    mark_left(office.chen, left_on=DAY, now=DUE + HOUR, author=world.owner)
    leaving = leaving_of(office.chen, world.stranger, now=DUE + HOUR)
    assert leaving.cases == [], "whoever does not see the grades sees no case"
    assert leaving_of(office.chen, world.owner, now=DUE + HOUR).cases == [office.case()]


def test_surveys_go_to_somebody_else_from_the_next_letter_on(owner: Client, world: World) -> None:
    office = office_of(world)
    office.invite()
    ann = person(world, "Ann", email="ann@huaxing.test")
    person(world, "Without an address")
    person(world, "Wants none", email="none@huaxing.test", opted_out=True)
    page = owner.get(f"/contacts/{office.chen.pk}/left")
    offered = set(page.context["form"].fields["instead"].queryset)
    assert offered == {ann, office.li}
    form = {"left_on": "2026-03-09", "instead": ann.pk}
    said = owner.post(f"/contacts/{office.chen.pk}/left", form, follow=True).content.decode()
    assert "Ann is asked from the next letter on." in said
    named = Respondent.objects.get(contact=ann)
    assert (named.project, named.state) == (office.project, "active")
    office.invite()
    assert not Invitation.objects.filter(contact=ann).exists(), "the week that is out stays as it was"


def test_who_cannot_be_asked_takes_no_surveys_over_and_then_nobody_has_left(
    owner: Client, world: World
) -> None:
    office = office_of(world)
    ann = person(world, "Ann")
    foreigner = create_contact(
        customer=world.foreign,
        name="F",
        email="f@nordlicht.test",
        level=Level.MANAGEMENT,
        author=None,
        now=MONDAY,
    )
    for other, code in ((ann, "no_email"), (office.chen, "gone"), (foreigner, "other_customer")):
        with pytest.raises(ValidationError) as refusal:
            ask_successor(office.chen, instead=other, author=world.owner, now=MONDAY)
        assert refusal.value.error_dict["instead"][0].code == code
        form = {"left_on": "2026-03-01", "instead": other.pk}
        assert owner.post(f"/contacts/{office.chen.pk}/left", form).status_code == 422
    assert Contact.objects.get(pk=office.chen.pk).left_on is None
    assert Respondent.objects.count() == 2


def test_who_moves_is_a_new_contact_there_and_what_was_said_stays(owner: Client, world: World) -> None:
    other = customer_of(world.owner, "Delmar Robotics")
    chen = person(world, "Chen", counterpart=world.mate, phone="123", email="chen@huaxing.test")
    talk = log_interaction(
        customer=world.customer,
        facts=InteractionFacts(kind=InteractionKind.CALL, started_at=MONDAY, summary="Talked"),
        contacts=[chen.pk],
        users=[],
        author=world.owner,
        now=MONDAY,
    )
    form = {"to": other.pk, "left_on": "2026-03-02", "level": "executive", "title": "COO", "email": ""}
    answer = owner.post(f"/contacts/{chen.pk}/move", form)
    move = ContactMove.objects.get(earlier=chen)
    later = move.later
    assert answer.headers["Location"] == f"/contacts/{later.pk}"
    assert (later.customer, later.level, later.title, later.email) == (other, "executive", "COO", "")
    assert (later.phone, later.counterpart) == ("123", world.mate)
    assert Contact.objects.get(pk=chen.pk).left_on == DAY
    assert talk.participants.get(contact__isnull=False).contact == chen
    assert "Delmar Robotics" in owner.get(f"/contacts/{chen.pk}").content.decode()
    assert "Huaxing Electronics" in owner.get(f"/contacts/{later.pk}").content.decode()
    with pytest.raises(ValidationError, match="works for another customer"):
        undo_left(chen, now=MONDAY)


def test_nobody_moves_to_a_customer_one_may_not_change_or_twice(owner: Client, world: World) -> None:
    chen = person(world, "Chen")
    form = {"left_on": "2026-03-02", "level": "executive"}
    for to in (world.foreign.pk, world.customer.pk, 10**20, "x"):
        assert owner.post(f"/contacts/{chen.pk}/move", form | {"to": to}).status_code == 422
    assert not ContactMove.objects.exists()
    other = customer_of(world.owner, "Delmar Robotics")
    move_contact(chen, to=other, moved_on=DAY, level=Level.EXECUTIVE, author=world.owner, now=MONDAY)
    assert owner.post(f"/contacts/{chen.pk}/move", form | {"to": other.pk}).status_code == 422
    assert ContactMove.objects.count() == 1


def test_who_does_not_see_the_other_customer_learns_nothing_of_it(client: Client, world: World) -> None:
    other = customer_of(world.stranger, "Delmar Robotics")
    chen = person(world, "Chen")
    move_contact(chen, to=other, moved_on=DAY, level=Level.EXECUTIVE, author=world.admin, now=MONDAY)
    client.force_login(world.owner)
    assert "Delmar" not in client.get(f"/contacts/{chen.pk}").content.decode()
    client.force_login(world.admin)
    assert "Delmar" in client.get(f"/contacts/{chen.pk}").content.decode()


def test_thirty_talks_and_reports_take_as_many_queries_as_three(owner: Client, world: World) -> None:
    chen = person(world, "Chen")

    def queries_after(count: int) -> int:
        for number in range(count):
            person(world, f"P{count}-{number}", above=chen)
            log_interaction(
                customer=world.customer,
                facts=InteractionFacts(kind=InteractionKind.CALL, started_at=MONDAY),
                contacts=[chen.pk],
                users=[],
                author=world.owner,
                now=MONDAY,
            )
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(f"/contacts/{chen.pk}").status_code == 200
            assert owner.get(f"/contacts/{chen.pk}/left").status_code == 200
        return len(captured)

    assert queries_after(3) == queries_after(30)
