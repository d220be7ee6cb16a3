"""The group commit of CompleteTasks: one transaction, and one each when something unforeseen breaks the group."""

from collections.abc import Sequence

from chassis import logs
from chassis.db import Database
from chassis.errors import RedressError, Unavailable
from workflow.app.complete_tasks import Answer, Item, complete_tasks

_LOG = logs.get("completing")


class Completing:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def run(self, items: Sequence[Item]) -> list[Answer]:
        """Answers in order. What an item's refusal costs is that item; an outage costs the call."""
        if not items:
            return []
        try:
            return await self._together(items)
        except Unavailable:
            raise
        except Exception as error:
            _LOG.warning("group failed, one by one", items=len(items), error=type(error).__name__)
            return [await self._alone(item) for item in items]

    async def _together(self, items: Sequence[Item]) -> list[Answer]:
        async with self._db.tx() as tx:
            tx.traceparent = items[0].call.traceparent
            return await complete_tasks(tx, items)

    async def _alone(self, item: Item) -> Answer:
        try:
            return (await self._together([item]))[0]
        except Unavailable:
            raise
        except Exception as error:
            _LOG.error("a task could not be completed", task_id=item.asked.task_id, exc_info=True)
            return RedressError(f"internal error ({type(error).__name__})", slug="internal", status=500)
