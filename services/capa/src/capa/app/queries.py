"""Reads single aggregates and pages through them, newest first (ids are UUIDv7: ordered by time)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from capa.adapters import capas, cases, knowledge, rcas, rows
from capa.adapters import tables as t
from capa.app.roles import READERS
from capa.app.views import capa_view, capa_views, rca_view, rca_views
from capa.domain import require
from capa.domain.knowledge import Knowledge
from chassis.call import Call
from chassis.db import Tx
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from redress.capa.v1 import capa_pb2 as pb
from redress.common.v1.common_pb2 import Page


async def get_rca(tx: Tx, call: Call, request: pb.GetRcaRequest) -> pb.Rca:
    call.require(*READERS)
    return await rca_view(tx, await rcas.get(tx, request.rca_id))


async def get_capa(tx: Tx, call: Call, request: pb.GetCapaRequest) -> pb.Capa:
    call.require(*READERS)
    return await capa_view(tx, await capas.get(tx, request.capa_id))


async def get_knowledge(tx: Tx, call: Call, request: pb.GetKnowledgeRequest) -> pb.Knowledge:
    call.require(*READERS)
    entry = await knowledge.get(tx, request.knowledge_id)
    return (await _knowledge_views(tx, [entry]))[0]


async def list_rcas(tx: Tx, call: Call, request: pb.ListRcasRequest) -> pb.ListRcasReply:
    call.require(*READERS)
    where = [
        *_equal(t.rcas.c.state, request.state),
        *_equal(t.rcas.c.product_family, request.product_family),
        *_linked(t.rcas.c.rca_id, t.rca_cases, request.case_id),
    ]
    found = await rcas.select(tx, _page(t.rcas, "rca_id", request.page, where))
    return pb.ListRcasReply(rcas=await rca_views(tx, found), next_cursor=_next(request.page, found, "rca_id"))


async def list_capas(tx: Tx, call: Call, request: pb.ListCapasRequest) -> pb.ListCapasReply:
    call.require(*READERS)
    where = [
        *_equal(t.capas.c.state, request.state),
        *([t.capas.c.rca_id == (await rcas.get(tx, request.rca_id)).rca_id] if request.rca_id else []),
        *_linked(t.capas.c.capa_id, t.capa_cases, request.case_id),
    ]
    found = await capas.select(tx, _page(t.capas, "capa_id", request.page, where))
    return pb.ListCapasReply(capas=await capa_views(tx, found), next_cursor=_next(request.page, found, "capa_id"))


async def list_costs(tx: Tx, call: Call, request: pb.ListCostsRequest) -> pb.ListCostsReply:
    call.require(*READERS)
    where = []
    if request.case_id:
        where.append(t.costs.c.case_id == require.case_id(request.case_id))
    if request.capa_id:
        where.append(t.costs.c.capa_id == (await capas.get(tx, request.capa_id)).capa_id)
    found = await tx.rows(_page(t.costs, "cost_id", request.page, where))
    lines = [to_message(pb.Cost, row) for row in found]
    return pb.ListCostsReply(costs=lines, next_cursor=_next(request.page, lines, "cost_id"))


async def list_knowledge(tx: Tx, call: Call, request: pb.ListKnowledgeRequest) -> pb.ListKnowledgeReply:
    call.require(*READERS)
    where = [
        *_equal(t.knowledge.c.product_family, request.product_family),
        *_linked(t.knowledge.c.knowledge_id, t.knowledge_cases, request.case_id),
    ]
    found = await tx.rows(_page(t.knowledge, "knowledge_id", request.page, where))
    entries = [rows.read(Knowledge, row) for row in found]
    cursor = _next(request.page, entries, "knowledge_id")
    return pb.ListKnowledgeReply(knowledge=await _knowledge_views(tx, entries), next_cursor=cursor)


async def _knowledge_views(tx: Tx, entries: Sequence[Knowledge]) -> list[pb.Knowledge]:
    linked = await cases.linked(tx, t.knowledge_cases, [entry.knowledge_id for entry in entries])
    return [
        to_message(
            pb.Knowledge,
            {**asdict(entry), "case_ids": [case_id for case_id, _seen in linked.get(entry.knowledge_id, [])]},
        )
        for entry in entries
    ]


def _equal(column: sa.Column[Any], wanted: str) -> list[sa.ColumnElement[bool]]:
    return [column == wanted] if wanted else []


def _linked(column: sa.Column[Any], table: sa.Table, case_id: str) -> list[sa.ColumnElement[bool]]:
    if not case_id:
        return []
    owner = table.c[column.name]
    return [column.in_(sa.select(owner).where(table.c.case_id == require.case_id(case_id)))]


def _page(table: sa.Table, key: str, page: Page, where: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    after = decode_cursor(page.cursor, UUID)
    behind = [table.c[key] < after[0]] if after else []
    return sa.select(table).where(*where, *behind).order_by(table.c[key].desc()).limit(limit_of(page))


def _next(page: Page, found: Sequence[Any], key: str) -> str:
    return encode_cursor(str(getattr(found[-1], key))) if len(found) == limit_of(page) else ""
