"""Behind the link of a letter about an occasion: a link shows, a POST records, and it closes."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.contacts.models import Contact
from accounts.occasions.facts import OptionFacts, QuestionFacts
from accounts.occasions.models import OccasionAnswer, OccasionChoice, OccasionInvitation, OccasionReply
from accounts.surveys.models import SurveyProgramme
from accounts.surveys.standard import Words
from accounts.voice.models import Voice
from tests.conftest import World
from tests.crm.asked import BY_HAND, DAY, asked, link_of, person, survey, token_of
from tests.crm.links import everything


def words(name: str) -> Words:
    return Words(name=name, name_zh_hans=f"{name}?", name_zh_hant="")


OPTIONS = tuple(
    OptionFacts(code=code, words=words(name)) for code, name in (("fork", "Forklift"), ("hand", "By hand"))
)
QUESTIONS = (
    QuestionFacts(code="why", kind="text", words=words("Why")),
    QuestionFacts(code="how", kind="one", words=words("How unloaded"), options=OPTIONS),
    QuestionFacts(code="with", kind="several", words=words("With what"), options=OPTIONS),
    QuestionFacts(code="long", kind="number", words=words("How long"), unit="min"),
)


@pytest.fixture
def programme() -> SurveyProgramme:
    return survey(replace(BY_HAND, questions=QUESTIONS))


@pytest.fixture
def wu(world: World) -> Contact:
    return person(world.customer)


@pytest.fixture
def invitation(world: World, wu: Contact, programme: SurveyProgramme) -> OccasionInvitation:
    return asked(wu, world.owner, programme)


@pytest.fixture
def link(invitation: OccasionInvitation) -> str:
    return link_of(invitation)


@pytest.fixture
def visitor() -> Client:
    """A browser that was never here."""
    return Client(enforce_csrf_checks=True)


def read(client: Client, url: str, status: int = 200) -> str:
    page = client.get(url)
    assert page.status_code == status
    return " ".join(page.content.decode().split())


def send(client: Client, link: str, **fields: Any) -> int:
    sent = {name.replace("__", "."): value for name, value in fields.items()}
    return client.post(link, {"key": "one", **sent}).status_code


@pytest.mark.parametrize("query", ["", "?packaging=D", "?done=1", "?lang=zh-hans"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_no_row_of_any_table(visitor: Client, link: str, method: str, query: str) -> None:
    before = everything()
    getattr(visitor, method)(link + query)
    assert everything() == before


def test_every_kind_of_answer_is_recorded_and_shown_with_thanks(visitor: Client, link: str) -> None:
    status = send(
        visitor,
        link,
        packaging="A-",
        documents="not_applicable",
        question__why="The ramp was free",
        question__how="fork",
        question__with=["fork", "hand"],
        question__long="12.5",
        comment="Thanks",
    )
    assert status == 303
    said = OccasionAnswer.objects.get()
    assert said.comment == "Thanks"
    assert {each.text or each.number for each in OccasionReply.objects.all()} == {
        "The ramp was free",
        OccasionReply.objects.get(question__code="long").number,
    }
    assert OccasionChoice.objects.count() == 3
    thanks = read(visitor, f"{link}?done=1")
    for word in ("A-", "Does not apply", "The ramp was free", "Forklift · By hand", "12.5 min", "Thanks"):
        assert word in thanks


def test_what_was_said_stands_in_the_form_again_and_can_be_changed(visitor: Client, link: str) -> None:
    send(visitor, link, packaging="B", question__with=["hand"], question__long="7")
    form = read(visitor, link)
    assert 'value="B" checked' in form
    assert 'value="hand" checked' in form
    assert 'value="fork" checked' not in form
    assert 'value="7"' in form
    assert send(visitor, link, key="two", packaging="A") == 303
    assert OccasionAnswer.objects.count() == 2
    assert OccasionAnswer.objects.get(superseded_at=None).grades.get().grade.letter == "A"


def opened_over(html: str) -> str:
    found = re.search(r'name="said" value="([^"]*)"', html)
    assert found is not None
    return found[1]


def test_a_stale_window_loses_nothing_of_what_another_one_sent(visitor: Client, link: str) -> None:
    assert send(visitor, link, packaging="B", question__with=["hand"], question__how="fork") == 303
    seen = opened_over(read(visitor, link))
    other = {"packaging": "C", "comment__packaging": "Torn", "question__with": ["hand", "fork"]}
    assert send(visitor, link, key="two", said=seen, question__how="fork", **other) == 303
    before = everything()
    mine = {"packaging": "B", "question.with": ["hand"], "question.how": "hand", "comment": "Mine"}
    page = visitor.post(link, {"key": "three", "said": seen, **mine})
    html = " ".join(page.content.decode().split())
    assert (page.status_code, everything()) == (409, before)
    assert "An answer was sent from another window meanwhile" in html
    assert 'name="packaging" value="C" class="low" checked' in html
    for words in ("Torn", "Mine", 'name="question.how" value="hand" checked'):
        assert words in html
    assert html.count('name="question.with" value="hand" checked') == 1
    assert html.count('name="question.with" value="fork" checked') == 1
    both = mine | {"packaging": "C", "question.with": ["hand", "fork"]}
    assert visitor.post(link, {"key": "four", "said": opened_over(html), **both}).status_code == 303
    assert OccasionAnswer.objects.get(superseded_at=None).comment == "Mine"


def test_a_window_opened_before_any_answer_is_stale_also_when_it_was_shown_anew(
    visitor: Client, link: str
) -> None:
    seen = opened_over(read(visitor, link))
    assert send(visitor, link, packaging="C") == 303
    shown = visitor.post(link, {"show": "typed", "said": seen, "packaging": "A", "comment": "x"}, follow=True)
    seen = opened_over(shown.content.decode())
    assert visitor.post(link, {"key": "two", "said": seen, "packaging": "A"}).status_code == 409
    assert visitor.post(link, {"key": "two", "said": "no instant", "packaging": "A"}).status_code == 409


def test_the_same_form_sent_twice_is_one_answer(visitor: Client, link: str) -> None:
    assert send(visitor, link, packaging="B") == send(visitor, link, packaging="B") == 303
    assert OccasionAnswer.objects.count() == 1


def test_letters_of_the_mail_are_chosen_and_strange_ones_are_not(visitor: Client, link: str) -> None:
    form = read(visitor, f"{link}?packaging=C&documents=Z&warehouse=A")
    assert form.count(" checked") == 1
    assert 'name="packaging" value="C" class="low" checked' in form


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Nothing is filled in yet"),
        ({"packaging": "Z"}, "This is not a grade of the survey."),
        ({"question__how": "crane"}, "This is not one of the choices."),
        ({"question__with": ["fork", "crane"]}, "This is not one of the choices."),
        ({"question__long": "soon"}, "This is not a number."),
        ({"question__long": "1.23456"}, "no more than 4 decimal places"),
        ({"comment": "x" * 4_001}, "at most 4,000 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_recorded(
    visitor: Client, link: str, fields: dict[str, Any], said: str
) -> None:
    sent = {name.replace("__", "."): value for name, value in fields.items()}
    page = visitor.post(link, {"key": "one", **sent})
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not OccasionAnswer.objects.exists()


def test_another_language_takes_along_what_is_typed(visitor: Client, link: str) -> None:
    typed = {"packaging": "B+", "question.with": ["hand"], "question.why": "Rain"}
    sent = {"key": "one", "show": "typed", **typed}
    moved = visitor.post(f"{link}?lang=zh-hans", sent)
    assert moved.status_code == 303
    page = read(visitor, moved["Location"])
    assert 'lang="zh-hans"' in page
    assert "With what?" in page
    assert "Rain" in page
    assert page.count(" checked") == 2
    assert not OccasionAnswer.objects.exists()


def test_a_low_grade_becomes_a_complaint_that_the_thanks_promise_to_answer(
    visitor: Client, link: str, world: World, invitation: OccasionInvitation
) -> None:
    send(visitor, link, packaging="C", comment__packaging="Wet boxes")
    voice = Voice.objects.get()
    assert (voice.owner, "Wet boxes" in voice.text) == (world.owner, True)
    invitation.refresh_from_db()
    assert invitation.voice == voice
    assert "takes up what you were not satisfied with" in read(visitor, f"{link}?done=1")


def test_a_closed_survey_says_so_and_takes_nothing(
    visitor: Client, link: str, invitation: OccasionInvitation
) -> None:
    now = timezone.now()
    OccasionInvitation.objects.filter(pk=invitation.pk).update(
        due_at=now - 20 * DAY, closes_at=now - dt.timedelta(hours=1)
    )
    assert "can no longer be answered" in read(visitor, link, status=410)
    assert send(visitor, link, packaging="A") == 410
    assert not OccasionAnswer.objects.exists()


def test_who_left_the_company_answers_no_more(link: str, wu: Contact, visitor: Client) -> None:
    Contact.objects.filter(pk=wu.pk).update(left_on=timezone.localdate())
    assert "your former colleagues" in read(visitor, link, status=410)
    assert send(visitor, link, packaging="A") == 410
    assert not OccasionAnswer.objects.exists()


def test_unknown_and_mangled_links_say_what_those_of_the_week_say(visitor: Client, link: str) -> None:
    assert read(visitor, "/s/o/unknown", status=404) == read(visitor, "/s/unknown", status=404)
    assert visitor.get(f"{link}.")["Location"] == link
    assert visitor.get(link.replace("/s/", "/S/"))["Location"] == link


def test_no_cookie_no_store_and_a_policy_that_lets_scripts_reach_nobody(visitor: Client, link: str) -> None:
    page = visitor.get(link)
    assert not page.cookies
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    assert "connect-src 'none'" in page["Content-Security-Policy"]
    assert page["Content-Language"] == "en"


def test_he_ends_the_letters_by_a_button_by_one_click_and_begins_them_again(
    visitor: Client, invitation: OccasionInvitation, wu: Contact
) -> None:
    stop = f"/s/o/{token_of(invitation)}/stop"
    read(visitor, stop)
    wu.refresh_from_db()
    assert not wu.opted_out
    assert visitor.post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200
    wu.refresh_from_db()
    assert wu.opted_out
    assert visitor.post(stop, {"wish": "resume"}).status_code == 303
    wu.refresh_from_db()
    assert not wu.opted_out
    assert visitor.post(stop, {"wish": "stop_all"}).status_code == 303
    wu.refresh_from_db()
    assert wu.opted_out


def test_the_page_stays_light(visitor: Client, link: str) -> None:
    assert len(visitor.get(link).content) < 19_000
