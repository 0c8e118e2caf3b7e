"""Surveys beside the weekly one in an admin's hands: listed, written, previewed, published, withdrawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.occasions.facts import SurveyFacts, survey_facts_of
from accounts.occasions.standard import NEEDS, STANDARD_SURVEYS
from accounts.surveys.models import ProgrammeKind, ProgrammeVersion, SurveyProgramme, VersionState
from accounts.surveys.services import ensure_programme, publish_version
from accounts.surveys.standard import STANDARD
from accounts.surveys.weeks import first_week_after
from tests.conftest import MONDAY, World
from tests.crm.asked import asked, draft_of, person, survey

NONSENSE = (
    "questions up 0",
    "questions up x",
    "rules up 1",
    "questions sideways 1",
    "questions remove 99",
)


@pytest.fixture
def admin(client: Client, world: World) -> Client:
    client.force_login(world.admin)
    return client


@pytest.fixture
def yearly(world: World) -> SurveyProgramme:
    return survey(NEEDS, kind=ProgrammeKind.YEARLY, name="Needs")


@pytest.fixture
def draft(yearly: SurveyProgramme) -> ProgrammeVersion:
    return draft_of(yearly)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def form_of(facts: SurveyFacts, **changed: Any) -> dict[str, Any]:
    """What the browser sends of a draft's page."""
    rules = {name: value for name, value in vars(facts.rules).items() if value is not None}
    opening = rules.pop("opening")
    sent: dict[str, Any] = rules | {
        "digest": facts.digest,
        "send_hour": facts.version.send_hour,
        "remind_after_days": facts.version.remind_after_days,
        "opening": opening.name,
        "opening_zh_hans": opening.name_zh_hans,
        "opening_zh_hant": opening.name_zh_hant,
    }
    lines: dict[str, list[dict[str, Any]]] = {
        "dimensions": [
            vars(each.words) | {"code": each.code, "weight": each.weight} for each in facts.version.dimensions
        ],
        "questions": [
            vars(each.words)
            | {"code": each.code, "kind": each.kind, "unit": each.unit}
            | {
                field: "\n".join(getattr(option.words, name) for option in each.options)
                for field, name in (
                    ("options", "name"),
                    ("options_zh_hans", "name_zh_hans"),
                    ("options_zh_hant", "name_zh_hant"),
                )
            }
            for each in facts.questions
        ],
    }
    for prefix, rows in lines.items():
        sent |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
        sent |= {f"{prefix}-{at}-{name}": value for at, row in enumerate(rows) for name, value in row.items()}
    return sent | changed


def test_the_list_names_the_weekly_one_first_and_the_products_own_as_drafts(admin: Client) -> None:
    page = text(admin.get("/surveys/"))
    names = ["Weekly satisfaction", *sorted(each.name for each in STANDARD_SURVEYS)]
    places = [page.index(f"data-open>{name}</a>") for name in names]
    assert places == sorted(places)
    assert SurveyProgramme.objects.filter(versions__state=VersionState.DRAFT).count() == 3


def test_the_list_says_what_holds_now_and_what_comes(admin: Client, world: World) -> None:
    weekly = ensure_programme(now=MONDAY)
    page = " ".join(admin.get("/surveys/").content.decode().split())
    assert "then version" not in page
    publish_version(weekly.programme, facts=STANDARD, author=world.admin, now=timezone.now())
    answer = admin.get("/surveys/")
    (row,) = [each for each in answer.context["rows"] if each.programme.is_weekly]
    assert (row.active.number, row.since) == (1, MONDAY.date())
    assert (row.follows.number, row.follows_on) == (2, first_week_after(timezone.now()))
    assert "then version 2, from" in " ".join(answer.content.decode().split())


def test_others_see_what_asks_and_no_draft(client: Client, world: World) -> None:
    published = survey()
    draft_of(published)
    SurveyProgramme.objects.create(name="Only an idea", kind=ProgrammeKind.ANY_TIME)
    client.force_login(world.owner)
    page = text(client.get("/surveys/"))
    assert f"/surveys/{published.pk}/results" in page
    assert "New survey" not in page
    assert "a draft waits" not in page


