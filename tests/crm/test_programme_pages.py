"""Pages of the survey programme: what holds, a draft with its preview, overrides, calendars, functions."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from babel.dates import format_date
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.projects.models import FunctionalManager
from accounts.surveys.models import CalendarDay, HolidayCalendar, ProgrammeVersion, VersionState
from accounts.surveys.services import ensure_programme, publish_version, save_draft, start_draft
from accounts.surveys.services.calendars import create_calendar, fill_calendar
from accounts.surveys.standard import STANDARD, VersionFacts, facts_of
from accounts.surveys.weeks import first_week_after
from crm.programme_preview import effects, last_week
from crm.programme_words import changes, clocks_in_days, rhythm, working_time
from crm.queries.programmes import WeekGrades
from tests.accounts.surveys.office import DAY, project_of
from tests.conftest import MONDAY, World


@pytest.fixture
def admin(client: Client, world: World) -> Client:
    client.force_login(world.admin)
    return client


@pytest.fixture
def general(world: World) -> ProgrammeVersion:
    return ensure_programme(now=MONDAY)


@pytest.fixture
def draft(general: ProgrammeVersion, world: World) -> ProgrammeVersion:
    return start_draft(general.programme, author=world.admin)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def form_of(facts: VersionFacts, **changed: Any) -> dict[str, Any]:
    """What the browser sends of a draft's page."""
    plain = {name: value for name, value in vars(facts).items() if name not in ("dimensions", "grades")}
    sent: dict[str, Any] = plain | {"digest": facts.digest, "calendar": facts.calendar_id or ""}
    del sent["calendar_id"]
    for prefix, lines in (("dimensions", facts.dimensions), ("grades", facts.grades)):
        sent |= {f"{prefix}-TOTAL_FORMS": len(lines) + 1, f"{prefix}-INITIAL_FORMS": len(lines)}
        for at, line in enumerate(lines):
            values = vars(line) | vars(line.words) | {"ORDER": at + 1}
            ticked = {name: value for name, value in values.items() if value is not False and name != "words"}
            sent |= {f"{prefix}-{at}-{name}": value for name, value in ticked.items()}
    return sent | changed


def test_the_programme_stands_in_words(admin: Client, general: ProgrammeVersion) -> None:
    page = text(admin.get("/programme/"))
    assert "Every week, Friday at 14:00 where the respondent is" in page
    assert "Acknowledged within 24 hours, planned within 72 hours." in page
    assert "Around the clock" in page
    assert "On-time delivery" in page
    assert "Version 1" in page


def test_a_draft_is_saved_reviewed_and_activated(
    admin: Client, general: ProgrammeVersion, world: World
) -> None:
    answer = admin.post("/programme/drafts/new")
    draft = ProgrammeVersion.objects.get(state=VersionState.DRAFT)
    assert answer.url == f"/programme/drafts/{draft.pk}"  # type: ignore[attr-defined]
    sent = form_of(STANDARD, send_weekday=2, remind_after_days=1, note="Tuesdays", review="1")
    sent |= {"dimensions-1-weight": 3, "dimensions-0-DELETE": "on", "dimensions-4-ORDER": 0}
    sent |= {"dimensions-5-name": "Price", "dimensions-5-weight": 2, "dimensions-5-ORDER": 9}
    answer = admin.post(f"/programme/drafts/{draft.pk}", sent)
    assert answer.url == f"/programme/drafts/{draft.pk}/activate"  # type: ignore[attr-defined]
    page = text(admin.get(f"/programme/drafts/{draft.pk}/activate"))
    for words in ("Friday 14:00", "Tuesday 14:00", "Quality", "not asked", "weight 3, Planning", "Price"):
        assert words in page
    assert "It holds for every week from Monday" in page
    assert general.state == ProgrammeVersion.objects.get(pk=general.pk).state == VersionState.ACTIVE
    digest = facts_of(ProgrammeVersion.objects.get(pk=draft.pk)).digest
    answer = admin.post(f"/programme/drafts/{draft.pk}/activate", {"digest": digest}, follow=True)
    assert "The version is active." in text(answer)
    active = facts_of(ProgrammeVersion.objects.get(state=VersionState.ACTIVE))
    assert [each.code for each in active.dimensions] == [
        "support",
        "delivery",
        "communication",
        "service",
        "price",
    ]
    assert (active.send_weekday, active.note) == (2, "Tuesdays")


