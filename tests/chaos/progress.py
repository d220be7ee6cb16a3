"""Whether delivery has caught up: which acknowledged complaints still wait for their case or their fact."""

import asyncio
import time
from contextlib import suppress

import asyncpg

from stack.databases import Server

_LOOK_EVERY_S = 0.25
_FOLLOWED_S = 150.0
_PLACES = {
    "redress_workflow": "SELECT case_id::text FROM cases WHERE case_id = ANY($1::uuid[])",
    "redress_analytics": "SELECT complaint_id::text FROM facts WHERE complaint_id = ANY($1::uuid[])"
    " AND t_registered IS NOT NULL AND case_state IS NOT NULL",
}


class Progress:
    """Asks the databases themselves, past every proxy: it must not wait for what it measures."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._waiting: dict[str, float] = {}

    def expect(self, complaint_id: str, acknowledged_at: float) -> None:
        self._waiting[complaint_id] = acknowledged_at

    async def caught_up(self, since: float) -> float | None:
        """When everything acknowledged until `since` was through, monotonic; None after 150 s."""
        while time.monotonic() - since < _FOLLOWED_S:
            if not any(at <= since for at in self._waiting.values()):
                return time.monotonic()
            await asyncio.sleep(_LOOK_EVERY_S)
        return None

    async def watch(self) -> None:
        while True:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await self._look()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _look(self) -> None:
        through = set(self._waiting)
        for database, query in _PLACES.items():
            if through:
                through &= await self._ask(database, query, list(through))
        for complaint_id in through:
            self._waiting.pop(complaint_id, None)

    async def _ask(self, database: str, query: str, ids: list[str]) -> set[str]:
        connection = await asyncpg.connect(self._server.dsn(database), timeout=2, command_timeout=2)
        try:
            return {row[0] for row in await connection.fetch(query, ids)}
        finally:
            connection.terminate()
