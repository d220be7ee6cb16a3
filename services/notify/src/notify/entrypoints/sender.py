"""The background sender. Every replica runs one; claims keep them apart."""

import asyncio
import time
from contextlib import suppress

from chassis import logs
from chassis.db import Database
from chassis.errors import Unavailable
from notify.adapters import deliveries, surveys
from notify.app.digest import make_digests
from notify.app.mailroom import SWITCHED_OFF, Mailroom
from notify.app.send import ROUND, Post, send_round

_LOG = logs.get("sender")
_DIGESTS_EVERY_S = 1.0
_OUTAGE_S = 1.0
# A reaction knocks before its transaction commits, and a little later there are more rows to take at once.
_COMMIT_S = 0.05


class Bell:
    """Wakes the sender of this process when rows are on their way."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._due: asyncio.TimerHandle | None = None

    def knock(self) -> None:
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(_COMMIT_S, self.ring)

    def ring(self) -> None:
        self._due = None
        self._rung.set()

    async def wait(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), timeout_s)
        self._rung.clear()


class Sender:
    """`post` is None where delivery is switched off; then what waits is skipped."""

    def __init__(self, db: Database, room: Mailroom, post: Post | None, bell: Bell, poll_s: float) -> None:
        self._db = db
        self._room = room
        self._post = post
        self._bell = bell
        self._poll_s = poll_s
        self._digested = 0.0
        self._stopping = False
        self._resting = asyncio.Event()
        self._resting.set()

    async def run(self) -> None:
        self._resting.clear()
        try:
            while not self._stopping:
                await self._bell.wait(await self._turn())
        finally:
            self._resting.set()

    async def stop(self) -> None:
        """Finishes the round in hand, so that no mail goes out that nobody notes."""
        self._stopping = True
        self._bell.ring()
        await self._resting.wait()

    async def _turn(self) -> float:
        """How long to wait for the bell before the next one."""
        try:
            await self._digest()
            if self._post is None:
                async with self._db.tx() as tx:
                    await deliveries.skip_waiting(tx, SWITCHED_OFF)
                    await surveys.switched_off(tx, SWITCHED_OFF)
                return self._poll_s
            done = await send_round(self._db, self._room, self._post)
        except Unavailable as error:
            _LOG.warning("sender waits", detail=error.detail)
            return _OUTAGE_S
        if done.claimed and not done.tried:
            _LOG.warning("nothing could be sent", claimed=done.claimed)
            return self._poll_s
        return 0.0 if done.claimed == ROUND else self._poll_s

    async def _digest(self) -> None:
        now = time.monotonic()
        if now - self._digested >= _DIGESTS_EVERY_S:
            self._digested = now
            await make_digests(self._db, self._room)