def test_the_preview_says_what_a_c_and_a_d_do(admin: Client, draft: ProgrammeVersion) -> None:
    """Weights 1, 3, 1, 1, 1: a D of -100 instead of 100 in the heaviest of 7 is (4 - 3) x 100 / 7."""
    sent = form_of(STANDARD, preview="1") | {"dimensions-1-weight": 3}
    fragment = admin.post(f"/programme/drafts/{draft.pk}", sent, headers={"HX-Request": "true"})
    page = text(fragment)
    assert page.startswith("{#") or '<div id="preview"' in page
    assert "<form id=" not in page
    for number in ("80.0", "57.1", "60.0", "14.3", "71.4", "91.4"):
        assert f'<td class="num">{number}</td>' in page
    assert facts_of(draft) == STANDARD
    whole = text(admin.post(f"/programme/drafts/{draft.pk}", sent))
    assert '<form id="draft"' in whole
    assert "57.1" in whole


def test_a_preview_of_what_contradicts_itself_says_so(admin: Client, draft: ProgrammeVersion) -> None:
    sent = form_of(STANDARD, preview="1") | {"grades-6-points": 50}
    answer = admin.post(f"/programme/drafts/{draft.pk}", sent, headers={"HX-Request": "true"})
    assert "contradicts itself" in text(answer)
    sent = form_of(STANDARD, plan_hours=1)
    answer = admin.post(f"/programme/drafts/{draft.pk}", sent)
    assert answer.status_code == 422
    assert "There is at least an hour to acknowledge" in text(answer)
    assert facts_of(draft) == STANDARD


def test_what_is_refused_has_no_numbers_a_name_and_the_focus(admin: Client, draft: ProgrammeVersion) -> None:
    typed = {"dimensions-1-weight": "0", "plan_hours": "1", "grades-2-points": "many"}
    for wish in ("save", "preview"):
        page = text(admin.post(f"/programme/drafts/{draft.pk}", form_of(STANDARD, **typed, **{wish: "1"})))
        assert "there are no numbers for it" in page
        assert '<td class="num">' not in page
        assert '<a href="#id_dimensions-1-weight">Weight · On-time delivery</a>: At least 1.' in page
        assert '<a href="#id_grades-2-points">Points · B+</a>: A whole number, please.' in page
        (focused,) = re.findall(r"<[a-z]+ [^>]*autofocus[^>]*>", page)
        assert 'name="dimensions-1-weight"' in focused


@pytest.mark.parametrize(
    ("typed", "target", "label"),
    [
        ({"grades-6-points": 0}, "grades-6-points", "Points · D"),
        ({"grades-2-letter": "B"}, "grades-3-letter", "Grade · B"),
        ({"grades-5-confirms_case": "on"}, "grades-5-opens_case", "Opens a corrective action · C"),
        ({"dimensions-3-name": "Quality"}, "dimensions-3-name", "Name · Quality"),
        ({"plan_hours": 1}, "plan_hours", "Hours to plan"),
        ({"remind_after_days": 7}, "remind_after_days", "One reminder after days"),
    ],
)
def test_what_contradicts_itself_is_said_at_its_field(
    admin: Client, draft: ProgrammeVersion, typed: dict[str, Any], target: str, label: str
) -> None:
    page = text(admin.post(f"/programme/drafts/{draft.pk}", form_of(STANDARD, save="1", **typed)))
    assert f'<a href="#id_{target}">{label}</a>: ' in page
    assert f'name="{target}"' in re.findall(r"<[a-z]+ [^>]*autofocus[^>]*>", page)[0]
    assert facts_of(draft) == STANDARD


def without(sent: dict[str, Any], *names: str) -> dict[str, Any]:
    """A box that is not ticked is not sent."""
    return {name: value for name, value in sent.items() if name not in names}


