"""Money, numbers and dates in the reader's locale. Authority: Unicode CLDR, as Babel ships it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from crm.templatetags import formats


@pytest.mark.parametrize(
    ("minor_units", "currency", "language", "text"),
    [
        (123450, "EUR", "en", "€1,234.50"),
        (123450, "CNY", "zh-hans", "¥1,234.50"),
        (1234, "JPY", "en", "¥1,234"),  # ISO 4217: the yen has no minor unit
        (1234567, "KWD", "en", "KWD1,234.567"),  # ISO 4217: the dinar has three decimals
        (-500, "USD", "en", "−$5.00"),
    ],
)
def test_money_counts_in_the_minor_unit_of_its_currency(minor_units, currency, language, text):
    with translation.override(language):
        assert formats.money(minor_units, currency) == text


def test_whole_money_rounds_to_the_unit():
    with translation.override("en"):
        assert formats.money_whole(123450, "EUR") == "€1,234"
        assert formats.money_whole(123451, "EUR") == "€1,235"


def test_an_amount_is_money_whose_currency_stands_elsewhere():
    with translation.override("en"):
        assert formats.amount(-123450, "EUR") == "−1,234.50"
        assert formats.amount(1234, "JPY") == "1,234"


def test_a_span_of_days_is_said_in_whole_years():
    with translation.override("en"):
        assert [formats.span(days) for days in (1, 90, 365, 366, 730, 1_461, 1_463)] == [
            *("1 day", "90 days", "1 year", "1 year", "2 years", "4 years", "1,463 days")
        ]


def test_numbers_percentages_and_changes_keep_the_digits_asked_for():
    with translation.override("en"):
        assert formats.number(1234.5678, 2) == "1,234.57"
        assert formats.percent(Decimal("0.125"), 1) == "12.5%"
        assert [formats.percent_signed(share) for share in (0.5, -0.5, 0)] == ["+50%", "−50%", "0%"]
        assert formats.signed(3) == "+3"
        assert formats.signed(-2.25, 1) == "−2.2"
        assert formats.signed(0) == "0"
        assert [formats.seconds(each) for each in (0.042, 9.87, 12.34, None)] == ["0.04", "9.87", "12.3", "–"]


@pytest.mark.parametrize(
    "shown",
    [
        formats.money(None, "EUR"),
        formats.money_whole(None, "EUR"),
        formats.amount(None, "EUR"),
        formats.number(None),
        formats.percent(None),
        formats.signed(None),
        formats.day(None),
        formats.moment(None),
        formats.moment_brief(None),
        formats.moment_there(None),
        formats.relative(None, dt.datetime(1998, 9, 30, tzinfo=dt.UTC)),
    ],
)
def test_a_missing_value_is_a_dash(shown):
    assert shown == "–"


def test_a_moment_is_shown_on_the_readers_day():
    late = dt.datetime(1998, 9, 30, 20, 30, tzinfo=dt.UTC)
    with timezone.override("Asia/Shanghai"), translation.override("zh-hans"):
        assert formats.day(late) == '<time datetime="1998-10-01">1998年10月1日</time>'
        assert "04:30" in formats.moment(late)
        assert ">10月1日 04:30<" in formats.moment_brief(late)
        assert "1998" in formats.moment_brief(late), "the year is in its title"
    with timezone.override("UTC"), translation.override("en"):
        assert formats.day(late) == '<time datetime="1998-09-30">Sep 30, 1998</time>'


@pytest.mark.parametrize(
    ("zone", "language", "shown"),
    [
        ("Asia/Shanghai", "zh-hans", "上海"),
        ("America/New_York", "zh-hant", "紐約"),
        ("Europe/Berlin", "en", "</time> (Berlin)"),
        ("UTC", "en", "</time> (UTC)"),
    ],
)
def test_a_clock_says_in_whose_city_it_hangs(zone, language, shown):
    with timezone.override(zone), translation.override(language):
        assert shown in formats.moment_there(dt.datetime(1998, 9, 30, 20, 30, tzinfo=dt.UTC))


def test_time_since_is_told_from_the_given_now():
    now = dt.datetime(1998, 9, 30, 12, 0, tzinfo=dt.UTC)
    with translation.override("en"):
        assert ">2 hours ago<" in formats.relative(now - dt.timedelta(hours=2), now)
        assert ">in 3 days<" in formats.relative(now + dt.timedelta(days=3), now)
    with translation.override("zh-hant"):
        assert ">2 小時前<" in formats.relative(now - dt.timedelta(hours=2), now)


@pytest.mark.parametrize(
    ("phone", "number"),
    [
        ("+86 (512) 6288-0000", "+8651262880000"),
        ("0512/62.88", "05126288"),
        ("ask the front desk", ""),
        ("12;phone-context=evil", ""),
        ("", ""),
    ],
)
def test_only_a_number_can_be_dialled(phone, number):
    assert formats.dialled(phone) == number