def test_the_list_counts_what_the_reader_sees(client: Client, world: World) -> None:
    programme = survey()
    invitation = asked(person(world.customer), world.owner, programme)
    type(invitation).objects.update(due_at=invitation.known_at)
    for user, count in ((world.owner, "1"), (world.stranger, "0")):
        client.force_login(user)
        page = text(client.get("/surveys/"))
        row = page[page.index("After a delivery") :]
        assert f'data-label="Asked in 90 days">{count}<' in row


def test_what_is_shown_costs_the_same_for_3_surveys_and_30(admin: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert admin.get("/surveys/").status_code == 200
        return len(found)

    for number in range(3):
        survey(name=f"Survey {number}")
    admin.get("/surveys/")
    few = queries()
    for number in range(3, 30):
        survey(name=f"Survey {number}")
    assert queries() == few


@pytest.mark.parametrize("start", ["event", "event standard", "yearly", "any_time"])
def test_a_new_survey_begins_as_a_draft(admin: Client, start: str) -> None:
    answer = admin.post("/surveys/new", {"name": "Ours", "start": start})
    programme = SurveyProgramme.objects.get(name="Ours")
    draft = programme.versions.get()
    assert answer["Location"] == f"/surveys/drafts/{draft.pk}"
    assert (programme.kind, draft.state) == (start.split()[0], VersionState.DRAFT)
    assert admin.get(answer["Location"]).status_code == 200


def test_a_name_that_is_taken_is_refused(admin: Client, yearly: SurveyProgramme) -> None:
    answer = admin.post("/surveys/new", {"name": "Needs", "start": "event"})
    assert answer.status_code == 422
    assert "There is a survey of this name." in text(answer)


def test_what_is_saved_unchanged_says_the_same(admin: Client, draft: ProgrammeVersion) -> None:
    before = survey_facts_of(draft)
    answer = admin.post(f"/surveys/drafts/{draft.pk}", form_of(before, save="1"))
    assert answer.status_code == 302
    after = survey_facts_of(draft)
    assert replace(after, version=before.version) == before
    assert after.version.dimensions == before.version.dimensions


def test_lines_are_moved_added_and_removed_without_saving(admin: Client, draft: ProgrammeVersion) -> None:
    facts = survey_facts_of(draft)
    url, typed = f"/surveys/drafts/{draft.pk}", form_of(facts, **{"questions-0-name": "Typed"})
    first, second = "Typed", facts.questions[1].words.name
    page = text(admin.post(url, typed | {"do": "questions down 0"}))
    assert page.index(f"{second}</textarea>") < page.index(f"{first}</textarea>")
    page = text(admin.post(url, typed | {"do": "questions remove 0"}))
    assert first not in page
    page = text(admin.post(url, typed | {"do": "questions add"}))
    assert f'name="questions-TOTAL_FORMS" value="{len(facts.questions) + 1}"' in page
    for nonsense in (
        "questions up 0",
        "questions up x",
        "rules up 1",
        "questions sideways 1",
        "questions remove 99",
    ):
        page = text(admin.post(url, typed | {"do": nonsense}))
        assert f'name="questions-TOTAL_FORMS" value="{len(facts.questions)}"' in page
    assert survey_facts_of(draft) == facts


def test_a_question_in_another_place_and_a_renamed_choice_keep_their_codes(
    admin: Client, draft: ProgrammeVersion
) -> None:
    facts = survey_facts_of(draft)
    at = next(place for place, each in enumerate(facts.questions) if each.kind == "one")
    typed = form_of(facts, save="1")
    lines = typed[f"questions-{at}-options"].split("\n")
    typed[f"questions-{at}-options"] = "\n".join(["Renamed", *lines[1:]])
    for name in (
        "name",
        "name_zh_hans",
        "name_zh_hant",
        "code",
        "kind",
        "unit",
        "options",
        "options_zh_hans",
        "options_zh_hant",
    ):
        one, other = f"questions-{at}-{name}", f"questions-{at - 1}-{name}"
        typed[one], typed[other] = typed[other], typed[one]
    assert admin.post(f"/surveys/drafts/{draft.pk}", typed).status_code == 302
    after = survey_facts_of(draft).questions
    assert after[at - 1].code == facts.questions[at].code
    assert [each.code for each in after[at - 1].options] == [
        each.code for each in facts.questions[at].options
    ]
    assert after[at - 1].options[0].words.name == "Renamed"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"remind_after_days": 99}, "before the survey closes"),
        ({"yearly_day": 31}, "At most 28"),
        ({"questions-1-options": "Alone"}, "at least two choices"),
        ({"questions-1-options_zh_hans": "一"}, "as many lines as in English"),
    ],
)
def test_what_contradicts_itself_is_refused_beside_its_field(
    admin: Client, draft: ProgrammeVersion, changed: dict[str, Any], said: str
) -> None:
    facts = survey_facts_of(draft)
    answer = admin.post(f"/surveys/drafts/{draft.pk}", form_of(facts, save="1", **changed))
    assert answer.status_code == 422
    assert said in text(answer)
    assert survey_facts_of(draft) == facts


