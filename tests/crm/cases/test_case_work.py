"""Asking the customer, prevention, interactions and actions of a case, escalation and the 8D report."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from accounts.actions.models import Action
from accounts.contacts.models import Contact
from accounts.interactions.models import InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.projects.models import FunctionalManager
from accounts.surveys.models import CaseInteraction, ConfirmationRequest, CorrectiveAction, Verdict
from accounts.surveys.services import answer_request
from accounts.surveys.services.alarms import raise_alarms
from accounts.users.models import Role
from crm.queries.case_work import OFFERED
from tests.accounts.surveys.office import Office
from tests.conftest import person
from tests.crm.cases.casework import LATER, NOW, address, again, kinds, step


@pytest.fixture
def corrected(manager: Client, case: CorrectiveAction) -> CorrectiveAction:
    manager.post(address(case, "plan"), {"comment": "Two slots.", "solve_by": LATER})
    for to in ("contained", "cause_found", "corrected"):
        manager.post(address(case, "advance"), step(to, f"What was {to}."))
    return again(case)


def asked(manager: Client, case: CorrectiveAction) -> ConfirmationRequest:
    form = manager.get(address(case)).context["forms"].ask
    sent = {"comment": "Two trucks drive now.", "token": form["token"].value()}
    sent["contacts"] = [str(pk) for pk in form["contacts"].value()]
    for _again in range(2):
        assert manager.post(address(case, "ask"), sent).status_code == 302
    return ConfirmationRequest.objects.get()


def test_the_customer_is_asked_once_and_the_page_says_what_became_of_it(
    manager: Client, office: Office, corrected: CorrectiveAction
) -> None:
    request = asked(manager, corrected)
    assert (request.contact, request.message) == (office.chen, "Two trucks drive now.")
    assert kinds(corrected)[-1] == "asked"
    page = manager.get(address(corrected)).content.decode()
    assert "The letter is on its way" in page
    assert "Ask again" in page
    answer_request(request, verdict=Verdict.REJECTED, comment="Still late.", now=dt.datetime.now(dt.UTC))
    page = manager.get(address(corrected)).content.decode()
    assert "Still late." in page


def test_without_words_or_anybody_to_ask_the_form_says_so(
    manager: Client, office: Office, corrected: CorrectiveAction
) -> None:
    answer = manager.post(address(corrected, "ask"), {"comment": ""})
    assert answer.status_code == 422
    office.chen.email = ""
    office.chen.save(update_fields=["email"])
    page = manager.get(address(corrected)).content.decode()
    assert "Chen has no e-mail address" in page
    assert address(corrected, "ask") not in page
    assert not ConfirmationRequest.objects.exists()


def test_prevention_is_asked_for_after_the_customers_word(
    manager: Client, corrected: CorrectiveAction
) -> None:
    request = asked(manager, corrected)
    answer_request(request, verdict=Verdict.CONFIRMED, comment="", now=dt.datetime.now(dt.UTC))
    assert manager.get(address(corrected)).context["forms"].action == "prevent"
    manager.post(address(corrected, "prevent"), {"comment": "A second carrier under contract."})
    assert again(corrected).prevented_at is not None
    assert manager.get(address(corrected)).context["forms"].action == "closed"


def test_before_it_is_corrected_prevention_is_refused(manager: Client, case: CorrectiveAction) -> None:
    answer = manager.post(address(case, "prevent"), {"comment": "A second carrier."})
    assert answer.status_code == 422
    assert "A second carrier." in answer.content.decode()
    assert again(case).prevented_at is None


def test_an_interaction_is_linked_once_and_unlinked(
    manager: Client, office: Office, case: CorrectiveAction
) -> None:
    facts = InteractionFacts(kind=InteractionKind.CALL, started_at=NOW, summary="Mr Chen is angry")
    talk = log_interaction(
        customer=case.customer, facts=facts, contacts=[], users=[], author=case.owner, now=NOW
    )
    assert "Mr Chen is angry" in manager.get(address(case)).content.decode()
    for _again in range(2):
        manager.post(address(case, "interactions"), {"interaction": talk.identity})
    assert CaseInteraction.objects.get().identity == talk.identity
    assert kinds(case).count("linked") == 1
    manager.post(address(case, "interactions"), {"interaction": talk.identity, "undo": "1"})
    assert not CaseInteraction.objects.exists()
    foreign = log_interaction(
        customer=office.world.foreign, facts=facts, contacts=[], users=[], author=case.owner, now=NOW
    )
    assert manager.post(address(case, "interactions"), {"interaction": foreign.identity}).status_code == 404


def test_an_older_interaction_is_found_by_its_words_or_by_who_took_part(
    manager: Client, office: Office, case: CorrectiveAction
) -> None:
    def log(summary: str, days: int, *contacts: Contact) -> None:
        facts = InteractionFacts(
            kind=InteractionKind.CALL, started_at=NOW - dt.timedelta(days=days), summary=summary
        )
        log_interaction(
            customer=case.customer,
            facts=facts,
            contacts=[each.pk for each in contacts],
            users=[],
            author=case.owner,
            now=NOW,
        )

    log("Broken pallets at the gate", 90, office.li)
    for number in range(OFFERED + 1):
        log(f"Call number {number}", number)
    page = manager.get(address(case))
    assert f"The latest {OFFERED}; words find the others." in page.content.decode()
    assert "Broken pallets" not in page.content.decode()
    for words in ("pallets GATE", office.li.name):
        found = manager.get(address(case), {"talk": words})
        assert [each.summary for each in found.context["work"].offered] == ["Broken pallets at the gate"]
    nothing = manager.get(address(case), {"talk": "pallets unheard\0of"}).content.decode()
    assert "No interaction has these words." in nothing
    (linked,) = re.findall(r"· ([^·<]*) · Call number 0<", page.content.decode())
    assert re.fullmatch(r"[A-Z][a-z]{2} \d+, \d{4}, \d\d:\d\d", linked), "as every other day of the page"


def test_an_interaction_logged_about_it_is_linked(manager: Client, case: CorrectiveAction) -> None:
    where = f"/customers/{case.customer_id}/interactions/new?case={case.pk}"
    form = manager.get(where).context["form"]
    sent = {
        "kind": "visit",
        "direction": "outbound",
        "minutes": "60",
        "started_at": "2026-03-06T10:00",
        "summary": "On the spot",
        "token": form["token"].value(),
    }
    answer = manager.post(where, sent)
    assert (answer.status_code, answer["Location"]) == (302, address(case))
    assert "On the spot" in manager.get(address(case)).content.decode()
    assert CaseInteraction.objects.get().case == case


def test_an_action_of_the_case_stands_on_its_page(manager: Client, case: CorrectiveAction) -> None:
    where = f"/actions/new?case={case.pk}"
    token = manager.get(where).context["form"]["token"].value()
    sent = {"title": "Hire a truck", "owner": case.owner_id, "token": token, "due_on": LATER}
    assert manager.post(where, sent)["Location"] == address(case)
    action = Action.objects.get()
    assert (action.case, action.customer) == (case, case.customer)
    page = manager.get(address(case)).content.decode()
    assert "Hire a truck" in page
    assert f"/actions/{action.pk}/done" in page


def test_an_escalated_case_says_to_whom_and_he_may_acknowledge(
    client: Client, manager: Client, case: CorrectiveAction
) -> None:
    chief = person("chief", Role.MEMBER)
    FunctionalManager.objects.create(functional_role="planning", user=chief)
    reader = Client()
    reader.force_login(chief)
    assert reader.get(address(case)).status_code == 404
    raise_alarms(now=case.acknowledge_by)
    page = manager.get(address(case)).content.decode()
    assert "Escalated: Chief" in " ".join(page.replace("</svg>", " ").split())
    assert "Escalated" in manager.get("/cases/").content.decode()
    seen = reader.get(address(case))
    assert "forms" not in seen.context
    assert f'action="{address(case, "acknowledge")}"' in seen.content.decode()
    assert "Not acknowledged in time" in reader.get("/notices/").content.decode()
    assert reader.post(address(case, "acknowledge")).status_code == 302
    assert again(case).state == "acknowledged"


def test_where_nobody_heads_the_function_the_page_says_where_it_goes(
    manager: Client, case: CorrectiveAction
) -> None:
    assert "A missed clock goes to the admins" in manager.get(address(case)).content.decode()


def test_the_8d_report_holds_every_step(manager: Client, corrected: CorrectiveAction) -> None:
    answer_request(
        asked(manager, corrected),
        verdict=Verdict.CONFIRMED,
        comment="Well done.",
        now=dt.datetime.now(dt.UTC),
    )
    manager.post(address(corrected, "prevent"), {"comment": "A second carrier."})
    page = manager.get(address(corrected, "report")).content.decode()
    page = page[page.index("<main") :]
    order = [
        "D0",
        "D1",
        "Member, Quality",
        "D2",
        "Three days late.",
        "D3",
        "What was contained.",
        "D4",
        "What was cause_found.",
        "D5",
        "Two slots.",
        "D6",
        "What was corrected.",
        "Well done.",
        "D7",
        "A second carrier.",
        "D8",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
