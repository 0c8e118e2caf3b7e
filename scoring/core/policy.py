"""Scoring policy: every number that a person may choose. Immutable; the database stores versions as JSON."""

from dataclasses import dataclass
from enum import StrEnum

from .plain import Plain, require


class IndicatorCode(StrEnum):
    """Indicators of the value score (docs/scoring.md, section 3)."""

    TOTAL_SALES = "total_sales"
    GROSS_PROFIT = "gross_profit"
    CUSTOMER_PROFIT = "customer_profit"
    GROSS_MARGIN = "gross_margin"
    AVERAGE_PRICE = "average_price"
    ORDER_CONTINUITY = "order_continuity"
    EXPECTED_VALUE = "expected_value"


class Normalisation(StrEnum):
    """How an indicator is brought to 0..1 (docs/scoring.md, section 4)."""

    PERCENTILE = "percentile"
    MIN_MAX = "min_max"
    Z_SCORE = "z_score"


class TierMethod(StrEnum):
    """What tier cuts are: cumulative shares of rank from the top, or scores."""

    SHARE = "share"
    SCORE = "score"


class SignalCode(StrEnum):
    """Churn signals (docs/scoring.md, section 7)."""

    RHYTHM_BROKEN = "rhythm_broken"
    EXPECTED_PURCHASES_MISSED = "expected_purchases_missed"
    P_ALIVE_LOW = "p_alive_low"
    SALES_DECLINE = "sales_decline"
    ONE_ORDER = "one_order"
    SILENCE_EXECUTIVE = "silence_executive"
    SILENCE_MANAGEMENT = "silence_management"
    SILENCE_SPECIALIST = "silence_specialist"
    SILENCE_OPERATIONAL = "silence_operational"
    SUPPORTER_LEFT = "supporter_left"
    NEGATIVE_SENTIMENT = "negative_sentiment"
    MARKED_LOST = "marked_lost"
    INDEX_LOW = "index_low"
    INDEX_FALLING = "index_falling"
    LOW_GRADES = "low_grades"
    UNACCEPTABLE_GRADE = "unacceptable_grade"
    SURVEY_SILENCE = "survey_silence"
    OVERDUE_NEED = "overdue_need"
    OVERDUE_ACTION = "overdue_action"
    CONTRACT_ENDING = "contract_ending"
    CONTRACT_ENDED = "contract_ended"
    COMPETITOR_RISING = "competitor_rising"
    SINGLE_CONTACT = "single_contact"


@dataclass(frozen=True)
class IndicatorPolicy(Plain):
    """Weight (any positive unit, re-scaled), direction and normalisation of one indicator.

    `winsor_share`: share of customers beyond each winsorised end (min_max only).
    """

    code: IndicatorCode
    weight: float
    normalisation: Normalisation = Normalisation.PERCENTILE
    higher_is_better: bool = True
    winsor_share: float = 0.01

    def __post_init__(self) -> None:
        require(self.weight >= 0, f"The weight of {self.code} must not be negative.")
        require(0 <= self.winsor_share < 0.5, f"The winsor share of {self.code} must be from 0 to below 0.5.")


@dataclass(frozen=True)
class LifetimePolicy(Plain):
    """Expected future value. `weight` is its share of the score; the indicators share the rest.

    `default_margin` is used where neither the customer nor the book has a known cost.
    """

    weight: float = 0.3
    normalisation: Normalisation = Normalisation.PERCENTILE
    winsor_share: float = 0.01
    horizon_weeks: float = 52.0
    yearly_discount_rate: float = 0.10
    default_margin: float = 0.25
    min_repeat_customers: int = 30
    max_value_correlation: float = 0.3

    def __post_init__(self) -> None:
        require(0 <= self.weight <= 1, "The weight of the expected value must be from 0 to 1.")
        require(
            0 <= self.winsor_share < 0.5,
            "The winsor share of the expected value must be from 0 to below 0.5.",
        )
        require(self.horizon_weeks > 0, "The horizon must be longer than 0 weeks.")
        require(self.yearly_discount_rate >= 0, "The discount rate must not be negative.")
        require(-1 <= self.default_margin <= 1, "The default margin must be from -1 to 1.")
        require(self.min_repeat_customers >= 2, "A fit needs at least 2 repeat customers.")
        require(0 < self.max_value_correlation <= 1, "The largest correlation must be above 0 and at most 1.")


