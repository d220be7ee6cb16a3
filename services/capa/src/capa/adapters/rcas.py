"""Analyses in PostgreSQL: one row, its whys and its causes."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from capa.adapters import rows
from capa.adapters.tables import causes, rcas, whys
from capa.domain.rca import Cause, Rca, Why
from chassis.db import Tx
from chassis.errors import NotFound


async def get(tx: Tx, rca_id: str) -> Rca:
    """By id or number; `NotFound` otherwise."""
    return await _one(tx, sa.select(rcas).where(rows.identified(rcas, "rca_id", rca_id)), rca_id)


async def lock(tx: Tx, rca_id: str) -> Rca:
    """As `get`, and nobody else changes it until the transaction ends."""
    found = sa.select(rcas).where(rows.identified(rcas, "rca_id", rca_id)).with_for_update()
    return await _one(tx, found, rca_id)


async def get_or_none(tx: Tx, rca_id: str | None) -> Rca | None:
    return await get(tx, rca_id) if rca_id else None


async def select(tx: Tx, query: sa.Select[Any]) -> list[Rca]:
    return await _whole(tx, await tx.rows(query))


async def save(tx: Tx, before: Rca | None, after: Rca) -> None:
    """Writes the row and the nodes that changed."""
    await rows.put(tx, rcas, [rows.columns(rcas, after)])
    known: set[Any] = {*before.whys, *before.causes} if before else set()
    for table, nodes in ((whys, after.whys), (causes, after.causes)):
        changed = [(place, node) for place, node in enumerate(nodes) if node not in known]
        await rows.put(tx, table, [rows.columns(table, n, rca_id=after.rca_id, position=p) for p, n in changed])


async def _one(tx: Tx, query: sa.Select[Any], wanted: str) -> Rca:
    found = await _whole(tx, await tx.rows(query))
    if not found:
        raise NotFound(f"there is no RCA {wanted}")
    return found[0]


async def _whole(tx: Tx, records: Sequence[Any]) -> list[Rca]:
    ids = [record["rca_id"] for record in records]
    its_whys = await _nodes(tx, whys, Why, ids)
    its_causes = await _nodes(tx, causes, Cause, ids)
    return [
        rows.read(Rca, record, whys=tuple(its_whys[record["rca_id"]]), causes=tuple(its_causes[record["rca_id"]]))
        for record in records
    ]


async def _nodes(tx: Tx, table: sa.Table, kind: type[Any], ids: Sequence[Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    if ids:
        for row in await tx.rows(sa.select(table).where(table.c.rca_id.in_(ids)).order_by(table.c.position)):
            found[row["rca_id"]].append(rows.read(kind, row))
    return found
