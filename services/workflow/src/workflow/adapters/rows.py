"""Rows to domain values and back: many rows, one statement. Field names are column names."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
import sqlalchemy as sa

from chassis.db import Tx
from workflow.adapters import tables
from workflow.domain.case import Case, Deliverable, Note, Task, Visit
from workflow.domain.sla import Entry

T = TypeVar("T")

TABLES: dict[type[Any], sa.Table] = {
    Case: tables.cases,
    Task: tables.tasks,
    Deliverable: tables.deliverables,
    Visit: tables.visits,
    Entry: tables.sla_entries,
    Note: tables.timeline,
}


async def upsert(tx: Tx, kind: type[Any], rows: Sequence[Any]) -> None:
    """All rows of a kind in one statement; a row that is there already is replaced by what we decided on its lock."""
    if rows:
        await tx.execute(_upsert_sql(TABLES[kind].name), msgspec.json.encode(rows).decode())


@cache
def _upsert_sql(name: str) -> str:
    table = tables.metadata.tables[name]
    columns = [column.name for column in table.columns if column.computed is None]
    keys = [column.name for column in table.primary_key]
    listed = ", ".join(f'"{column}"' for column in columns)
    changed = ", ".join(f'"{column}" = excluded."{column}"' for column in columns if column not in keys)
    # The text goes through json, not jsonb: it is read once, and jsonb would be built for nothing.
    return (
        f"INSERT INTO {name} ({listed}) SELECT {listed} FROM json_populate_recordset(NULL::{name}, $1::text::json)"  # noqa: S608
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changed}"
    )


def read(kind: type[T], record: asyncpg.Record) -> T:
    """The domain value of a row; uuids are strings on our side."""
    values = {field.name: _plain(record[field.name]) for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**values)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def grouped(kind: type[T], records: Iterable[asyncpg.Record]) -> dict[str, list[T]]:
    """By case."""
    found: dict[str, list[T]] = {}
    for record in records:
        found.setdefault(str(record["case_id"]), []).append(read(kind, record))
    return found
