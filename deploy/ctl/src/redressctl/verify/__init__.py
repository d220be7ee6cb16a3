"""`redressctl verify`: compares what was acknowledged with what every service has; it opens no database."""

import asyncio
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from redressctl.api import Api, connect
from redressctl.load.acks import Ack, read_acks
from redressctl.target import Target
from redressctl.verify.acks import compare_acks, keys_of, unannounced
from redressctl.verify.books import Books, read_audit, read_books
from redressctl.verify.compare import Check, compare, without_receipt
from redressctl.verify.subscriptions import SUBSCRIPTIONS

_AGAIN_S = 1.0
_ASKED_AT_ONCE = 500
_MOST_NAMED = 20


@dataclass(frozen=True)
class Report:
    checks: list[Check]
    waited_s: float

    @property
    def clean(self) -> bool:
        return all(check.clean for check in self.checks)

    @property
    def verdict(self) -> str:
        return "clean" if self.clean else "differs"

    def as_json(self) -> dict[str, Any]:
        return {
            "verify": self.verdict,
            "differences": sum(len(check.differs) for check in self.checks),
            "waited_s": round(self.waited_s, 1),
            "checks": {check.name: {"n": check.looked_at, "differs": len(check.differs)} for check in self.checks},
        }

    def named(self) -> list[str]:
        """The first differences of each check, by name."""
        return [f"{check.name}: {one}" for check in self.checks for one in check.differs[:_MOST_NAMED]]


async def run(target: Target, *, acks: Path | None = None, wait_s: float = 30.0) -> Report:
    """Looks until all agrees, at most `wait_s` seconds: what is still under way is not a difference yet."""
    async with connect(target.url, target.key, knock=not wait_s) as api:
        return await verify(api, acks=acks, wait_s=wait_s)


async def verify(api: Api, *, acks: Path | None = None, wait_s: float = 30.0) -> Report:
    begun, given = time.monotonic(), read_acks(acks) if acks else []
    keys: dict[str, str] = {}
    needs_none: dict[str, bool] = {}
    """Complaint without a receipt -> whether none was due."""
    while True:
        books = await read_books(api)
        all_asked = await _ask_why(api, books, needs_none)
        books = replace(books, no_receipt_due=frozenset(one for one, none_due in needs_none.items() if none_due))
        checks = [*(await _acknowledged(api, given, books, keys) if acks else ()), *compare(books, SUBSCRIPTIONS)]
        waited = time.monotonic() - begun
        if all(check.clean for check in checks) or (waited > wait_s and all_asked):
            audit = await read_audit(api)
            audited = compare(replace(books, audit=audit), SUBSCRIPTIONS)[-1]
            return Report([*checks[:-1], audited], waited)
        await asyncio.sleep(_AGAIN_S)


async def _ask_why(api: Api, books: Books, answers: dict[str, bool]) -> bool:
    """A missing receipt may be right: that is asked of the complaint itself. False while some are still to be asked:
    a file of old records brings thousands."""

    async def ask(complaint_id: str) -> None:
        found = await api.get(f"/v1/complaints/{complaint_id}")
        answers[complaint_id] = bool(found.get("historical")) or not found.get("customer_email")

    open_ones = [one for one in without_receipt(books) if one not in answers]
    await asyncio.gather(*(ask(one) for one in open_ones[:_ASKED_AT_ONCE]))
    return len(open_ones) <= _ASKED_AT_ONCE


async def _acknowledged(api: Api, given: list[Ack], books: Books, keys: dict[str, str]) -> list[Check]:
    """`keys`: of complaints asked at an earlier look; a key never changes."""
    suspects = unannounced(given, books.complaints)
    keys |= await keys_of(api, (one for one in suspects if one not in keys))
    return compare_acks(given, books.complaints, {one: keys[one] for one in suspects})
