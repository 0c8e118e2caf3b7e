"""Days as people say them, in three languages. Sunday, 22 November 2026 is today."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.date_words import DateWordsError, day_of, moment_of

SUNDAY = dt.date(2026, 11, 22)
WEDNESDAY = dt.date(2026, 11, 25)
NOW = dt.datetime(2026, 11, 25, 16, 20, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", "2026-11-25"),
        ("Tomorrow", "2026-11-26"),
        ("  TMR ", "2026-11-26"),
        ("day after tomorrow", "2026-11-27"),
        ("fri", "2026-11-27"),
        ("on Friday", "2026-11-27"),
        ("wed", "2026-12-02"),
        ("mon", "2026-11-30"),
        ("this fri", "2026-11-27"),
        ("next mon", "2026-11-30"),
        ("next fri", "2026-12-04"),
        ("thu next week", "2026-12-03"),
        ("next week", "2026-11-30"),
        ("in 2 weeks", "2026-12-09"),
        ("2w", "2026-12-09"),
        ("in a week", "2026-12-02"),
        ("three days", "2026-11-28"),
        ("3d", "2026-11-28"),
        ("+10", "2026-12-05"),
        ("in 1 month", "2026-12-25"),
        ("in 3 months", "2027-02-25"),
        ("in one year", "2027-11-25"),
        ("next month", "2026-12-01"),
        ("end of month", "2026-11-30"),
        ("eom", "2026-11-30"),
        ("end of next month", "2026-12-31"),
        ("eow", "2026-11-27"),
        ("eoy", "2026-12-31"),
        ("30.11.", "2026-11-30"),
        ("30.11", "2026-11-30"),
        ("3.1.", "2027-01-03"),
        ("3.1.27", "2027-01-03"),
        ("03.01.2027", "2027-01-03"),
        ("2026-12-24", "2026-12-24"),
        ("2026/12/24", "2026-12-24"),
        ("11/30", "2026-11-30"),
        ("30/11", "2026-11-30"),
        ("30 nov", "2026-11-30"),
        ("30th of November", "2026-11-30"),
        ("Dec 3", "2026-12-03"),
        ("3 December 2027", "2027-12-03"),
        ("Dec 3, 2027", "2027-12-03"),
        ("the 3rd", "2026-12-03"),
        ("29.2.", "2028-02-29"),
        ("31st", "2026-12-31"),
        ("今天", "2026-11-25"),
        ("明天", "2026-11-26"),
        ("后天", "2026-11-27"),
        ("後天", "2026-11-27"),
        ("大后天", "2026-11-28"),
        ("周五", "2026-11-27"),
        ("週五", "2026-11-27"),
        ("星期天", "2026-11-29"),
        ("本周五", "2026-11-27"),
        ("下周一", "2026-11-30"),
        ("下週一", "2026-11-30"),
        ("下星期三", "2026-12-02"),
        ("下個星期三", "2026-12-02"),
        ("下禮拜三", "2026-12-02"),
        ("下下周二", "2026-12-08"),
        ("下周", "2026-11-30"),
        ("月底", "2026-11-30"),
        ("下个月底", "2026-12-31"),
        ("下个月", "2026-12-01"),
        ("年底", "2026-12-31"),
        ("3天后", "2026-11-28"),
        ("三天後", "2026-11-28"),
        ("３天后", "2026-11-28"),
        ("十二天后", "2026-12-07"),
        ("二十天后", "2026-12-15"),
        ("两周后", "2026-12-09"),
        ("兩個星期後", "2026-12-09"),
        ("一个月后", "2026-12-25"),
        ("半个月后", "2026-12-10"),
        ("12月3日", "2026-12-03"),
        ("12月3號", "2026-12-03"),
        ("2027年1月3日", "2027-01-03"),
        ("3号", "2026-12-03"),
        ("周末", "2026-11-28"),
    ],
)
def test_a_wednesday_reads_what_is_meant(text: str, expected: str) -> None:
    assert day_of(text, WEDNESDAY, "en").isoformat() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("next mon", "2026-11-23"), ("下周一", "2026-11-23"), ("sun", "2026-11-29"), ("下星期天", "2026-11-29")],
)
def test_a_week_begins_on_monday(text: str, expected: str) -> None:
    assert day_of(text, SUNDAY, "en").isoformat() == expected


def test_a_month_that_is_shorter_ends_on_its_last_day() -> None:
    assert day_of("in a month", dt.date(2027, 1, 31), "en") == dt.date(2027, 2, 28)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon", "2026-11-23"),
        ("wed", "2026-11-18"),
        ("last fri", "2026-11-20"),
        ("3 days ago", "2026-11-22"),
        ("3天前", "2026-11-22"),
        ("上周五", "2026-11-20"),
        ("30.11.", "2025-11-30"),
        ("3rd", "2026-11-03"),
        ("yesterday", "2026-11-24"),
    ],
)
def test_of_what_was_the_nearest_day_before_counts(text: str, expected: str) -> None:
    assert day_of(text, WEDNESDAY, "en", is_past=True).isoformat() == expected


def test_numbers_that_may_be_either_way_are_refused_in_english_and_are_month_first_in_chinese() -> None:
    with pytest.raises(DateWordsError):
        day_of("3/4", WEDNESDAY, "en")
    assert day_of("3/4", WEDNESDAY, "zh-hans") == dt.date(2027, 3, 4)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "31.2.", "2026-13-01", "0.0.", "next", "in weeks", "9999 years", "99999999 days"),
        *("x" * 100, "tomorrow tomorrow", "十十十天后", "😀", "<b>", "31.11.", "2026-02-30", "٣/٤"),
    ],
)
def test_what_names_no_day_is_refused(text: str) -> None:
    with pytest.raises(DateWordsError):
        day_of(text, WEDNESDAY, "en")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-11-25T16:20"),
        ("today", "2026-11-25T16:20"),
        ("yesterday", "2026-11-24T12:00"),
        ("yesterday 15:00", "2026-11-24T15:00"),
        ("yesterday at 3pm", "2026-11-24T15:00"),
        ("9:05", "2026-11-25T09:05"),
        ("12am", "2026-11-25T00:00"),
        ("12 pm", "2026-11-25T12:00"),
        ("mon 9:30", "2026-11-23T09:30"),
        ("2026-03-02T10:00", "2026-03-02T10:00"),
        ("2026-03-02 10:00:30", "2026-03-02T10:00"),
        ("24.11. 8:00", "2026-11-24T08:00"),
        ("昨天下午3点", "2026-11-24T15:00"),
        ("昨天下午三點半", "2026-11-24T15:30"),
        ("上周五 14:00", "2026-11-20T14:00"),
        ("今天上午9点15分", "2026-11-25T09:15"),
        ("中午12点", "2026-11-25T12:00"),
        ("刚才", "2026-11-25T16:20"),
    ],
)
def test_a_moment_is_a_day_with_an_hour(text: str, expected: str) -> None:
    assert moment_of(text, NOW, "en").strftime("%Y-%m-%dT%H:%M") == expected


@pytest.mark.parametrize("text", ["25:00", "13pm", "9:75", "yesterday 26点", "whenever 10:00", "十十点"])
def test_what_names_no_moment_is_refused(text: str) -> None:
    with pytest.raises(DateWordsError):
        moment_of(text, NOW, "en")
