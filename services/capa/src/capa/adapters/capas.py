"""CAPAs in PostgreSQL: one row, its actions, its checks and the states it went through."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from capa.adapters import rows
from capa.adapters.tables import actions, capa_states, capas, checks
from capa.domain.capa import Action, Capa, Check, EffectivenessPlan, Extension
from chassis.db import Tx
from chassis.errors import NotFound


async def get(tx: Tx, capa_id: str) -> Capa:
    """By id or number; `NotFound` otherwise."""
    return await _one(tx, sa.select(capas).where(rows.identified(capas, "capa_id", capa_id)), capa_id)


async def lock(tx: Tx, capa_id: str) -> Capa:
    """As `get`, and nobody else changes it until the transaction ends."""
    found = sa.select(capas).where(rows.identified(capas, "capa_id", capa_id)).with_for_update()
    return await _one(tx, found, capa_id)


async def select(tx: Tx, query: sa.Select[Any]) -> list[Capa]:
    return await _whole(tx, await tx.rows(query))


async def save(tx: Tx, before: Capa | None, after: Capa, through: Sequence[str], by: str) -> None:
    """Writes the row, the actions and checks that changed, and every state on the way (`through`, in order)."""
    plan = asdict(after.plan) if after.plan else None
    await rows.put(tx, capas, [rows.columns(capas, after, plan=plan)])
    known = set(before.actions) if before else set()
    changed = [(place, action) for place, action in enumerate(after.actions) if action not in known]
    await rows.put(tx, actions, [_action_row(after, place, action) for place, action in changed])
    first_new = len(before.checks) if before else 0
    new_checks = list(enumerate(after.checks))[first_new:]
    await rows.put(
        tx, checks, [rows.columns(checks, check, capa_id=after.capa_id, position=p) for p, check in new_checks]
    )
    for state in through:
        values = {"capa_id": after.capa_id, "state": state, "version": after.version, "by": by, "at": tx.now}
        await tx.run(sa.insert(capa_states).values(values))


def _action_row(capa: Capa, place: int, action: Action) -> dict[str, Any]:
    extensions = [asdict(extension) for extension in action.extensions]
    return rows.columns(actions, action, capa_id=capa.capa_id, position=place, extensions=extensions)


async def _one(tx: Tx, query: sa.Select[Any], wanted: str) -> Capa:
    found = await _whole(tx, await tx.rows(query))
    if not found:
        raise NotFound(f"there is no CAPA {wanted}")
    return found[0]


async def _whole(tx: Tx, records: Sequence[Any]) -> list[Capa]:
    ids = [record["capa_id"] for record in records]
    its_actions, its_checks = await _parts(tx, actions, ids), await _parts(tx, checks, ids)
    return [
        rows.read(
            Capa,
            record,
            plan=_plan(record["plan"]),
            actions=tuple(map(_action, its_actions[record["capa_id"]])),
            checks=tuple(rows.read(Check, row) for row in its_checks[record["capa_id"]]),
        )
        for record in records
    ]


async def _parts(tx: Tx, table: sa.Table, ids: Sequence[Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    if ids:
        for row in await tx.rows(sa.select(table).where(table.c.capa_id.in_(ids)).order_by(table.c.position)):
            found[row["capa_id"]].append(row)
    return found


def _plan(document: dict[str, Any] | None) -> EffectivenessPlan | None:
    return EffectivenessPlan(**{**document, "set_at": _time(document["set_at"])}) if document else None


def _action(row: Any) -> Action:
    extensions = tuple(
        Extension(**{**entry, "due": _time(entry["due"]), "at": _time(entry["at"])}) for entry in row["extensions"]
    )
    return rows.read(Action, row, extensions=extensions)


def _time(stored: str) -> datetime:
    return datetime.fromisoformat(stored)
