"""Ask a customer's contacts, interview one, and read what came of it."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts.contacts.models import Contact
from accounts.interactions.models import Interaction
from accounts.occasions.models import Occasion, OccasionAnswer, OccasionInvitation
from accounts.occasions.services import OccasionFacts, answer_survey
from accounts.orders.models import Order
from accounts.orders.services import OrderFacts, add_order
from accounts.surveys.models import SurveyProgramme
from accounts.surveys.services import AnswerFacts
from tests.conftest import World
from tests.crm.asked import DAY, asked, person, survey
from tests.crm.links import grades_form


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


@pytest.fixture
def programme() -> SurveyProgramme:
    return survey()


@pytest.fixture
def wu(world: World) -> Contact:
    return person(world.customer)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def say(invitation: OccasionInvitation, comment: str = "", **grades: str) -> OccasionAnswer:
    words = {next(iter(grades)): comment} if comment and grades else {}
    facts = OccasionFacts(answer=AnswerFacts(grades=grades, dimension_comments=words))
    found = OccasionInvitation.objects.get(pk=invitation.pk)
    return answer_survey(found, facts=facts, idempotency_key=uuid.uuid4().hex, now=timezone.now()).answer


def ask(client: Client, world: World, query: str = "", **fields: Any) -> Any:
    day = timezone.localdate() - DAY
    sent = {"event": "delivery", "happened_on": f"{day}", "about": "O-1", "token": str(uuid.uuid4())}
    return client.post(f"/customers/{world.customer.pk}/ask{query}", sent | fields)


def queries_of(client: Client, url: str) -> int:
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def same_for_3_and_30(client: Client, url: str, add: Callable[[int], object]) -> None:
    for number in range(3):
        add(number)
    few = queries_of(client, url)
    for number in range(3, 30):
        add(number)
    assert queries_of(client, url) == few


def test_whom_we_ask_is_written_to_once_however_often_the_form_is_sent(
    owner: Client, world: World, programme: SurveyProgramme, wu: Contact
) -> None:
    token = str(uuid.uuid4())
    first = ask(owner, world, contacts=[wu.pk], token=token)
    again = ask(owner, world, contacts=[wu.pk], token=token)
    occasion = Occasion.objects.get()
    assert first["Location"] == again["Location"] == f"/occasions/{occasion.pk}"
    assert (occasion.about, occasion.author) == ("O-1", world.owner)
    page = text(owner.get(first["Location"]))
    assert "letter goes out" in page
    assert "Wu" in page


def test_the_form_says_who_cannot_be_asked_and_why(owner: Client, world: World, wu: Contact) -> None:
    asked(wu, world.owner)
    out, silent = person(world.customer, "Out"), person(world.customer, "Silent")
    Contact.objects.filter(pk=out.pk).update(opted_out=True)
    Contact.objects.filter(pk=silent.pk).update(email="")
    page = text(owner.get(f"/customers/{world.customer.pk}/ask"))
    for why in ("wants no surveys", "has no e-mail address", "was asked a short while ago", "never asked"):
        assert why in page
    for refused in ([], [out.pk], [silent.pk], [wu.pk], [10**9], ["x"]):
        answer = ask(owner, world, contacts=refused)
        assert answer.status_code == 422, refused
    assert Occasion.objects.count() == 1
    assert ask(owner, world, contacts=[wu.pk], even_if_rested="on").status_code == 302


def test_without_a_published_survey_the_page_says_so(owner: Client, world: World) -> None:
    assert "No survey is published" in text(owner.get(f"/customers/{world.customer.pk}/ask"))
    assert "No survey is published" in text(owner.get(f"/customers/{world.customer.pk}/interview"))


def test_of_several_surveys_one_is_chosen_first(owner: Client, world: World, wu: Contact) -> None:
    other = survey(name="After a repair")
    survey()
    url = f"/customers/{world.customer.pk}/ask"
    assert "Which survey?" in text(owner.get(url))
    assert "After a repair" in text(owner.get(f"{url}?programme={other.pk}"))
    for wrong in ("0", "x", str(10**20)):
        assert owner.get(f"{url}?programme={wrong}").status_code == 404


def test_an_order_is_asked_about_once_and_colleagues_are_added(
    owner: Client, world: World, programme: SurveyProgramme, wu: Contact
) -> None:
    day = timezone.localdate() - 2 * DAY
    facts = OrderFacts(ordered_on=day, delivered_on=day, amount_minor=5, currency="CNY", number="SO-7")
    order = add_order(customer=world.customer, facts=facts, now=timezone.now())
    assert f"/customers/{world.customer.pk}/ask?order={order.pk}" in text(
        owner.get(f"/customers/{world.customer.pk}/orders")
    )
    page = text(owner.get(f"/customers/{world.customer.pk}/ask?order={order.pk}"))
    assert "SO-7" in page
    assert f'value="{day}"' in page
    li = person(world.customer, "Li")
    query = f"?order={order.pk}"
    ask(owner, world, query, contacts=[wu.pk])
    assert "was asked about this" in text(owner.get(f"/customers/{world.customer.pk}/ask{query}"))
    ask(owner, world, query, contacts=[li.pk])
    occasion = Occasion.objects.get()
    assert (occasion.order_identity, occasion.invitations.count()) == (order.identity, 2)


def test_a_talk_is_asked_about_from_its_page(
    owner: Client, world: World, programme: SurveyProgramme, wu: Contact
) -> None:
    talk = Interaction.objects.create(
        customer=world.customer,
        kind="visit",
        summary="New line",
        started_at=timezone.now() - DAY,
        author=world.owner,
        known_at=timezone.now(),
    )
    url = f"/customers/{world.customer.pk}/ask?interaction={talk.identity}"
    assert url in owner.get(f"/interactions/{talk.identity}").content.decode()
    assert "Visit: New line" in text(owner.get(url))
    ask(owner, world, f"?interaction={talk.identity}", contacts=[wu.pk], event="other")
    assert Occasion.objects.get().interaction == talk


def test_what_belongs_to_another_customer_is_not_found(owner: Client, world: World) -> None:
    survey()
    foreign = Order.objects.create(
        customer=world.foreign,
        identity="F-1",
        ordered_on=timezone.localdate(),
        amount_minor=1,
        base_amount_minor=1,
        currency="CNY",
        known_at=timezone.now(),
    )
    url = f"/customers/{world.customer.pk}/ask"
    for query in (f"order={foreign.pk}", "order=x", f"interaction={uuid.uuid4()}", "interaction=x"):
        assert owner.get(f"{url}?{query}").status_code == 404


def test_a_letter_that_waits_is_taken_back_and_a_sent_one_is_not(
    owner: Client, world: World, wu: Contact
) -> None:
    invitation = asked(wu, world.owner)
    OccasionInvitation.objects.update(sent_at=timezone.now())
    page = owner.post(f"/occasions/invitations/{invitation.pk}/cancel", follow=True)
    assert "has gone out already" in text(page)
    OccasionInvitation.objects.update(sent_at=None)
    page = owner.post(f"/occasions/invitations/{invitation.pk}/cancel", follow=True)
    assert "Wu is not asked." in text(page)
    assert not Occasion.objects.exists()


def test_an_interview_is_written_down_about_an_occasion_and_without_one(
    owner: Client, world: World, wu: Contact, programme: SurveyProgramme
) -> None:
    invitation = asked(wu, world.owner)
    url = f"/occasions/{invitation.occasion_id}/interview/{wu.pk}"
    assert "You write down what Wu tells you" in text(owner.get(url))
    assert owner.post(url, {"key": uuid.uuid4().hex}).status_code == 422
    assert owner.post(url, {"key": "no uuid", "packaging": "A"}).status_code == 422
    answer = owner.post(url, {"key": uuid.uuid4().hex, "packaging": "C", "comment.packaging": "Wet"})
    assert answer["Location"] == f"/occasions/{invitation.occasion_id}"
    assert OccasionAnswer.objects.get().taken_by == world.owner
    page = text(owner.get(answer["Location"]))
    assert "told Owner" in page
    assert "Complaint" in page
    assert 'value="C" class="low" checked' in text(owner.get(url))
    alone = f"/customers/{world.customer.pk}/interview?programme={programme.pk}&contact={wu.pk}"
    key = uuid.uuid4().hex
    for _time in range(2):
        answer = owner.post(alone, {"key": key, "packaging": "A"})
        assert answer.status_code == 302
    assert Occasion.objects.count() == 2


def test_an_interview_over_an_answer_sent_meanwhile_shows_both_and_loses_neither(
    owner: Client, world: World, wu: Contact
) -> None:
    invitation = asked(wu, world.owner)
    url = f"/occasions/{invitation.occasion_id}/interview/{wu.pk}"
    opened = grades_form(owner.get(url).content.decode())
    say(invitation, "Wet boxes", packaging="D")
    answer = owner.post(url, opened.fill(packaging="A", **{"comment": "He is content."}))
    assert answer.status_code == 409
    assert OccasionAnswer.objects.count() == 1
    page = text(answer)
    assert "Another answer was sent meanwhile" in page
    assert page.index("Wet boxes") < page.index('id="answer"'), "what he said stands above the form"
    both = grades_form(answer.content.decode())
    filled = {name: both.fields[name] for name in ("packaging", "comment.packaging", "comment")}
    assert filled == {
        "packaging": ["A"],
        "comment.packaging": ["Wet boxes"],
        "comment": ["He is content."],
    }
    refused = owner.post(url, both.fill(packaging="Z"))
    assert refused.status_code == 422
    again = grades_form(refused.content.decode())
    assert again.fields["said"] == both.fields["said"], "still opened over the same answer"
    assert owner.post(url, again.fill(packaging="A")).status_code == 302
    said = OccasionAnswer.objects.get(superseded_at=None)
    assert (said.taken_by, said.comment) == (world.owner, "He is content.")


def test_an_interview_about_nothing_finds_what_was_saved_of_it(
    owner: Client, world: World, wu: Contact, programme: SurveyProgramme
) -> None:
    alone = f"/customers/{world.customer.pk}/interview?programme={programme.pk}&contact={wu.pk}"
    opened = grades_form(owner.get(alone).content.decode())
    assert owner.post(alone, opened.fill(packaging="A")).status_code == 302
    invitation = OccasionInvitation.objects.get()
    say(invitation, "Wet boxes", packaging="D")
    answer = owner.post(alone, opened.fill(packaging="B"))
    assert answer.status_code == 409
    both = grades_form(answer.content.decode())
    assert owner.post(alone, both.fields).status_code == 302
    assert Occasion.objects.count() == 1
    assert OccasionAnswer.objects.count() == 3


def test_an_interview_is_of_a_contact_of_this_customer(owner: Client, world: World, wu: Contact) -> None:
    invitation = asked(wu, world.owner)
    stranger = person(world.foreign, "Far")
    assert owner.get(f"/occasions/{invitation.occasion_id}/interview/{stranger.pk}").status_code == 404
    url = f"/customers/{world.customer.pk}/interview?programme={survey().pk}"
    for wrong in (stranger.pk, "x", ""):
        assert owner.get(f"{url}&contact={wrong}").status_code == 422


def test_complaint_and_answer_lead_to_each_other(owner: Client, world: World, wu: Contact) -> None:
    invitation = asked(wu, world.owner)
    say(invitation, "Wet boxes", packaging="D")
    invitation.refresh_from_db()
    page = text(owner.get(f"/occasions/{invitation.occasion_id}"))
    assert f"/voices/{invitation.voice_id}" in page
    page = text(owner.get(f"/voices/{invitation.voice_id}"))
    assert f"/occasions/{invitation.occasion_id}#invitation-{invitation.pk}" in page


def test_the_customers_page_tells_of_answers_in_its_tab_and_timeline(
    owner: Client, world: World, wu: Contact
) -> None:
    invitation = asked(wu, world.owner)
    say(invitation, "Wet boxes", packaging="D")
    tab = text(owner.get(f"/customers/{world.customer.pk}/satisfaction"))
    assert f'href="/occasions/{invitation.occasion_id}"' in tab
    timeline = text(owner.get(f"/customers/{world.customer.pk}"))
    assert "Wet boxes" in timeline
    assert f"/occasions/{invitation.occasion_id}#invitation-{invitation.pk}" in timeline


def test_results_count_what_the_reader_sees_and_the_workbook_says_the_same(
    client: Client, world: World, wu: Contact, programme: SurveyProgramme
) -> None:
    far = person(world.foreign, "Far")
    for contact, letter in ((wu, "A"), (far, "C")):
        say(asked(contact, world.owner, programme), f"said {contact.name}", packaging=letter)
    for user, seen, unseen in ((world.owner, "said Wu", "said Far"), (world.stranger, "said Far", "said Wu")):
        client.force_login(user)
        page = text(client.get(f"/surveys/{programme.pk}/results"))
        assert "answered: 1 of 1" in page
        assert seen in page
        assert unseen not in page
        file = client.get(f"/surveys/{programme.pk}/results.xlsx").content
        cells = [cell for row in load_workbook(io.BytesIO(file))["Answers"].values for cell in row]
        assert seen in cells
        assert unseen not in cells
    client.force_login(world.admin)
    page = text(client.get(f"/surveys/{programme.pk}/results"))
    assert "answered: 2 of 2" in page
    file = client.get(f"/surveys/{programme.pk}/results.xlsx").content
    spread = {(row[0], row[1]): row[2] for row in load_workbook(io.BytesIO(file))["Spread"].values}
    assert spread["Packaging", "A Excellent"] == spread["Packaging", "C Poor"] == 1
    assert spread["Packaging", "B Fair"] == 0
    mean = (Decimal(100) + Decimal(0)) / 2
    assert f">{mean}" in page.replace(".0", "")


def test_results_are_narrowed_by_time_customer_and_level(
    client: Client, world: World, wu: Contact, programme: SurveyProgramme
) -> None:
    client.force_login(world.admin)
    say(asked(wu, world.owner, programme), packaging="A")
    url = f"/surveys/{programme.pk}/results"
    for query in ("days=30", f"customer={world.customer.pk}", "level=operational", "days=7&customer=x"):
        assert "answered: 1 of 1" in text(client.get(f"{url}?{query}"))
    assert "Nobody has answered yet" in text(client.get(f"{url}?level=executive"))
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment


def test_pages_cost_the_same_for_3_and_30(owner: Client, world: World, programme: SurveyProgramme) -> None:
    def add(number: int) -> None:
        invitation = asked(person(world.customer, f"Person {number}"), world.owner, programme)
        say(invitation, f"Words {number}", packaging="A", documents="C")

    pages = (
        f"/surveys/{programme.pk}/results",
        f"/surveys/{programme.pk}/results.xlsx",
        f"/customers/{world.customer.pk}/satisfaction",
        f"/customers/{world.customer.pk}/ask",
        f"/customers/{world.customer.pk}",
    )
    for number in range(3):
        add(number)
    few = {url: queries_of(owner, url) for url in pages}
    for number in range(3, 30):
        add(number)
    assert {url: queries_of(owner, url) for url in pages} == few


def test_an_occasion_costs_the_same_for_3_and_30_people(
    owner: Client, world: World, programme: SurveyProgramme, wu: Contact
) -> None:
    occasion = asked(wu, world.owner, programme).occasion

    def add(number: int) -> None:
        contact = person(world.customer, f"Person {number}")
        first = occasion.invitations.get(contact=wu)
        invitation = OccasionInvitation.objects.create(
            occasion=occasion,
            customer=world.customer,
            contact=contact,
            programme_version=occasion.programme_version,
            level=contact.level,
            due_at=first.due_at,
            reminder_at=first.reminder_at,
            closes_at=first.closes_at,
            known_at=first.known_at,
        )
        say(invitation, f"Words {number}", packaging="C")

    same_for_3_and_30(owner, f"/occasions/{occasion.pk}", add)
