"""Complaints that have all words and pass all filters, newest first.

The index only proposes: every complaint is read, PostgreSQL checks the filters on it and we the words in its opened
text. So a stale or shared term shows nothing that does not belong there.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.messages import to_message
from chassis.paging import limit_of
from intake.adapters import personal
from intake.adapters.search_postings import SEGMENT
from intake.adapters.search_statement import statement, values_of
from intake.app.listing import COLUMNS, as_json
from intake.app.search.asked import Asked, asked
from intake.app.search.hits import hits
from intake.app.search.lexicons import lexicon_of
from intake.app.search.places import Place, place_of
from intake.app.search.ways import way_of
from redress.intake.v1 import intake_pb2
from redress.intake.v1 import search_pb2 as pb

FRESH = 200
"""Of those not indexed yet so many are looked at."""
_READ_AT_FIRST, _READ_AT_ONCE = 200, 8_000
_COLUMNS = ", ".join(COLUMNS)
_DOC_AT = """SELECT t.doc FROM complaints c JOIN complaint_terms t USING (complaint_id)
 WHERE c.t_registered {} $1 ORDER BY c.t_registered {} LIMIT 1"""

Rows = list[dict[str, Any]]


async def search_complaints(tx: Tx, call: Call, request: pb.SearchComplaintsRequest) -> pb.SearchComplaintsReply:
    wanted = asked(call, request.filter)
    page = await found(tx, wanted, limit_of(request.page), request.page.cursor)
    return reply(page, as_json_text=request.as_json)


@dataclass(slots=True)
class Page:
    rows: Rows = field(default_factory=list)
    next_cursor: str = ""


def reply(page: Page, *, as_json_text: bool) -> pb.SearchComplaintsReply:
    if as_json_text:
        shown = [{name: value for name, value in row.items() if name != "doc"} for row in page.rows]
        return pb.SearchComplaintsReply(json=as_json(shown), next_cursor=page.next_cursor)
    complaints = [to_message(intake_pb2.Complaint, row) for row in page.rows]
    return pb.SearchComplaintsReply(complaints=complaints, next_cursor=page.next_cursor)


async def found(tx: Tx, wanted: Asked, limit: int, cursor: str) -> Page:
    """Raises Invalid for a cursor that is not one of these."""
    place = place_of(cursor) or await way_of(tx, wanted, limit)
    rows: Rows = []
    if place.since is None:
        rows = await _read(tx, wanted, "newest", limit, after=place.key)
        return Page(rows, place.after(rows[-1]).cursor() if len(rows) == limit else "")
    if place.doc is None:
        rows = await _fresh(tx, wanted, place, limit)
        if len(rows) == limit:
            return Page(rows, place.after(rows[-1]).cursor())
        place = place.to_docs()
    rows += await _along_index(tx, wanted, place, limit - len(rows))
    last = place.after(rows[-1]) if rows and "doc" in rows[-1] else place
    return Page(rows, last.cursor() if len(rows) == limit else "")


async def _fresh(tx: Tx, wanted: Asked, place: Place, limit: int) -> Rows:
    rows = await _read(tx, wanted, "fresh", max(FRESH, limit), place.since, place.bound, after=place.key)
    return rows[:limit]


async def _along_index(tx: Tx, wanted: Asked, place: Place, limit: int) -> Rows:
    assert place.doc is not None
    terms = wanted.terms(await lexicon_of(tx))
    low, below = await _span(tx, wanted, place.doc)
    rows: Rows = []
    at_once = _READ_AT_FIRST
    async for docs in hits(tx, terms, low, below):
        while docs and len(rows) < limit:
            part, docs = docs[:at_once], docs[at_once:]
            rows += await _read_docs(tx, wanted, part, limit - len(rows))
            at_once = min(at_once * 4, _READ_AT_ONCE)
        if len(rows) == limit:
            break
    return rows


async def _read_docs(tx: Tx, wanted: Asked, docs: list[int], limit: int) -> Rows:
    """Up to `limit`; where words did not stand in what was read, on from there."""
    rows: Rows = []
    while docs and len(rows) < limit:
        read = await tx.fetch(statement(_COLUMNS, "docs", wanted.given, limit), *values_of(wanted.given), docs)
        rows += _kept(tx, wanted, read)
        docs = [doc for doc in docs if doc < read[-1]["doc"]] if len(read) == limit else []
    return rows[:limit]


async def _read(tx: Tx, wanted: Asked, way: Any, limit: int, *values: Any, after: Any) -> Rows:
    sql = statement(_COLUMNS, way, wanted.given, limit, after=after is not None)
    return _kept(tx, wanted, await tx.fetch(sql, *values_of(wanted.given), *values, *(after or ())))


def _kept(tx: Tx, wanted: Asked, read: list[Any]) -> Rows:
    rows = (personal.opened(tx.sealer, row) for row in read)
    return [personal.masked(row) for row in rows if wanted.is_in(row)]


async def _span(tx: Tx, wanted: Asked, below: int) -> tuple[int, int]:
    """Docs among which complaints registered in the given range lie: in the order of time but for a moment."""
    given = dict(wanted.given)
    first = await _doc_at(tx, given.get("registered_from"), ">=", "ASC")
    last = await _doc_at(tx, given.get("registered_to"), "<", "DESC")
    low = 0 if first is None else max(0, first - SEGMENT)
    return low, below if last is None else min(below, last + SEGMENT)


async def _doc_at(tx: Tx, time: Any, compared: str, order: str) -> int | None:
    if not isinstance(time, datetime):
        return None
    doc: int | None = await tx.fetchval(_DOC_AT.format(compared, order), time)
    return doc
