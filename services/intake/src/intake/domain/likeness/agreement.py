"""How sure a share of few verdicts is."""

from math import sqrt

_Z = 1.959964


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of the share hits / n, n > 0 (E. B. Wilson, 1927)."""
    share = hits / n
    middle = share + _Z * _Z / (2 * n)
    half = _Z * sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    scale = 1 + _Z * _Z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
