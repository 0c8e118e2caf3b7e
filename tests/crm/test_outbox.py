"""The Outbox: what became of each letter, and in demo and test the letters themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from pytest_django import Settings

from accounts.contacts.models import Contact
from accounts.surveys.models import Invitation, LetterKind
from accounts.surveys.services import (
    Letter,
    letter_came_back,
    letter_deferred,
    letter_sent,
    mark_failed,
    mark_reminded,
    mark_sent,
    name_respondent,
)
from crm.mail import delivery, folder, letters
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, contact_of, office_of
from tests.conftest import MONDAY, World


@pytest.fixture
def office(world: World) -> Iterator[Office]:
    cache.clear()
    office = office_of(world)
    office.invite()
    yield office
    cache.clear()


@pytest.fixture
def kept(settings: Settings, tmp_path: Path) -> Path:
    """The folder of the letters, not yet made."""
    settings.EMAIL_BACKEND = folder.BACKEND
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")
    return tmp_path / "outbox"


@pytest.fixture
def admin(world: World) -> Client:
    client = Client()
    client.force_login(world.admin)
    return client


def page(client: Client, **query: str) -> str:
    answer = client.get("/outbox/", query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def counts(text: str) -> dict[str, int]:
    return {state: int(n) for state, n in re.findall(r'state=(\w+)">[^<]+<b class="num">(\d+)</b>', text)}


def test_before_the_first_week_it_says_what_to_do(admin: Client) -> None:
    assert "No invitation yet" in page(admin)


def test_each_letter_is_in_one_state_and_counted_there(office: Office, admin: Client) -> None:
    others = [contact_of(office.world, name) for name in ("Wang", "Zhao", "Sun")]
    for contact in others:
        name_respondent(project=office.project, contact=contact, author=None, now=MONDAY)
    office.invite()
    wang, zhao, sun = (office.invitation(contact) for contact in others)
    mark_sent(wang.pk, now=DUE)
    mark_sent(zhao.pk, now=DUE)
    mark_reminded(zhao.pk, now=DUE + 4 * DAY)
    mark_sent(office.invitation(office.li).pk, now=DUE)
    office.say(office.li, quality="A")
    mark_failed(sun.pk, reason="The mail server refused the letter. 550 no such user", now=DUE)
    text = page(admin)
    assert counts(text) == {
        "waiting": 1,
        "sent": 1,
        "reminded": 1,
        "answered": 1,
        "failed": 1,
        "came_back": 0,
    }
    names = {"waiting": "Chen", "sent": "Wang", "reminded": "Zhao", "answered": "Li", "failed": "Sun"}
    for state, name in names.items():
        shown = re.findall(r"data-open>(\w+)</a>", page(admin, state=state))
        assert shown == [name]
    assert "550 no such user" in text
    assert re.findall(r"data-open>(\w+)</a>", text) == ["Sun", "Zhao", "Wang", "Li", "Chen"]


def test_a_week_is_chosen_and_a_wish_that_is_not_offered_is_left_aside(office: Office, admin: Client) -> None:
    office.invite(WEEK + 7 * DAY)
    Invitation.objects.filter(week=WEEK + 7 * DAY, contact=office.li).delete()
    assert counts(page(admin))["waiting"] == 1
    assert counts(page(admin, week="2026-03-02"))["waiting"] == 2
    for week in ("2026-03-03", "x", ""):
        assert counts(page(admin, week=week, state="x"))["waiting"] == 1
    assert "data-row" in page(admin, after="x", before="y")


def test_a_contact_without_an_address_is_named(office: Office, admin: Client) -> None:
    assert "is not asked" not in page(admin)
    Contact.objects.filter(pk=office.chen.pk).update(email="")
    assert "1 respondent is not asked, because the contact has no e-mail address" in page(admin)
    assert f'href="/contacts/{office.chen.pk}"' in page(admin)


def test_a_failed_letter_is_sent_again_by_an_admin_only(office: Office, world: World, admin: Client) -> None:
    Invitation.objects.update(closes_at=DUE + 9000 * DAY, expires_at=DUE + 9000 * DAY)  # this week for ever
    pk = office.invitation(office.chen).pk
    mark_failed(pk, reason=delivery.NO_ADDRESS, now=DUE)
    url = f"/outbox/{pk}/send-again"
    stranger = Client()
    stranger.force_login(world.manager)
    assert stranger.post(url).status_code == 404
    assert Invitation.objects.get(pk=pk).failed_at == DUE
    assert url in page(admin)
    answer = admin.post(url, {"next": "/outbox/?state=failed"})
    assert answer["Location"] == "/outbox/?state=failed"
    assert Invitation.objects.get(pk=pk).failed_at is None
    assert url not in page(admin)
    assert admin.post(url).status_code == 302
    assert admin.post("/outbox/999999999/send-again").status_code == 404


def test_one_whose_week_is_closed_is_not_sent_again(office: Office, admin: Client) -> None:
    pk = office.invitation(office.chen).pk
    mark_failed(pk, reason=delivery.CLOSED, now=DUE)
    assert "send-again" not in page(admin)
    admin.post(f"/outbox/{pk}/send-again")
    assert Invitation.objects.get(pk=pk).failed_at == DUE


def test_what_the_server_did_not_take_is_said_to_be_tried_again(office: Office, admin: Client) -> None:
    assert "tried again" not in page(admin)
    pk = office.invitation(office.chen).pk
    cache.set(delivery._key(Letter(LetterKind.INVITATION, pk)), delivery.WAITING, 60)
    assert page(admin).count("it is tried again") == 1
    mark_failed(pk, reason=delivery.CLOSED, now=DUE)
    assert "it is tried again" not in page(admin)


def test_queries_do_not_grow_with_letters(
    office: Office, admin: Client, kept: Path, django_assert_num_queries: object
) -> None:
    page(admin)
    with django_assert_num_queries(8):  # type: ignore[operator]
        page(admin)
    for number in range(30):
        contact = contact_of(office.world, f"Respondent {number}")
        name_respondent(project=office.project, contact=contact, author=None, now=MONDAY)
    office.invite()
    with django_assert_num_queries(8):  # type: ignore[operator]
        assert page(admin).count("data-row") == 32


def test_a_letter_is_found_by_contact_customer_and_address_in_any_week(office: Office, admin: Client) -> None:
    office.invite(WEEK + 7 * DAY)
    names = r"data-open>(\w+)</a>"
    assert re.findall(names, page(admin, q="chen")) == ["Chen"]
    assert re.findall(names, page(admin, q="CHEN@huaxing.test")) == ["Chen"]
    customer = office.project.customer.short_name.split()[0]
    assert re.findall(names, page(admin, q=customer)) == ["Li", "Chen"]
    assert re.findall(names, page(admin, q=f"{customer} li")) == ["Li"]
    assert re.findall(names, page(admin, q="chen", week="every")) == ["Chen", "Chen"]
    assert counts(page(admin, q="chen", week="every"))["waiting"] == 2
    assert len(re.findall(names, page(admin, week="every"))) == 2  # without words it is the latest week
    for nothing in ("nobody", "%", "\0", "'", "x" * 5000):
        assert page(admin, q=nothing)
    assert "No letter in this state" in page(admin, q="nobody")


def test_what_came_back_has_a_state_of_its_own(office: Office, admin: Client) -> None:
    letter = Letter(LetterKind.INVITATION, office.invitation(office.chen).pk)
    letter_sent(letter, reply="250 taken", now=DUE)
    letter_came_back(letter, reply="550 5.1.1 unknown", is_final=True, now=DUE + HOUR)
    mark_failed(office.invitation(office.li).pk, reason=delivery.NO_ADDRESS, now=DUE)
    for state, name in (("came_back", "Chen"), ("failed", "Li")):
        assert re.findall(r"data-open>(\w+)</a>", page(admin, state=state)) == [name]
    assert counts(page(admin))["came_back"] == 1
    assert "The letter came back. 550 5.1.1 unknown" in page(admin)


def story(client: Client, pk: int) -> list[tuple[str, str]]:
    """What happened and what the server said, in the order told."""
    answer = client.get(f"/outbox/{pk}")
    assert answer.status_code == 200
    text = re.sub(r"\s+", " ", answer.content.decode())
    return re.findall(r'<strong>([^<]+)</strong>|class="event-text">([^<]+)<', text.partition("timeline")[2])


def test_a_letter_opens_its_whole_story(office: Office, admin: Client) -> None:
    Invitation.objects.update(closes_at=DUE + 9000 * DAY, expires_at=DUE + 9000 * DAY)
    pk = office.invitation(office.chen).pk
    first, reminder = Letter(LetterKind.INVITATION, pk), Letter(LetterKind.REMINDER, pk)
    letter_deferred(first, reply="451 <b>busy</b>", now=DUE)
    letter_sent(first, reply="250 taken", now=DUE + HOUR)
    letter_sent(reminder, reply="250 taken again", now=DUE + 4 * DAY)
    letter_came_back(reminder, reply="550 5.1.1 unknown", is_final=True, now=DUE + 5 * DAY)
    told = [" ".join(part for part in each if part).strip() for each in story(admin, pk)]
    assert told == [
        "Made",
        "Will be tried again",
        "451 &lt;b&gt;busy&lt;/b&gt;",
        "Taken by the mail server",
        "250 taken",
        "Taken by the mail server",
        "250 taken again",
        "Came back",
        "550 5.1.1 unknown",
    ]
    assert f"/outbox/{pk}/send-again" in admin.get(f"/outbox/{pk}").content.decode()
    admin.post(f"/outbox/{pk}/send-again")
    assert Invitation.objects.get(pk=pk).reminded_at is None
    assert Invitation.objects.get(pk=pk).sent_at == DUE + HOUR


def test_the_story_tells_the_next_try_the_answer_and_letters_of_old(office: Office, admin: Client) -> None:
    Invitation.objects.update(closes_at=DUE + 9000 * DAY, expires_at=DUE + 9000 * DAY)
    pk = office.invitation(office.chen).pk
    cache.set(delivery._key(Letter(LetterKind.INVITATION, pk)), f"{delivery.WAITING} {DUE.isoformat()}", 60)
    assert "Next try, not before" in str(story(admin, pk))
    cache.clear()
    mark_sent(pk, now=DUE)  # without a try of its own, as before they were kept
    office.say(office.chen, quality="A")
    told = [what for what, _reply in story(admin, pk)]
    assert told == ["Made", "Taken by the mail server", "Answered"]
    li = office.invitation(office.li).pk
    mark_failed(li, reason=delivery.CLOSED, now=DUE)
    assert "The week closed before the letter could be sent." in str(story(admin, li))


def test_a_long_story_takes_as_many_queries_as_a_short_one(
    office: Office, admin: Client, django_assert_num_queries: object
) -> None:
    letter = Letter(LetterKind.INVITATION, office.invitation(office.chen).pk)
    story(admin, letter.pk)
    with django_assert_num_queries(5):  # type: ignore[operator]
        story(admin, letter.pk)
    for number in range(30):
        letter_deferred(letter, reply=f"451 {number}", now=DUE)
    with django_assert_num_queries(5):  # type: ignore[operator]
        assert len(story(admin, letter.pk)) >= 61


def test_only_admins_read_stories(office: Office, world: World, admin: Client) -> None:
    url = f"/outbox/{office.invitation(office.chen).pk}"
    for user in (world.manager, world.executive, world.owner):
        client = Client()
        client.force_login(user)
        assert client.get(url).status_code == 404
    assert admin.get("/outbox/999999999").status_code == 404


def test_pages_follow_each_other(office: Office, admin: Client) -> None:
    for number in range(60):
        contact = contact_of(office.world, f"Respondent {number}")
        name_respondent(project=office.project, contact=contact, author=None, now=MONDAY)
    office.invite()
    first = page(admin)
    after = re.search(r"after=([\w-]+)", first)
    assert after
    second = page(admin, after=after.group(1))
    assert (first.count("data-row"), second.count("data-row")) == (50, 12)


def test_a_letter_is_kept_read_and_answered(office: Office, world: World, admin: Client, kept: Path) -> None:
    assert "No letter yet" in admin.get("/outbox/letters/").content.decode()
    Invitation.objects.update(closes_at=DUE + 9000 * DAY, expires_at=DUE + 9000 * DAY)  # this week for ever
    pk = office.invitation(office.chen).pk
    assert delivery.deliver(pk, LetterKind.INVITATION, now=DUE)
    letters.deliver("one", "invitation", world.owner.pk, {})
    listed = admin.get("/outbox/letters/").content.decode()
    assert listed.count("data-row") == 2
    assert "Your account at Truenorth" in listed
    link = re.search(r'href="(/outbox/letters/[\w-]+)"', page(admin))
    assert link
    text = admin.get(link.group(1)).content.decode()
    assert "chen@huaxing.test" in text
    assert "Reply-To" in text
    assert f'src="{link.group(1)}/html"' in text
    html = admin.get(f"{link.group(1)}/html")
    assert html["X-Frame-Options"] == "SAMEORIGIN"
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in html["Content-Security-Policy"]
    assert "script-src" not in html["Content-Security-Policy"]
    assert "default-src 'none'" in html["Content-Security-Policy"]
    assert '<base target="_blank">' in html.content.decode()
    form = re.search(r'href="http://localhost:8000(/s/[\w-]+)\?delivery=D"', html.content.decode())
    assert form
    assert Client().get(form.group(1)).status_code == 200
    assert form.group(1) in text


def test_strict_policy_stays_everywhere_else(office: Office, admin: Client, kept: Path) -> None:
    delivery.deliver(office.invitation(office.chen).pk, LetterKind.INVITATION, now=DUE)
    (name,) = (path.stem for path in kept.iterdir())
    for url in ("/outbox/", "/outbox/letters/", f"/outbox/letters/{name}"):
        policy = admin.get(url)["Content-Security-Policy"]
        assert "style-src 'self'" in policy
        assert "unsafe-inline" not in policy


def test_letters_are_read_by_admins_only_where_they_are_kept_and_never_in_production(
    office: Office, world: World, admin: Client, kept: Path, settings: Settings
) -> None:
    delivery.deliver(office.invitation(office.chen).pk, LetterKind.INVITATION, now=DUE)
    (name,) = (path.stem for path in kept.iterdir())
    urls = ["/outbox/letters/", f"/outbox/letters/{name}", f"/outbox/letters/{name}/html"]

    def answers(client: Client) -> set[int]:
        return {client.get(url).status_code for url in urls}

    executive = Client()
    executive.force_login(world.executive)
    assert answers(admin) == {200}
    assert "Read the letters" in page(admin)
    assert answers(executive) == {404}
    assert answers(Client()) == {302}
    settings.PRODUCTION = True
    assert answers(admin) == {404}
    assert "Read the letters" not in page(admin)
    assert name not in page(admin)
    settings.PRODUCTION = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert answers(admin) == {404}


@pytest.mark.parametrize("name", ["x", "1-x", "0000000000000000000-x", "..%2f..%2fetc%2fpasswd", "a" * 300])
def test_a_name_that_is_no_letter_is_not_found(admin: Client, kept: Path, name: str) -> None:
    for ending in ("", "/html"):
        assert admin.get(f"/outbox/letters/{name}{ending}").status_code == 404


def test_a_hostile_letter_runs_nothing_on_our_page(admin: Client, kept: Path) -> None:
    message = EmailMultiAlternatives("<script>alert(1)</script>", "<b>text</b>", to=["a@b.test"])
    message.attach_alternative("<head></head><script>alert(2)</script>", "text/html")
    get_connection(folder.BACKEND).send_messages([message])
    (name,) = (path.stem for path in kept.iterdir())
    for url in ("/outbox/letters/", f"/outbox/letters/{name}"):
        text = admin.get(url).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
    assert "sandbox" in admin.get(f"/outbox/letters/{name}/html")["Content-Security-Policy"]


def test_a_broken_file_and_one_without_parts_are_shown_as_they_are(admin: Client, kept: Path) -> None:
    kept.mkdir()
    (kept / "1700000000000000000-broken.eml").write_bytes(b"\xff\xfe\x00 no headers\n\n\x80")
    (kept / "1700000000000000001-plain.eml").write_bytes(b"Subject: plain\n\njust text\n")
    (kept / ".1700000000000000002-half.half").write_bytes(b"Subject: half")
    (kept / "notes.txt").write_bytes(b"no letter")
    listed = admin.get("/outbox/letters/").content.decode()
    assert listed.count("data-row") == 2
    assert admin.get("/outbox/letters/1700000000000000000-broken").status_code == 200
    text = admin.get("/outbox/letters/1700000000000000001-plain").content.decode()
    assert "just text" in text
    assert "<iframe" not in text
    assert admin.get("/outbox/letters/1700000000000000001-plain/html").status_code == 404


def test_many_letters_are_paged(admin: Client, kept: Path) -> None:
    kept.mkdir()
    for number in range(60):
        (kept / f"17000000000000000{number:02}-x.eml").write_bytes(b"Subject: x\n\nx\n")
    first = admin.get("/outbox/letters/").content.decode()
    after = re.search(r"after=([\w-]+)", first)
    assert after
    second = admin.get("/outbox/letters/", {"after": after.group(1)}).content.decode()
    assert (first.count("data-row"), second.count("data-row")) == (50, 10)
