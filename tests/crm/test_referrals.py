"""A respondent proposes a colleague; whoever changes the project decides, and nobody outside hears of it."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions.models import Action
from accounts.contacts.models import Contact
from accounts.notices.models import Notice
from accounts.surveys.models import Referral, ReferralState, Respondent, RespondentState
from accounts.surveys.services import accept_referral, change_respondent, propose
from accounts.users.models import User
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office, contact_of, office_of
from tests.conftest import World

WANG = "wang@huaxing.test"


@pytest.fixture
def office(world: World) -> Office:
    office = office_of(world)
    office.invite()
    return office


def proposed(
    office: Office, contact: Contact | None = None, email: str = WANG, name: str = "Wang"
) -> Referral:
    invitation = office.invitation(contact or office.chen)
    return propose(invitation, name=name, email=email, message="Ask her.", now=DUE + HOUR)[0]


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def accept(user: User, referral: Referral, **fields: object) -> int:
    body = {"seen": referral.known_at.isoformat(), **fields}
    return as_(user).post(f"/referrals/{referral.pk}/accept", body).status_code


def refused(user: User, referral: Referral, **fields: object) -> str:
    """What the page says after a decision that could not be taken."""
    body = {"seen": referral.known_at.isoformat(), **fields}
    return as_(user).post(f"/referrals/{referral.pk}/accept", body, follow=True).content.decode()


def states(office: Office) -> dict[str, str]:
    found = Respondent.objects.filter(project=office.project)
    return dict(found.values_list("contact__name", "state"))


def page(user: User, office: Office) -> str:
    html = as_(user).get(f"/projects/{office.project.pk}/respondents").content.decode()
    return " ".join(html.split())


def test_the_owner_accepts_a_new_contact_and_the_proposer_pauses(office: Office) -> None:
    referral = proposed(office)
    html = page(office.world.owner, office)
    assert "Chen proposes to ask <strong>Wang</strong> instead" in html
    assert "New contact: Wang" in html
    assert accept(office.world.owner, referral, level="management", department="Planning") == 302
    wang = Contact.objects.get(email=WANG)
    assert (wang.name, wang.level, wang.department) == ("Wang", "management", "Planning")
    assert (wang.language, wang.time_zone) == (office.chen.language, office.chen.time_zone)
    assert states(office) == {"Chen": "paused", "Li": "active", "Wang": "active"}
    referral.refresh_from_db()
    assert (referral.state, referral.decided_by, referral.colleague) == (
        ReferralState.ACCEPTED,
        office.world.owner,
        wang,
    )
    assert mail.outbox == []
    assert "Proposed colleagues" not in page(office.world.owner, office)


def test_the_proposer_may_be_kept(office: Office) -> None:
    assert accept(office.world.owner, proposed(office), level="specialist", proposer="keep") == 302
    assert states(office) == {"Chen": "active", "Li": "active", "Wang": "active"}


def test_who_has_the_address_already_is_the_one_who_is_meant(office: Office) -> None:
    wang = contact_of(office.world, "Wang")
    referral = proposed(office, email="WANG@huaxing.test", name="Mrs Wang")
    assert f'<option value="{wang.pk}" selected>Wang</option>' in page(office.world.manager, office)
    assert accept(office.world.manager, referral) == 302
    assert Contact.objects.filter(name__contains="Wang").count() == 1
    assert states(office)["Wang"] == "active"


def test_a_project_manager_makes_no_contact_and_may_choose_one(office: Office) -> None:
    zhao = contact_of(office.world, "Zhao")
    referral = proposed(office)
    assert "Wang is no contact yet; Owner can add one." in page(office.world.manager, office)
    assert accept(office.world.manager, referral, level="specialist") == 403
    assert not Contact.objects.filter(email=WANG).exists()
    assert accept(office.world.manager, referral, contact=zhao.pk) == 302
    assert states(office) == {"Chen": "paused", "Li": "active", "Zhao": "active"}


def order(user: User, referral: Referral) -> str:
    """What the page says after he asked the owner to add the contact."""
    html = as_(user).post(f"/referrals/{referral.pk}/order", follow=True).content.decode()
    return " ".join(html.split())


def test_the_owner_is_asked_once_to_add_who_is_no_contact_yet(office: Office) -> None:
    referral = proposed(office)
    assert "Ask Owner to add Wang" in page(office.world.manager, office)
    assert "Owner was asked to add the contact." in order(office.world.manager, referral)
    action = Action.objects.get()
    assert (action.owner, action.project, action.customer) == (
        office.world.owner,
        office.project,
        office.world.customer,
    )
    assert action.title == "Add Wang as a contact"
    assert WANG in action.note
    assert Notice.objects.get(kind="action_assigned").user == office.world.owner
    html = order(office.world.manager, referral)
    assert "Owner was asked already." in html
    assert "Wang is no contact yet; Owner was asked to add one." in html
    assert "Ask Owner to add Wang" not in html
    assert Action.objects.count() == 1
    assert "Ask Owner to add Wang" not in page(office.world.owner, office), "he adds the contact himself"


def test_nobody_is_asked_to_add_a_contact_there_is(office: Office) -> None:
    referral = proposed(office)
    contact_of(office.world, "Wang")
    assert "This has changed in the meantime." in order(office.world.manager, referral)
    assert as_(office.world.stranger).post(f"/referrals/{referral.pk}/order").status_code == 404
    assert not Action.objects.exists()


def test_a_proposed_colleague_who_is_asked_or_rests_is_said_to(office: Office) -> None:
    referral = proposed(office, email="li@huaxing.test")
    li = Respondent.objects.get(contact=office.li)
    assert "Li is asked about this project already." in page(office.world.manager, office)
    for state, words in (("paused", "Li has a pause."), ("opted_out", "Li wanted no more letters")):
        change_respondent(
            li, state=RespondentState(state), author=office.world.manager, now=DUE + DAY, reason="x"
        )
        assert words in page(office.world.manager, office)
    assert accept(office.world.manager, referral) == 302
    assert states(office) == {"Chen": "paused", "Li": "active"}


def test_a_new_contact_needs_a_level(office: Office) -> None:
    referral = proposed(office)
    assert "Say at which level the colleague works." in refused(office.world.owner, referral)
    assert Referral.objects.get().state == ReferralState.PROPOSED
    assert not Contact.objects.filter(email=WANG).exists()


def test_declining_leaves_everything_as_it_is_and_he_may_propose_again(office: Office) -> None:
    referral = proposed(office)
    answer = as_(office.world.manager).post(f"/referrals/{referral.pk}/decline")
    assert answer.status_code == 302
    assert states(office) == {"Chen": "active", "Li": "active"}
    assert proposed(office, name="Zhao", email="zhao@huaxing.test").pk != referral.pk


def test_nobody_accepts_somebody_whom_the_page_did_not_show(office: Office) -> None:
    """He read of Wang; meanwhile the respondent proposed somebody else."""
    seen = proposed(office)
    propose(office.invitation(office.chen), name="Eve", email="eve@evil.test", message="", now=DUE + DAY)
    assert "Somebody else is proposed since." in refused(office.world.owner, seen, level="specialist")
    assert not Contact.objects.filter(email__in=[WANG, "eve@evil.test"]).exists()
    with pytest.raises(ValidationError) as wrong:
        accept_referral(seen, by=office.world.owner, now=DUE + DAY)
    assert wrong.value.error_dict["state"][0].code == "changed"


def test_of_two_decisions_the_first_holds(office: Office) -> None:
    referral = proposed(office)
    assert as_(office.world.owner).post(f"/referrals/{referral.pk}/decline").status_code == 302
    assert "This was decided in the meantime." in refused(office.world.owner, referral, level="specialist")
    assert not Contact.objects.filter(email=WANG).exists()


def test_another_customers_contact_and_the_proposer_himself_are_no_choice(office: Office) -> None:
    referral = proposed(office)
    theirs = Contact.objects.create(
        customer=office.world.foreign,
        name="Theirs",
        level="specialist",
        email="theirs@foreign.test",
        sort_key="theirs",
        search_text="theirs",
        known_at=DUE,
    )
    for contact in (theirs, office.chen):
        assert "This contact cannot be asked any more." in refused(
            office.world.owner, referral, contact=contact.pk
        )
    assert states(office) == {"Chen": "active", "Li": "active"}


@pytest.mark.parametrize(("field", "code"), [("opted_out", "opted_out"), ("left_on", "left")])
def test_who_wants_no_surveys_or_has_left_is_not_asked_after_all(
    office: Office, field: str, code: str
) -> None:
    wang = contact_of(office.world, "Wang")
    Contact.objects.filter(pk=wang.pk).update(**{field: True if field == "opted_out" else DUE.date()})
    with pytest.raises(ValidationError) as wrong:
        accept_referral(proposed(office), by=office.world.owner, now=DUE + DAY)
    assert wrong.value.error_dict["contact"][0].code == code
    assert "Wang" not in states(office)


def test_strangers_decide_nothing(office: Office) -> None:
    referral = proposed(office)
    assert accept(office.world.stranger, referral, level="specialist") == 404
    assert as_(office.world.stranger).post(f"/referrals/{referral.pk}/decline").status_code == 404
    assert Referral.objects.get().state == ReferralState.PROPOSED


def test_the_notice_says_who_proposes(office: Office) -> None:
    proposed(office)
    assert set(Notice.objects.values_list("user__name", flat=True)) == {"Manager", "Owner"}
    html = as_(office.world.manager).get("/notices/").content.decode()
    assert "Chen proposes that we ask a colleague instead (Line 4)." in html


def test_three_proposals_cost_as_many_queries_as_one(office: Office) -> None:
    client = as_(office.world.owner)
    url = f"/projects/{office.project.pk}/respondents"
    proposed(office)
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    proposed(office, office.li, email="zhao@huaxing.test")
    with CaptureQueriesContext(connection) as two:
        client.get(url)
    assert len(one) == len(two)


def test_a_proposed_address_is_given_to_nobody_who_is_a_contact_already(office: Office) -> None:
    wang = contact_of(office.world, "Wang")
    Contact.objects.filter(pk=wang.pk).update(email="")
    wang.refresh_from_db()
    referral = proposed(office)
    assert "This contact cannot be asked any more." in refused(office.world.owner, referral, contact=wang.pk)
    with pytest.raises(ValidationError) as wrong:
        accept_referral(referral, by=office.world.owner, now=DUE + DAY, contact=wang)
    assert wrong.value.error_dict["contact"][0].code == "no_email"
    assert Contact.objects.get(pk=wang.pk).email == ""
    assert "Wang" not in states(office)


def test_a_proposal_without_an_address_is_refused(office: Office) -> None:
    with pytest.raises(ValidationError) as wrong:
        proposed(office, email=" ")
    assert wrong.value.error_dict["email"][0].code == "blank"


@pytest.mark.parametrize(
    ("field", "words"), [("opted_out", "wants no surveys"), ("left_on", "has left the company")]
)
def test_the_page_offers_nobody_instead_of_who_is_meant_and_cannot_be_asked(
    office: Office, field: str, words: str
) -> None:
    wang = contact_of(office.world, "Wang")
    Contact.objects.filter(pk=wang.pk).update(**{field: True if field == "opted_out" else DUE.date()})
    referral = proposed(office)
    html = page(office.world.owner, office)
    assert f"Wang has this address and {words}." in html
    assert re.search(r'<option value="">\s*Choose\s*</option>', html)
    assert 'name="contact" required> <option value=""> Choose' in html
    assert "New contact: Wang" not in html
    assert accept(office.world.owner, referral, level="specialist") == 302
    assert states(office) == {"Chen": "active", "Li": "active"}
