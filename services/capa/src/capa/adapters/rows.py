"""Rows to frozen dataclasses of the domain and back, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Tx

T = TypeVar("T")


def read(kind: type[T], row: Any, **more: Any) -> T:
    """A dataclass from the columns of the same name; `more` wins."""
    given = {field.name: _plain(row[field.name]) for field in fields(kind) if field.name in row}  # type: ignore[arg-type]
    return kind(**{**given, **more})


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return tuple(value) if isinstance(value, list) else value


def columns(table: sa.Table, record: Any, **more: Any) -> dict[str, Any]:
    """The record's fields that the table has a column for; `more` wins."""
    values = asdict(record) if is_dataclass(record) and not isinstance(record, type) else dict(record)
    return {name: _storable(value) for name, value in {**values, **more}.items() if name in table.c}


def _storable(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


async def put(tx: Tx, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows, or replaces those whose primary key is there."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    statement = insert(table).values(list(rows))
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    await tx.run(statement.on_conflict_do_update(index_elements=keys, set_=changed))


async def next_number(tx: Tx, letter: str, sequence: sa.Sequence) -> str:
    """E.g. R26-0000012: unique and ordered; a rolled back transaction leaves a gap."""
    count = await tx.value(sa.select(sequence.next_value()))
    return f"{letter}{tx.now:%y}-{count:07}"


def identified(table: sa.Table, key: str, wanted: str) -> sa.ColumnElement[bool]:
    """By id, or by the number people use."""
    try:
        return bool_of(table.c[key] == str(UUID(wanted)))
    except ValueError:
        return bool_of(table.c.number == wanted)


def bool_of(clause: Any) -> sa.ColumnElement[bool]:
    element: sa.ColumnElement[bool] = clause
    return element
