"""Cohen's kappa: how far two graders agree beyond what chance alone would give."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt
from typing import Literal

Weights = Literal["none", "linear", "quadratic"]
Matrix = Sequence[Sequence[int]]
"""A row per category of the first grader, a column per category of the second; counts of complaints."""
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Agreement:
    value: float
    standard_error: float

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, by the normal approximation; kappa lies between -1 and 1."""
        reach = _Z * self.standard_error
        return max(-1.0, self.value - reach), min(1.0, self.value + reach)


def matrix_of(pairs: Iterable[tuple[str, str]], categories: Sequence[str]) -> list[list[int]]:
    """Pairs of first and second judgement, counted."""
    counts = [[0] * len(categories) for _ in categories]
    for first, second in pairs:
        counts[categories.index(first)][categories.index(second)] += 1
    return counts


def observed_share(matrix: Matrix) -> float:
    """Of equal judgements, 0..1; 0 where there are none."""
    n = sum(map(sum, matrix))
    return sum(matrix[i][i] for i in range(len(matrix))) / n if n else 0.0


def kappa(matrix: Matrix, weights: Weights = "none") -> Agreement | None:
    """(po - pe) / (1 - pe); weighted, disagreements by one step count less than those by two. None where it is not
    defined: nothing was judged twice, or all judgements are of one category.

    Standard error for large samples: Fleiss, Cohen, Everitt, Psychological Bulletin 72 (1969), formula 13.
    """
    size, n = len(matrix), sum(map(sum, matrix))
    if not n:
        return None
    share = [[count / n for count in row] for row in matrix]
    of_first = [sum(row) for row in share]
    of_second = [sum(row[j] for row in share) for j in range(size)]
    weight = _weights(size, weights)
    cells = list(product(range(size), repeat=2))
    observed = sum(weight[i][j] * share[i][j] for i, j in cells)
    expected = sum(weight[i][j] * of_first[i] * of_second[j] for i, j in cells)
    if 1 - expected < 1e-12:
        return None
    by_first = [sum(weight[i][j] * of_second[j] for j in range(size)) for i in range(size)]
    by_second = [sum(weight[i][j] * of_first[i] for i in range(size)) for j in range(size)]
    spread = sum(
        share[i][j] * (weight[i][j] * (1 - expected) - (by_first[i] + by_second[j]) * (1 - observed)) ** 2
        for i, j in cells
    )
    variance = (spread - (observed * expected - 2 * expected + observed) ** 2) / (n * (1 - expected) ** 4)
    return Agreement((observed - expected) / (1 - expected), sqrt(max(0.0, variance)))


def _weights(size: int, weights: Weights) -> list[list[float]]:
    """Of agreement: 1 on the diagonal."""
    if weights == "none" or size < 2:
        return [[float(i == j) for j in range(size)] for i in range(size)]
    power = 1 if weights == "linear" else 2
    return [[1 - (abs(i - j) / (size - 1)) ** power for j in range(size)] for i in range(size)]
