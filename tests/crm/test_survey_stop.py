"""Pause, stop, a colleague instead, and the way back: said on a page, or by a mail program's own button."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts.contacts.models import Contact
from accounts.customers.models import CustomerInput
from accounts.notices.models import Notice
from accounts.surveys.models import Referral, Respondent, RespondentChange
from accounts.surveys.services import make_invitations, name_respondent
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office, project_of
from tests.conftest import MONDAY, World
from tests.crm.links import NEXT, everything, invited, keep_open, link_of

WEEK_OF_DAYS = 7 * DAY


@pytest.fixture
def office(world: World) -> Office:
    return invited(world)


@pytest.fixture
def link(office: Office) -> str:
    return link_of(office, office.chen)


def wish(link: str, what: str, **fields: str) -> int:
    return Client().post(f"{link}/stop", {"wish": what, **fields}).status_code


def page(link: str, query: str = "") -> str:
    answer = Client().get(f"{link}/stop{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def of_chen(office: Office) -> Respondent:
    return Respondent.objects.get(project=office.project, contact=office.chen)


def told() -> list[tuple[str, str, str]]:
    found = Notice.objects.order_by("pk").values_list("user__name", "kind", "facts")
    return [(name, kind, facts.get("wish", "")) for name, kind, facts in found]


@pytest.mark.parametrize("method", ["get", "head", "options"])
@pytest.mark.parametrize("query", ["", "?done=stop_all", "?wish=stop", "?List-Unsubscribe=One-Click"])
def test_looking_changes_nothing(link: str, method: str, query: str) -> None:
    before = everything()
    getattr(Client(), method)(f"{link}/stop{query}")
    assert everything() == before


@pytest.mark.parametrize("weeks", [2, 4, 12])
def test_a_pause_of_some_weeks_has_its_end(office: Office, link: str, weeks: int) -> None:
    assert wish(link, "pause", length=str(weeks)) == 303
    respondent = of_chen(office)
    until = timezone.now().date() + weeks * WEEK_OF_DAYS
    assert (respondent.state, respondent.paused_until) == ("paused", until)
    last = RespondentChange.objects.latest("pk")
    assert (last.state, last.until, last.author) == ("paused", until, None)
    assert "You get no letters about Line 4 before" in page(link)
    assert told() == [
        ("Manager", "survey_respondent_wish", "paused"),
        ("Owner", "survey_respondent_wish", "paused"),
    ]


def test_a_pause_until_a_day_and_the_way_back(office: Office, link: str) -> None:
    day = timezone.now().date() + 40 * DAY
    assert wish(link, "pause", length="day", until=day.isoformat()) == 303
    assert of_chen(office).paused_until == day
    assert "Ask me again" in page(link)
    assert wish(link, "resume") == 303
    assert (of_chen(office).state, of_chen(office).paused_until) == ("active", None)
    assert "You are asked about Line 4 again." in page(link, "?done=resume")
    assert "Ask me again" not in page(link)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose how long."),
        ({"length": "3"}, "Choose how long."),
        ({"length": "day"}, "Choose the day."),
        ({"length": "day", "until": "soon"}, "This is not a date."),
        ({"length": "day", "until": "2020-01-01"}, "Choose a day that is still to come."),
        ({"length": "day", "until": "9999-12-31"}, "A pause lasts a year at most."),
    ],
)
def test_a_pause_that_cannot_be_is_refused_with_words(
    office: Office, link: str, fields: dict[str, str], words: str
) -> None:
    answer = Client().post(f"{link}/stop", {"wish": "pause", **fields})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()
    assert of_chen(office).state == "active"


def test_stopping_one_project_leaves_the_others(office: Office, link: str) -> None:
    other = project_of(office.world, "Line 5")
    name_respondent(project=other, contact=office.chen, author=None, now=MONDAY)
    version = CustomerInput.objects.get(customer=office.world.customer).version
    assert wish(link, "stop") == 303
    assert of_chen(office).state == "opted_out"
    assert Respondent.objects.get(project=other).state == "active"
    assert not Contact.objects.get(pk=office.chen.pk).opted_out
    assert wish(link, "stop_all") == 303
    assert Contact.objects.get(pk=office.chen.pk).opted_out
    assert "You get no letters about any project." in page(link)
    assert CustomerInput.objects.get(customer=office.world.customer).version > version
    assert wish(link, "resume") == 303
    assert not Contact.objects.get(pk=office.chen.pk).opted_out
    assert of_chen(office).state == "active"


def test_who_stopped_gets_no_letter_about_the_next_week(office: Office, link: str) -> None:
    wish(link, "stop")
    assert make_invitations(NEXT, now=DUE + WEEK_OF_DAYS) == 1
    assert not office.project.invitations.filter(contact=office.chen, week=NEXT).exists()


def test_the_same_wish_twice_is_heard_and_told_once(office: Office, link: str) -> None:
    assert [wish(link, "stop"), wish(link, "stop")] == [303, 303]
    assert RespondentChange.objects.filter(state="opted_out").count() == 1
    assert len(told()) == 2
    assert [wish(link, "stop_all"), wish(link, "stop_all")] == [303, 303]
    assert [name for _who, _kind, name in told()] == ["stopped"] * 2 + ["stopped_all"] * 2


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_the_button_of_a_mail_program_stops_the_letters_at_once(
    office: Office, link: str, content_type: str
) -> None:
    """RFC 8058: no cookie, no token of a form, no page before it, and no redirect as its answer."""
    stranger = Client(enforce_csrf_checks=True)
    if content_type.startswith("multipart"):
        answer = stranger.post(f"{link}/stop", {"List-Unsubscribe": "One-Click"})
    else:
        answer = stranger.post(f"{link}/stop", "List-Unsubscribe=One-Click", content_type=content_type)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode() == "You get no more letters about Line 4."
    assert not answer.cookies
    assert of_chen(office).state == "opted_out"
    assert Respondent.objects.get(contact=office.li).state == "active"


def test_a_letter_of_long_ago_still_stops_them_and_takes_no_grade(office: Office, link: str) -> None:
    keep_open(closes_in=-30 * DAY, expires_in=-16 * DAY)
    assert Client().get(link).status_code == 410
    assert "Back to the grades" not in page(link)
    answer = Client().post(f"{link}/stop", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert of_chen(office).state == "opted_out"


def test_a_wish_that_is_none_is_refused(link: str) -> None:
    before = everything()
    assert wish(link, "everything") == 422
    assert Client().post(f"{link}/stop").status_code == 422
    assert everything() == before


def propose(link: str, **fields: str) -> int:
    return wish(link, "refer", **{"name": "Wang Wei", "email": "wang@huaxing.test", **fields})


def test_a_colleague_is_proposed_and_nobody_is_asked_yet(office: Office, link: str) -> None:
    assert propose(link, message="She runs the line.") == 303
    referral = Referral.objects.get()
    assert (referral.name, referral.email, referral.message) == (
        "Wang Wei",
        "wang@huaxing.test",
        "She runs the line.",
    )
    assert referral.contact == office.chen
    assert not Contact.objects.filter(email="wang@huaxing.test").exists()
    assert of_chen(office).state == "active"
    assert "You proposed Wang Wei. Manager decides" in page(link)
    assert told() == [("Manager", "survey_referral", ""), ("Owner", "survey_referral", "")]


def test_the_newest_proposal_replaces_the_one_before(office: Office, link: str) -> None:
    assert [propose(link), propose(link)] == [303, 303]
    assert (Referral.objects.count(), len(told())) == (1, 2)
    assert propose(link, name="Zhao Min", email="zhao@huaxing.test") == 303
    assert Referral.objects.get().name == "Zhao Min"
    assert len(told()) == 4
    assert propose(link_of(office, office.li)) == 303
    assert Referral.objects.count() == 2, "one of each respondent"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "Say who it is."),
        ({"name": "x" * 121}, "A name has at most 120 characters."),
        ({"email": ""}, "Give an e-mail address."),
        ({"email": "nobody"}, "This is not an e-mail address."),
        ({"email": "CHEN@huaxing.test"}, "This is your own address. Name somebody else."),
        ({"email": "a@b.test\nBcc: c@d.test"}, "This is not an e-mail address."),
        ({"message": "x" * 401}, "A message has at most 400 characters."),
    ],
)
def test_a_proposal_that_cannot_be_is_refused_and_kept_in_the_form(
    link: str, fields: dict[str, str], words: str
) -> None:
    body = {"wish": "refer", "name": "Wang Wei", "email": "wang@huaxing.test", **fields}
    answer = Client().post(f"{link}/stop", body)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert words in html
    if "name" not in fields:
        assert 'value="Wang Wei"' in html
    assert not Referral.objects.exists()


def test_in_his_language_and_in_the_one_he_asks_for(office: Office, link: str) -> None:
    assert 'lang="zh-hant"' in page(link, "?lang=zh-hant")
    Contact.objects.filter(pk=office.chen.pk).update(language="zh-hans")
    assert '<html lang="zh-hans">' in page(link)


def test_the_pause_ends_on_his_day_and_not_on_ours(office: Office, link: str) -> None:
    Contact.objects.filter(pk=office.chen.pk).update(time_zone="Pacific/Kiritimati")
    wish(link, "pause", length="2")
    there = timezone.now() + 14 * HOUR
    assert of_chen(office).paused_until == there.astimezone(dt.UTC).date() + 14 * DAY
