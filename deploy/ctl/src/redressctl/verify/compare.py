"""Do the services' books agree? Pure: rows in, differences by name out (ARCHITECTURE 5)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from redressctl.verify.books import Books, Row
from redressctl.verify.subscriptions import owner_of

_SETTLED_RECEIPTS = frozenset({"sent", "skipped"})


@dataclass(frozen=True)
class Check:
    name: str
    looked_at: int
    differs: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        return not self.differs


def compare(books: Books, subscriptions: Mapping[str, frozenset[str]]) -> list[Check]:
    registered = [row.id for row in books.complaints]
    receipts = [row for row in books.receipts if row.id]
    return [
        Check("complaints exist once", len(registered), tuple(_twice(registered, "is listed twice in intake"))),
        _sent(books.outbox),
        *(_taken_in(books, consumer, types) for consumer, types in sorted(subscriptions.items())),
        _has_one("each complaint has its case", registered, books.cases, "case in workflow"),
        _has_one("each complaint has its fact", registered, books.facts, "fact in analytics"),
        _has_one(
            "each customer has a receipt",
            [one for one in registered if one not in books.no_receipt_due],
            receipts,
            "receipt in notify",
            extra=_unsettled(receipts),
        ),
        _no_dead_letters(books.dead_letters),
        _audit_holds(books),
    ]


def without_receipt(books: Books) -> list[str]:
    """Complaints to be asked whether a receipt was due at all."""
    have = {row.id for row in books.receipts}
    return [row.id for row in books.complaints if row.id not in have]


def _sent(outbox: Mapping[str, Sequence[Row]]) -> Check:
    unsent = [
        f"{owner}: {row.kind} {row.id} was never sent"
        for owner, rows in outbox.items()
        for row in rows
        if not row.sequence
    ]
    return Check("every event was sent", sum(map(len, outbox.values())), tuple(unsent))


def _taken_in(books: Books, consumer: str, types: frozenset[str]) -> Check:
    owners = sorted({owner_of(event_type) for event_type in types})
    due = {row.id: row for owner in owners for row in books.outbox.get(owner, ()) if row.kind in types}
    taken = Counter(row.id for row in books.inbox.get(consumer, ()))
    parked = {row.id for row in books.dead_letters.get(consumer, ())}
    missing = [
        f"{consumer} never took in {row.kind} {row.id}"
        for event_id, row in due.items()
        if event_id not in taken and event_id not in parked
    ]
    doubled = [f"{consumer} took in {event_id} {n} times" for event_id, n in taken.items() if n > 1]
    return Check(f"{consumer} took in each of its events once", len(due), (*missing, *doubled))


def _has_one(name: str, due: Sequence[str], rows: Sequence[Row], what: str, extra: Iterable[str] = ()) -> Check:
    have = Counter(row.id for row in rows)
    missing = [f"complaint {one} has no {what}" for one in due if one not in have]
    doubled = [f"complaint {one} has {n} times a {what}" for one, n in have.items() if n > 1]
    return Check(name, len(due), (*missing, *doubled, *extra))


def _unsettled(receipts: Iterable[Row]) -> Iterator[str]:
    for row in receipts:
        if row.kind not in _SETTLED_RECEIPTS:
            yield f"the receipt of complaint {row.id} is {row.kind}"


def _no_dead_letters(dead_letters: Mapping[str, Sequence[Row]]) -> Check:
    parked = [f"{service} parked {row.kind} {row.id}" for service, rows in dead_letters.items() for row in rows]
    return Check("no dead letters", len(dead_letters), tuple(parked))


def _audit_holds(books: Books) -> Check:
    broken = [f"{service}: {one}" for service, trail in books.audit.items() for one in trail.broken]
    return Check("audit trails hold", sum(trail.entries for trail in books.audit.values()), tuple(broken))


def _twice(ids: Iterable[str], message: str) -> Iterator[str]:
    return (f"{one} {message}" for one, n in Counter(ids).items() if n > 1)
