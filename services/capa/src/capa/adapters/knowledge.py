"""Knowledge cases in PostgreSQL."""

import sqlalchemy as sa

from capa.adapters import rows
from capa.adapters.tables import knowledge
from capa.domain.knowledge import Knowledge
from chassis.db import Tx
from chassis.errors import NotFound


async def get(tx: Tx, knowledge_id: str) -> Knowledge:
    """By id or number; `NotFound` otherwise."""
    return await _one(tx, sa.select(knowledge).where(rows.identified(knowledge, "knowledge_id", knowledge_id)))


async def lock(tx: Tx, knowledge_id: str) -> Knowledge:
    mine = rows.identified(knowledge, "knowledge_id", knowledge_id)
    return await _one(tx, sa.select(knowledge).where(mine).with_for_update())


async def save(tx: Tx, entry: Knowledge) -> None:
    await rows.put(tx, knowledge, [rows.columns(knowledge, entry)])


async def _one(tx: Tx, query: sa.Select[tuple[object, ...]]) -> Knowledge:
    row = await tx.row(query)
    if row is None:
        raise NotFound("there is no such knowledge case")
    return rows.read(Knowledge, row)
