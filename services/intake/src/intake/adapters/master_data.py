"""The registers' rows: held, put, and read by key."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from chassis.db import Tx
from intake.adapters.bulk import Insert
from intake.adapters.rows import Row, rows
from intake.domain.master_data.columns import Column
from intake.domain.master_data.register import Key, Record, Reference, Register
from intake.domain.master_data.registers import REGISTERS

_TYPES = {"number": "bigint", "date": "date", "month": "date", "time": "timestamptz", "yes_no": "boolean"}


def type_of(column: Column) -> str:
    return "bytea" if column.personal else _TYPES.get(column.kind, "text")


def _key_types(register: Register) -> list[str]:
    return [type_of(register.by_name[name]) if name in register.by_name else "text" for name in register.keys]


@cache
def _put(name: str) -> Insert:
    register = REGISTERS[name]
    columns = {column.name: type_of(column) for column in register.columns} | dict.fromkeys(register.derived, "text")
    columns |= {"version": "int", "updated_at": "timestamptz", "updated_by": "text"}
    changed = [column for column in columns if column not in (*register.keys, "version")]
    sets = ", ".join(f'"{column}" = excluded."{column}"' for column in changed)
    suffix = f"ON CONFLICT ({', '.join(register.keys)}) DO UPDATE SET {sets}, version = {register.table}.version + 1"
    return Insert(register.table, columns, suffix)


async def put(tx: Tx, register: Register, records: Sequence[Record], by: str) -> None:
    """New records stand at version 1, known ones rise by one. The caller has left out what does not change."""
    names = [*(column.name for column in register.columns), *register.derived]
    ordered = sorted(records, key=lambda record: tuple(map(str, register.key_of(record))))
    values = [(*(record[name] for name in names), 1, tx.now, by) for record in ordered]
    await _put(register.name).run(tx, values)


async def held(tx: Tx, register: Register, keys: Sequence[Key]) -> dict[Key, Row]:
    """The known ones of these records, locked in the order of their keys."""
    known = await _by_keys(tx, register, register.keys, keys, " FOR UPDATE OF r")
    return {register.key_of(each): each for each in known}


async def missing(tx: Tx, reference: Reference, keys: Sequence[Key]) -> set[Key]:
    """Those that the register referred to does not have."""
    if not keys:
        return set()
    register = REGISTERS[reference.register]
    names = tuple(reference.columns.values())
    known = await _by_keys(tx, register, names, keys, "")
    return set(keys) - {tuple(each[name] for name in names) for each in known}


async def _by_keys(tx: Tx, register: Register, names: Sequence[str], keys: Sequence[Key], lock: str) -> list[Row]:
    if not keys:
        return []
    types = dict(zip(register.keys, _key_types(register), strict=True))
    arrays = ", ".join(f"${n}::{types.get(name, 'text')}[]" for n, name in enumerate(names, 1))
    columns = ", ".join(names)
    return await rows(
        tx,
        f"SELECT r.* FROM {register.table} r JOIN unnest({arrays}) AS w({columns}) USING ({columns})"  # noqa: S608
        f" ORDER BY {columns}{lock}",
        *zip(*keys, strict=True),
    )


async def page(tx: Tx, register: Register, filters: Mapping[str, Any], after: Key | None, limit: int) -> list[Row]:
    """In the order of the keys."""
    conditions, values = [], list[Any]()
    for name, value in filters.items():
        values.append(value)
        conditions.append(f"{name} = ${len(values)}::{type_of(register.by_name[name])}")
    keys = ", ".join(register.keys)
    if after is not None:
        places = []
        for value, kind in zip(after, _key_types(register), strict=True):
            values.append(value)
            places.append(f"${len(values)}::{kind}")
        conditions.append(f"({keys}) > ({', '.join(places)})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    values.append(limit)
    sql = f"SELECT * FROM {register.table}{where} ORDER BY {keys} LIMIT ${len(values)}"  # noqa: S608
    return await rows(tx, sql, *values)


async def touch(tx: Tx) -> None:
    """Says to every process that what it holds of the registers is old."""
    await tx.execute("UPDATE master_data_state SET version = version + 1")


async def empty(tx: Tx, register: Register, names: Sequence[str], customer_refs: Sequence[str]) -> list[Row]:
    """The records that were emptied."""
    sets = ", ".join(f'"{name}" = NULL' for name in names)
    return await rows(
        tx,
        f"UPDATE {register.table} SET {sets}, version = version + 1, updated_at = $2"  # noqa: S608
        " WHERE customer_ref = ANY($1::text[]) RETURNING *",
        customer_refs,
        tx.now,
    )
