"""Who sends more than a person writes, answers in a loop with us."""

from datetime import timedelta

from chassis.db import Tx
from intake.adapters.index_key import ready
from intake.domain.identity import customer_keys

_WITHIN = timedelta(hours=1)


async def sends_too_much(tx: Tx, address: str, most: int) -> bool:
    if not address:
        return False
    sealer = await ready(tx)
    keys = customer_keys(sealer.digest, ref=None, email=address, phone=None)
    sent = await tx.fetchval(
        "SELECT count(*) FROM (SELECT FROM submissions s JOIN person_identities i USING (person_id)"
        " WHERE i.digest = ANY($1::text[]) AND s.source = 'mail' AND s.received_at > $2 LIMIT $3) AS recent",
        keys,
        tx.now - _WITHIN,
        most,
    )
    return bool(sent >= most)
