from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.call import Call
from chassis.db import Tx


@dataclass(frozen=True)
class Refused:
    """One kind of refusal; equal ones are counted, not repeated, so that a flood writes few rows."""

    actor: str
    method: str
    route: str
    slug: str
    status: int
    client: str


async def record_refusals(tx: Tx, refusals: Mapping[Refused, int]) -> None:
    """Appends to the trail `access:<actor>`, which has no row to lock; hence the advisory lock, as in the chassis."""
    for actor in sorted({refused.actor for refused in refusals}):
        await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"access:{actor}")
    for refused, times in refusals.items():
        tx.audit(
            aggregate_type="access",
            aggregate_id=f"access:{refused.actor}",
            action=f"refused {refused.method} {refused.route}",
            call=Call(actor=refused.actor),
            changes=_facts(refused, times),
            reason=f"{refused.status} {refused.slug}",
        )


def _facts(refused: Refused, times: int) -> dict[str, list[Any]]:
    return {"times": [None, times], "client": [None, refused.client]}
