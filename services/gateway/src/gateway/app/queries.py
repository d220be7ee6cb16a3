from collections.abc import Sequence
from typing import Any

import asyncpg
import sqlalchemy as sa

from chassis.db import Tx
from chassis.errors import NotFound
from chassis.paging import decode_cursor, encode_cursor
from gateway.adapters.tables import api_key, person

_PUBLIC_PERSON = [column for column in person.c if column.name != "password_hash"]
_PUBLIC_KEY = [column for column in api_key.c if column.name != "secret_hash"]

Page = tuple[list[asyncpg.Record], str | None]


async def active_key(tx: Tx, key_id: str) -> asyncpg.Record | None:
    return await tx.row(sa.select(api_key).where(api_key.c.key_id == key_id, api_key.c.revoked_at.is_(None)))


async def active_person(tx: Tx, person_id: str) -> asyncpg.Record | None:
    return await tx.row(sa.select(person).where(person.c.person_id == person_id, person.c.disabled_at.is_(None)))


async def person_by_account(tx: Tx, account: str) -> asyncpg.Record | None:
    return await tx.row(sa.select(person).where(person.c.account == account))


async def get_person(tx: Tx, person_id: str) -> asyncpg.Record:
    found = await tx.row(sa.select(*_PUBLIC_PERSON).where(person.c.person_id == person_id))
    if found is None:
        raise NotFound("there is no such person")
    return found


async def persons_by_id(tx: Tx, person_ids: Sequence[str]) -> list[asyncpg.Record]:
    return await tx.rows(sa.select(*_PUBLIC_PERSON).where(person.c.person_id.in_(person_ids)))


async def list_persons(tx: Tx, cursor: str, limit: int, role: str | None, department: str | None) -> Page:
    query = sa.select(*_PUBLIC_PERSON).order_by(person.c.account).limit(limit + 1)
    if after := decode_cursor(cursor, str):
        query = query.where(person.c.account > after[0])
    if role:
        query = query.where(person.c.roles.any(role))
    if department:
        query = query.where(person.c.department == department)
    return _page(await tx.rows(query), limit, "account")


async def list_keys(tx: Tx, cursor: str, limit: int) -> Page:
    query = sa.select(*_PUBLIC_KEY).order_by(api_key.c.key_id).limit(limit + 1)
    if after := decode_cursor(cursor, str):
        query = query.where(api_key.c.key_id > after[0])
    return _page(await tx.rows(query), limit, "key_id")


def _page(rows: list[Any], limit: int, by: str) -> Page:
    """One row more than asked for tells whether there is a next page."""
    more = len(rows) > limit
    return rows[:limit], encode_cursor(rows[limit - 1][by]) if more else None


async def get_key(tx: Tx, key_id: str) -> asyncpg.Record:
    found = await tx.row(sa.select(*_PUBLIC_KEY).where(api_key.c.key_id == key_id))
    if found is None:
        raise NotFound("there is no such API key")
    return found
