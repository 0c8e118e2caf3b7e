"""The pages of planned meetings: planning, looking at the letters, changing, cancelling, taking that back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from accounts.appointments.models import Appointment, AppointmentLetter
from accounts.contacts.models import Contact
from accounts.reminding.services import make_feed
from tests.accounts.appointments.planned import DAY, Planned, contact_of, planned_in
from tests.conftest import World


@pytest.fixture
def client(world: World, client: Client) -> Client:
    client.force_login(world.owner)
    return client


@pytest.fixture
def planned(world: World) -> Planned:
    now = timezone.now()
    return planned_in(world, now=now, starts_at=now + 3 * DAY)


def form(*people: Contact, **more: object) -> dict[str, object]:
    day = timezone.localtime(timezone.now() + 3 * DAY).date()
    fields = {"kind": "visit", "title": "Trial run", "starts_at": f"{day}T10:00", "minutes": 60}
    return fields | {"contacts": [each.pk for each in people], "invites": "on"} | more


def test_a_meeting_is_planned_once_and_its_page_says_who_is_written_to(world: World, client: Client) -> None:
    chen, li = contact_of(world, "Chen"), contact_of(world, "Li")
    Contact.objects.filter(pk=li.pk).update(opted_out=True)
    url = f"/customers/{world.customer.pk}/appointments/new"
    token = "2f0d9a52-4a3e-4b6f-9a11-6a1f6a1c0001"
    answer = client.post(url, form(chen, li, token=token))
    meeting = Appointment.objects.get()
    assert (answer.status_code, answer["location"]) == (302, f"/appointments/{meeting.pk}")
    assert client.post(url, form(chen, li, token=token)).status_code == 302
    assert Appointment.objects.count() == 1
    text = client.get(f"/appointments/{meeting.pk}").content.decode()
    assert "The contact wants no letters." in text
    assert "Not sent yet" in text
    assert "chen@huaxing.test" in text


def test_the_page_of_a_meeting_that_nobody_is_written_about_shows_its_guests(
    world: World, client: Client
) -> None:
    chen = contact_of(world, "Chen")
    sent = {key: value for key, value in form(chen).items() if key != "invites"}
    assert client.post(f"/customers/{world.customer.pk}/appointments/new", sent).status_code == 302
    answer = client.get(f"/appointments/{Appointment.objects.get().pk}")
    assert answer.status_code == 200
    assert "Chen" in answer.content.decode()


def test_a_look_at_the_letters_writes_nothing_and_shows_each_language(world: World, client: Client) -> None:
    chen, li = contact_of(world, "Chen"), contact_of(world, "Li", language="zh-hans")
    wang = contact_of(world, "Wang", email="")
    url = f"/customers/{world.customer.pk}/appointments/new"
    answer = client.post(url, form(chen, li, wang, preview="1", note="<b>& more"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert not Appointment.objects.exists()
    assert 'lang="en"' in text
    assert 'lang="zh-hans"' in text
    assert "Owner invites you to a meeting." in text
    assert "&lt;b&gt;&amp; more" in text
    assert "The contact has no e-mail address." in text


def test_what_is_wrong_stays_in_the_form_and_is_named(world: World, client: Client) -> None:
    chen = contact_of(world, "Chen")
    url = f"/customers/{world.customer.pk}/appointments/new"
    for wrong, said in {
        "starts_at=2020-01-01T10:00": "Choose a time to come",
        "starts_at=soon": "Enter a valid date/time",
        "note=" + "x" * 10_000: "A note has at most 4,000 characters.",
        "title=" + "x" * 10_000: "at most 200 characters",
        "minutes=0": "greater than or equal to 1",
    }.items():
        name, _sign, value = wrong.partition("=")
        answer = client.post(url, form(chen, **{name: value}))
        assert answer.status_code == 422, wrong[:40]
        assert said in answer.content.decode()
    answer = client.post(url, form())
    assert "Choose who is to come." in answer.content.decode()
    assert not Appointment.objects.exists()


def test_it_is_changed_cancelled_and_brought_back_and_guests_are_told(
    planned: Planned, client: Client
) -> None:
    url = f"/appointments/{planned.meeting.pk}"
    fields = form(planned.chen, users=[planned.world.mate.pk], version=1)
    assert client.post(url, fields).status_code == 302
    assert planned.letters[3:] == ["Chen request 1", "Mate request 1", "Li cancel 1"]
    conflict = client.post(url, fields | {"title": "Other"})
    assert conflict.status_code == 422
    assert "Somebody else changed this record" in conflict.content.decode()
    assert client.post(f"{url}/cancel").status_code == 302
    page = client.get(url).content.decode()
    assert "It takes place" in page
    assert planned.letters[6:] == ["Chen cancel 2", "Mate cancel 2"]
    client.post(f"{url}/cancel", {"undo": "1"})
    assert planned.letters[8:] == ["Chen request 3", "Mate request 3"]
    assert "It takes place" not in client.get(url).content.decode()


def test_a_failed_letter_is_sent_again_from_the_page(planned: Planned, client: Client) -> None:
    letter = planned.letter(planned.chen)
    AppointmentLetter.objects.filter(pk=letter.pk).update(failed_at=timezone.now(), failure="550 no")
    url = f"/appointments/{planned.meeting.pk}"
    assert "Send again" in client.get(url).content.decode()
    for wrong in ("", "x", letter.pk + 1000):
        assert client.post(f"{url}/again", {"letter": wrong}).status_code == 404
    assert client.post(f"{url}/again", {"letter": letter.pk}).status_code == 302
    letter.refresh_from_db()
    assert letter.failed_at is None
    assert "Send again" not in client.get(url).content.decode()


def test_it_stands_in_the_lists_and_the_calendar_until_it_is_cancelled(
    planned: Planned, client: Client
) -> None:
    world = planned.world
    feed = f"/calendar/{make_feed(world.owner, now=timezone.now())}.ics"
    pages = ("/actions/", f"/customers/{world.customer.pk}/actions", feed)
    for page in pages:
        assert "Delivery plan" in client.get(page).content.decode()
    (event,) = Calendar.from_ical(client.get(feed).content).walk("VEVENT")
    assert event["dtend"].dt - event["dtstart"].dt == dt.timedelta(minutes=90)
    planned.cancel(timezone.now())
    for page in pages:
        assert "Delivery plan" not in client.get(page).content.decode()


def test_it_stands_in_the_timeline_of_the_customer(planned: Planned, client: Client) -> None:
    url = f"/customers/{planned.world.customer.pk}"
    text = client.get(url, {"kind": "talks"}).content.decode()
    assert f'href="/appointments/{planned.meeting.pk}"' in text
    assert "Cancelled" not in text
    planned.cancel(timezone.now())
    assert "Cancelled" in client.get(url, {"kind": "talks"}).content.decode()


def test_who_is_invited_by_a_letter_has_it_once_in_the_calendar(planned: Planned, client: Client) -> None:
    feed = f"/calendar/{make_feed(planned.world.mate, now=timezone.now())}.ics"
    assert "Delivery plan" in client.get(feed).content.decode()
    AppointmentLetter.objects.update(sent_at=timezone.now())
    assert "Delivery plan" not in client.get(feed).content.decode()


def test_three_meetings_cost_as_many_queries_as_thirty(world: World, client: Client) -> None:
    now = timezone.now()
    counts = []
    for more in (3, 27):
        for _ in range(more):
            planned_in(world, now=now, starts_at=now + 3 * DAY)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/customers/{world.customer.pk}/actions")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_stands_on_today_on_its_day_and_can_be_logged_when_it_has_begun(
    planned: Planned, client: Client
) -> None:
    url = "/today/"
    assert "Meetings today" not in client.get(url).content.decode()
    now = timezone.now()
    Appointment.objects.update(starts_at=now)
    text = client.get(url).content.decode()
    assert "Meetings today" in text
    assert f'id="meeting-log-{planned.meeting.pk}"' in text
    # The last moment of the day, which has not begun however late the test runs.
    last = timezone.localtime(now).replace(hour=23, minute=59, second=59, microsecond=999_999)
    Appointment.objects.update(starts_at=last)
    text = client.get(url).content.decode()
    assert "Delivery plan" in text
    assert f'id="meeting-log-{planned.meeting.pk}"' not in text
