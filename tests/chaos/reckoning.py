"""What is missing and what is there twice, from the services' ledgers. Pure but for reading them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from redress.catalog import TYPE_OF
from redress.workflow.v1.events import CaseOpened
from redressctl.api import Api
from redressctl.load.acks import Ack
from redressctl.verify.books import Books, Row, ledger
from redressctl.verify.subscriptions import SUBSCRIPTIONS, owner_of

_CASE_OPENED = TYPE_OF[CaseOpened]


@dataclass(frozen=True)
class Reckoning:
    """Name of the count -> how many."""

    missing: Mapping[str, int]
    duplicated: Mapping[str, int]

    def __add__(self, other: "Reckoning") -> "Reckoning":
        return Reckoning({**self.missing, **other.missing}, {**self.duplicated, **other.duplicated})

    @property
    def total_missing(self) -> int:
        return sum(self.missing.values())

    @property
    def total_duplicated(self) -> int:
        return sum(self.duplicated.values())


def reckon(acks: Iterable[Ack], serials: Iterable[str], books: Books) -> Reckoning:
    """`serials`: of every complaint there is; the load writes each complaint's Idempotency-Key there."""
    registered = {row.id for row in books.complaints}
    opened = (row.subject for row in books.outbox.get("workflow", ()) if row.kind == _CASE_OPENED)
    return Reckoning(
        missing={
            "acknowledged complaints": len({ack.complaint_id for ack in acks} - registered),
            "cases": len(registered - {row.id for row in books.cases}),
            "facts": len(registered - {row.id for row in books.facts}),
            "events unsent": sum(1 for rows in books.outbox.values() for row in rows if not row.sequence),
            "events not handled": sum(len(never_handled(books, consumer)) for consumer in SUBSCRIPTIONS),
        },
        duplicated={
            "complaints of one key": surplus(serial for serial in serials if serial),
            "complaints of one id": surplus(row.id for row in books.complaints),
            "cases of one complaint": surplus(row.id for row in books.cases),
            "openings of one case": surplus(opened),
            "facts of one complaint": surplus(row.id for row in books.facts),
            "receipts of one complaint": surplus(row.id for row in books.receipts),
            "inbox entries of one event": sum(surplus(row.id for row in rows) for rows in books.inbox.values()),
        },
    )


def never_handled(books: Books, consumer: str) -> set[str]:
    """Events this consumer subscribes to that lie in their owners' outboxes, and that it neither took in nor parked."""
    types = SUBSCRIPTIONS[consumer]
    due = {row.id for owner in {owner_of(t) for t in types} for row in books.outbox.get(owner, ()) if row.kind in types}
    return due - _ids(books.inbox.get(consumer, ())) - _ids(books.dead_letters.get(consumer, ()))


def surplus(names: Iterable[str]) -> int:
    """How many there are beyond one of each."""
    return sum(count - 1 for count in Counter(names).values())


def letters_twice(entries: Sequence[Mapping[str, object]]) -> int:
    """Receipts that reached the same customer again: SMTP cannot promise once (a kill between sending and noting)."""
    return surplus(str(entry["to"]) for entry in entries if entry["kind"] == "receipt")


async def read_serials(api: Api) -> list[str]:
    return [str(complaint.get("serial") or "") async for complaint in api.pages("/v1/complaints")]


async def read_books_of(api: Api, services: Iterable[str]) -> Books:
    """The delivery ledgers alone, of those services alone."""
    names = list(services)
    return Books(
        outbox={name: await ledger(api, name, "outbox") for name in names},
        inbox={name: await ledger(api, name, "inbox") for name in names},
        dead_letters={name: await ledger(api, name, "dead_letters") for name in names},
    )


def _ids(rows: Iterable[Row]) -> set[str]:
    return {row.id for row in rows}
