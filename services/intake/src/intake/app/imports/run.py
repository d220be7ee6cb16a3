"""The worker's half of an import: reads stored files, one after the other, and goes on where another process ended."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from chassis import logs
from chassis.call import Call
from chassis.db import Database
from chassis.errors import RedressError, Unavailable
from chassis.lease import Lease
from intake.adapters.objects import Objects
from intake.app.imports.importing import Run
from intake.app.imports.report import Begun, Report, Stopped
from intake.app.imports.store import object_name, opened
from intake.app.register import Register

KEPT = timedelta(days=7)
"""How long the file of a failed or stopped import waits for somebody to resume it."""
_LOOK_EVERY_S = 2.0
_HOLD_EVERY_S = 2.0
_LOG = logs.get("imports")


class LeaseLost(Exception):
    """Another process goes on with it."""


class RunImports:
    def __init__(self, db: Database, register: Register, objects: Objects, lease: Lease) -> None:
        self._db = db
        self._register = register
        self._objects = objects
        self._lease = lease

    async def run(self) -> None:
        while True:
            try:
                # A lease is a write: it is taken only where there is something to do.
                while await self._is_wanted() and await self._lease.held() and (row := await self._next()) is not None:
                    await self._one(row)
            except (Unavailable, LeaseLost) as error:
                _LOG.info("an import waits", error=type(error).__name__)
            await self._forget()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _is_wanted(self) -> bool:
        async with self._db.read() as tx:
            return bool(
                await tx.fetchval(
                    "SELECT EXISTS (SELECT FROM imports WHERE stored AND state IN ('waiting', 'running'))"
                )
            )

    async def _next(self) -> Any:
        async with self._db.tx() as tx:
            return await tx.fetchrow(
                "UPDATE imports SET state = 'running' WHERE import_id = (SELECT import_id FROM imports"
                " WHERE stored AND state IN ('waiting', 'running') ORDER BY started_at LIMIT 1) RETURNING *"
            )

    async def _one(self, row: Any) -> None:
        """Raises Unavailable, LeaseLost: then it stays running, for whoever comes next."""
        import_id = str(row["import_id"])
        call = Call(actor=row["started_by"], roles=frozenset(row["started_roles"]))
        begun = Begun(row["file_name"], row["mapping"], row["historical"], row["dry_run"], row["wanted_sheet"])
        report = Report(self._db, call, begun, import_id, row["started_at"])
        run = Run(self._register, call, row["mapping"], begun, report)
        try:
            await run.through(self._held(opened(self._db, self._objects, import_id)), skip=row["rows"])
            await report.done(run.facts, row["sha256"])
            await self._gone(import_id)
        except (Unavailable, LeaseLost):
            raise
        except Stopped:
            _LOG.info("an import was stopped", import_id=import_id)
        except RedressError as error:
            await report.failed(error, run.facts, row["sha256"])

    async def _held(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Renews the lease while the file is read."""
        renew_at = 0.0
        async for chunk in chunks:
            if time.monotonic() >= renew_at:
                if not await self._lease.held():
                    raise LeaseLost
                renew_at = time.monotonic() + _HOLD_EVERY_S
            yield chunk

    async def _forget(self) -> None:
        """Files that nobody resumed in time."""
        async with self._db.read() as tx:
            rows = await tx.fetch(
                "SELECT import_id FROM imports WHERE stored AND state IN ('failed', 'stopped', 'done')"
                " AND (state = 'done' OR started_at < $1) LIMIT 20",
                tx.now - KEPT,
            )
        for row in rows:
            await self._gone(str(row["import_id"]))

    async def _gone(self, import_id: str) -> None:
        await self._objects.delete(object_name(import_id))
        async with self._db.tx() as tx:
            await tx.execute("UPDATE imports SET stored = false WHERE import_id = $1", import_id)