def test_what_somebody_else_changed_is_not_overwritten(admin: Client, draft: ProgrammeVersion) -> None:
    facts = survey_facts_of(draft)
    url = f"/surveys/drafts/{draft.pk}"
    assert admin.post(url, form_of(facts, save="1", answer_days=20)).status_code == 302
    answer = admin.post(url, form_of(facts, save="1", answer_days=25))
    assert answer.status_code == 422
    assert "Somebody else changed this draft" in text(answer)
    assert survey_facts_of(draft).rules.answer_days == 20


def test_the_preview_shows_every_question_and_sends_nothing(admin: Client, draft: ProgrammeVersion) -> None:
    page = text(admin.get(f"/surveys/versions/{draft.pk}/preview?lang=zh-hans"))
    for question in NEEDS.questions:
        assert question.words.name_zh_hans in page
    assert 'class="send"' not in page


def test_a_draft_is_reviewed_published_listed_and_withdrawn(
    admin: Client, yearly: SurveyProgramme, draft: ProgrammeVersion
) -> None:
    facts = survey_facts_of(draft)
    answer = admin.post(f"/surveys/drafts/{draft.pk}", form_of(facts, review="1", answer_days=21))
    assert answer["Location"] == f"/surveys/drafts/{draft.pk}/publish"
    page = text(admin.get(answer["Location"]))
    assert "21 days" in page
    digest = survey_facts_of(draft).digest
    assert admin.post(answer["Location"], {"digest": "stale"}).status_code == 200
    assert admin.post(answer["Location"], {"digest": digest}).status_code == 302
    assert [each.state for each in yearly.versions.order_by("number")] == ["retired", "active"]
    page = text(admin.get(f"/surveys/{yearly.pk}"))
    assert "Can be answered for: 30 days → 21 days" in page
    assert admin.get(f"/surveys/drafts/{draft.pk}")["Location"] == f"/surveys/versions/{draft.pk}"
    assert admin.get(f"/surveys/versions/{draft.pk}").status_code == 200
    admin.post(f"/surveys/{yearly.pk}/withdraw")
    assert "Withdrawn: nobody is asked." in text(admin.get(f"/surveys/{yearly.pk}"))


def test_a_draft_is_discarded(admin: Client, draft: ProgrammeVersion, yearly: SurveyProgramme) -> None:
    assert admin.post(f"/surveys/drafts/{draft.pk}/discard")["Location"] == f"/surveys/{yearly.pk}"
    assert not ProgrammeVersion.objects.filter(pk=draft.pk).exists()


def test_the_weekly_programme_has_no_page_here(admin: Client) -> None:
    admin.get("/surveys/")
    weekly = SurveyProgramme.objects.get(is_weekly=True)
    assert admin.get(f"/surveys/{weekly.pk}").status_code == 404
    version = weekly.versions.get()
    assert admin.get(f"/surveys/versions/{version.pk}").status_code == 404
    assert admin.get(f"/surveys/{weekly.pk}/results").status_code == 404
