"""The catalogue of KPIs that is published; a new one is tried on the store before it takes its place."""

from collections.abc import Iterator

import asyncpg

from analytics.adapters.figure_sql import Composer, Settled, together
from analytics.adapters.sources import SOURCES
from analytics.app.catalogue_effects import effects
from analytics.kpi.catalogue import Catalogue, read_catalogue
from analytics.kpi.catalogue_rules import EXPRESSIONS
from analytics.kpi.definition import Definition, Measure
from analytics.kpi.expressions import columns_of
from analytics.kpi.windows import Window
from chassis.db import Tx
from chassis.definition_store import Published
from chassis.definitions import Kind
from chassis.errors import FieldError, Invalid

NAME = "default"
_TRIAL_MS = 5_000
_TOLD = 200


async def check(tx: Tx, new: Catalogue, current: Catalogue | None) -> None:
    """Raises Invalid for a column that its rows do not have, and for what PostgreSQL cannot compute."""
    columns = {rows: await _columns(tx, rows) for rows in {m.rows for _, m in _measures(new)}}
    faults = [fault for place, measure in _measures(new) for fault in _unknown(place, measure, columns[measure.rows])]
    faults = faults or await _trial(tx, new, current)
    if faults:
        raise Invalid("this catalogue of KPIs cannot be used", faults)


def _measures(catalogue: Catalogue) -> Iterator[tuple[str, Measure]]:
    for n, kpi in enumerate(catalogue.kpis.values()):
        for m, measure in enumerate(kpi.measures):
            yield f"kpis[{n}].measures[{m}]", measure


async def _columns(tx: Tx, rows: str) -> set[str]:
    statement = await tx.conn.prepare(f"SELECT * FROM {SOURCES[rows].tables} LIMIT 0")  # noqa: S608 - our own text
    return {attribute.name for attribute in statement.get_attributes()}


def _unknown(place: str, measure: Measure, known: set[str]) -> Iterator[FieldError]:
    for name in EXPRESSIONS:
        for column in sorted(columns_of(getattr(measure, name) or "") - known):
            yield FieldError(f"{place}.{name}", f"{column} is no column of {measure.rows}")


async def _trial(tx: Tx, new: Catalogue, current: Catalogue | None) -> list[FieldError]:
    """What is computed otherwise is counted once over all there is; more than _TRIAL_MS in PostgreSQL is a fault."""
    known = {kpi.key: kpi.measures for kpi in current.kpis.values()} if current else {}
    faults = []
    for n, kpi in enumerate(new.kpis.values()):
        for m, measure in enumerate(kpi.measures if kpi.measures != known.get(kpi.key) else ()):
            if fault := await _tried(tx, kpi, measure):
                faults.append(FieldError(f"kpis[{n}].measures[{m}]", fault))
    return faults


async def _tried(tx: Tx, kpi: Definition, measure: Measure) -> str | None:
    composer = Composer(Window(), Settled(tx.now, 7, 60, "UTC"))
    try:
        async with tx.conn.transaction():
            await tx.execute(f"SET LOCAL statement_timeout = {_TRIAL_MS}")
            await tx.fetch(together([(kpi, measure)], composer), *composer.values)
            await tx.execute("SET LOCAL statement_timeout TO DEFAULT")
    except asyncpg.PostgresError as error:
        return str(error).splitlines()[0][:_TOLD]
    return None


KPI_CATALOGUE = Kind("kpi-catalogue", read_catalogue, check, effects, only=NAME)


def published_catalogue() -> Published[Catalogue]:
    return Published(KPI_CATALOGUE, NAME)
