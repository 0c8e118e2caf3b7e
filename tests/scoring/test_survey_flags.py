"""From a grade to a flag and its reasons: at once, between runs, and under a policy older than the survey."""

from __future__ import annotations

import datetime as dt
import importlib

import numpy as np
import pytest
from django.apps import apps
from django.db import connection

from accounts.customers.models import Customer, CustomerStage
from accounts.customers.services import bump
from accounts.surveys.services import confirm_case
from scoring.core.explain import SignalLine
from scoring.core.policy import SignalCode, default_policy
from scoring.models import ChurnFlag, FlagLevel, PolicyState, PolicyVersion, RunKind, ScoringRun
from scoring.policy import active_policy, policy_of
from scoring.queries import as_scores, explanation_of
from scoring.rescore import Rescored, sweep
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office, office_of
from tests.conftest import MONDAY, World
from tests.scoring.book import make_book, numbers, score, scores
from tests.scoring.survey_book import make_surveys
from tests.scoring.test_rescore import full_run_with_the_cuts_of

pytestmark = pytest.mark.django_db

NIGHT = dt.timedelta(hours=14)
BEFORE_THE_SURVEY = 12
FROM_THE_SURVEY = slice(12, 17)


def sweep_at(as_of: dt.datetime) -> Rescored:
    return sweep(limit=1000, as_of=as_of, zone="UTC")


@pytest.fixture
def office(world: World) -> Office:
    """Chen and Li are asked this week, and the customer was scored the night before."""
    CustomerStage.objects.create(
        customer=world.customer, stage="continuing", valid_from=MONDAY.date(), known_at=MONDAY
    )
    made = office_of(world)
    made.invite()
    return made


def points_of(customer: Customer) -> dict[SignalCode, float]:
    explanation = explanation_of(customer)
    assert explanation is not None
    lines = explanation.churn.lines
    assert explanation.churn.score == pytest.approx(sum(line.points for line in lines))
    return {line.code: line.points for line in lines if line.points > 0}


def line_of(customer: Customer, code: SignalCode) -> SignalLine:
    explanation = explanation_of(customer)
    assert explanation is not None
    return next(line for line in explanation.churn.lines if line.code == code)


@pytest.mark.parametrize(
    ("letter", "level", "reasons"),
    [
        ("D", FlagLevel.AT_RISK, {SignalCode.LOW_GRADES, SignalCode.UNACCEPTABLE_GRADE}),
        ("C", FlagLevel.WATCH, {SignalCode.LOW_GRADES}),
        ("B-", FlagLevel.NONE, set()),
    ],
)
def test_a_low_grade_flags_in_the_next_sweep(
    office: Office, letter: str, level: FlagLevel, reasons: set[SignalCode]
) -> None:
    customer = office.world.customer
    score(DUE - NIGHT, kind=RunKind.NIGHTLY)
    others = dict.fromkeys(("quality", "communication", "service", "support"), "A")
    office.say(office.chen, at=DUE + HOUR, delivery=letter, **others)
    assert sweep_at(DUE + HOUR).done == (customer.pk,)
    flag = ChurnFlag.objects.filter(customer=customer).first()
    assert (flag.level if flag else FlagLevel.NONE) == level
    assert set(points_of(customer)) == reasons
    if flag:
        assert flag.opened_at == DUE + HOUR
        assert line_of(customer, SignalCode.LOW_GRADES).input == 1


def test_a_solved_complaint_clears_after_two_nights_and_a_sweep_lowers_nothing(office: Office) -> None:
    customer = office.world.customer
    score(DUE - NIGHT, kind=RunKind.NIGHTLY)
    office.say(office.chen, at=DUE + HOUR, delivery="D", quality="A", communication="A", service="A")
    sweep_at(DUE + HOUR)
    nights = [DUE - NIGHT + number * DAY for number in (1, 2, 3)]
    assert scores(score(nights[0], kind=RunKind.NIGHTLY))[customer.pk].flag_reading == FlagLevel.AT_RISK
    solved = nights[0] + HOUR
    confirm_case(office.case(), invitation=office.invitation(office.chen), now=solved)
    assert sweep_at(solved).done == (customer.pk,)
    assert points_of(customer) == {}
    levels = [scores(score(night, kind=RunKind.NIGHTLY))[customer.pk].flag_level for night in nights[1:]]
    assert levels == [FlagLevel.AT_RISK, FlagLevel.NONE]
    assert ChurnFlag.objects.get().cleared_at == nights[2]


