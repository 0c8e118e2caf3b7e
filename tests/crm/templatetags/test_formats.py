"""Money, numbers and dates in the reader's locale. Authority: Unicode CLDR, as Babel ships it."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.template import Context, Engine
from django.utils import timezone, translation

from crm.templatetags import cases, charts, costs, formats


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


@pytest.mark.parametrize(
    "source", ["row.sent_at|day", "row.sent_at|moment", "row.count|number:1", "row.x|percent"]
)
@pytest.mark.parametrize("row", [None, {"sent_at": None, "count": None, "x": None}])
def test_an_attribute_of_nothing_is_a_dash(source, row):
    """Django gives a filter the empty text for it, not None."""
    page = Engine(libraries={"formats": "crm.templatetags.formats"}).from_string(
        "{% load formats %}{{ " + source + " }}"
    )
    assert page.render(Context({"row": row})) == formats.MISSING


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
        assert formats.signed(0.04, 1) == formats.signed(-0.04, 1) == "0.0", (
            "what rounds to nothing has no sign"
        )
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


def test_a_minus_is_one_sign_everywhere_and_a_zero_has_none() -> None:
    with translation.override("en"):
        shown = [
            formats.number(-1234.5, 1),
            formats.plain_number(Decimal("-0.25")),
            formats.percent(-0.125, 1),
            formats.money(-50, "EUR"),
            formats.money_whole(-5000, "EUR"),
            formats.amount(-50, "EUR"),
            costs.rate(Decimal("-12.5"), "EUR"),
            costs.quantity(Decimal("-1.5")),
            formats.with_minus(f"{-24.6:.0f}"),
        ]
        assert shown == [
            *("−1,234.5", "−0.25", "−12.5%", "−€0.50", "−€50", "−0.50", "−€0.125", "−1.5", "−25")
        ]
        assert [formats.number(-0.3), formats.percent(-0.001), formats.money_whole(-20, "EUR")] == [
            *("0", "0%", "€0")
        ]
    assert 'aria-label="Index, 13 weeks: −25 to 0"' in charts.index_line([-24.6, -0.2])


def test_numbers_are_written_in_one_place() -> None:
    """Babel writes a hyphen for a minus; `formats` mends it, and nobody else asks Babel for a number."""
    written = re.compile(r"\bformat_(?:decimal|percent|currency)\(")
    root = Path(formats.__file__).parents[2]
    found = {
        path.relative_to(root).as_posix()
        for folder in ("crm", "accounts", "scoring")
        for path in (root / folder).rglob("*.py")
        if written.search(path.read_text("utf-8"))
    }
    assert found == {"crm/templatetags/formats.py"}


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0.01, "in 36 seconds"),
        (1.5, "in 90 minutes"),
        (21, "in 21 hours"),
        (47, "in 47 hours"),
        (49, "in 2 days"),
        (6 * 24, "in 6 days"),
        (-23, "23 hours ago"),
        (-20 * 24, "3 weeks ago"),
    ],
)
def test_a_clock_is_told_in_a_unit_of_which_there_are_two(hours: float, text: str) -> None:
    now = dt.datetime(1998, 9, 30, 12, 0, tzinfo=dt.UTC)
    until = now + dt.timedelta(hours=hours)
    with translation.override("en"):
        assert f">{text}<" in formats.relative(until, now)
        assert f">{text}<" in cases.due(until, now)


def test_a_day_that_is_near_has_a_name_and_a_deadline_its_city() -> None:
    now = dt.datetime(1998, 9, 30, 12, 0, tzinfo=dt.UTC)
    with translation.override("en"), timezone.override("Europe/Berlin"):
        days = [cases.due(now.date() + dt.timedelta(days=days), now) for days in (-2, -1, 0, 1, 6)]
        told = [re.sub(r"<[^>]+>", "", day) for day in days]
        assert told == ["2 days ago", "yesterday", "today", "tomorrow", "in 6 days"]
        assert 'title="Sep 30, 1998, 14:00 (Berlin)"' in cases.due(now, now)
        assert 'title="Sep 30, 1998"' in days[2]


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
