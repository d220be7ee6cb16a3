from dataclasses import dataclass
from math import sqrt

from analytics.kpi import wilson


@dataclass(frozen=True)
class Share:
    """`successes` of `n` observations."""

    successes: float
    n: int


@dataclass(frozen=True)
class Change:
    """A difference of two shares (-1..1) and its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def significant(self) -> bool:
        """Only a change whose interval leaves out nought is one."""
        return self.low > 0 or self.high < 0


def change(now: Share, before: Share) -> Change | None:
    """Share now less share before, of two independent samples; None when either has no observation.

    Interval: R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10: the Wilson limits of each share,
    squared and added (DOMAIN §2, CSAT change). Holds its 95 % with few answers and with shares of 0 and 1, where the
    difference of means and its standard error do not.
    """
    limits_now, limits_before = wilson.interval(now.successes, now.n), wilson.interval(before.successes, before.n)
    if limits_now is None or limits_before is None:
        return None
    p, q = now.successes / now.n, before.successes / before.n
    down = sqrt((p - limits_now[0]) ** 2 + (limits_before[1] - q) ** 2)
    up = sqrt((limits_now[1] - p) ** 2 + (q - limits_before[0]) ** 2)
    return Change(p - q, p - q - down, p - q + up)
