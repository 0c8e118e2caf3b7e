"""Where nobody who complained can be asked any more, somebody else of the customer may speak for them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import mark_left, undo_left
from accounts.notices.models import Notice
from accounts.surveys.models import (
    CaseState,
    ConfirmationRequest,
    CorrectiveAction,
    Respondent,
    RespondentState,
    Verdict,
)
from accounts.surveys.queries.complaints import complainants_of, stand_ins_for
from accounts.surveys.services import (
    acknowledge_case,
    advance_case,
    answer_request,
    ask_customer,
    ask_instead,
    change_respondent,
    confirm_case,
    resume_questions,
    stop_questions,
)
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office, contact_of
from tests.accounts.surveys.test_cases import code, events

ASKED = DUE + 4 * HOUR
SAID = ASKED + DAY


def corrected(office: Office, *complainants: Contact) -> CorrectiveAction:
    for contact in complainants or (office.chen,):
        office.say(contact, delivery="D")
    manager = office.world.manager
    acknowledge_case(office.case(), by=manager, now=DUE + 2 * HOUR)
    return advance_case(
        office.case(), to=CaseState.CORRECTED, by=manager, comment="A second truck.", now=DUE + 3 * HOUR
    )


def leave(contact: Contact) -> None:
    mark_left(contact, left_on=DUE.date(), now=DUE + 3 * HOUR)


def instead(office: Office, contact: Contact, *, now: dt.datetime = ASKED) -> ConfirmationRequest:
    return ask_instead(
        office.case(),
        contact=contact,
        message="A second truck drives.",
        reason="He has taken over the line.",
        by=office.world.manager,
        now=now,
    )


def candidates(office: Office) -> set[str]:
    case = office.case()
    found = stand_ins_for(case, complainants_of(case, now=ASKED), now=ASKED)
    return set(found.values_list("name", flat=True))


def refused(office: Office, contact: Contact) -> str:
    with pytest.raises(ValidationError) as wrong:
        instead(office, contact)
    return code(wrong)


def test_while_somebody_who_complained_can_speak_nobody_speaks_for_him(office: Office) -> None:
    corrected(office)
    assert refused(office, office.li) == "contact: can_speak"
    Contact.objects.filter(pk=office.chen.pk).update(email="")
    assert refused(office, office.li) == "contact: can_speak"
    assert not ConfirmationRequest.objects.exists()


@pytest.mark.parametrize("how", ["left", "wants no surveys", "wants none about the project"])
def test_a_respondent_of_the_project_is_asked_and_his_word_closes_it(office: Office, how: str) -> None:
    case = corrected(office)
    if how == "left":
        leave(office.chen)
    elif how == "wants no surveys":
        Contact.objects.filter(pk=office.chen.pk).update(opted_out=True)
    else:
        him = Respondent.objects.get(contact=office.chen)
        change_respondent(him, state=RespondentState.OPTED_OUT, author=None, now=DUE + 3 * HOUR, reason="No")
    request = instead(office, office.li)
    assert (request.contact, request.stands_in) == (office.li, True)
    assert request.invitation == office.invitation(office.chen)
    answered = answer_request(request, verdict=Verdict.CONFIRMED, comment="Works.", now=SAID)
    assert answered.is_closed
    assert office.case().closed_at == SAID
    told = case.log.order_by("pk").values_list("kind", "author__name", "contact__name", "comment")
    assert list(told)[-4:] == [
        ("commented", "Manager", None, "He has taken over the line."),
        ("asked", "Manager", "Li", "A second truck drives."),
        ("confirmed", None, "Li", "Works."),
        ("closed", None, None, ""),
    ]


def test_who_may_speak_is_a_respondent_or_stands_at_the_level_or_above(office: Office) -> None:
    contact_of(office.world, "Boss", level=Level.EXECUTIVE)
    contact_of(office.world, "Peer", level=Level.SPECIALIST)
    contact_of(office.world, "Worker", level=Level.OPERATIONAL)
    silent = contact_of(office.world, "Silent", level=Level.EXECUTIVE)
    Contact.objects.filter(pk=silent.pk).update(opted_out=True)
    mute = contact_of(office.world, "Mute", level=Level.EXECUTIVE)
    Contact.objects.filter(pk=mute.pk).update(email="")
    leave(contact_of(office.world, "Gone", level=Level.EXECUTIVE))
    Contact.objects.filter(pk=office.li.pk).update(level=Level.OPERATIONAL)
    corrected(office)
    leave(office.chen)
    assert candidates(office) == {"Boss", "Peer", "Li"}
    worker = Contact.objects.get(name="Worker")
    assert refused(office, worker) == "contact: no_stand_in"
    him = Respondent.objects.get(contact=office.li)
    change_respondent(him, state=RespondentState.OPTED_OUT, author=None, now=DUE + 3 * HOUR, reason="No")
    assert candidates(office) == {"Boss", "Peer"}


def test_another_customers_contact_never_speaks(office: Office) -> None:
    corrected(office)
    leave(office.chen)
    boss = contact_of(office.world, "Boss", level=Level.EXECUTIVE)
    Contact.objects.filter(pk=boss.pk).update(customer=office.world.foreign)
    assert refused(office, boss) == "contact: no_stand_in"


def test_a_reason_and_words_for_the_customer_are_wanted(office: Office) -> None:
    corrected(office)
    leave(office.chen)
    for message, reason, field in ((" ", "Because", "comment"), ("A truck", " ", "reason")):
        with pytest.raises(ValidationError) as wrong:
            ask_instead(
                office.case(),
                contact=office.li,
                message=message,
                reason=reason,
                by=office.world.manager,
                now=ASKED,
            )
        assert code(wrong) == f"{field}: blank"
    assert "asked" not in events(office.case())


def test_of_two_who_left_one_word_counts_for_both(office: Office) -> None:
    corrected(office, office.chen, office.li)
    boss = contact_of(office.world, "Boss", level=Level.EXECUTIVE)
    leave(office.chen)
    assert refused(office, boss) == "contact: can_speak"
    leave(office.li)
    assert answer_request(instead(office, boss), verdict=Verdict.CONFIRMED, comment="", now=SAID).is_closed


def test_who_comes_back_speaks_for_himself(office: Office) -> None:
    corrected(office)
    leave(office.chen)
    request = instead(office, office.li)
    undo_left(Contact.objects.get(pk=office.chen.pk), now=ASKED + HOUR)
    assert not answer_request(request, verdict=Verdict.CONFIRMED, comment="", now=SAID).is_closed
    ask_customer(office.case(), message="A second truck.", by=office.world.manager, now=SAID)
    his = ConfirmationRequest.objects.get(contact=office.chen)
    assert answer_request(his, verdict=Verdict.CONFIRMED, comment="", now=SAID + HOUR).is_closed


def test_not_solved_sends_it_back_and_he_is_asked_again_as_one_who_complains(office: Office) -> None:
    corrected(office)
    leave(office.chen)
    answer_request(instead(office, office.li), verdict=Verdict.REJECTED, comment="Late again", now=SAID)
    case, manager = office.case(), office.world.manager
    assert case.state == CaseState.ACKNOWLEDGED
    assert events(case)[-1] == "rejected"
    assert [each.contact.name for each in complainants_of(case, now=SAID)] == ["Chen", "Li"]
    advance_case(case, to=CaseState.CORRECTED, by=manager, comment="A third truck.", now=SAID + HOUR)
    (request,) = ask_customer(case, message="A third truck.", by=manager, now=SAID + HOUR)
    assert request.contact == office.li
    assert answer_request(request, verdict=Verdict.CONFIRMED, comment="", now=SAID + DAY).is_closed


def test_he_may_say_it_on_his_weekly_page_as_well(office: Office) -> None:
    corrected(office)
    leave(office.chen)
    instead(office, office.li)
    confirm_case(office.case(), invitation=office.invitation(office.li), now=SAID)
    assert office.case().closed_at == SAID


def test_who_was_not_asked_says_nothing(office: Office) -> None:
    corrected(office)
    leave(office.chen)
    with pytest.raises(ValidationError) as wrong:
        confirm_case(office.case(), invitation=office.invitation(office.li), now=SAID)
    assert code(wrong) == "respondent: not_a_complainant"
    assert office.case().is_open


@pytest.mark.parametrize("is_respondent", [True, False])
def test_who_stands_in_stops_all_letters_to_himself_and_none_to_others(
    office: Office, *, is_respondent: bool
) -> None:
    """Also one who is no respondent of the project: there is nothing smaller that he could stop."""
    boss = contact_of(office.world, "Boss", level=Level.EXECUTIVE)
    corrected(office)
    leave(office.chen)
    him = office.li if is_respondent else boss
    request = instead(office, him)
    others = Contact.objects.exclude(pk=him.pk).order_by("pk")
    states = Respondent.objects.order_by("pk").values_list("state", "paused_until")
    before = list(states), list(others.values_list("pk", "opted_out", "version"))
    Notice.objects.all().delete()
    for write, is_out in ((stop_questions, True), (resume_questions, False)):
        assert [write(request, now=SAID), write(request, now=SAID)] == [True, False]
        assert Contact.objects.get(pk=him.pk).opted_out is is_out
    assert (list(states), list(others.values_list("pk", "opted_out", "version"))) == before
    told = Notice.objects.order_by("pk").values_list("user__name", "facts__wish", "facts__contact")
    assert sorted(told) == [
        (name, wish, him.pk) for name in ("Manager", "Owner") for wish in ("resumed", "stopped_all")
    ]


def test_who_complained_himself_stops_the_letters_about_this_project_only(office: Office) -> None:
    corrected(office)
    (request,) = ask_customer(office.case(), message="A truck.", by=office.world.manager, now=ASKED)
    respondent = Respondent.objects.get(contact=office.chen)
    for write, state in (
        (stop_questions, RespondentState.OPTED_OUT),
        (resume_questions, RespondentState.ACTIVE),
    ):
        assert [write(request, now=SAID), write(request, now=SAID)] == [True, False]
        respondent.refresh_from_db()
        assert respondent.state == state
        assert not Contact.objects.get(pk=office.chen.pk).opted_out


def test_who_stands_in_and_wants_no_letters_is_asked_no_more(office: Office) -> None:
    corrected(office)
    leave(office.chen)
    stop_questions(instead(office, office.li), now=SAID)
    assert candidates(office) == set()
    assert refused(office, office.li) == "contact: no_stand_in"