@dataclass(frozen=True)
class TierPolicy(Plain):
    """Cuts for strategic, core and key (the rest is standard), and what keeps a tier from flickering.

    `margin` in score points; `draws`, `weight_spread`, `seed`: the weight draws behind "borderline".
    """

    method: TierMethod = TierMethod.SHARE
    cuts: tuple[float, ...] = (0.05, 0.20, 0.50)
    margin: float = 2.0
    second_run_confirms: bool = True
    draws: int = 32
    weight_spread: float = 0.10
    seed: int = 1

    def __post_init__(self) -> None:
        require(len(self.cuts) == 3, "Tiers need three cuts: strategic, core and key.")
        strategic, core, key = self.cuts
        if self.method is TierMethod.SHARE:
            require(0 < strategic < core < key < 1, "Share cuts must rise and lie between 0 and 1.")
        else:
            require(100 >= strategic > core > key >= 0, "Score cuts must fall and lie between 100 and 0.")
        require(self.margin >= 0, "The margin must not be negative.")
        require(0 <= self.draws <= 1000, "The number of weight draws must be from 0 to 1000.")
        require(0 <= self.weight_spread < 1, "The spread of the weight draws must be from 0 to below 1.")
        require(self.seed >= 0, "The seed must not be negative.")


@dataclass(frozen=True)
class SignalPolicy(Plain):
    """Largest points of a signal; the inputs where its severity leaves 0 (`start`) and reaches 1 (`full`).

    `start` may lie above `full`: then lower inputs are worse.
    """

    code: SignalCode
    points: float
    start: float
    full: float

    def __post_init__(self) -> None:
        require(0 <= self.points <= 100, f"The points of {self.code} must be from 0 to 100.")
        require(self.start != self.full, f"Start and full of {self.code} must differ.")


@dataclass(frozen=True)
class LevelPolicy(Plain):
    """Churn score at which a level is entered, and below which it is left."""

    enter: float
    clear: float

    def __post_init__(self) -> None:
        require(0 < self.clear <= self.enter <= 100, "A level needs 0 < clear <= enter <= 100.")


@dataclass(frozen=True)
class ChurnPolicy(Plain):
    """Signals in the order of the stored arrays, and the levels watch, at risk and critical.

    `rhythm_prior_gaps`: how many gaps of evidence the book's evenness weighs against the customer's own.
    `decline_min_orders`: purchase days that his rhythm must put into `Policy.recent_days` before two such
    spans are compared. A previous reading counts when it is from `min_days` to `max_days` old.
    """

    signals: tuple[SignalPolicy, ...]
    watch: LevelPolicy = LevelPolicy(25.0, 18.0)
    at_risk: LevelPolicy = LevelPolicy(45.0, 36.0)
    critical: LevelPolicy = LevelPolicy(65.0, 55.0)
    rhythm_prior_gaps: float = 5.0
    decline_min_orders: float = 2.0
    reading_min_days: float = 0.5
    reading_max_days: float = 4.0

    def __post_init__(self) -> None:
        codes = [signal.code for signal in self.signals]
        require(len(codes) == len(set(codes)), "A churn signal is listed twice.")
        enters = [level.enter for level in self.levels]
        clears = [level.clear for level in self.levels]
        require(enters == sorted(set(enters)), "The enter thresholds must rise from watch to critical.")
        require(clears == sorted(clears), "The clear thresholds must not fall from watch to critical.")
        require(self.rhythm_prior_gaps > 0, "The prior gaps must be above 0.")
        require(self.decline_min_orders > 0, "The orders a comparison needs must be above 0.")
        require(
            0 <= self.reading_min_days < self.reading_max_days,
            "A reading needs 0 <= its least < its most days.",
        )
        for signal in self.signals:
            if signal.code is SignalCode.P_ALIVE_LOW:
                require(
                    signal.points < self.watch.enter,
                    "P(alive) must not open a flag alone: regular business orders saturate it. "
                    "Give p_alive_low fewer points than the watch level.",
                )

    @property
    def levels(self) -> tuple[LevelPolicy, ...]:
        """Watch, at risk, critical."""
        return (self.watch, self.at_risk, self.critical)


