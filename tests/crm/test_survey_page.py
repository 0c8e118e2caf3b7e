"""The respondent's page over HTTP: a link shows, a POST records, and of what is wrong nothing is lost."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.contacts.models import Contact
from accounts.customers.models import CustomerInput
from accounts.surveys.models import Answer, AnswerGrade, AnswerNotApplicable, CorrectiveAction
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office
from tests.conftest import World
from tests.crm.links import NEXT, everything, grades_form, invited, keep_open, link_of, send

FIVE_MEGABYTES = 5 * 2**20


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


def read(client: Client, url: str) -> str:
    page = client.get(url)
    assert page.status_code == 200
    return page.content.decode()


def chosen(html: str) -> dict[str, list[str]]:
    return {
        name: value for name, value in grades_form(html).fields.items() if name in {"delivery", "quality"}
    }


QUERIES = [
    "",
    "?delivery=D",
    "?delivery=D&quality=C&send=1",
    "?done=1",
    "?said=1",
    "?lang=zh-hans",
    "?x=" + "y" * 500,
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_no_row_of_any_table(
    office: Office, visitor: Client, method: str, query: str
) -> None:
    url = link_of(office, office.chen)
    before = everything()
    getattr(visitor, method)(url + query)
    assert everything() == before


def test_the_hash_of_all_tables_sees_an_answer(office: Office, link: str, visitor: Client) -> None:
    before = everything()
    assert send(visitor, link, delivery="A") == 303
    assert everything() != before


def test_the_letters_of_the_mail_are_chosen_and_strange_ones_are_not(visitor: Client, link: str) -> None:
    html = read(visitor, f"{link}?delivery=D&quality=B%2B&support=E&warehouse=A&week=D")
    assert chosen(html) == {"delivery": ["D"], "quality": ["B+"]}
    # A mail gateway has unescaped the plus.
    assert chosen(read(visitor, f"{link}?quality=B+")) == {"quality": ["B+"]}


def test_an_answer_is_recorded_and_the_browser_led_to_the_thanks(
    office: Office, visitor: Client, link: str
) -> None:
    form = grades_form(read(visitor, link))
    version = CustomerInput.objects.get(customer=office.world.customer).version
    answer = visitor.post(
        form.action,
        form.fill(
            delivery="D",
            quality="A-",
            support="not_applicable",
            comment="All told.",
            **{"comment.delivery": "Late."},
        ),
        headers={"user-agent": "Phone", "accept-language": "de"},
    )
    assert (answer.status_code, answer["Location"]) == (303, f"{link}?done=1")
    said = Answer.objects.get()
    assert (said.comment, said.is_late, said.invitation.contact) == ("All told.", False, office.chen)
    assert len(said.fingerprint) == 64
    assert "127.0.0.1" not in said.fingerprint
    grades = AnswerGrade.objects.values_list("dimension__code", "grade__letter", "comment")
    assert sorted(grades) == [("delivery", "D", "Late."), ("quality", "A-", "")]
    assert AnswerNotApplicable.objects.get().dimension.code == "support"
    assert CustomerInput.objects.get(customer=office.world.customer).version > version
    thanks = read(visitor, answer["Location"])
    for words in (
        "Thank you, Chen",
        "Late.",
        "All told.",
        "Does not apply",
        "Unacceptable",
        "Change my answer",
    ):
        assert words in thanks
    assert "Manager takes up your D for On-time delivery within 24 hours, by" in thanks


def test_thanks_without_an_answer_is_the_form(visitor: Client, link: str) -> None:
    assert grades_form(read(visitor, f"{link}?done=1")).action == link


def test_what_he_said_is_chosen_when_he_comes_back(visitor: Client, link: str) -> None:
    send(visitor, link, delivery="D", quality="not_applicable", comment_delivery="<b>Late</b>\nagain")
    html = read(visitor, link)
    assert chosen(html) == {"delivery": ["D"], "quality": ["not_applicable"]}
    assert grades_form(html).fields["comment.delivery"] == ["<b>Late</b>\nagain"]
    assert "You answered on" in html
    assert send(visitor, link) == 303
    assert Answer.objects.count() == 1, "the same words again are no new version"


def test_words_beside_a_dimension_without_a_grade_are_kept(visitor: Client, link: str) -> None:
    assert send(visitor, link, comment="First.", comment_delivery="Late.", quality="A") == 303
    assert Answer.objects.get().comment == "First.\nOn-time delivery: Late."


def test_nobody_leaves_a_cookie_a_referrer_or_a_copy(visitor: Client, link: str) -> None:
    form = grades_form(read(visitor, link))
    sent = visitor.post(form.action, form.fill(delivery="D"))
    pages = [
        visitor.get(link),
        visitor.head(link),
        visitor.get("/s/unknown"),
        sent,
        visitor.get(sent["Location"]),
    ]
    pages += [visitor.options(link), visitor.post(form.action, {"delivery": "E"})]
    for page in pages:
        assert not page.cookies
        assert page["Cache-Control"] == "no-store"
        assert page["Referrer-Policy"] == "no-referrer"
        assert page["X-Robots-Tag"] == "noindex"
        policy = page["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "connect-src 'none'" in policy, "a script can send nothing"
        assert "default-src 'none'" in policy
    assert not visitor.cookies


def test_a_link_that_is_unknown_costs_one_query(
    office: Office, visitor: Client, django_assert_num_queries: object
) -> None:
    before = everything()
    for method in ("get", "post"):
        with django_assert_num_queries(1):  # type: ignore[operator]
            page = getattr(visitor, method)("/s/" + "x" * 43)
        assert page.status_code == 404
        assert "This link is not known" in page.content.decode()
    with django_assert_num_queries(0):  # type: ignore[operator]
        page = visitor.get("/s/" + "x" * 4_000)
    assert page.status_code == 404
    assert everything() == before


@pytest.mark.parametrize("token", ["%00", "%ff%fe", "'; drop table", "a b", "..", "%E7%8E%8B", "null"])
def test_a_malformed_link_is_unknown(office: Office, visitor: Client, token: str) -> None:
    page = visitor.get(f"/s/{token}")
    assert page.status_code == 404
    assert "This link is not known" in page.content.decode()


def test_the_page_of_an_unknown_link_speaks_the_language_of_the_browser(visitor: Client, db: None) -> None:
    page = visitor.get("/s/unknown", headers={"accept-language": "zh-TW"})
    assert (page.status_code, page["Content-Language"]) == (404, "zh-hant")


def test_an_expired_week_says_whom_to_write_to(office: Office, visitor: Client, link: str) -> None:
    form = grades_form(read(visitor, link))
    keep_open(closes_in=-15 * DAY, expires_in=-HOUR)
    before = everything()
    for page in (visitor.get(link), visitor.post(form.action, form.fill(delivery="D"))):
        assert page.status_code == 410
        for words in ("Mar 2", "can no longer be answered", "Line 4", office.world.manager.email):
            assert words in page.content.decode()
    assert everything() == before


def test_the_link_of_who_left_takes_no_answer_and_shows_none(
    office: Office, visitor: Client, link: str
) -> None:
    form = grades_form(read(visitor, link))
    Contact.objects.filter(pk=office.chen.pk).update(left_on=timezone.localdate())
    before = everything()
    for page in (visitor.get(link), visitor.get(f"{link}?done=1"), visitor.post(form.action, form.fill())):
        assert page.status_code == 410
        text = page.content.decode()
        for words in ("your former colleagues", office.world.manager.email):
            assert words in text
        assert "<form" not in text
    assert everything() == before
    assert visitor.get(link_of(office, office.li)).status_code == 200


def test_a_closed_week_is_taken_and_marked_late(visitor: Client, link: str) -> None:
    keep_open(closes_in=-HOUR)
    assert "marked late" in read(visitor, link)
    assert send(visitor, link, delivery="D") == 303
    assert Answer.objects.get().is_late
    assert "marked late" in read(visitor, f"{link}?done=1")


def test_the_form_of_another_week_records_nothing(office: Office, visitor: Client, link: str) -> None:
    office.invite(NEXT)
    keep_open(week=NEXT)
    form = grades_form(read(visitor, link_of(office, office.chen, NEXT)))
    page = visitor.post(link, form.fill(delivery="D", comment="Late."))
    assert page.status_code == 422
    html = page.content.decode()
    assert "This link belongs to another week." in html
    assert chosen(html) == {"delivery": ["D"]}
    assert grades_form(html).fields["comment"] == ["Late."]
    assert grades_form(html).fields["week"] == ["2026-03-02"]
    assert not Answer.objects.exists()


WRONG: dict[str, tuple[dict[str, str | list[str]], str]] = {
    "an unknown grade": ({"delivery": "E"}, "On-time delivery: This is not a grade of the survey."),
    "a grade in small": ({"delivery": "d"}, "On-time delivery: This is not a grade of the survey."),
    "a grade that does not apply": ({"delivery": ["D", "not_applicable"]}, "Choose one answer here."),
    "two grades": ({"delivery": ["D", "A"]}, "Choose one answer here."),
    "no week": ({"week": ""}, "The form is damaged. Open the link again."),
    "a week that is none": ({"week": "2026-W10"}, "The form is damaged. Open the link again."),
    "no key": ({"key": ""}, "The form is damaged. Open the link again."),
    "a key beyond ASCII": ({"key": "钥匙"}, "The form is damaged. Open the link again."),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_and_nothing_is_recorded_or_lost(
    office: Office, visitor: Client, link: str, what: str
) -> None:
    body, message = WRONG[what]
    form = grades_form(read(visitor, link))
    before = everything()
    page = visitor.post(link, form.fill(quality="A", **{"comment.service": "Kept"}) | body)
    assert page.status_code == 422
    html = page.content.decode()
    assert message in html
    assert "Nothing is recorded yet" in html
    assert chosen(html)["quality"] == ["A"]
    assert grades_form(html).fields["comment.service"] == ["Kept"]
    assert everything() == before


@pytest.mark.parametrize("body", [{}, {"comment": " \n "}, {"warehouse": "D"}, {"delivery": ""}])
def test_nothing_chosen_and_nothing_said_is_no_answer(
    office: Office, visitor: Client, link: str, body: dict[str, str]
) -> None:
    form = grades_form(read(visitor, link))
    before = everything()
    page = visitor.post(link, form.fill(**body))
    assert page.status_code == 422
    assert "Choose a grade, say that it does not apply, or write a comment." in page.content.decode()
    assert everything() == before


def test_a_comment_of_five_megabytes_comes_back_whole(visitor: Client, link: str) -> None:
    text = "ab 12345\n" * (FIVE_MEGABYTES // 9)
    form = grades_form(read(visitor, link))
    before = everything()
    for name in ("comment", "comment.delivery"):
        page = visitor.post(link, form.fill(delivery="D", **{name: text}))
        assert page.status_code == 422
        html = page.content.decode()
        assert "A comment has at most 4,000 characters." in html
        assert grades_form(html).fields[name] == [text]
        assert chosen(html) == {"delivery": ["D"]}
    assert everything() == before


def test_four_thousand_characters_fit_however_the_lines_end(visitor: Client, link: str) -> None:
    text = "汉\r\n" * 2_000
    assert send(visitor, link, delivery="D", comment_delivery=text) == 303
    assert AnswerGrade.objects.get().comment == text.replace("\r\n", "\n").strip()


def test_more_than_a_request_may_carry_is_413(visitor: Client, link: str) -> None:
    before = everything()
    page = visitor.post(link, {"delivery": "D", "comment": "x" * 9 * 2**20})
    assert page.status_code == 413
    assert "Nothing was recorded." in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert everything() == before


def test_files_of_any_size_are_refused_before_one_is_read(visitor: Client, link: str) -> None:
    class Unread:
        def read(self, *_size: int) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    answer = visitor.generic(
        "POST", link, b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=str(200 * 2**20),
        **{"wsgi.input": Unread()},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "Nothing was recorded." in answer.content.decode()


def test_a_file_that_nobody_asked_for_is_stored_nowhere(
    visitor: Client, link: str, tmp_path: Path, settings: Settings
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR, settings.FILE_UPLOAD_MAX_MEMORY_SIZE = str(tmp_path), 1
    written: list[object] = []
    sys.addaudithook(lambda event, told: written.append(told) if event == "tempfile.mkstemp" else None)
    form = grades_form(read(visitor, link))
    file = SimpleUploadedFile("film.mov", b"x" * 2**20)
    answer = visitor.post(link, form.fill(delivery="B+") | {"film": file})
    assert answer.status_code == 303
    assert AnswerGrade.objects.get().grade.letter == "B+"
    assert not [told for told in written if str(tmp_path) in repr(told)]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"no boundary anywhere", "multipart/form-data; boundary=" + "x" * 300),
        (b"no boundary anywhere", "multipart/form-data"),
        ("&".join(f"f{number}=1" for number in range(1_200)).encode(), "application/x-www-form-urlencoded"),
        (b"delivery=D", "application/x-www-form-urlencoded; charset=gb18030"),
    ],
)
@pytest.mark.parametrize("part", ["", "/cases/1"])
def test_a_form_that_cannot_be_read_has_an_answer_of_its_own(
    visitor: Client, link: str, part: str, body: bytes, content_type: str
) -> None:
    before = everything()
    answer = visitor.post(link + part, body, content_type=content_type)
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "This form cannot be read" in html
    assert f'href="{link}"' in html
    assert everything() == before


@pytest.mark.parametrize("added", ["/", ".", ")", ">", "%20", "/.", ",%20thanks", "%0A"])
def test_what_a_mail_program_adds_to_a_link_is_forgiven(visitor: Client, link: str, added: str) -> None:
    answer = visitor.get(f"{link}{added}?delivery=D")
    assert (answer.status_code, answer["Location"]) == (302, f"{link}?delivery=D")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert visitor.get(link.replace("/s/", "/S/"))["Location"] == link


@pytest.mark.parametrize(
    "lost", ["/s", "/s/", "/s/x/y/z", "/S/x", "/s/x/", "/s/x.", "/s/%00", "/s/x/cases/y"]
)
def test_whatever_is_no_link_has_the_kind_page(db: None, visitor: Client, lost: str) -> None:
    for answer in (visitor.get(lost), visitor.post(lost, {"delivery": "D"})):
        assert answer.status_code == 404
        assert "This link is not known" in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"


def test_a_whole_link_in_another_case_is_not_known(visitor: Client, link: str) -> None:
    answer = visitor.get(f"/s/{link.removeprefix('/s/').swapcase()}")
    assert answer.status_code == 404
    assert "This link is not known" in answer.content.decode()


def test_the_page_speaks_his_language_also_to_a_colleague(office: Office, link: str) -> None:
    office.chen.language = "zh-hant"
    office.chen.save()
    colleague = Client()
    colleague.force_login(office.world.owner)
    page = colleague.get(link)
    assert page["Content-Language"] == "zh-hant"
    html = page.content.decode()
    assert '<html lang="zh-hant">' in html
    assert "準時交貨" in html
    assert office.world.owner.name in html, "he is told whose answer it will be"
    switched = read(colleague, f"{link}?lang=zh-hans&delivery=D")
    assert "按时交货" in switched
    form = grades_form(switched)
    sent = colleague.post(form.action, form.fields)
    assert sent["Location"] == f"{link}?done=1&lang=zh-hans"
    assert read(colleague, f"{link}?lang=klingon").count("準時交貨") > 0


def test_another_language_keeps_what_is_typed_and_records_nothing(office: Office, link: str) -> None:
    visitor = Client()
    words = {"delivery": "D", "comment.delivery": "迟了两天", "quality": "not_applicable", "comment": "<b>"}
    typed = grades_form(read(visitor, link)).fill(**words, show="typed")
    before = everything()
    sent = visitor.post(f"{link}?lang=zh-hans", typed)
    assert sent.status_code == 303, "so that Back leads to the page of before"
    assert not re.search("D|迟|%|<b>", sent["Location"].partition("kept=")[0].removeprefix(link))
    page = visitor.get(sent["Location"])
    assert everything() == before
    assert (page.status_code, page["Content-Language"]) == (200, "zh-hans")
    form = grades_form(page.content.decode())
    assert {name: form.fields[name] for name in words} == {name: [each] for name, each in words.items()}
    assert form.action == f"{link}?lang=zh-hans", "what he sends then is thanked for in that language"
    assert visitor.post(form.action, form.fields).status_code == 303
    assert AnswerGrade.objects.get().comment == "迟了两天"


def test_what_is_kept_is_of_its_own_link_and_not_kept_where_it_could_never_be_sent(
    office: Office, visitor: Client, link: str
) -> None:
    typed = grades_form(read(visitor, link)).fill(show="typed", comment="Mine")
    kept = visitor.post(link, typed)["Location"].partition("?")[2]
    assert grades_form(read(visitor, f"{link}?{kept}")).fields["comment"] == ["Mine"]
    other = link_of(office, office.li)
    for url in (
        f"{other}?{kept}",
        f"{link}?kept=nobody",
        f"{link}?kept=%E7%8E%8B%00",
        f"{link}?kept=x{'y' * 500}",
    ):
        assert grades_form(read(visitor, url)).fields["comment"] == [""], url
    huge = visitor.post(link, {**typed, "comment": "x" * 200_000})
    assert huge.status_code == 200
    assert grades_form(huge.content.decode()).fields["comment"] == ["x" * 200_000]


def test_the_page_names_the_company_that_asks(visitor: Client, link: str, settings: Settings) -> None:
    settings.COMPANY_NAME = "Fish & Chips"
    assert '<p class="company">Fish &amp; Chips</p>' in read(visitor, link)
    settings.COMPANY_NAME = ""
    assert "company" not in read(visitor, link)


def test_a_refused_change_says_that_the_answer_stands(visitor: Client, link: str) -> None:
    form = grades_form(read(visitor, link))
    page = visitor.post(link, form.fields).content.decode()
    assert "Nothing is recorded yet" in page
    send(visitor, link, delivery="B")
    page = visitor.post(link, form.fields).content.decode()
    assert "Nothing was changed" in page
    assert "Nothing is recorded yet" not in page


def test_times_are_his_own(office: Office, visitor: Client, link: str) -> None:
    office.chen.time_zone = "Asia/Shanghai"
    office.chen.save()
    send(visitor, link, delivery="D")
    case = CorrectiveAction.objects.get()
    local = case.acknowledge_by.astimezone(ZoneInfo("Asia/Shanghai"))
    assert f"{local:%H:%M}" in read(visitor, f"{link}?done=1")
    office.chen.time_zone = "Mars/Olympus"
    office.chen.save()
    assert f"{case.acknowledge_by:%H:%M}" in read(visitor, f"{link}?done=1")


def test_the_page_costs_the_same_however_many_weeks_he_answered(
    office: Office, visitor: Client, django_assert_max_num_queries: object
) -> None:
    def queries(url: str) -> int:
        with django_assert_max_num_queries(20) as seen:  # type: ignore[operator]
            read(visitor, url)
        return len(seen)

    office.say(office.chen, delivery="D")
    office.invite(NEXT)
    keep_open(week=NEXT)
    read(visitor, link_of(office, office.chen))  # the grades of a version are read once
    few = queries(link_of(office, office.chen, NEXT))
    assert few == 4, "whose link it is, what is asked, what he said, what came of it"
    weeks = [NEXT + 7 * DAY * number for number in range(1, 4)]
    for week in weeks:
        office.invite(week)
        office.say(
            office.chen, at=DUE + (week - NEXT) + 7 * DAY, week=week, delivery="D", quality="C", support="D"
        )
    office.invite(weeks[-1] + 7 * DAY)
    keep_open(week=weeks[-1] + 7 * DAY)
    assert queries(link_of(office, office.chen, weeks[-1] + 7 * DAY)) == few
