"""Complaints that a survey made, and the names of the product's own surveys, in the reader's language."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.surveys.models import SurveyProgramme
from accounts.voice.models import Voice, VoiceKind
from accounts.voice.services import VoiceFacts, add_voice
from crm.queries.voice_words import told_in
from tests.accounts.occasions.shop import Shop, contact_of, say, shop_of
from tests.conftest import MONDAY, World


@pytest.fixture
def shop(world: World) -> Shop:
    return shop_of(world)


def complaint_of(shop: Shop, name: str) -> Voice:
    """In Chinese, as the respondent writes it."""
    contact = contact_of(shop.customer, name, language="zh-hans")
    shop.ask(contact, about="4711")
    said = say(
        shop.invitation(contact),
        on_time="C",
        packaging="B-",
        comments={"on_time": "准时: C (不满意)?"},
        comment="请回电。",
    )
    assert said.is_new
    return shop.invitation(contact).voice  # type: ignore[return-value]


def test_a_complaint_of_a_survey_is_told_in_the_readers_language(shop: Shop) -> None:
    voice = complaint_of(shop, "Zhao")
    assert voice.text == "4711\n准时: C (不满意)\n准时: C (不满意)?\n包装: B- (有待改进)\n请回电。"
    told = {language: told_in(language, [voice])[voice.pk] for language in ("en", "zh-hans", "zh-hant")}
    assert told["zh-hans"] == voice.text
    assert told["zh-hant"] == "4711\n準時: C (不滿意)\n准时: C (不满意)?\n包裝: B- (有待改善)\n请回电。"
    english = "4711\nOn time: C (Poor)\n准时: C (不满意)?\nPackaging: B- (Could be better)\n请回电。"
    assert told["en"] == english


def test_what_somebody_typed_stays_as_typed_and_all_cost_three_queries(shop: Shop) -> None:
    facts = VoiceFacts(
        kind=VoiceKind.PRAISE,
        text="准时: C (不满意)",
        heard_on=MONDAY.date() - dt.timedelta(days=1),
        owner_id=shop.world.owner.pk,
    )
    typed = add_voice(customer=shop.customer, facts=facts, author=shop.world.owner, now=MONDAY)
    counts = []
    for names in (("Qian", "Sun", "Zhou"), [f"Wu {number}" for number in range(30)]):
        voices = [typed, *(complaint_of(shop, name) for name in names)]
        with CaptureQueriesContext(connection) as queries:
            told = told_in("en", voices)
        counts.append(len(queries))
        assert told[typed.pk] == typed.text
        assert all("On time: C (Poor)" in told[voice.pk] for voice in voices[1:])
    assert counts == [3, 3]


def test_a_survey_of_the_products_own_is_called_in_the_readers_language_until_it_is_renamed(
    shop: Shop,
) -> None:
    with translation.override("zh-hans"):
        expected = translation.gettext("After a delivery")
        assert str(shop.programme) == expected
    renamed = SurveyProgramme(name="After a delivery to Hamburg")
    with translation.override("zh-hans"):
        assert renamed.title == "After a delivery to Hamburg"
