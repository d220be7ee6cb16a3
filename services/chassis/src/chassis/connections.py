"""How connections are set up, and how they are left in whatever state the other end is."""

import asyncio
import json
from typing import Any

import asyncpg
import msgspec

from chassis.outages import UNREACHABLE

_ROLLBACK_TIMEOUT_S = 2.0


async def init(conn: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await conn.set_type_codec(name, encoder=_dumps, decoder=json.loads, schema="pg_catalog")


def _dumps(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def no_reset(_conn: asyncpg.Connection) -> None:
    """Our statements change no session state; the default reset would cost a round trip per transaction."""


async def rollback(conn: Any, transaction: Any) -> None:
    try:
        async with asyncio.timeout(_ROLLBACK_TIMEOUT_S):
            await transaction.rollback()
    except TimeoutError:
        conn.terminate()
    except (*UNREACHABLE, asyncpg.InterfaceError):
        return


async def give_back(pool: asyncpg.Pool, conn: Any) -> None:
    try:
        await asyncio.shield(pool.release(conn, timeout=_ROLLBACK_TIMEOUT_S))
    except (*UNREACHABLE, asyncpg.InterfaceError):
        return  # asyncpg has ended it; what went wrong on it is on its way already
