"""Counts the figures of the catalogue in the store."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from analytics.adapters.figure_sql import Composer, Filter, Settled, together
from analytics.kpi.definition import Definition, Measure
from analytics.kpi.dimensions import complete
from analytics.kpi.figures import Baseline, Counted, Figure, figure
from analytics.kpi.windows import Window, baseline_before
from chassis.db import Tx

Wanted = tuple[Definition, Measure]


async def figures(
    tx: Tx,
    definitions: Sequence[Definition],
    window: Window,
    settled: Settled,
    chosen: Filter,
    baseline: Window | None = None,
) -> list[Figure]:
    """In the order of the catalogue; a figure without rows is there with n = 0, unless it splits by dimension.

    A change compares with `baseline`, or with what the catalogue says when that is None.
    """
    found: dict[str, list[Figure]] = defaultdict(list)
    before = await _baselines(tx, definitions, window, settled, chosen, baseline)
    async for definition, counted in _count(tx, definitions, window, settled, chosen):
        found[definition.key].append(figure(definition, counted, before.get((definition.key, counted.dimension))))
    return [one for definition in definitions for one in found[definition.key]]


async def _baselines(
    tx: Tx, definitions: Sequence[Definition], window: Window, settled: Settled, chosen: Filter, given: Window | None
) -> dict[tuple[str, str], Baseline]:
    """What each change compares with, by key and dimension: the same question, asked of the same complaints."""
    found: dict[tuple[str, str], Baseline] = {}
    for definition in definitions:
        past = given or baseline_before(window, definition.baseline_days)
        if definition.kind == "change" and past is not None:
            async for _, counted in _count(tx, [definition], past, settled, chosen):
                found[definition.key, counted.dimension] = Baseline(past, counted)
    return found


async def _count(
    tx: Tx, definitions: Sequence[Definition], window: Window, settled: Settled, chosen: Filter
) -> AsyncIterator[tuple[Definition, Counted]]:
    for wanted in _scans(definitions):
        composer = Composer(window, settled, chosen)
        rows = await tx.fetch(together(wanted, composer), *composer.values)
        for n, (definition, measure) in enumerate(wanted):
            if measure.by is None:
                yield definition, _counted(measure.dimension, rows[0], n)
                continue
            split = [_counted(row["dimension"], row, n) for row in rows]
            for counted in complete([one for one in split if one.n or one.pending], measure.among):
                yield definition, counted


def _scans(definitions: Iterable[Definition]) -> list[list[Wanted]]:
    """Measures by the rows they count and what they are split by: each such group is one scan."""
    scans: dict[tuple[str, str | None], list[Wanted]] = defaultdict(list)
    for definition in definitions:
        for measure in definition.measures:
            scans[measure.rows, measure.by].append((definition, measure))
    return list(scans.values())


def _counted(dimension: str, row: Any, n: int) -> Counted:
    p50, p90 = row[f"quantiles{n}"] or (None, None)
    return Counted(dimension, row[f"n{n}"], float(row[f"total{n}"]), p50, p90, row[f"pending{n}"])
