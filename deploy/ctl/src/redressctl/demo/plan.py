"""How much of a file the demo works through: all of the story on few rows, enough to measure on many."""

from dataclasses import dataclass

MOST_CLUSTERS = 12
_MOST_PER_CLUSTER = 14
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
    """At least 200 closures where there are 350 complaints or more, three of four cases below that."""
    return Plan(
        clusters=min(clusters, MOST_CLUSTERS),
        per_cluster=_MOST_PER_CLUSTER,
        closures=min(_CLOSURES, complaints * 3 // 4),
        repeats_judged=min(60, max(8, complaints // 10)),
    )
