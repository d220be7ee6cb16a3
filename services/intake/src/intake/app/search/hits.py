"""Complaints that have all terms, newest first: as many segments of the index at a time as are likely to be needed."""

from collections.abc import AsyncIterator, Sequence

import numpy as np

from chassis.db import Tx
from intake.adapters import search_postings
from intake.adapters.search_postings import SEGMENT, SEGMENT_BITS, Docs

_READ_WHOLE = 20_000
_NOT_POSTED = """SELECT doc FROM complaint_terms
 WHERE doc >= greatest($1, (SELECT posted_doc FROM search_state)) AND doc < $2 AND terms || coded @> $3::int[]"""
_CORRECTED = """SELECT t.doc FROM search_changes s JOIN complaint_terms t USING (complaint_id)
 WHERE t.doc >= $1 AND t.doc < $2 LIMIT 1000"""


async def hits(tx: Tx, terms: Sequence[int], low: int, below: int) -> AsyncIterator[list[int]]:
    """Docs in low..below - 1, descending, in growing pieces; those corrected since they were indexed among them.

    Not posted ones are read first: what becomes posted in between is met a second time rather than missed, and a place
    that lies behind is left out.
    """
    newest = await tx.fetch(_NOT_POSTED, low, below, terms)
    loose = {row["doc"] for row in (*newest, *await tx.fetch(_CORRECTED, low, below))}
    step = len(range(low, below, SEGMENT)) + 1 if await _are_few(tx, terms) else 1
    top = (max(below, 1) - 1) >> SEGMENT_BITS
    while top >= low >> SEGMENT_BITS:
        bottom = max(top - step + 1, low >> SEGMENT_BITS)
        segments = await search_postings.lists(tx, terms, bottom, top)
        for segment in range(top, bottom - 1, -1):
            first = segment << SEGMENT_BITS
            own = {doc for doc in loose if first <= doc < first + SEGMENT}
            docs = _common(segments.get(segment, {}), terms, first)
            found = sorted({*docs[(docs >= low) & (docs < below)].tolist(), *own}, reverse=True)
            if found:
                yield found
        top, step = bottom - 1, step * 2


async def _are_few(tx: Tx, terms: Sequence[int]) -> bool:
    return min((await search_postings.counts(tx, terms)).values()) <= _READ_WHOLE


def _common(lists: dict[int, Docs], terms: Sequence[int], first: int) -> Docs:
    """Those in the lists of all terms."""
    if len(lists) < len(terms):
        return np.empty(0, np.int64)
    shortest, *others = sorted(lists.values(), key=len)
    for docs in others:
        marked = np.zeros(SEGMENT, bool)
        marked[docs - first] = True
        shortest = shortest[marked[shortest - first]]
    return shortest
