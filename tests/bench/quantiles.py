"""Quantiles of measured values and of Prometheus histograms."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


def percentile(values: Sequence[float], share: float) -> float | None:
    """Interpolated linearly between the two nearest ranks; None of nothing. `share`: 0..1."""
    if not values:
        return None
    ordered = sorted(values)
    rank = (len(ordered) - 1) * share
    below = math.floor(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)


@dataclass(frozen=True)
class Histogram:
    """Cumulative counts by upper bound, infinity included, as a metrics page shows them."""

    buckets: Mapping[float, float] = field(default_factory=dict)

    @property
    def count(self) -> float:
        return self.buckets.get(math.inf, 0.0)

    def __add__(self, other: "Histogram") -> "Histogram":
        bounds = {*self.buckets, *other.buckets}
        return Histogram({at: self.buckets.get(at, 0.0) + other.buckets.get(at, 0.0) for at in bounds})

    def __sub__(self, earlier: "Histogram") -> "Histogram":
        """What was observed since `earlier`."""
        return Histogram({at: n - earlier.buckets.get(at, 0.0) for at, n in self.buckets.items()})

    def quantile(self, share: float) -> float | None:
        """As Prometheus' histogram_quantile: linear inside a bucket, and the highest finite bound for what lies
        above it. None when nothing was observed."""
        wanted = self.count * share
        if not self.count:
            return None
        bound, below = 0.0, 0.0
        for upper, cumulative in sorted(self.buckets.items()):
            if cumulative >= wanted and cumulative > below:
                return bound if math.isinf(upper) else bound + (upper - bound) * (wanted - below) / (cumulative - below)
            bound, below = upper, cumulative
        return bound
