"""Calls past the gateway with no token or a forged one: into the audit trail, and never so many that it is a flood."""

import time

from chassis.call import Call
from chassis.commands import audit_refusal
from chassis.db import Database
from chassis.errors import RedressError

_EVERY_S = 1.0
_NOBODY = Call(actor="unauthenticated")


class Strangers:
    """Writes at most one entry a second; the next one says how many it stands for."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._next = 0.0
        self._since = 0

    async def note(self, method: str, error: RedressError) -> None:
        self._since += 1
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_S
        count, self._since = self._since, 0
        await audit_refusal(self._db, _NOBODY, f"{method} ({count} since the last entry)", error)
