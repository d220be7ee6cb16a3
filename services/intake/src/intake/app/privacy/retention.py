"""Whose time is over: by the published rules, counted from the closure of the last of their complaints."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.call import Call, system
from chassis.db import Database, Tx
from chassis.definition_store import one
from chassis.definitions import Kind
from chassis.errors import NotFound
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.app.privacy import erasures
from intake.app.privacy.erasing import erase
from intake.app.privacy.roles import ASKING
from intake.domain.privacy.retention import ANY_FORM, OFF, Retention, read
from redress.intake.v1 import privacy_pb2 as pb

NAME = "default"
RETENTION = Kind("retention", read, only=NAME)
EVERY_S = 600.0
"""Oftener than the alert about duties that stopped waits (15 minutes)."""
REASON = "retention period is over"
_BITE = 200
# Only persons with a complaint that is old enough by the shortest rule are looked at.
_DUE = """WITH rules AS (SELECT r.* FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS r(form, months, n)),
 candidates AS (SELECT DISTINCT k.person_id FROM complaints c JOIN customers k USING (customer_id)
  JOIN persons p ON p.person_id = k.person_id AND p.sealed_key IS NOT NULL WHERE c.closed_at < $3),
 over AS (SELECT k.person_id, count(*)::int AS complaints,
   bool_and(c.state <> 'open' AND r.months IS NOT NULL) AS ended,
   max(coalesce(c.closed_at, c.t_registered) + make_interval(months => r.months)) AS over_since
  FROM candidates JOIN customers k USING (person_id) JOIN complaints c ON c.customer_id = k.customer_id
  LEFT JOIN complaint_forms f ON f.complaint_id = c.complaint_id
  LEFT JOIN LATERAL (SELECT months FROM rules WHERE form IN (f.form, '*') ORDER BY n LIMIT 1) AS r ON true
  GROUP BY k.person_id)
 SELECT o.person_id, o.over_since, o.complaints, p.hold_reason <> '' AS held,
  EXISTS (SELECT FROM erasures e WHERE e.person_id = o.person_id AND e.state = 'requested') AS requested
 FROM over o JOIN persons p USING (person_id) WHERE o.ended AND o.over_since < $4"""
_SHORTEST = "SELECT $1::timestamptz - make_interval(months => $2)"


async def list_due(tx: Tx, call: Call, request: pb.ListRetentionDueRequest) -> pb.ListRetentionDueReply:
    """Longest over first; also those on hold, marked: a dry run of what the worker does."""
    call.require(*ASKING)
    limit = limit_of(request.page)
    after = decode_cursor(request.page.cursor, datetime, UUID) or (None, None)
    rows = await _due(
        tx,
        await rules(tx),
        " AND ($5::timestamptz IS NULL OR (o.over_since, o.person_id) > ($5, $6::uuid))"
        " ORDER BY o.over_since, o.person_id LIMIT $7",
        *(*after, limit),
    )
    cursor = encode_cursor(rows[-1]["over_since"], str(rows[-1]["person_id"])) if len(rows) == limit else ""
    return pb.ListRetentionDueReply(due=[to_message(pb.RetentionDue, row) for row in rows], next_cursor=cursor)


async def rules(tx: Tx) -> Retention:
    """Those that are published; none: nothing is ever over."""
    try:
        return read((await one(tx, RETENTION.name, NAME, 0)).whole)
    except NotFound:
        return OFF


async def _due(tx: Tx, retention: Retention, rest: str, *values: Any) -> list[Any]:
    if retention.shortest_months is None:
        return []
    before = await tx.fetchval(_SHORTEST, tx.now, retention.shortest_months)
    forms = [rule.form or ANY_FORM for rule in retention.rules]
    months = [rule.months for rule in retention.rules]
    return await tx.fetch(f"{_DUE}{rest}", forms, months, before, tx.now, *values)


class Retire:
    """Requests the erasure of whoever is due, or erases them where the rules say so; one replica at a time need not
    be: a person has one open request."""

    def __init__(self, db: Database, retired: Callable[[int], None] = lambda _number: None) -> None:
        self._db = db
        self._retired = retired

    async def __call__(self) -> None:
        while taken := await self._bite():
            self._retired(taken)

    async def _bite(self) -> int:
        async with self._db.read() as tx:
            retention = await rules(tx)
            waiting = "" if retention.automatic else " AND NOT EXISTS (SELECT FROM erasures e" + _ASKED_BEFORE
            found = await _due(
                tx, retention, f" AND p.hold_reason = ''{waiting} ORDER BY o.over_since, o.person_id LIMIT {_BITE}"
            )
        for row in found:
            async with self._db.tx() as tx:
                await self._retire(tx, str(row["person_id"]), retention)
        return len(found)

    async def _retire(self, tx: Tx, person_id: str, retention: Retention) -> None:
        call = system("intake")
        request = await erasures.note(tx, call, person_id, origin="retention", reason=REASON)
        if retention.automatic:
            complaints = await erase(tx, call, person_id, REASON)
            row = await tx.fetchrow("SELECT * FROM erasures WHERE erasure_id = $1", request.erasure_id)
            await erasures.settle(tx, call, row, "done", "by the retention rules", complaints or 0)


# Whom somebody decided to keep is not asked about again and again.
_ASKED_BEFORE = " WHERE e.person_id = o.person_id AND (e.state = 'requested' OR e.origin = 'retention'))"
