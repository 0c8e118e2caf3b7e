"""What can be done about who is silent, how a row is logged for, what the board's files say as a whole."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.surveys.models import Invitation
from accounts.surveys.queries.mailing import to_remind
from accounts.surveys.services import add_note, mark_reviewed
from accounts.users.models import User
from tests.accounts.surveys.office import DAY, DUE, WEEK, Office, office_of
from tests.conftest import World

BOARD = "/satisfaction/?week=2026-W10"


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    found.invite()
    return found


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager(world: World) -> Client:
    return as_(world.manager)


def page(client: Client, address: str = BOARD) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def open_week(*, sent: dt.timedelta = 2 * DAY) -> None:
    """The letters of the week went out ``sent`` ago, and their reminder is due tomorrow."""
    now = timezone.now()
    Invitation.objects.update(
        due_at=now - sent,
        sent_at=now - sent,
        reminder_at=now + DAY,
        closes_at=now + 3 * DAY,
        expires_at=now + 17 * DAY,
    )


def remind(client: Client, office: Office, **fields: str) -> int:
    body = {"invitation": office.invitation(office.li).pk} | fields
    return client.post("/satisfaction/remind", body).status_code


# -- Somebody silent ------------------------------------------------------------------------------------


def test_a_silent_person_leads_to_his_page_and_is_logged_for(office: Office, manager: Client) -> None:
    html = page(manager)
    assert f'<a href="/contacts/{office.li.pk}">Li</a>' in html
    talk = f"{office.project.pk}.{office.li.pk}"
    assert f'<button form="log" name="talk" value="{talk}">Log</button>' in html
    form = manager.get("/satisfaction/log", {"talk": talk, "next": BOARD}, follow=True)
    assert form.redirect_chain[0][0].startswith(f"/customers/{office.world.customer.pk}/interactions/new?")
    assert form.context["form"].initial["contacts"] == [str(office.li.pk)]
    chosen = re.search(rf'<option value="{office.li.pk}" selected>', form.content.decode())
    assert chosen
    fields = {"kind": "call", "started_at": "2026-03-09T10:00", "minutes": "5", "direction": "outbound"}
    where = f"{BOARD}#project-{office.project.pk}"
    assert f'name="next" value="{where}"' in form.content.decode()
    address = f"/customers/{office.world.customer.pk}/interactions/new"
    assert manager.post(address, fields | {"next": where}).headers["Location"] == where


def test_the_key_of_a_row_logs_for_its_customer_though_nobody_is_silent(
    office: Office, manager: Client
) -> None:
    for contact in (office.chen, office.li):
        office.say(contact, delivery="A")
    html = page(manager)
    talk = f"{office.project.pk}.0"
    assert f'<button form="log" name="talk" value="{talk}" hidden data-row-key="l">' in html
    there = manager.get("/satisfaction/log", {"talk": talk, "next": BOARD}).headers["Location"]
    assert f"project={office.project.pk}" in there
    assert "contact" not in there


@pytest.mark.parametrize("talk", ["", "x.0", "999999.0", "{project}.999999", "{project}.x", "{project}."])
def test_a_talk_with_nobody_is_no_page(office: Office, manager: Client, talk: str) -> None:
    wish = talk.format(project=office.project.pk)
    assert manager.get("/satisfaction/log", {"talk": wish}).status_code == 404


def test_the_reminder_is_brought_forward_once(office: Office, manager: Client) -> None:
    open_week()
    button = f'<button form="remind" name="invitation" value="{office.invitation(office.li).pk}">'
    assert button in page(manager)
    assert remind(manager, office, next=BOARD) == 302
    assert [each.contact.name for each in to_remind(now=timezone.now())] == ["Li"]
    html = page(manager)
    assert button not in html
    assert "never answered, reminded" in html
    due = office.invitation(office.li).reminder_at
    assert remind(manager, office) == 302
    assert office.invitation(office.li).reminder_at == due
    assert "Li has had the reminder of this week." in page(manager)


def test_nobody_is_reminded_who_answered_or_got_his_letter_just_now(office: Office, manager: Client) -> None:
    open_week(sent=DAY / 2)
    assert "remind" not in re.findall(r'<button form="(\w+)"', page(manager))
    open_week()
    Invitation.objects.filter(contact=office.li).update(answered_at=timezone.now())
    before = office.invitation(office.li).reminder_at
    assert remind(manager, office) == 302
    assert office.invitation(office.li).reminder_at == before


def test_who_only_reads_reminds_nobody(office: Office) -> None:
    open_week()
    world = office.world
    before = office.invitation(office.li).reminder_at
    for user, status in ((world.member, 404), (world.executive, 403), (world.stranger, 404)):
        assert remind(as_(user), office) == status
    assert office.invitation(office.li).reminder_at == before
    assert 'name="invitation"' not in page(as_(world.executive))


# -- Rows and head --------------------------------------------------------------------------------------


def test_who_has_nothing_to_do_gets_no_column_for_it(office: Office, manager: Client) -> None:
    assert "What to do" in page(manager)
    reader = as_(office.world.executive)
    assert "What to do" not in page(reader)
    assert "board-do" not in page(reader)
    mark_reviewed(office.project, WEEK, by=office.world.manager, now=DUE)
    assert "board-do" in page(reader)


def test_words_about_the_week_stand_with_the_project_and_not_with_who_is_silent(
    office: Office, manager: Client
) -> None:
    add_note(office.project, WEEK, text="They need a word", by=office.world.manager, now=DUE)
    html = page(manager)
    name, silent = html.index('class="row-name"'), html.index('class="board-silent"')
    assert name < html.index("1 note") < silent


def test_few_answers_are_a_warning_only_when_the_week_is_over(office: Office, manager: Client) -> None:
    open_week()
    html = page(manager)
    row = html[html.index('class="row-name"') :]
    assert "0 of 2 so far" in row
    assert "mark-few" not in row[: row.index("</tr>")]
    Invitation.objects.update(closes_at=timezone.now() - DAY)
    html = page(manager)
    row = html[html.index('class="row-name"') :]
    assert "mark-few" in row[: row.index("</tr>")]
    assert "fewer than 70% answered" in html


# -- Files ----------------------------------------------------------------------------------------------


def test_the_files_hold_the_figures_above_the_board_and_the_weeks_before(
    office: Office, manager: Client
) -> None:
    office.say(office.chen, delivery="D", quality="A")
    book = load_workbook(io.BytesIO(manager.get(f"/satisfaction/export.xlsx{BOARD[14:]}").content))
    told = {row[0]: row[1] for row in book["Summary"].iter_rows(values_only=True)}
    review = manager.get(BOARD).context["review"]
    assert told["Index of these projects' customers"] == review.whole.index == 0
    assert (told["Answered"], told["Invited"], told["Response rate"]) == (1, 2, 0.5)
    assert (told["Lowest grade"], told["Open corrective actions"], told["Reviewed"]) == ("D", 1, 0)
    assert told["For reference only below a response rate of"] == 0.7
    head, line = book["13 weeks"].iter_rows(values_only=True)
    assert (len(head), head[-1], line[0], line[-1]) == (16, "Index 2026-W10", "Line 4", 0)
    answer = manager.get(f"/satisfaction/export.csv{BOARD[14:]}")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert dict(zip(*rows, strict=True))["Index 2026-W10"] == "0.0"
