"""Finding one complaint, and holding it for a change."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import IllegalTransition, NotFound, StaleVersion
from intake.adapters import personal

READING = ("customer_service", "engineer", "quality", "manager", "service")
WORKING = ("customer_service", "engineer", "quality", "manager")


def own_only(call: Call) -> bool:
    """True for a channel, which sees what it registered itself. Raises Forbidden for those who may read nothing."""
    call.require(*READING, "channel")
    return not call.has(*READING)


async def found(tx: Tx, call: Call, name: str) -> Mapping[str, Any]:
    """The complaint with this id or number, and its customer, in plain: people are shown `personal.masked` of it.

    Raises NotFound, also for what the caller may not see.
    """
    return await _one(tx, call, name, "")


async def held(tx: Tx, call: Call, name: str, *, if_version: int | None = None) -> Mapping[str, Any]:
    """Like `found`, locked until the transaction ends. Raises StaleVersion unless it stands at `if_version`."""
    row = await _one(tx, call, name, " FOR UPDATE OF c")
    if if_version is not None and row["version"] != if_version:
        raise StaleVersion(f"the complaint stands at version {row['version']}")
    return row


async def _one(tx: Tx, call: Call, name: str, lock: str) -> Mapping[str, Any]:
    own = own_only(call)
    where = "c.complaint_id = $1" if is_id(name) else "c.number = $1"
    row = await tx.fetchrow(f"{personal.SELECT} WHERE {where}{lock}", name)
    if row is None or (own and row["registered_by"] != call.actor):
        raise NotFound("there is no such complaint")
    return personal.opened(tx.sealer, row)


def check_not_merged(row: Mapping[str, Any]) -> None:
    if row["state"] == "merged":
        raise IllegalTransition(f"the complaint was merged into {row['merged_into']}")


def is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True
