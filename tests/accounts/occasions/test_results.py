"""What came of a survey: counted by hand here, over all versions, and for who may see it alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import access
from accounts.contacts.models import Level
from accounts.occasions.facts import OptionFacts, QuestionFacts, survey_facts_of
from accounts.occasions.models import OccasionInvitation
from accounts.occasions.queries import Results, ResultsFilter, results_of, scope_of, words_in
from accounts.occasions.services import ask_about, draft_survey, publish_survey, save_draft
from accounts.occasions.standard import ANY_TIME
from accounts.projects.services import create_project
from accounts.surveys.models import ProgrammeKind
from accounts.surveys.standard import Words
from tests.accounts.occasions.shop import DAY, TEN, TODAY, Shop, contact_of, published, say
from tests.conftest import MONDAY, World

NOW = TEN + 2 * DAY


def words(text: str) -> Words:
    return Words(name=text, name_zh_hans=text, name_zh_hant=text)


FACTS = replace(
    ANY_TIME,
    questions=(
        QuestionFacts(code="why", kind="text", words=words("Why?")),
        QuestionFacts(code="boxes", kind="number", words=words("Boxes?"), unit="pcs"),
        QuestionFacts(
            code="wants",
            kind="several",
            words=words("Wants?"),
            options=tuple(OptionFacts(code=code, words=words(code)) for code in ("a", "b", "c")),
        ),
    ),
)


@pytest.fixture
def shop(world: World) -> Shop:
    """A survey at any time with questions of every kind."""
    programme = published("Mixed", ProgrammeKind.ANY_TIME, FACTS)
    return Shop(world, programme, contact_of(world.customer, "Chen"), contact_of(world.customer, "Li"))


def results(shop: Shop, chosen: ResultsFilter | None = None) -> Results:
    seen = OccasionInvitation.objects.all()
    return results_of(shop.programme, scope_of(shop.programme, seen, chosen or ResultsFilter(), now=NOW))


def ask(shop: Shop, *names: str, level: Level = Level.OPERATIONAL) -> list[OccasionInvitation]:
    contacts = [contact_of(shop.customer, name, level=level) for name in names]
    occasion = shop.ask(*contacts, event="", happened_on=TODAY)
    return list(OccasionInvitation.objects.filter(occasion=occasion).order_by("pk"))


def test_everything_is_counted_with_its_n(shop: Shop) -> None:
    one, two, three, four, failed = ask(shop, "One", "Two", "Three", "Four", "Five")
    say(one, overall="A", numbers={"boxes": Decimal(10)}, choices={"wants": ["a", "b"]})
    say(two, overall="C", numbers={"boxes": Decimal(20)}, choices={"wants": ["a"]}, texts={"why": "Late."})
    say(three, absent=["overall"], numbers={"boxes": Decimal("20.5")})
    OccasionInvitation.objects.filter(pk=failed.pk).update(failed_at=TEN)
    found = results(shop)
    assert (found.occasions, found.asked, found.answered, found.failed) == (1, 4, 3, 1)
    assert found.rate == 0.75
    (overall,) = found.dimensions
    assert (overall.n, overall.absent, overall.mean) == (2, 1, 50)
    assert {each.grade.letter: each.count for each in overall.spread if each.count} == {"A": 1, "C": 1}
    assert [each.grade.letter for each in overall.spread] == ["A", "A-", "B+", "B", "B-", "C", "D"]
    (wants,) = found.choices
    assert (wants.n, [(each.code, each.count) for each in wants.spread]) == (
        2,
        [("a", 2), ("b", 1), ("c", 0)],
    )
    (boxes,) = found.numbers
    assert (boxes.n, boxes.median, boxes.least, boxes.most) == (3, 20, 10, Decimal("20.5"))
    assert [(question.code, count) for question, count in found.texts] == [("why", 1)]
    assert four.answered_at is None


def test_without_answers_there_are_zeros_and_no_means(shop: Shop) -> None:
    found = results(shop)
    assert (found.occasions, found.asked, found.answered, found.rate) == (0, 0, 0, None)
    assert (found.dimensions[0].n, found.dimensions[0].mean) == (0, None)
    assert (found.choices[0].n, found.numbers[0].median) == (0, None)


def test_only_the_current_version_of_an_answer_counts(shop: Shop) -> None:
    (one,) = ask(shop, "One")
    for grade in ("D", "C", "A"):
        say(one, overall=grade)
    assert results(shop).dimensions[0].mean == 100


def test_versions_count_together_by_their_codes(shop: Shop) -> None:
    (one,) = ask(shop, "One")
    say(one, overall="A", texts={"why": "Old."}, choices={"wants": ["c"]})
    draft = draft_survey(shop.programme, author=None, now=MONDAY)
    facts = survey_facts_of(draft)
    wants = replace(facts.questions[2], words=words("What do you want?"))
    changed = replace(facts, questions=(wants,))
    save_draft(draft, facts=changed, expected_digest=facts.digest)
    publish_survey(draft, expected_digest=changed.digest, now=MONDAY)
    (two,) = ask(shop, "Two")
    say(two, overall="B", choices={"wants": ["c"]})
    found = results(shop)
    assert found.dimensions[0].n == 2
    assert (found.choices[0].question.name, found.choices[0].spread[2].count) == ("What do you want?", 2)
    assert [question.code for question, _count in found.texts] == ["why"]


def test_results_of_a_time_a_customer_or_a_level(shop: Shop) -> None:
    (one,) = ask(shop, "One")
    (boss,) = ask(shop, "Boss", level=Level.EXECUTIVE)
    say(one, overall="A")
    say(boss, overall="C")
    OccasionInvitation.objects.filter(pk=boss.pk).update(due_at=TEN - 10 * DAY)

    def mean(**chosen: object) -> float | None:
        return results(shop, ResultsFilter(**chosen)).dimensions[0].mean  # type: ignore[arg-type]

    assert mean() == 50
    assert mean(level="executive") == 0
    assert mean(since=TODAY) == 100
    assert mean(until=TODAY - DAY) == 0
    assert mean(since=TODAY, until=TODAY) == 100
    assert mean(customer_id=shop.customer.pk) == 50
    assert mean(customer_id=shop.world.foreign.pk) is None


def test_everybody_counts_only_what_he_may_see(shop: Shop) -> None:
    (one,) = ask(shop, "One")
    say(one, overall="A")
    meyer = contact_of(shop.world.foreign, "Meyer")
    project = create_project(
        customer=shop.customer, name="P", manager=shop.world.manager, started_on=TODAY, now=MONDAY
    )
    shared = {
        "programme": shop.programme,
        "event": "",
        "happened_on": TODAY,
        "about": "",
        "author": shop.world.owner,
        "now": MONDAY,
    }
    ask_about(customer=shop.world.foreign, contacts=[meyer], **shared)  # type: ignore[arg-type]
    ask_about(customer=shop.customer, contacts=[shop.chen], project=project, **shared)  # type: ignore[arg-type]
    say(OccasionInvitation.objects.get(contact=meyer), overall="C")
    say(OccasionInvitation.objects.get(contact=shop.chen), overall="B")
    counts = {}
    for name, user in shop.world.users.items():
        seen = access.visible_occasion_invitations(user)
        scope = scope_of(shop.programme, seen, ResultsFilter(), now=NOW)
        counts[name] = results_of(shop.programme, scope).answered
        assert len(words_in(scope)) == 0
    assert counts == {
        "owner": 2,
        "mate": 0,
        "lead": 2,
        "stranger": 1,
        "manager": 2,
        "member": 0,
        "executive": 3,
        "admin": 3,
    }
    askers = {name for name, user in shop.world.users.items() if access.may_ask(user, shop.customer)}
    assert askers == {"owner", "lead", "manager", "admin"}
    assert {name for name, user in shop.world.users.items() if access.may_manage_surveys(user)} == {"admin"}


def test_what_was_written_comes_newest_first_with_what_it_answers(shop: Shop) -> None:
    one, two = ask(shop, "One", "Two")
    say(one, overall="C", comments={"overall": "Slow."}, comment="And dear.", texts={"why": "Late."})
    say(two, at=TEN + DAY, overall="A", texts={"why": "Fine."})
    scope = scope_of(shop.programme, OccasionInvitation.objects.all(), ResultsFilter(), now=NOW)
    found = words_in(scope)
    assert found[0].text == "Fine."
    assert {(each.text, each.grade.letter if each.grade else "") for each in found[1:]} == {
        ("Late.", ""),
        ("Slow.", "C"),
        ("And dear.", ""),
    }
    assert [each.text for each in words_in(scope, question="why")] == ["Fine.", "Late."]
    assert [each.text for each in words_in(scope, question="why", limit=1)] == ["Fine."]
    assert found[0].contact.name == "Two"
    assert found[0].customer == shop.customer


def test_the_same_queries_for_three_answers_and_for_thirty(shop: Shop) -> None:
    counts = []
    for many in (3, 27):
        for each in ask(shop, *(f"P{many} {number}" for number in range(many))):
            say(each, overall="C", texts={"why": "x"}, numbers={"boxes": Decimal(1)}, comment="y")
        with CaptureQueriesContext(connection) as queries:
            assert results(shop).answered
            scope = scope_of(shop.programme, OccasionInvitation.objects.all(), ResultsFilter(), now=NOW)
            words_in(scope)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16
