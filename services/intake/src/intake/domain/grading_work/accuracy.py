"""Grading accuracy: 1 - n(regraded because wrong) / n(graded) (DOMAIN §2)."""

from dataclasses import dataclass
from math import sqrt

_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Figure:
    key: str
    n: int
    """Grades given. A grade counts as wrong when the next one of its complaint carries `wrong_then`."""
    wrong: int
    too_low: int
    too_high: int

    @property
    def accuracy(self) -> float | None:
        return 1 - self.wrong / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 %: Wilson, 1927; holds for few grades and for none wrong."""
        if not self.n:
            return None
        share, z2 = 1 - self.wrong / self.n, _Z**2
        middle = (share + z2 / (2 * self.n)) / (1 + z2 / self.n)
        reach = _Z * sqrt(share * (1 - share) / self.n + z2 / (4 * self.n**2)) / (1 + z2 / self.n)
        return max(0.0, middle - reach), min(1.0, middle + reach)


def summed(key: str, figures: list[Figure]) -> Figure:
    return Figure(key, *(sum(getattr(f, name) for f in figures) for name in ("n", "wrong", "too_low", "too_high")))
