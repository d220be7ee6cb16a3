"""Registers complaints, many in one transaction: the hot path.

Every statement carries the whole group; each item gets its own answer. Where the group cannot be written as a whole
(someone registered the same external id or key at this moment), its items are taken one by one.
"""

from collections.abc import Sequence

import asyncpg

from chassis import logs
from chassis.commands import audit_refusal
from chassis.db import Database
from chassis.errors import Conflict, Invalid, RedressError
from intake.app.grading_tables import Registrars
from intake.app.group import Group, Item
from intake.app.replies import Outcome

MAX_GROUP = 200
_TRIES = 4
RACES = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
ITEMS_FAULT = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
_LOG = logs.get("register")


class _Undone(Exception):
    """Rolls a transaction back and brings out what it found."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__()
        self.outcomes = outcomes


class Register:
    def __init__(self, db: Database, registrars: Registrars) -> None:
        self._db = db
        self._registrars = registrars

    async def __call__(self, items: Sequence[Item]) -> list[Outcome]:
        """An answer per item, in order, after the commit. Raises Unavailable when nothing can be written now."""
        if not items:
            return []
        try:
            outcomes = await self._group(items)
        except (*ITEMS_FAULT, *RACES) as error:
            _LOG.info("a group is taken one by one", items=len(items), error=type(error).__name__)
            outcomes = [await self._alone(item) for item in items]
        for item, outcome in zip(items, outcomes, strict=True):
            if isinstance(outcome, RedressError) and outcome.audited:
                await audit_refusal(self._db, item.call, "RegisterCommand", outcome)
        return outcomes

    async def tried(self, items: Sequence[Item]) -> list[Outcome]:
        """What registering would answer; nothing of it stays but a gap in the numbers."""
        try:
            async with self._db.tx() as tx:
                outcomes = await Group(tx, items, await self._registrars(tx)).registered()
                raise _Undone(outcomes)
        except _Undone as undone:
            return undone.outcomes

    async def _alone(self, item: Item) -> Outcome:
        for _ in range(_TRIES):
            try:
                return (await self._group([item]))[0]
            except RACES:
                continue
            except ITEMS_FAULT as error:
                _LOG.error("a complaint cannot be written", error=type(error).__name__)
                return Invalid("the complaint cannot be stored")
        return Conflict("concurrent_change", "someone else registered this at the same time")

    async def _group(self, items: Sequence[Item]) -> list[Outcome]:
        async with self._db.tx() as tx:
            return await Group(tx, items, await self._registrars(tx)).registered()
