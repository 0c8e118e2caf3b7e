"""An explanation as a page shows it: lines with label, sentence and points, ready for a template."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import sentences, wording
from crm.templatetags.formats import MISSING, money, money_whole, number, percent, span
from scoring.core.bg_nbd import BgNbdFit
from scoring.core.explain import IndicatorLine, SignalLine
from scoring.core.gamma_gamma import GammaGammaFit
from scoring.core.lifetime_value import PurchaseHistory, expected_value_of_one
from scoring.core.policy import IndicatorCode, Policy
from scoring.core.results import Cuts
from scoring.core.signals import SIGNALS
from scoring.core.state import CustomerState
from scoring.models import FlagLevel, Tier
from scoring.policy import cuts_of, policy_of
from scoring.queries import Explanation

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PROFIT_INDICATORS = frozenset(
    {
        IndicatorCode.GROSS_PROFIT,
        IndicatorCode.CUSTOMER_PROFIT,
        IndicatorCode.GROSS_MARGIN,
        IndicatorCode.EXPECTED_VALUE,
    }
)


WEEKS_OF_A_YEAR = 52


@dataclass(frozen=True)
class IndicatorRow:
    label: str | _StrPromise
    meaning: str | _StrPromise
    points: float
    detail: str


@dataclass(frozen=True)
class SignalRow:
    """``kind``: whether the customer told us or went silent."""

    label: _StrPromise
    kind: str
    sentence: str
    points: float

    @property
    def detail(self) -> str:
        return f"{self.kind} · {self.sentence}"


@dataclass(frozen=True)
class Facts:
    """Names and values of one step of a calculation."""

    title: str
    pairs: list[tuple[str, str]]


def indicator_rows(explanation: Explanation, *, may_see_profit: bool) -> list[IndicatorRow]:
    """One row per indicator; who may not see profit gets those about profit as one sum.

    Not even their points one by one: with the weight they would tell the customer's place.
    """
    lines = explanation.value.lines
    shown = [line for line in lines if may_see_profit or line.code not in PROFIT_INDICATORS]
    rows = [_indicator_row(line) for line in shown]
    return rows if may_see_profit else [*rows, _profit_row(lines)]


def signal_rows(explanation: Explanation) -> list[SignalRow]:
    """One row per signal, worst first."""
    facts = _facts(explanation)
    return [_signal_row(line, facts) for line in explanation.churn.lines]


def opened_by(explanation: Explanation) -> list[str | _StrPromise]:
    """The signals that need no second reading for the present level; empty where readings gave it."""
    churn = explanation.churn
    if not churn.level:
        return []
    return [
        wording.SIGNALS[line.code]
        for line in churn.lines
        if line.severity > 0 and SIGNALS[line.code].opens_at_once >= churn.level
    ]


def purchase_facts(explanation: Explanation) -> list[Facts]:
    """What he earned us, and how the expected value came about: what he did, what the book says, what
    follows."""
    policy, cuts, state = _parts(explanation)
    steps = []
    if len(state):
        steps += [_earned(state, policy), _his_purchases(state, cuts)]
    steps.append(_models(cuts))
    steps.append(_outcome(explanation, policy, cuts))
    return steps


def _parts(explanation: Explanation) -> tuple[Policy, Cuts, CustomerState]:
    return policy_of(explanation.run.policy), cuts_of(explanation.run.pk), explanation.facts


def _facts(explanation: Explanation) -> sentences.Facts | None:
    policy, cuts, state = _parts(explanation)
    if not len(state):
        return None
    return sentences.Facts(state, cuts.as_of_day, policy, settings.BASE_CURRENCY)


def _indicator_row(line: IndicatorLine) -> IndicatorRow:
    value, place = sentences.indicator_input(line, settings.BASE_CURRENCY), sentences.indicator_place(line)
    return IndicatorRow(
        label=wording.INDICATORS[line.code],
        meaning=wording.INDICATOR_MEANINGS[line.code],
        points=line.points,
        detail=_("%(input)s, %(place)s × weight %(weight)s")
        % {"input": value, "place": place, "weight": percent(line.weight, 1)},
    )


def _profit_row(lines: Iterable[IndicatorLine]) -> IndicatorRow:
    hidden = [line for line in lines if line.code in PROFIT_INDICATORS]
    return IndicatorRow(
        label=_("Profit and expected value"),
        meaning=_("Everything that tells of profit, and expected future value, as one sum."),
        points=sum(line.points for line in hidden),
        detail=_("not shown to you one by one"),
    )


def _signal_row(line: SignalLine, facts: sentences.Facts | None) -> SignalRow:
    return SignalRow(
        label=wording.SIGNALS[line.code],
        kind=str(wording.SIGNAL_KINDS[line.kind]),
        sentence=sentences.signal(line, facts) if facts else MISSING,
        points=line.points,
    )


def _earned(state: CustomerState, policy: Policy) -> Facts:
    """Sales down to what remains; without known direct costs only as far as that goes."""

    def exact(minor: float) -> str:
        return money(round(minor), settings.BASE_CURRENCY)

    sales, costed, direct, serving = (
        float(column[0])
        for column in (state.sales, state.costed_sales, state.direct_cost, state.cost_to_serve)
    )
    pairs = [(_("Sales"), exact(sales))]
    if costed != sales:
        pairs.append((_("of which with a known direct cost"), exact(costed)))
    if costed or direct:
        pairs += [(_("Direct cost"), exact(direct)), (_("Gross profit"), exact(costed - direct))]
    pairs.append((_("Cost to serve"), exact(serving) if serving > 0 else _("none recorded")))
    if (costed or direct) and serving > 0:
        pairs.append((_("What remains"), exact(costed - direct - serving)))
    return Facts(_("What the customer earned us in %(span)s") % {"span": span(policy.window_days)}, pairs)


def _his_purchases(state: CustomerState, cuts: Cuts) -> Facts:
    history = PurchaseHistory.of(state, cuts.as_of_day)
    currency = settings.BASE_CURRENCY
    mean = round(float(history.mean_value[0]))
    return Facts(
        _("What the customer did"),
        [
            (_("Purchase days"), number(float(state.purchase_days[0]))),
            (_("Repeat purchases"), number(float(history.x[0]))),
            (_("First to last purchase"), _weeks(float(history.t_x[0]))),
            (_("First purchase to today"), _weeks(float(history.age[0]))),
            (
                _("Mean value of a repeat purchase"),
                money_whole(mean, currency) if history.x[0] else MISSING,
            ),
        ],
    )


def _models(cuts: Cuts) -> Facts:
    """What the two models say of a customer of the book, in words; `model_notes` has their parameters."""
    purchases, values = cuts.lifetime.purchases, cuts.lifetime.values
    pairs: list[tuple[str, str]] = []
    if isinstance(purchases, BgNbdFit):
        rate, drop_out = purchases.r / purchases.alpha, purchases.a / (purchases.a + purchases.b)
        pairs += [
            (
                _("Buying rate"),
                _("%(number)s purchases a year, while active")
                % {"number": number(rate * WEEKS_OF_A_YEAR, 1)},
            ),
            (_("Drop-out"), _("%(share)s leave after a purchase") % {"share": percent(drop_out, 2)}),
            (_("Both learnt from"), _customers(purchases.customers)),
        ]
    else:
        pairs.append((_("Buying rate and drop-out"), sentences.refusal(purchases)))
    if isinstance(values, GammaGammaFit):
        # Without a mean the fit is refused: q is above 1.
        mean = round(values.p * values.gamma / (values.q - 1))
        pairs += [
            (_("Value of one purchase"), money_whole(mean, settings.BASE_CURRENCY)),
            (_("Learnt from"), _customers(values.customers)),
        ]
    else:
        pairs.append((_("Value of one purchase"), sentences.refusal(values)))
    return Facts(_("What all customers do, on average"), pairs)


def _weeks(count: float) -> str:
    return _("%(number)s weeks") % {"number": number(count, 1)}


def _customers(count: int) -> str:
    text = ngettext("%(number)s customer", "%(number)s customers", count)
    return text % {"number": number(count)}


def model_notes(explanation: Explanation) -> list[str]:
    """The models' own names and parameters, for whoever computes it again."""
    cuts = cuts_of(explanation.run.pk)
    purchases, values = cuts.lifetime.purchases, cuts.lifetime.values
    notes = []
    if isinstance(purchases, BgNbdFit):
        text = _("Purchases by BG/NBD: r %(r)s, alpha %(alpha)s, a %(a)s, b %(b)s.")
        notes.append(text % {name: number(getattr(purchases, name), 3) for name in ("r", "alpha", "a", "b")})
    if isinstance(values, GammaGammaFit):
        text = _("Values by Gamma-Gamma: p %(p)s, q %(q)s, gamma %(gamma)s.")
        notes.append(text % {name: number(getattr(values, name), 2) for name in ("p", "q", "gamma")})
    return notes


