"""From what SQL counted to what is published: every value with its n (DOMAIN §2, common rules)."""

from dataclasses import dataclass

from analytics.kpi import wilson
from analytics.kpi.catalogue import Definition


@dataclass(frozen=True)
class Counted:
    """`n` rows with a value, their sum, their quantiles where the figure is a duration, rows shown beside them."""

    dimension: str
    n: int
    total: float
    p50: float | None = None
    p90: float | None = None
    pending: int = 0


@dataclass(frozen=True)
class Figure:
    """`value` is the mean of a duration, the share of a ratio, the sum of money or a count; None when n is 0.

    A count and a sum of nothing are 0, a mean or a share of nothing does not exist.
    """

    key: str
    unit: str
    clock: str
    dimension: str
    n: int
    value: float | None
    p50: float | None = None
    p90: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    pending: int = 0


def figure(definition: Definition, counted: Counted) -> Figure:
    n, total = counted.n, counted.total
    value, numerator, denominator, low, high = None, None, None, None, None
    match definition.kind:
        case "duration":
            value = total / n if n else None
        case "count":
            value = float(n)
        case "money":
            value = total
        case "ratio":
            numerator, denominator = total, float(n)
            value = total / n if n else None
            low, high = wilson.interval(total, n) or (None, None)
    return Figure(
        key=definition.key,
        unit=definition.unit,
        clock=definition.clock,
        dimension=counted.dimension,
        n=n,
        value=value,
        p50=counted.p50,
        p90=counted.p90,
        numerator=numerator,
        denominator=denominator,
        ci_low=low,
        ci_high=high,
        pending=counted.pending,
    )
