"""Counts the figures of the catalogue in the store."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from analytics.adapters.figure_sql import Composer, Filter, Settled, split, together
from analytics.kpi.catalogue import Definition, Measure
from analytics.kpi.figures import Counted, Figure, figure
from analytics.kpi.windows import Window
from chassis.db import Tx

Wanted = tuple[Definition, Measure]


async def figures(
    tx: Tx, definitions: Sequence[Definition], window: Window, settled: Settled, chosen: Filter
) -> list[Figure]:
    """In the order of the catalogue; a figure without rows is there with n = 0, unless it splits by dimension."""
    found: dict[str, list[Figure]] = defaultdict(list)
    async for definition, counted in _count(tx, definitions, window, settled, chosen):
        found[definition.key].append(figure(definition, counted))
    return [one for definition in definitions for one in found[definition.key]]


async def _count(
    tx: Tx, definitions: Sequence[Definition], window: Window, settled: Settled, chosen: Filter
) -> AsyncIterator[tuple[Definition, Counted]]:
    for wanted in _scans(definitions):
        composer = Composer(window, settled, chosen)
        row = await tx.fetchrow(together(wanted, composer), *composer.values)
        assert row is not None
        for n, (definition, measure) in enumerate(wanted):
            yield definition, _counted(measure.dimension, row, n)
    for definition, measure in _measures(definitions):
        if measure.by is not None:
            composer = Composer(window, settled, chosen)
            for row in await tx.fetch(split(definition, measure, composer), *composer.values):
                yield definition, _counted(row["dimension"], row, 0)


def _measures(definitions: Iterable[Definition]) -> list[Wanted]:
    return [(definition, measure) for definition in definitions for measure in definition.measures]


def _scans(definitions: Iterable[Definition]) -> list[list[Wanted]]:
    """Measures with a fixed dimension, by the rows they count."""
    scans: dict[str, list[Wanted]] = defaultdict(list)
    for definition, measure in _measures(definitions):
        if measure.by is None:
            scans[measure.rows].append((definition, measure))
    return list(scans.values())


def _counted(dimension: str, row: Any, n: int) -> Counted:
    p50, p90 = row[f"quantiles{n}"] or (None, None)
    return Counted(dimension, row[f"n{n}"], float(row[f"total{n}"]), p50, p90, row[f"pending{n}"])