@dataclass(frozen=True)
class Policy(Plain):
    """One version of how customers are scored.

    `window_days`: how far back sales, profit, price and continuity look. `recent_days`: the span that
    sales_decline compares with the same days one year earlier.
    """

    indicators: tuple[IndicatorPolicy, ...]
    churn: ChurnPolicy
    lifetime: LifetimePolicy = LifetimePolicy()
    tiers: TierPolicy = TierPolicy()
    window_days: int = 1461
    recent_days: int = 90

    def __post_init__(self) -> None:
        codes = [indicator.code for indicator in self.indicators]
        require(len(codes) == len(set(codes)), "An indicator is listed twice.")
        require(
            IndicatorCode.EXPECTED_VALUE not in codes,
            "The expected value has its weight in `lifetime`, not in the list.",
        )
        require(
            sum(indicator.weight for indicator in self.indicators) > 0,
            "At least one indicator needs a weight.",
        )
        require(self.window_days >= 1, "The window must have at least one day.")
        require(1 <= self.recent_days <= 365, "The recent span must be from 1 to 365 days.")

    @property
    def components(self) -> tuple[IndicatorPolicy, ...]:
        """The score's components in the order of the stored arrays; weights sum to 1, expected value last."""
        total = sum(indicator.weight for indicator in self.indicators)
        past = tuple(
            IndicatorPolicy(
                indicator.code,
                (1.0 - self.lifetime.weight) * indicator.weight / total,
                indicator.normalisation,
                indicator.higher_is_better,
                indicator.winsor_share,
            )
            for indicator in self.indicators
        )
        future = IndicatorPolicy(
            IndicatorCode.EXPECTED_VALUE,
            self.lifetime.weight,
            self.lifetime.normalisation,
            winsor_share=self.lifetime.winsor_share,
        )
        return (*past, future)


def default_policy() -> Policy:
    """The policy a new installation starts with."""
    return Policy(
        indicators=(
            IndicatorPolicy(IndicatorCode.TOTAL_SALES, 0.25),
            IndicatorPolicy(IndicatorCode.GROSS_PROFIT, 0.35),
            IndicatorPolicy(IndicatorCode.GROSS_MARGIN, 0.15),
            IndicatorPolicy(IndicatorCode.AVERAGE_PRICE, 0.10),
            IndicatorPolicy(IndicatorCode.ORDER_CONTINUITY, 0.15),
        ),
        churn=ChurnPolicy(
            signals=(
                SignalPolicy(SignalCode.RHYTHM_BROKEN, 30.0, start=0.10, full=0.01),
                SignalPolicy(SignalCode.EXPECTED_PURCHASES_MISSED, 15.0, start=2.0, full=5.0),
                SignalPolicy(SignalCode.P_ALIVE_LOW, 10.0, start=0.5, full=0.1),
                SignalPolicy(SignalCode.SALES_DECLINE, 20.0, start=-0.3, full=-0.8),
                SignalPolicy(SignalCode.ONE_ORDER, 30.0, start=0.5, full=0.95),
                SignalPolicy(SignalCode.SILENCE_EXECUTIVE, 10.0, start=180.0, full=365.0),
                SignalPolicy(SignalCode.SILENCE_MANAGEMENT, 8.0, start=90.0, full=180.0),
                SignalPolicy(SignalCode.SILENCE_SPECIALIST, 6.0, start=60.0, full=120.0),
                SignalPolicy(SignalCode.SILENCE_OPERATIONAL, 6.0, start=45.0, full=90.0),
                SignalPolicy(SignalCode.SUPPORTER_LEFT, 20.0, start=365.0, full=90.0),
                SignalPolicy(SignalCode.NEGATIVE_SENTIMENT, 15.0, start=0.0, full=3.0),
                SignalPolicy(SignalCode.MARKED_LOST, 100.0, start=0.0, full=1.0),
                SignalPolicy(SignalCode.INDEX_LOW, 30.0, start=50.0, full=20.0),
                SignalPolicy(SignalCode.INDEX_FALLING, 20.0, start=-2.0, full=-6.0),
                SignalPolicy(SignalCode.LOW_GRADES, 25.0, start=0.0, full=1.0),
                SignalPolicy(SignalCode.UNACCEPTABLE_GRADE, 25.0, start=0.0, full=-100.0),
                SignalPolicy(SignalCode.SURVEY_SILENCE, 15.0, start=2.0, full=6.0),
                SignalPolicy(SignalCode.OVERDUE_NEED, 15.0, start=0.0, full=30.0),
                SignalPolicy(SignalCode.OVERDUE_ACTION, 6.0, start=7.0, full=30.0),
                SignalPolicy(SignalCode.CONTRACT_ENDING, 15.0, start=90.0, full=0.0),
                SignalPolicy(SignalCode.CONTRACT_ENDED, 30.0, start=180.0, full=60.0),
                SignalPolicy(SignalCode.COMPETITOR_RISING, 15.0, start=5.0, full=20.0),
                SignalPolicy(SignalCode.SINGLE_CONTACT, 6.0, start=2.0, full=1.0),
            ),
        ),
    )
