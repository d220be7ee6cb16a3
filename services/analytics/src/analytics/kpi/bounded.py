"""Keeps the number of series bounded (KUBERNETES B3): definitions and cost lines may bring any number of names."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

MOST_STAGES = 30
MOST_CURRENCIES = 5
OTHER = "other"


def fold(counts: Mapping[tuple[str, str], float], most: int) -> dict[tuple[str, str], float]:
    """Counts by (name, split): the names with the largest counts stay, all further ones are added up as `other`."""
    kept = largest(((name, count) for (name, _), count in counts.items()), most)
    folded: dict[tuple[str, str], float] = defaultdict(float)
    for (name, split), count in counts.items():
        folded[name if name in kept else OTHER, split] += count
    return dict(folded)


def largest(counts: Iterable[tuple[str, float]], most: int) -> frozenset[str]:
    """The `most` names with the largest total; equal totals by name, so that every replica keeps the same ones."""
    totals: dict[str, float] = defaultdict(float)
    for name, count in counts:
        totals[name] += count
    return frozenset(sorted(totals, key=lambda name: (-totals[name], name))[:most])
