"""One pool, one transaction per use case.

SQLAlchemy describes tables and builds statements, asyncpg runs them: a compiled Core statement costs a fifth of a
SQLAlchemy session's, and hot statements stay plain SQL on the same connection and in the same transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Executable

from chassis import audit
from chassis.call import Call
from chassis.connections import give_back, init, no_reset, rollback
from chassis.db_clock import DatabaseClock
from chassis.envelope import encode
from chassis.ids import new_id
from chassis.outages import UNREACHABLE, translated
from chassis.sealing import Sealer
from chassis.statements import compiled

_ACQUIRE_TIMEOUT_S = 5.0


class Tx:
    """One open transaction; collects events and audit entries and writes them in one statement each at commit."""

    def __init__(self, conn: asyncpg.Connection, now: datetime, sealer: Sealer | None = None) -> None:
        self.conn = conn
        self.now = now
        self._sealer = sealer
        self.traceparent: str | None = None
        self.emitted = 0
        self._events: list[tuple[str, str, str, int, bytes]] = []
        self._audit: list[audit.Entry] = []

    @property
    def seals(self) -> bool:
        return self._sealer is not None

    @property
    def sealer(self) -> Sealer:
        """What values of this database are sealed with, where the service has told it to its `Database`."""
        if self._sealer is None:
            raise RuntimeError("this service seals nothing")
        return self._sealer

    def seal_with(self, sealer: Sealer) -> None:
        """For this transaction only."""
        self._sealer = sealer

    async def rows(self, statement: Executable) -> list[asyncpg.Record]:
        sql, values = compiled(statement)
        return list(await self.conn.fetch(sql, *values))

    async def row(self, statement: Executable) -> asyncpg.Record | None:
        sql, values = compiled(statement)
        return await self.conn.fetchrow(sql, *values)

    async def value(self, statement: Executable) -> Any:
        sql, values = compiled(statement)
        return await self.conn.fetchval(sql, *values)

    async def run(self, statement: Executable) -> int:
        """Affected rows."""
        sql, values = compiled(statement)
        status = await self.conn.execute(sql, *values)
        last = status.rsplit(" ", 1)[-1]
        return int(last) if last.isdigit() else 0

    async def fetch(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        return list(await self.conn.fetch(sql, *values))

    async def fetchrow(self, sql: str, *values: Any) -> asyncpg.Record | None:
        return await self.conn.fetchrow(sql, *values)

    async def fetchval(self, sql: str, *values: Any) -> Any:
        return await self.conn.fetchval(sql, *values)

    async def execute(self, sql: str, *values: Any) -> str:
        return str(await self.conn.execute(sql, *values))

    def emit(self, payload: msgspec.Struct, *, subject: str, sequence: int, traceparent: str | None = None) -> str:
        """Puts an event into the outbox. The caller holds the lock of aggregate `subject`; returns the event's id."""
        event_id = new_id()
        event_type, body = encode(
            payload,
            event_id=event_id,
            subject=subject,
            sequence=sequence,
            time=self.now,
            traceparent=traceparent or self.traceparent,
        )
        self._events.append((event_id, event_type, subject, sequence, body))
        return event_id

    def audit(
        self,
        *,
        aggregate_type: str,
        aggregate_id: str,
        action: str,
        call: Call,
        changes: Mapping[str, list[Any]] | None = None,
        reason: str = "",
        first: bool = False,
    ) -> None:
        """`changes` maps field -> [old, new]; `first` says that the aggregate has no entry yet (saves a look-up)."""
        self._audit.append(
            audit.Entry(
                aggregate_type,
                aggregate_id,
                self.now,
                call.actor,
                call.on_behalf_of,
                action,
                audit.canonical(changes or {}),
                reason,
                first,
            )
        )

    async def flush(self) -> None:
        if self._audit:
            await audit.append(self.conn, self._audit)
            self._audit = []
        if self._events:
            ids, types, subjects, sequences, bodies = zip(*self._events, strict=True)
            await self.conn.execute(
                "INSERT INTO outbox (created_at, id, type, subject, sequence, body)"
                " SELECT $1, e.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[], $6::bytea[]) AS e",
                self.now,
                ids,
                types,
                subjects,
                sequences,
                bodies,
            )
            self.emitted += len(self._events)
            self._events = []


class Database:
    """A service's own database. `wake` is set after every commit that put events into the outbox."""

    def __init__(
        self,
        dsn: str,
        *,
        pool_size: int = 8,
        statement_cache: int = 256,
        statement_timeout_s: float = 10.0,
        sealer: Sealer | None = None,
    ) -> None:
        self._dsn = dsn
        self._statement_timeout_s = statement_timeout_s
        self._pool_size = pool_size
        self._statement_cache = statement_cache
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self.sealer = sealer
        self.wake = asyncio.Event()
        self.clock = DatabaseClock()

    async def close(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                await asyncio.wait_for(pool.close(), 3)
            except (*UNREACHABLE, asyncpg.InterfaceError):
                pool.terminate()

    @asynccontextmanager
    async def tx(self) -> AsyncIterator[Tx]:
        """Commits at the end of the block, rolls back on any error. Raises Unavailable when PostgreSQL is gone."""
        async with self.connection() as conn:
            now = await self.clock.asked(conn)
            transaction = conn.transaction()
            await transaction.start()
            tx = Tx(conn, now, self.sealer)
            try:
                yield tx
                await tx.flush()
            except BaseException:
                await rollback(conn, transaction)
                raise
            await transaction.commit()
        if tx.emitted:
            self.wake.set()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """For queries: every statement sees its own snapshot, nothing is written."""
        async with self.connection() as conn:
            yield Tx(conn, await self.clock.asked(conn), self.sealer)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """For single statements outside a transaction. Raises Unavailable when PostgreSQL is gone."""
        with translated():
            pool = self._pool or await self._open()
            conn = await pool.acquire(timeout=_ACQUIRE_TIMEOUT_S)
            try:
                yield conn  # type: ignore[misc]
            except TimeoutError:
                # What swallowed this statement may have cut off the idle connections, too: none is used again.
                await pool.expire_connections()
                raise
            finally:
                await give_back(pool, conn)

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=1,
                    max_size=self._pool_size,
                    init=init,
                    reset=no_reset,
                    command_timeout=self._statement_timeout_s,
                    timeout=_ACQUIRE_TIMEOUT_S,
                    statement_cache_size=self._statement_cache,
                )
            return self._pool

    def pool_state(self) -> tuple[int, int]:
        """Connections in use, and at most."""
        if self._pool is None:
            return 0, self._pool_size
        return self._pool.get_size() - self._pool.get_idle_size(), self._pool_size
