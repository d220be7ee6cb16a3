"""Keeps a refused approval in the CAPA's own trail: the refused command itself is rolled back."""

from capa.adapters import capas
from chassis.call import Call
from chassis.db import Database


async def record_refused_approval(db: Database, call: Call, capa_id: str) -> None:
    """In a transaction of its own, under the CAPA's lock, which orders its chain of entries."""
    async with db.tx() as tx:
        capa = await capas.lock(tx, capa_id)
        tx.audit(
            aggregate_type="capa",
            aggregate_id=capa.capa_id,
            action="approval_refused",
            call=call,
            reason="author_approves_own_plan",
        )
