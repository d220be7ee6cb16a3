"""Units in service by production month, and complaints by months in service: the data of a Nevada chart (DOMAIN §2).

Months in service of a unit = month of the event - month of its shipment, in calendar months; 0: the month of shipment.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

MAX_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Movement:
    """Units of one production month that were shipped, returned or scrapped in a month."""

    produced: date
    month: date
    movement: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Reported:
    """Complaints about units of one production month; `shipped` is None where nothing says when the unit left."""

    produced: date
    shipped: date | None
    event: date
    count: int


@dataclass(frozen=True, slots=True)
class Cell:
    months_in_service: int
    units: int
    complaints: int


@dataclass(frozen=True, slots=True)
class Cohort:
    produced: date
    moved: Mapping[str, int]
    """Movement -> units, up to the end of `as_of`."""
    complaints: int
    cells: list[Cell]

    @property
    def in_service(self) -> int:
        """Shipped less returned less scrapped; never below 0, whatever the books say."""
        return max(0, self.moved["shipped"] - self.moved["returned"] - self.moved["scrapped"])


def months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def cohorts(movements: Iterable[Movement], reported: Iterable[Reported], as_of: date) -> list[Cohort]:
    """A row per production month, oldest first; what moved or was reported after the month `as_of` is left out."""
    moved: dict[date, list[Movement]] = defaultdict(list)
    told: dict[date, list[Reported]] = defaultdict(list)
    for movement in movements:
        if movement.month <= as_of:
            moved[movement.produced].append(movement)
    for report in reported:
        if report.event <= as_of:
            told[report.produced].append(report)
    return [_cohort(month, moved[month], told[month], as_of) for month in sorted({*moved, *told})]


def _cohort(produced: date, moved: list[Movement], told: list[Reported], as_of: date) -> Cohort:
    lives = _lives(moved, as_of)
    first = min((each.month for each in moved if each.movement == "shipped"), default=produced)
    complaints: dict[int, int] = defaultdict(int)
    for report in told:
        complaints[max(0, months_between(report.shipped or first, report.event))] += report.count
    longest = max([*(months for months, _ in lives), *complaints], default=-1)
    cells = [
        Cell(k, sum(units for months, units in lives if months >= k), complaints[k])
        for k in range(min(longest, MAX_MONTHS) + 1)
    ]
    totals = {
        name: sum(e.quantity for e in moved if e.movement == name) for name in ("shipped", "returned", "scrapped")
    }
    return Cohort(produced, totals, sum(report.count for report in told), cells)


def _lives(moved: Iterable[Movement], as_of: date) -> list[tuple[int, int]]:
    """(months in service that were reached, units). Which units came back is not known: those shipped first are taken
    to come back first, and count for every month up to that of their return."""
    shipped = sorted((e.month, e.quantity) for e in moved if e.movement == "shipped")
    left = [units for _, units in shipped]
    lives: list[tuple[int, int]] = []
    for month, quantity in sorted((e.month, e.quantity) for e in moved if e.movement != "shipped"):
        waiting = quantity
        for n, (since, _) in enumerate(shipped):
            taken = min(left[n], waiting) if since <= month else 0
            left[n] -= taken
            waiting -= taken
            if taken:
                lives.append((months_between(since, month), taken))
    still = [(months_between(since, as_of), units) for (since, _), units in zip(shipped, left, strict=True) if units]
    return lives + still
