"""Which way a search goes: by the newest, or by the index of terms. Counts of terms decide, not lists of words."""

from math import prod

from chassis.db import Tx
from intake.adapters import search_postings
from intake.app.search.asked import Asked
from intake.app.search.lexicons import lexicon_of
from intake.app.search.places import Place

WALKED = 3_000
"""Complaints looked at one after the other, newest first, cost about as much as asking the index (some 5 ms)."""
# PostgreSQL has the complaints of each value in order of time.
_IN_ORDER = ("product_family", "defect_code", "registered_by")
_UNKNOWN = 0.05
"""Taken for the share of complaints that pass what nobody counts, such as a state or a range of times."""
_FEW = frozenset({"signature", "external_id"})


async def way_of(tx: Tx, asked: Asked, limit: int) -> Place:
    state = await tx.fetchrow("SELECT indexed_to, next_doc FROM search_state")
    assert state is not None
    along_index = Place(since=state["indexed_to"], bound=state["next_doc"])
    if asked.runs:
        return along_index
    facets = asked.facets(await lexicon_of(tx)) if not asked.names & _FEW else {}
    if not facets or state["next_doc"] <= WALKED:
        return Place()
    known = await search_postings.counts(tx, list(facets.values()))
    shares = {name: max(known[term], 1) / state["next_doc"] for name, term in facets.items()}
    uncounted = _UNKNOWN if asked.names - shares.keys() else 1.0
    return along_index if limit / (_share_walked(shares) * uncounted) > WALKED else Place()


def _share_walked(shares: dict[str, float]) -> float:
    """Of the complaints that are looked at, how many will do: those of one value can be walked alone."""
    walked = min((name for name in shares if name in _IN_ORDER), key=lambda name: shares[name], default=None)
    return prod(share for name, share in shares.items() if name != walked)
