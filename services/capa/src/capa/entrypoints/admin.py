"""Ledgers that `redressctl verify` compares with those of the other services."""

from uuid import UUID

import sqlalchemy as sa

from capa.adapters.tables import capas, cases, knowledge, rcas
from chassis.db import Tx
from chassis.ledgers import Ledger, LedgerRow

_FIRST = str(UUID(int=0))


def _ledger(table: sa.Table, key: str, state: str, at: str, version: str) -> Ledger:
    columns = [table.c[key].label("id"), sa.literal_column(state).label("kind"), table.c[version], table.c[at]]

    async def page(tx: Tx, after: tuple[object, ...] | None, limit: int) -> list[LedgerRow]:
        query = sa.select(*columns).where(table.c[key] > (after[0] if after else _FIRST)).order_by(table.c[key])
        return [
            LedgerRow(str(row["id"]), row["kind"], "", row[version], row[at], (str(row["id"]),))
            for row in await tx.rows(query.limit(limit))
        ]

    return page


LEDGERS: dict[str, Ledger] = {
    "cases": _ledger(cases, "case_id", "CASE WHEN seen THEN state ELSE 'unseen' END", "updated_at", "sequence"),
    "rcas": _ledger(rcas, "rca_id", "state", "opened_at", "version"),
    "capas": _ledger(capas, "capa_id", "state", "opened_at", "version"),
    "knowledge": _ledger(knowledge, "knowledge_id", "'published'", "published_at", "version"),
}
