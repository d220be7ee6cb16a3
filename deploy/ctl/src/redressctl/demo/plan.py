"""How much of a file the demo works through: all of the story on few rows, enough to measure on many."""

from dataclasses import dataclass

MOST_CLUSTERS = 12
_MOST_PER_CLUSTER, _FEWEST_PER_CLUSTER = 14, 3
_CLOSURES = 260


@dataclass(frozen=True)
class Plan:
    clusters: int
    per_cluster: int
    """Cases of one cluster that go the whole way; one more is kept untouched until knowledge can be offered to it."""
    closures: int
    """In all, on both paths."""
    repeats_judged: int


def plan_work(complaints: int, clusters: int) -> Plan:
    """At least 200 closures where there are 350 complaints or more, three of four cases below that; at most about half
    of all go the whole way."""
    worked = min(clusters, MOST_CLUSTERS)
    share = complaints // (2 * worked) if worked else 0
    return Plan(
        clusters=worked,
        per_cluster=max(_FEWEST_PER_CLUSTER, min(_MOST_PER_CLUSTER, share)),
        closures=min(_CLOSURES, complaints * 3 // 4),
        repeats_judged=min(60, max(25, complaints // 10)),
    )
