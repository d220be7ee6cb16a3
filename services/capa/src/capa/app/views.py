"""Aggregates as messages of the contract."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from capa.adapters import cases
from capa.adapters.tables import capa_cases, capas, rca_cases
from capa.domain.capa import DISPLAY_GROUP, Action, Capa
from capa.domain.lifecycle import possible
from capa.domain.rca import Rca
from chassis.db import Tx
from chassis.messages import to_message
from redress.capa.v1 import capa_pb2 as pb


async def rca_view(tx: Tx, rca: Rca) -> pb.Rca:
    return (await rca_views(tx, [rca]))[0]


async def rca_views(tx: Tx, rcas: Sequence[Rca]) -> list[pb.Rca]:
    ids = [rca.rca_id for rca in rcas]
    linked = await cases.linked(tx, rca_cases, ids)
    capa_ids = await _capas_of(tx, ids)
    return [
        to_message(pb.Rca, {**asdict(r), **_cases(linked.get(r.rca_id, [])), "capa_ids": capa_ids.get(r.rca_id, [])})
        for r in rcas
    ]


async def capa_view(tx: Tx, capa: Capa) -> pb.Capa:
    return (await capa_views(tx, [capa]))[0]


async def capa_views(tx: Tx, found: Sequence[Capa]) -> list[pb.Capa]:
    linked = await cases.linked(tx, capa_cases, [capa.capa_id for capa in found])
    return [to_message(pb.Capa, {**_capa(capa), **_cases(linked.get(capa.capa_id, []))}) for capa in found]


def _capa(capa: Capa) -> dict[str, Any]:
    return {
        **asdict(capa),
        "actions": [_action(action) for action in capa.actions],
        "effectiveness_plan": asdict(capa.plan) if capa.plan else None,
        "possible": possible(capa),
        "window_ends_at": capa.window_ends_at(),
    }


def _action(action: Action) -> dict[str, Any]:
    return {**asdict(action), "display_group": DISPLAY_GROUP[action.type]}


def _cases(linked: Sequence[tuple[str, bool]]) -> dict[str, list[str]]:
    return {
        "case_ids": [case_id for case_id, _seen in linked],
        "unseen_case_ids": [case_id for case_id, seen in linked if not seen],
    }


async def _capas_of(tx: Tx, rca_ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    query = sa.select(capas.c.rca_id, capas.c.capa_id).where(capas.c.rca_id.in_(rca_ids)).order_by(capas.c.capa_id)
    for row in await tx.rows(query) if rca_ids else []:
        found.setdefault(str(row["rca_id"]), []).append(str(row["capa_id"]))
    return found