@pytest.mark.parametrize("wish", ["review", "preview"])
def test_a_programme_in_which_nothing_opens_or_confirms_a_corrective_action_is_refused(
    admin: Client, draft: ProgrammeVersion, wish: str
) -> None:
    opening = ("grades-5-opens_case", "grades-6-opens_case")
    confirming = tuple(f"grades-{at}-confirms_case" for at in range(3))
    sent = without(form_of(STANDARD, **{wish: "1"}), *opening, *confirming)
    answer = admin.post(f"/programme/drafts/{draft.pk}", sent)
    page = text(answer)
    at_worst = '<a href="#id_grades-6-opens_case">Opens a corrective action · D</a>: At least the worst grade'
    at_best = '<a href="#id_grades-0-confirms_case">Confirms that one is solved · A</a>: At least the best'
    assert (at_worst in page, at_best in page) == (True, True)
    assert facts_of(draft) == STANDARD


def test_points_that_do_not_fall_name_both_grades_and_a_new_grade_finds_its_place(
    admin: Client, draft: ProgrammeVersion
) -> None:
    page = text(admin.post(f"/programme/drafts/{draft.pk}", form_of(STANDARD, **{"grades-1-points": 120})))
    assert '<a href="#id_grades-1-points">Points · A-</a>: A worse grade has fewer points' in page
    assert "A- needs fewer than A." in page
    new = {"grades-7-letter": "B/2", "grades-7-points": 50, "grades-7-name": "Between", "save": "1"}
    assert admin.post(f"/programme/drafts/{draft.pk}", form_of(STANDARD, **new)).status_code == 302
    letters = [each.letter for each in facts_of(draft).grades]
    assert letters == ["A", "A-", "B+", "B/2", "B", "B-", "C", "D"]


def test_all_that_is_wrong_in_a_draft_comes_at_once(admin: Client, draft: ProgrammeVersion) -> None:
    """What the form cannot read, what the rules refuse of the week, of the clocks and of the grades."""
    typed = {"late_days": "many", "remind_after_days": 7, "plan_hours": 1, "work_until": 60, "work_from": 600}
    sent = form_of(STANDARD, **typed) | {"dimensions-1-weight": "0"}
    answer = admin.post(
        f"/programme/drafts/{draft.pk}", without(sent, "grades-5-opens_case", "grades-6-opens_case")
    )
    assert answer.status_code == 422
    found = re.findall(r'<a href="#id_([a-z0-9_-]+)">', text(answer))
    expected = {"dimensions-1-weight", "grades-6-opens_case", "late_days", "remind_after_days", "plan_hours"}
    assert set(found) == expected | {"work_until"}


def test_two_admins_see_each_others_changes(admin: Client, draft: ProgrammeVersion) -> None:
    save_draft(draft, facts=replace(STANDARD, plan_hours=48), expected_digest=STANDARD.digest)
    sent = form_of(STANDARD, plan_hours=96)
    answer = admin.post(f"/programme/drafts/{draft.pk}", sent)
    page = text(answer)
    assert answer.status_code == 422
    assert "Somebody else changed this draft" in page
    assert "48 hours" in page
    assert "96 hours" in page
    stored = facts_of(ProgrammeVersion.objects.get(pk=draft.pk))
    assert stored.plan_hours == 48
    assert stored.digest in page
    admin.post(f"/programme/drafts/{draft.pk}", sent | {"digest": stored.digest})
    assert facts_of(ProgrammeVersion.objects.get(pk=draft.pk)).plan_hours == 96
    answer = admin.post(f"/programme/drafts/{draft.pk}/activate", {"digest": stored.digest})
    assert "Nothing was activated" in text(answer)
    assert ProgrammeVersion.objects.get(pk=draft.pk).state == VersionState.DRAFT


