"""Composes a measure of the catalogue with a window and a filter into SQL.

The same expressions make the figure and the list behind it, so the two cannot differ. Measures over the same rows share
one scan: a hundred thousand facts are read once, not once per KPI.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from analytics.adapters.sources import SOURCES, Source
from analytics.kpi.definition import Definition, Measure
from analytics.kpi.windows import Window


@dataclass(frozen=True)
class Filter:
    """Conditions on the complaint; None asks for nothing."""

    grade: str | None = None
    product_family: str | None = None
    channel: str | None = None
    justified_only: bool = False


@dataclass(frozen=True)
class Settled:
    """The parameters of the formulas: what time it is, N of first contact resolution, the agreed time of a receipt,
    the organisation's time zone."""

    as_of: datetime
    fcr_days: int
    acknowledge_minutes: int
    time_zone: str


@dataclass
class Composer:
    """Collects the values of one statement; the same value keeps its number."""

    window: Window
    settled: Settled
    filter: Filter = field(default_factory=Filter)
    values: list[Any] = field(default_factory=list)
    _numbers: dict[str, str] = field(default_factory=dict)

    def bind(self, name: str, value: Any, kind: str) -> str:
        if name not in self._numbers:
            self.values.append(value)
            self._numbers[name] = f"${len(self.values)}::{kind}"
        return self._numbers[name]

    def sql(self, text: str) -> str:
        return re.sub(
            r"(?<!:):(as_of|fcr_days|acknowledge_minutes|time_zone)\b", lambda found: self._parameter(found[1]), text
        )

    def _parameter(self, name: str) -> str:
        kinds = {"as_of": "timestamptz", "fcr_days": "int", "acknowledge_minutes": "int", "time_zone": "text"}
        return self.bind(name, getattr(self.settled, name), kinds[name])

    def in_window(self, at: str | None) -> str:
        """A state that is read as of now belongs to every window."""
        parts = []
        if at is not None and self.window.start is not None:
            parts.append(f"({at}) >= {self.bind('from', self.window.start, 'timestamptz')}")
        if at is not None and self.window.end is not None:
            parts.append(f"({at}) < {self.bind('to', self.window.end, 'timestamptz')}")
        return " AND ".join(parts) or "true"

    def where(self, source: Source) -> str:
        wanted = self._wanted()
        if not wanted:
            return source.base
        if source.capa_id is None:
            return f"{source.base} AND {wanted}"
        return (
            f"{source.base} AND EXISTS (SELECT FROM capa_cases k JOIN facts f USING (complaint_id)"
            f" WHERE k.capa_id = {source.capa_id} AND f.valid AND {wanted})"
        )

    def _wanted(self) -> str:
        parts = [
            f"f.{name} = {self.bind(name, value, 'text')}"
            for name in ("grade", "product_family", "channel")
            if (value := getattr(self.filter, name)) is not None
        ]
        return " AND ".join([*parts, "f.justified"] if self.filter.justified_only else parts)

    def counted(self, measure: Measure) -> str:
        return self.sql(f"({measure.condition}) AND {self.in_window(measure.at)}")

    def shown_beside(self, measure: Measure) -> str:
        return self.sql(f"({measure.pending}) AND {self.in_window(measure.at)}")


def together(wanted: Sequence[tuple[Definition, Measure]], composer: Composer) -> str:
    """n, total, quantiles and pending of each measure, all over the same rows: one row, or one per dimension."""
    source, by = SOURCES[wanted[0][1].rows], wanted[0][1].by
    inner, outer, either = [], [], []
    for n, (definition, measure) in enumerate(wanted):
        counted, beside = composer.counted(measure), composer.shown_beside(measure)
        inner.append(f"CASE WHEN {counted} THEN ({composer.sql(measure.value)})::float8 END AS v{n}")
        inner.append(f"({beside}) AS p{n}")
        outer.append(_aggregates(definition, str(n)))
        either += [f"({counted})", f"({beside})"]
    rows = f"FROM {source.tables} WHERE {composer.where(source)}"
    if by is None:
        return f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)} {rows} OFFSET 0) r"  # noqa: S608 - our own text
    return (
        f"SELECT dimension, {', '.join(outer)} FROM (SELECT {composer.sql(by)} AS dimension, {', '.join(inner)} {rows}"  # noqa: S608
        f" AND ({' OR '.join(either)}) OFFSET 0) r GROUP BY dimension ORDER BY dimension"
    )


def _aggregates(definition: Definition, n: str) -> str:
    quantiles = (
        f"percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY v{n})"
        if definition.kind in ("duration", "mean")
        else "NULL::float8[]"
    )
    return (
        f"count(v{n}) AS n{n}, coalesce(sum(v{n}), 0) AS total{n}, {quantiles} AS quantiles{n},"
        f" count(*) FILTER (WHERE p{n}) AS pending{n}"
    )


def behind(measures: Sequence[Measure], composer: Composer) -> str:
    """The rows a figure counts, one by one: unit_kind, dimension, unit_id, complaint_id, capa_id, value."""
    return " UNION ALL ".join(_behind(measure, composer) for measure in measures)


def _behind(measure: Measure, composer: Composer) -> str:
    source = SOURCES[measure.rows]
    dimension = composer.sql(measure.by) if measure.by else f"'{measure.dimension}'"
    return (
        f"SELECT '{source.kind}' AS unit_kind, ({dimension})::text AS dimension, {source.unit_id} AS unit_id,"  # noqa: S608
        f" {source.complaint_id} AS complaint_id,"
        f" {source.capa_id or 'NULL::uuid'} AS capa_id, ({composer.sql(measure.value)})::float8 AS value"
        f" FROM {source.tables} WHERE {composer.where(source)} AND {composer.counted(measure)}"
    )
