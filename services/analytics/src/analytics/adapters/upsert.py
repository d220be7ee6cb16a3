"""Applies rows of a projection by the rules of its columns: one multi-row statement for all rows with distinct keys."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy.dialects import postgresql

from analytics.adapters.tables import metadata
from analytics.projections.rules import Earliest, Greatest, Newest, Once, Projection, Row, Rule, Span, United, rounds
from analytics.projections.schema import PROJECTIONS
from chassis.db import Tx

_BY_TABLE = {projection.table: projection for projection in PROJECTIONS}
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


async def upsert(tx: Tx, projection: Projection, rows: Sequence[Row]) -> None:
    """All rows have the same columns, those their event owns. NULL says nothing, unless a guard is said with it."""
    if not rows:
        return
    names = tuple(rows[0])
    sql = _statement(projection.table, names)
    for batch in rounds(projection, rows):
        await tx.execute(sql, *([_sent(row[name]) for row in batch] for name in names))


def _sent(value: Any) -> Any:
    return asyncpg.Range(value.start, value.end) if isinstance(value, Span) else value


@cache
def _statement(table: str, names: tuple[str, ...]) -> str:
    projection = _BY_TABLE[table]
    rules = projection.columns
    arrays = ", ".join(f"${n}::{_type(table, name, rules.get(name))}[]" for n, name in enumerate(names, 1))
    said = ", ".join(f"tstzmultirange({name})" if rules.get(name) == United() else name for name in names)
    changes = [f"{name} = {_merged(name, rules[name])}" for name in names if name not in projection.key]
    return (
        f"INSERT INTO {table} AS t ({', '.join(names)}) SELECT {said} FROM unnest({arrays}) said ({', '.join(names)})"  # noqa: S608
        f" ON CONFLICT ({', '.join(projection.key)}) "
        + (f"DO UPDATE SET {', '.join(changes)}" if changes else "DO NOTHING")
    )


def _type(table: str, name: str, rule: Rule | None) -> str:
    """Of what is said: an array of spans is one of ranges (one of multiranges would look like a matrix to asyncpg)."""
    if rule == United():
        return "tstzrange"
    return str(metadata.tables[table].c[name].type.compile(dialect=_DIALECT))


def _merged(name: str, rule: Rule) -> str:
    match rule:
        case Once():
            return f"coalesce(t.{name}, excluded.{name})"
        case Earliest():
            return f"least(t.{name}, excluded.{name})"
        case Greatest():
            return f"greatest(t.{name}, excluded.{name})"
        case United():
            return f"coalesce(t.{name} + excluded.{name}, t.{name}, excluded.{name})"
        case Newest(guard):
            # Equal guards say equal things, unless two events share an instant: then the larger value, in either order.
            return (
                f"CASE WHEN t.{guard} IS NULL OR excluded.{guard} > t.{guard} THEN excluded.{name}"
                f" WHEN excluded.{guard} = t.{guard} THEN greatest(t.{name}, excluded.{name}) ELSE t.{name} END"
            )
