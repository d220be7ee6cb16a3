"""The lexicon of this installation: its key comes from the database's index key and outlives sealing keys."""

from weakref import WeakKeyDictionary

from chassis.db import Tx
from chassis.sealing import Sealer
from intake.adapters import index_key
from intake.domain.search.terms import Lexicon

PURPOSE = "search-terms"
_OF: WeakKeyDictionary[Sealer, Lexicon] = WeakKeyDictionary()


async def lexicon_of(tx: Tx) -> Lexicon:
    """One per sealer, because it remembers the digests of words."""
    sealer = await index_key.ready(tx)
    if sealer not in _OF:
        _OF[sealer] = Lexicon(sealer.derived(PURPOSE))
    return _OF[sealer]
