"""What a respondent does that is not plain: two windows, going back, coming late, sending half."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.surveys.models import Answer, AnswerGrade
from tests.accounts.surveys.office import HOUR, Office
from tests.conftest import World
from tests.crm.links import NEXT, everything, grades_form, invited, keep_open, link_of, send
from tests.crm.test_survey_page import chosen, read


@pytest.fixture
def office(world: World) -> Office:
    return invited(world)


@pytest.fixture
def link(office: Office) -> str:
    return link_of(office, office.chen)


@pytest.fixture
def visitor() -> Client:
    """A browser that was never here."""
    return Client(enforce_csrf_checks=True)


def test_a_stale_window_loses_nothing_of_what_another_one_sent(
    office: Office, visitor: Client, link: str
) -> None:
    """Both were opened over the same answer; the form then holds what each changed, and is sent once more."""
    assert send(visitor, link, delivery="B", quality="B", service="B") == 303
    stale = grades_form(read(visitor, link))
    assert send(visitor, link, quality="C", service="A", comment_quality="Scratches.") == 303
    before = everything()
    page = visitor.post(stale.action, stale.fill(delivery="A", service="D"))
    html = page.content.decode()
    assert page.status_code == 409
    assert "An answer was sent from another window meanwhile" in html
    assert everything() == before
    merged = grades_form(html)
    assert merged.fields["delivery"] == ["A"]
    assert merged.fields["quality"] == ["C"]
    assert merged.fields["service"] == ["D"]
    assert merged.fields["comment.quality"] == ["Scratches."]
    assert visitor.post(merged.action, merged.fields).status_code == 303
    said = AnswerGrade.objects.filter(superseded_at=None).values_list("dimension__code", "grade__letter")
    assert dict(said) == {"delivery": "A", "quality": "C", "service": "D"}


def test_a_window_opened_before_any_answer_is_stale_in_every_language(visitor: Client, link: str) -> None:
    stale = grades_form(read(visitor, link))
    assert send(visitor, link, quality="C") == 303
    moved = visitor.post(f"{link}?lang=zh-hans", stale.fill(delivery="A", show="typed"))
    shown = read(visitor, moved["Location"])
    assert visitor.post(stale.action, grades_form(shown).fields).status_code == 409
    assert visitor.post(stale.action, stale.fill(delivery="A") | {"said": ["no instant"]}).status_code == 409


def test_going_back_to_the_form_and_sending_it_changed_is_a_new_word(visitor: Client, link: str) -> None:
    form = grades_form(read(visitor, link))
    for letter in ("A", "B"):
        assert visitor.post(form.action, form.fill(delivery=letter)).status_code == 303
    assert AnswerGrade.objects.get(superseded_at=None).grade.letter == "B"


def test_control_characters_of_a_copied_text_are_dropped(visitor: Client, link: str) -> None:
    assert send(visitor, link, quality="C", comment="a\x00b\tc\x1b", comment_quality="\x07Scratches") == 303
    assert Answer.objects.get().comment == "ab\tc"
    assert AnswerGrade.objects.get().comment == "Scratches"


def test_what_is_left_open_is_said_and_can_be_added(visitor: Client, link: str) -> None:
    send(visitor, link, quality="A", support="not_applicable")
    assert "3 of 5 questions are left open. You can add them until the end of" in " ".join(
        read(visitor, f"{link}?done=1").split()
    )
    send(visitor, link, delivery="A", communication="A", service="A")
    assert "left open" not in read(visitor, f"{link}?done=1")


def test_the_same_as_last_week_fills_only_what_is_empty(office: Office, visitor: Client, link: str) -> None:
    send(visitor, link, quality="A-", delivery="A-")
    office.invite(NEXT)
    keep_open(week=NEXT)
    later = link_of(office, office.chen, NEXT)
    form = grades_form(read(visitor, f"{later}?quality=D"))
    shown = visitor.post(later, form.fill(show="same", quality="D", **{"comment.quality": "Broken"}))
    fields = grades_form(read(visitor, shown["Location"])).fields
    assert (fields["quality"], fields["delivery"]) == (["D"], ["A-"])
    assert fields["comment.quality"] == ["Broken"]


def test_what_was_filled_in_is_said_and_can_be_undone(office: Office, visitor: Client, link: str) -> None:
    """Three of five said last time, one of them "does not apply"; what he had typed before comes back."""
    send(visitor, link, quality="A-", delivery="A-", support="not_applicable")
    office.invite(NEXT)
    keep_open(week=NEXT)
    later = link_of(office, office.chen, NEXT)
    before = read(visitor, later)
    assert "Last week: does not apply" in before
    form = grades_form(before)
    shown = visitor.post(later, form.fill(show="same", comment="As ever."))
    filled = " ".join(read(visitor, shown["Location"]).split())
    assert "3 of 5 filled in as you said it last. 2 have no last answer." in filled
    assert chosen(filled) == {"quality": ["A-"], "delivery": ["A-"]}
    assert grades_form(filled).fields["support"] == ["not_applicable"]
    (undo,) = re.findall(r'<a href="([^"]+)">Undo</a>', filled)
    undone = read(visitor, undo.replace("&amp;", "&"))
    assert chosen(undone) == {}
    assert "support" not in grades_form(undone).fields
    assert grades_form(undone).fields["comment"] == ["As ever."]
    assert "filled in as you said" not in undone


def test_grades_alone_go_to_another_language_by_an_address_that_can_be_gone_back_to(
    visitor: Client, link: str
) -> None:
    form = grades_form(read(visitor, link))
    shown = visitor.post(f"{link}?lang=zh-hans", form.fill(show="typed", quality="B+", delivery="D"))
    assert shown.status_code == 303
    assert chosen(read(visitor, shown["Location"])) == {"quality": ["B+"], "delivery": ["D"]}
    assert 'lang="zh-hans"' in read(visitor, shown["Location"])
    assert not Answer.objects.exists()


def test_a_late_answer_can_be_changed_while_late_ones_are_taken(visitor: Client, link: str) -> None:
    send(visitor, link, quality="A")
    keep_open(closes_in=-HOUR)
    assert "Change my answer" not in read(visitor, link)
    Answer.objects.update(is_late=True)
    assert "Change my answer" in read(visitor, f"{link}?done=1")
    assert send(visitor, link, quality="B") == 303
    assert AnswerGrade.objects.get(superseded_at=None).grade.letter == "B"


def test_who_gets_no_letters_is_told_so_on_the_form_and_can_be_asked_again(
    visitor: Client, link: str
) -> None:
    assert "Ask me again" not in read(visitor, link)
    visitor.post(f"{link}/stop", {"wish": "stop"})
    assert "You get no letters about Line 4." in " ".join(read(visitor, link).split())
    visitor.post(f"{link}/stop", {"wish": "resume"})
    assert "Ask me again" not in read(visitor, link)


def test_a_stop_link_with_a_slash_behind_it_leads_to_the_stop_page(visitor: Client, link: str) -> None:
    assert visitor.get(f"{link}/stop/")["Location"] == f"{link}/stop"
    assert visitor.get(f"{link}/stop)")["Location"] == link


def test_a_grade_that_was_taken_back_is_not_called_his_any_more(
    office: Office, visitor: Client, link: str
) -> None:
    send(visitor, link_of(office, office.li), quality="D")
    send(visitor, link, quality="D")
    assert "your D for Quality" in read(visitor, f"{link}?done=1")
    send(visitor, link, quality="A")
    thanks = read(visitor, f"{link}?done=1")
    assert "You changed your D for Quality since." in thanks
    assert "takes up" not in thanks
    assert "takes up your D" in read(visitor, f"{link_of(office, office.li)}?done=1")
