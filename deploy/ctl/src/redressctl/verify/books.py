"""What the services say they have, as their admin ledgers show it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from redressctl.api import Api

SERVICES = ("intake", "workflow", "capa", "notify", "analytics", "gateway")
_PAGE = 10_000


class Row(NamedTuple):
    """See LedgerRow of admin.proto."""

    id: str
    kind: str = ""
    subject: str = ""
    sequence: int = 0
    at: str = ""


@dataclass(frozen=True)
class AuditTrail:
    entries: int
    aggregates: int
    broken: tuple[str, ...] = ()


Ledgers = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Books:
    complaints: Sequence[Row] = ()
    cases: Sequence[Row] = ()
    facts: Sequence[Row] = ()
    receipts: Sequence[Row] = ()
    outbox: Ledgers = field(default_factory=dict)
    """Owner -> its events; `sequence` is 0 while unsent."""
    inbox: Ledgers = field(default_factory=dict)
    """Consumer -> the events it took in."""
    dead_letters: Ledgers = field(default_factory=dict)
    audit: Mapping[str, AuditTrail] = field(default_factory=dict)
    no_receipt_due: frozenset[str] = frozenset()
    """Complaints without a receipt that need none: historical, or nobody left an address."""


async def read_books(api: Api) -> Books:
    """What comes first in a complaint's life is read first: under traffic nothing is missed that was there in time."""
    complaints = await ledger(api, "intake", "complaints")
    outbox = await _everywhere(api, "outbox")
    inbox = await _everywhere(api, "inbox")
    cases, facts, receipts = await asyncio.gather(
        ledger(api, "workflow", "cases"), ledger(api, "analytics", "facts"), ledger(api, "notify", "receipts")
    )
    return Books(complaints, cases, facts, receipts, outbox, inbox, dead_letters=await _everywhere(api, "dead_letters"))


async def read_audit(api: Api) -> dict[str, AuditTrail]:
    verdicts = await asyncio.gather(
        *(api.post(f"/v1/admin/{service}/audit/verify", timeout=120) for service in SERVICES)
    )
    return {
        service: AuditTrail(int(v.get("entries") or 0), int(v.get("aggregates") or 0), tuple(v.get("broken") or ()))
        for service, v in zip(SERVICES, verdicts, strict=True)
    }


async def ledger(api: Api, service: str, name: str) -> list[Row]:
    rows: list[Row] = []
    cursor: str | None = None
    while True:
        page = await api.get(f"/v1/admin/{service}/ledgers/{name}", cursor=cursor, limit=_PAGE)
        rows.extend(_row(item) for item in page.get("rows") or page.get("items") or [])
        cursor = page.get("next_cursor")
        if not cursor:
            return rows


def _row(item: Mapping[str, Any]) -> Row:
    kind, subject, at = (item.get(name) or "" for name in ("kind", "subject", "at"))
    return Row(item["id"], kind, subject, int(item.get("sequence") or 0), at)


async def _everywhere(api: Api, name: str) -> dict[str, list[Row]]:
    found = await asyncio.gather(*(ledger(api, service, name) for service in SERVICES))
    return dict(zip(SERVICES, found, strict=True))