def test_a_project_gets_a_programme_of_its_own_that_renames_nothing(
    admin: Client, general: ProgrammeVersion, world: World
) -> None:
    project = project_of(world, "Line 4")
    assert "the general programme holds" in text(admin.get(f"/projects/{project.pk}/programme"))
    admin.post("/programme/drafts/new", {"project": project.pk})
    draft = ProgrammeVersion.objects.get(project=project)
    sent = form_of(STANDARD, acknowledge_hours=8) | {"dimensions-0-name": "Renamed"}
    admin.post(f"/programme/drafts/{draft.pk}", sent)
    facts = facts_of(ProgrammeVersion.objects.get(pk=draft.pk))
    assert facts == replace(STANDARD, acknowledge_hours=8)
    admin.post(f"/programme/drafts/{draft.pk}/activate", {"digest": facts.digest})
    publish_version(general.programme, facts=STANDARD, author=None, now=timezone.now())
    page = text(admin.get("/programme/"))
    assert "Line 4" in page
    assert "The general programme has changed since" in page
    admin.post(f"/programme/versions/{draft.pk}/end")
    assert ProgrammeVersion.objects.get(pk=draft.pk).state == VersionState.RETIRED
    answer = admin.post("/programme/drafts/new", {"customer": world.foreign.pk * 1000})
    assert answer.status_code == 404
    assert not ProgrammeVersion.objects.filter(state=VersionState.DRAFT).exists()


def test_an_override_is_compared_with_what_holds_above_it_and_from_when(
    admin: Client, general: ProgrammeVersion, world: World
) -> None:
    """The general one was changed this week: it holds from Monday, so "now" is another one."""
    project = project_of(world, "Line 4")
    own = start_draft(general.programme, author=world.admin, project=project)
    save_draft(own, facts=replace(STANDARD, plan_hours=48), expected_digest=STANDARD.digest)
    page = text(admin.get(f"/programme/drafts/{own.pk}/activate"))
    assert "Version 1, now" in page
    now = timezone.now()
    facts = replace(STANDARD, plan_hours=96)
    publish_version(general.programme, facts=facts, author=world.admin, now=now)
    page = text(admin.get(f"/programme/drafts/{own.pk}/activate"))
    first = format_date(first_week_after(now), "medium", locale="en_US")
    assert f'data-label="Version 3, from {first}"' in page
    assert "Version 1, now" not in page
    assert "96 hours" in page


def test_a_draft_can_be_discarded_from_the_page_of_the_programme(
    admin: Client, draft: ProgrammeVersion, world: World
) -> None:
    assert f'action="/programme/drafts/{draft.pk}/discard"' in text(admin.get("/programme/"))
    own = start_draft(draft.programme, author=world.admin, project=project_of(world, "Line 4"))
    page = text(admin.get(f"/projects/{own.project_id}/programme"))
    assert f'action="/programme/drafts/{own.pk}/discard"' in page


def test_a_draft_of_a_project_stands_on_the_page_of_the_programme(
    admin: Client, general: ProgrammeVersion, world: World
) -> None:
    """It has no first week, nor a last one."""
    start_draft(general.programme, author=world.admin, project=project_of(world, "Line 4"))
    answer = admin.get("/programme/")
    assert answer.status_code == 200
    assert re.search(r"Line 4.*?Draft.*?For weeks from..–<", text(answer), re.S)


def test_clocks_are_said_in_working_days(admin: Client, draft: ProgrammeVersion) -> None:
    """24 hours from 9 to 18 are 2 2/3 days."""
    assert clocks_in_days(STANDARD) == ()
    office_hours = replace(STANDARD, work_weekdays=(1, 2, 3, 4, 5), work_from=540, work_until=1080)
    acknowledge, plan, executives = clocks_in_days(office_hours)
    assert acknowledge == ("Acknowledge within", "24 hours", "about 2.7 working days")
    assert (plan[2], executives[2]) == ("about 8 working days", "about 2.7 working days")
    assert clocks_in_days(replace(STANDARD, work_weekdays=(1,)))[0][2] == "1 working day"
    sent = form_of(office_hours, preview="1")
    fragment = admin.post(f"/programme/drafts/{draft.pk}", sent, headers={"HX-Request": "true"})
    assert "Acknowledge within 24 hours: about 2.7 working days" in text(fragment)