def _outcome(explanation: Explanation, policy: Policy, cuts: Cuts) -> Facts:
    value, lifetime, currency = explanation.value, policy.lifetime, settings.BASE_CURRENCY
    pairs = [
        (
            _("Probability of still being active"),
            MISSING if value.p_alive is None else percent(value.p_alive, 1),
        ),
        (
            _("Purchases expected in %(weeks)s weeks") % {"weeks": number(lifetime.horizon_weeks)},
            MISSING if value.expected_purchases is None else number(value.expected_purchases, 2),
        ),
    ]
    if value.expected_value is not None and len(explanation.facts):
        one = expected_value_of_one(explanation.facts, cuts.lifetime, lifetime, cuts.as_of_day)
        pairs += [
            (_("Expected value of one purchase"), money_whole(round(one.value), currency)),
            (_("Margin"), percent(one.margin, 1)),
            (_("Discount to today"), number(one.discount, 3)),
        ]
    expected = None if value.expected_value is None else round(value.expected_value)
    return Facts(_("Result"), [*pairs, (_("Expected value"), money_whole(expected, currency))])


@dataclass(frozen=True)
class Threshold:
    """Where a tier or a level begins; ``clear`` is where a level ends again."""

    name: str
    code: str
    enter: float | None
    clear: float | None = None


def tier_cuts(explanation: Explanation) -> list[Threshold]:
    """The lowest score of each tier in this run, highest first."""
    cuts = cuts_of(explanation.run.pk).tier_cuts
    names = (Tier.STRATEGIC, Tier.CORE, Tier.KEY)
    return [Threshold(str(tier.label), tier.code, cut) for tier, cut in zip(names, cuts, strict=True)]


def level_thresholds(explanation: Explanation) -> list[Threshold]:
    """Enter and clear scores of the churn levels under the run's policy, lowest first."""
    policy = policy_of(explanation.run.policy).churn
    names = (FlagLevel.WATCH, FlagLevel.AT_RISK, FlagLevel.CRITICAL)
    return [
        Threshold(str(level.label), level.code, rule.enter, rule.clear)
        for level, rule in zip(names, policy.levels, strict=True)
    ]


def kept_level(explanation: Explanation) -> Threshold | None:
    """The present level, where the score is below its beginning and not yet below its end."""
    churn = explanation.churn
    if not churn.level or churn.level != churn.reading or opened_by(explanation):
        return None
    level = level_thresholds(explanation)[churn.level - 1]
    if level.enter is None or level.clear is None:
        return None
    return level if level.clear <= churn.score < level.enter else None
