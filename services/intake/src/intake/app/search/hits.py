"""Complaints that have all terms, newest first: as many segments of the index at a time as are likely to be needed."""

from collections.abc import AsyncIterator, Sequence

import numpy as np

from chassis.db import Tx
from intake.adapters import search_blocks, search_postings
from intake.adapters.search_postings import SEGMENT, SEGMENT_BITS, Docs

_READ_WHOLE = 20_000
_CORRECTED = """SELECT t.doc FROM search_changes s JOIN complaint_terms t USING (complaint_id)
 WHERE t.doc >= $1 AND t.doc < $2 LIMIT 1000"""


async def hits(tx: Tx, terms: Sequence[int], low: int, below: int) -> AsyncIterator[list[int]]:
    """Docs in low..below - 1, descending, in growing pieces; those corrected since they were indexed among them.

    Not posted ones are read first: what becomes posted in between is met a second time rather than missed, and a place
    that lies behind is left out.
    """
    newest = _common(await search_blocks.lists(tx, terms, low, below), terms)
    loose = {*newest.tolist(), *(row["doc"] for row in await tx.fetch(_CORRECTED, low, below))}
    step = len(range(low, below, SEGMENT)) + 1 if await _are_few(tx, terms) else 1
    top = (max(below, 1) - 1) >> SEGMENT_BITS
    while top >= low >> SEGMENT_BITS:
        bottom = max(top - step + 1, low >> SEGMENT_BITS)
        segments = await search_postings.lists(tx, terms, bottom, top)
        for segment in range(top, bottom - 1, -1):
            first = segment << SEGMENT_BITS
            own = {doc for doc in loose if first <= doc < first + SEGMENT}
            docs = _common(segments.get(segment, {}), terms)
            found = sorted({*docs[(docs >= low) & (docs < below)].tolist(), *own}, reverse=True)
            if found:
                yield found
        top, step = bottom - 1, step * 2


async def _are_few(tx: Tx, terms: Sequence[int]) -> bool:
    return min((await search_postings.counts(tx, terms)).values()) <= _READ_WHOLE


def _common(lists: dict[int, Docs], terms: Sequence[int]) -> Docs:
    """Those in the lists of all terms."""
    if len(lists) < len(terms):
        return np.empty(0, np.int64)
    shortest, *others = sorted(lists.values(), key=len)
    for docs in others:
        shortest = shortest[np.isin(shortest, docs, assume_unique=True, kind="table")]
    return shortest