def test_a_discarded_draft_is_gone(admin: Client, draft: ProgrammeVersion) -> None:
    admin.post(f"/programme/drafts/{draft.pk}/discard")
    assert not ProgrammeVersion.objects.filter(pk=draft.pk).exists()
    assert admin.get(f"/programme/drafts/{draft.pk}").status_code == 404


def test_the_number_of_queries_does_not_grow_with_versions_and_overrides(
    admin: Client, general: ProgrammeVersion, world: World
) -> None:
    counts = []
    for wanted in (3, 30):
        while ProgrammeVersion.objects.count() < 2 * wanted:
            number = ProgrammeVersion.objects.count()
            facts = replace(STANDARD, plan_hours=72 + number)
            now = MONDAY + dt.timedelta(hours=number)
            publish_version(general.programme, facts=facts, author=world.admin, now=now)
            project = project_of(world, f"Line {number}")
            publish_version(general.programme, facts=facts, author=None, project=project, now=now)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = text(admin.get("/programme/"))
        assert f"Line {number}" in page
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_calendar_is_made_filled_and_changed_by_hand(admin: Client, general: ProgrammeVersion) -> None:
    answer = admin.post("/programme/calendars/", {"name": "China", "country": "CN"})
    china = HolidayCalendar.objects.get()
    assert answer.url == f"/programme/calendars/{china.pk}"  # type: ignore[attr-defined]
    filled = {"first_year": 2026, "last_year": 2026}
    answer = admin.post(f"/programme/calendars/{china.pk}/fill", filled, follow=True)
    assert "and 6 make-up working days." in text(answer)
    assert "National Day" in text(answer)
    day = {"day": "2026-07-01", "kind": "holiday", "name": "Founding day"}
    admin.post(f"/programme/calendars/{china.pk}/day", day)
    assert "Founding day" in text(admin.get(f"/programme/calendars/{china.pk}?year=2026"))
    admin.post(f"/programme/calendars/{china.pk}/day/remove", {"day": "2026-07-01"})
    assert not CalendarDay.objects.filter(name="Founding day").exists()
    answer = admin.post(f"/programme/calendars/{china.pk}/fill", {"first_year": 2027, "last_year": 2026})
    assert answer.status_code == 422
    answer = admin.post("/programme/calendars/", {"name": "China"})
    assert "There is a calendar of this name already." in text(answer)
    facts = replace(STANDARD, calendar_id=china.pk)
    used = publish_version(general.programme, facts=facts, author=None, now=timezone.now())
    answer = admin.post(f"/programme/calendars/{china.pk}/delete", follow=True)
    assert "it cannot be deleted" in text(answer)
    assert "holidays of" in text(admin.get(f"/programme/versions/{used.pk}"))


