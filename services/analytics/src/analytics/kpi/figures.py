"""From what SQL counted to what is published: every value with its n (DOMAIN §2, common rules)."""

from dataclasses import dataclass, replace
from datetime import datetime

from analytics.kpi import newcombe, wilson
from analytics.kpi.definition import Definition
from analytics.kpi.newcombe import Share
from analytics.kpi.windows import Window


@dataclass(frozen=True)
class Counted:
    """`n` rows with a value, their sum, their quantiles where the figure has them, rows shown beside them."""

    dimension: str
    n: int
    total: float
    p50: float | None = None
    p90: float | None = None
    pending: int = 0

    @property
    def mean(self) -> float | None:
        return self.total / self.n if self.n else None


@dataclass(frozen=True)
class Baseline:
    """What a change compares with: the same rows, counted over another period."""

    window: Window
    counted: Counted


@dataclass(frozen=True)
class Figure:
    """`value` is a mean, the share of a ratio, the sum of money, a count or a change; None where there is none.

    A count and a sum of nothing are 0, a mean or a share of nothing does not exist; a change needs observations in
    both periods.
    """

    key: str
    unit: str
    clock: str
    dimension: str
    n: int
    value: float | None = None
    p50: float | None = None
    p90: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    pending: int = 0
    baseline_n: int | None = None
    baseline_value: float | None = None
    baseline_from: datetime | None = None
    baseline_to: datetime | None = None
    significant: bool | None = None


def figure(definition: Definition, counted: Counted, baseline: Baseline | None = None) -> Figure:
    bare = Figure(
        key=definition.key,
        unit=definition.unit,
        clock=definition.clock,
        dimension=counted.dimension,
        n=counted.n,
        p50=counted.p50,
        p90=counted.p90,
        pending=counted.pending,
    )
    match definition.kind:
        case "duration" | "mean":
            return replace(bare, value=counted.mean)
        case "count":
            return replace(bare, value=float(counted.n))
        case "money":
            return replace(bare, value=counted.total)
        case "ratio":
            low, high = wilson.interval(counted.total, counted.n) or (None, None)
            return replace(_share(bare, counted), value=counted.mean, ci_low=low, ci_high=high)
        case "change":
            return _change(_share(bare, counted), counted, baseline)


def _share(bare: Figure, counted: Counted) -> Figure:
    return replace(bare, numerator=counted.total, denominator=float(counted.n))


def _change(bare: Figure, now: Counted, baseline: Baseline | None) -> Figure:
    """In percentage points: CSAT(period) - CSAT(baseline), DOMAIN §2."""
    if baseline is None:
        return bare
    before = baseline.counted
    compared = replace(
        bare,
        baseline_n=before.n,
        baseline_value=before.mean,
        baseline_from=baseline.window.start,
        baseline_to=baseline.window.end,
    )
    found = newcombe.change(Share(now.total, now.n), Share(before.total, before.n))
    if found is None:
        return compared
    return replace(
        compared,
        value=100 * found.value,
        ci_low=100 * found.low,
        ci_high=100 * found.high,
        significant=found.significant,
    )