def test_rescored_customers_equal_a_full_run_bit_for_bit(world: World) -> None:
    ids = make_book(150, orders_each=14, first=dt.datetime(2023, 6, 1, tzinfo=dt.UTC))
    make_surveys(ids, last=dt.date(2026, 2, 23), respondents=3)
    night = dt.datetime(2026, 2, 27, 2, tzinfo=dt.UTC)
    score(night - DAY, kind=RunKind.NIGHTLY)
    run, later = score(night, kind=RunKind.NIGHTLY), night + 5 * DAY
    before = scores(run)
    touched = ids[::7]
    bump(touched)
    assert set(sweep_at(later).done) >= set(touched)
    full, after = full_run_with_the_cuts_of(run, later), scores(run)
    own = {"customer_id", "input_version", "flag_reading", "flag_level"}
    for pk in touched:
        stored, expected = as_scores(after[pk]).to_columns(), full[pk].to_columns()
        for name in set(expected) - own:
            assert repr(stored[name].tolist()) == repr(expected[name].tolist()), (pk, name)
    assert all(numbers(after[pk]) == numbers(before[pk]) for pk in set(ids) - set(touched))
    inputs = np.array([after[pk].churn_inputs[FROM_THE_SURVEY] for pk in touched], dtype=np.float64)
    assert not np.isnan(inputs).all(axis=0).any()
    assert (inputs != [before[pk].churn_inputs[FROM_THE_SURVEY] for pk in touched]).any()


def before_the_survey(world: World, **fields: object) -> PolicyVersion:
    """The product's default without the signals of the survey, active."""
    values = default_policy().to_plain()
    values["churn"]["signals"] = values["churn"]["signals"][:BEFORE_THE_SURVEY]
    return PolicyVersion.objects.create(
        **{"number": 1, "state": PolicyState.ACTIVE, "values": values, "activated_at": MONDAY, **fields}
    )


def migrate() -> None:
    """As an installation that is behind does it: one version by each migration that added signals."""
    for name in ("0004_satisfaction", "0008_needs_and_contracts"):
        module = importlib.import_module(f"scoring.migrations.{name}")
        with connection.schema_editor() as editor:
            module.renew_default(apps, editor)


def test_a_run_of_an_older_policy_is_still_explained_and_rescored(office: Office) -> None:
    customer, old = office.world.customer, before_the_survey(office.world)
    run = score(DUE - NIGHT, kind=RunKind.NIGHTLY)
    assert run.policy == old
    migrate()
    office.say(office.chen, at=DUE + HOUR, delivery="D")
    assert sweep_at(DUE + HOUR).done == (customer.pk,)
    explanation = explanation_of(customer)
    assert explanation is not None
    assert {line.code for line in explanation.churn.lines} == {
        signal.code for signal in policy_of(old).churn.signals
    }
    assert len(explanation.score.churn_inputs) == BEFORE_THE_SURVEY
    assert explanation.facts.low_grades.tolist() == [1]
    assert not ChurnFlag.objects.exists()
    following = score(DUE - NIGHT + DAY, kind=RunKind.NIGHTLY)
    assert following.policy.number == 3
    assert ChurnFlag.objects.get().level == FlagLevel.AT_RISK
    earlier = explanation_of(customer, ScoringRun.objects.get(pk=run.pk))
    assert earlier is not None
    assert len(earlier.churn.lines) == BEFORE_THE_SURVEY


def test_the_products_own_policy_is_followed_by_one_that_reads_the_survey(world: World) -> None:
    old = before_the_survey(world)
    migrate()
    new = active_policy()
    assert (new.number, new.created_by, policy_of(new)) == (3, None, default_policy())
    old.refresh_from_db()
    assert (old.state, len(policy_of(old).churn.signals)) == (
        PolicyState.RETIRED,
        BEFORE_THE_SURVEY,
    )
    migrate()
    assert PolicyVersion.objects.count() == 3


def test_a_policy_that_somebody_chose_is_left_alone(world: World) -> None:
    chosen = before_the_survey(world, created_by=world.admin)
    migrate()
    assert active_policy() == chosen
    assert PolicyVersion.objects.count() == 1


def test_without_a_policy_there_is_nothing_to_renew(world: World) -> None:
    migrate()
    assert not PolicyVersion.objects.exists()
    assert policy_of(active_policy()) == default_policy()