def test_thirty_calendars_take_the_queries_of_three(admin: Client) -> None:
    counts = []
    for wanted in (3, 30):
        while HolidayCalendar.objects.count() < wanted:
            made = create_calendar(name=f"Works {HolidayCalendar.objects.count()}", country="DE")
            fill_calendar(made, years=[2026], language="en")
        with CaptureQueriesContext(connection) as queries:
            admin.get("/programme/calendars/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_functions_have_heads_and_gaps_show(admin: Client, world: World) -> None:
    page = text(admin.get("/programme/functional-managers"))
    assert "Nobody heads these functions" in page
    admin.post("/programme/functional-managers", {"quality": world.lead.pk, "sales": world.mate.pk})
    admin.post("/programme/functional-managers", {"quality": world.mate.pk})
    heads = dict(FunctionalManager.objects.values_list("functional_role", "user"))
    assert heads == {"quality": world.mate.pk}
    assert "Production, Engineering, Test" in text(admin.get("/programme/functional-managers"))


def test_the_same_week_under_two_versions_by_hand() -> None:
    """Two projects: answers A A A A D (60) and B B - - - (40); a D of -200 makes the first 40."""
    rows = [
        (0, dimension.code, letter) for dimension, letter in zip(STANDARD.dimensions, "AAAAD", strict=True)
    ]
    rows += [(1, dimension.code, "B") for dimension in STANDARD.dimensions[:2]]
    said = WeekGrades(week=MONDAY.date(), projects=2, answers=(0, 1), grades=tuple(rows))
    harsher = replace(STANDARD, grades=(*STANDARD.grades[:-1], replace(STANDARD.grades[-1], points=-200)))
    found = last_week(STANDARD, harsher, said)
    assert found is not None
    assert (found.now, found.draft, found.projects) == (50, 40, 2)
    others = tuple(replace(grade, letter=f"{grade.letter}*") for grade in STANDARD.grades)
    assert last_week(STANDARD, replace(STANDARD, grades=others), said) is None


def test_a_low_grade_counts_as_the_formula_says() -> None:
    c, d = (effect.draft for effect in effects(STANDARD, STANDARD))
    assert (c.letter, c.answer, d.letter, d.answer) == ("C", 80, "D", 60)
    assert c.projects == (pytest.approx(280 / 3), pytest.approx(98))
    assert d.projects == (pytest.approx(260 / 3), pytest.approx(96))


def test_a_grade_that_opens_a_corrective_action_in_one_version_alone_is_shown_for_both(
    admin: Client, draft: ProgrammeVersion
) -> None:
    """And one that only one of them has stands beside nothing."""
    strict = tuple(replace(grade, opens_case=grade.letter in ("B-", "C")) for grade in STANDARD.grades)
    changed = replace(STANDARD, grades=strict)
    assert [(each.letter, each.now.answer, each.draft.answer) for each in effects(STANDARD, changed)] == [
        ("B-", 84, 84),
        ("C", 80, 80),
        ("D", 60, 60),
    ]
    renamed = replace(changed, grades=(*strict[:-1], replace(strict[-1], letter="E", opens_case=True)))
    assert [(each.letter, each.now.answer, each.draft.answer) for each in effects(STANDARD, renamed)][2:] == [
        ("E", None, 60),
        ("D", 60, None),
    ]
    merciful = tuple(replace(grade, opens_case=grade.letter == "D") for grade in STANDARD.grades)
    sent = form_of(replace(facts_of(draft), grades=merciful), digest=facts_of(draft).digest)
    saved = admin.post(f"/programme/drafts/{draft.pk}", sent)
    assert saved.status_code == 302
    assert admin.get(f"/programme/drafts/{draft.pk}").status_code == 200
    assert admin.get(f"/programme/drafts/{draft.pk}/activate").status_code == 200


def test_a_week_is_drawn_from_the_letter_to_its_close() -> None:
    days = rhythm(STANDARD)
    assert [day.name for day in days] == ["Fri", "Sat", "Sun", "Mon", "Tue", "Wed", "Thu"]
    assert [day.is_reminded for day in days].index(True) == 4
    assert (days[0].is_sent, days[-1].is_last) == (True, True)


def test_working_time_and_changes_are_said_in_words() -> None:
    office = replace(STANDARD, work_weekdays=(1, 2, 3, 4, 5), work_from=540, work_until=1080, calendar_id=7)
    assert working_time(STANDARD) == "Around the clock"
    assert working_time(office) == "Mon, Tue, Wed, Thu, Fri, 09:00 to 18:00"
    said = changes(STANDARD, office, {7: "China"})
    assert [(each.label, each.before, each.after) for each in said] == [
        ("Working time", "Around the clock", "Mon, Tue, Wed, Thu, Fri, 09:00 to 18:00"),
        ("Holiday calendar", "–", "China"),
    ]
    turned = replace(STANDARD, dimensions=STANDARD.dimensions[::-1])
    assert [each.label for each in changes(STANDARD, turned, {})] == ["Order of the dimensions"]
    assert changes(STANDARD, STANDARD, {}) == ()


def test_a_version_says_for_which_weeks_it_holds(
    admin: Client, draft: ProgrammeVersion, world: World
) -> None:
    """The week under way is asked as it began: what is activated today is not what holds now."""
    first = first_week_after(timezone.now())
    digest = facts_of(draft).digest
    done = admin.post(f"/programme/drafts/{draft.pk}/activate", {"digest": digest}, follow=True)
    assert "It holds for every week from Monday, " in text(done)
    assert f'datetime="{first.isoformat()}"' in text(done)
    page = text(admin.get("/programme/"))
    assert "Version 1 · It holds until Sunday," in page
    assert "then version 2" in page
    rows = page.split("<tr data-row")[1:]
    assert "holds next" in rows[0]
    assert "holds now" in rows[1]
    assert f'datetime="{(first - DAY).isoformat()}"' in rows[1]


def test_an_ended_programme_holds_to_the_end_of_the_week_and_stays_in_the_lists(
    admin: Client, general: ProgrammeVersion, world: World
) -> None:
    own = publish_version(general.programme, facts=STANDARD, author=None, now=MONDAY, customer=world.customer)
    page = f"/customers/{world.customer.pk}/programme"
    assert "It holds for every week since Monday" in text(admin.get(page))
    ended = text(admin.post(f"/programme/versions/{own.pk}/end", follow=True))
    assert "Ended. From Monday," in ended
    assert ">Ended</span>" in ended
    shown = text(admin.get(page))
    assert f"Version {own.number} · It holds until Sunday," in shown
    assert "then the more general programme holds" in shown
    assert "None:" not in shown
    ProgrammeVersion.objects.filter(pk=own.pk).update(retired_at=MONDAY + 14 * DAY)
    shown = text(admin.get(page))
    assert "None: the general programme holds." in shown
    assert f'/programme/versions/{own.pk}"' in shown, "its history stays"
    assert ">Ended</span>" in text(admin.get("/programme/"))


def test_a_version_that_was_replaced_before_its_first_week_held_for_none(
    admin: Client, general: ProgrammeVersion, world: World
) -> None:
    for _number in range(2):
        publish_version(general.programme, facts=STANDARD, author=None, now=timezone.now())
    page = text(admin.get("/programme/"))
    assert page.count("held for no week") == 1
    assert page.count("holds now") == page.count("holds next") == 1


@pytest.mark.parametrize(
    ("day", "words"), [(1, "the week that begins on that day"), (4, "under way"), (5, "just ending")]
)
def test_the_page_says_which_week_is_asked_about(
    admin: Client, draft: ProgrammeVersion, day: int, words: str
) -> None:
    preview = form_of(STANDARD, send_weekday=day, remind_after_days=1, preview="1")
    page = text(admin.post(f"/programme/drafts/{draft.pk}", preview))
    assert ("A letter on Thursday or later" in page) == (day == 1)
    sent = form_of(STANDARD, send_weekday=day, remind_after_days=1, review="1")
    admin.post(f"/programme/drafts/{draft.pk}", sent)
    page = text(admin.get(f"/programme/drafts/{draft.pk}/activate"))
    assert words in page
    assert "everybody gives the best grade" in page.lower()


REFUSED = [
    ({"dimensions-1-name": "quality "}, "Two dimensions are called"),
    ({"dimensions-1-name_zh_hant": "品質"}, "Two dimensions are called “品質”"),
    ({"grades-1-letter": "A"}, "There are two grades A."),
    ({"dimensions-0-weight": 0}, "At least 1."),
]


@pytest.mark.parametrize(("typed", "words"), REFUSED)
def test_what_is_wrong_in_a_draft_is_said_by_its_name(
    admin: Client, draft: ProgrammeVersion, typed: dict[str, Any], words: str
) -> None:
    page = admin.post(f"/programme/drafts/{draft.pk}", form_of(STANDARD, save="1", **typed))
    assert page.status_code == 422
    assert words in text(page)


def test_the_preview_warns_of_points_off_the_scale_and_of_missing_names(
    admin: Client, draft: ProgrammeVersion
) -> None:
    typed = {"grades-6-points": -900, "dimensions-0-name_zh_hans": ""}
    page = text(admin.post(f"/programme/drafts/{draft.pk}", form_of(STANDARD, preview="1", **typed)))
    assert "An index lies between −100 and 100 everywhere else" in page
    assert "shows the English one there: Quality" in page
    page = text(admin.post(f"/programme/drafts/{draft.pk}", form_of(STANDARD, preview="1")))
    assert "An index lies" not in page
    assert "shows the English one" not in page
