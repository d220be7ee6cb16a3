"""API keys of machines. Only a keyed hash is kept; the key itself is shown once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import sqlalchemy as sa

from chassis.call import Call, system
from chassis.db import Tx
from chassis.errors import NotFound
from gateway.adapters.api_keys import BOOTSTRAP_ID
from gateway.adapters.tables import api_key
from gateway.app import queries

# Who holds the environment may be admin; the trail says that it was not a person.
_BOOTSTRAP = Call(actor=system("gateway").actor, roles=frozenset({"admin"}))


# Operators load and measure with it.
_BOOTSTRAP_RATE_PER_S = 10_000.0


@dataclass(frozen=True)
class NewKey:
    key_id: str
    secret_hash: bytes
    name: str
    roles: Sequence[str]
    rate_per_s: float | None
    scope: Mapping[str, Sequence[str]]


async def issue_key(tx: Tx, call: Call, new: NewKey) -> asyncpg.Record:
    """Raises Forbidden unless admin."""
    call.require("admin")
    values = vars(new) | {"roles": sorted(set(new.roles)), "scope": dict(new.scope)}
    await tx.run(sa.insert(api_key).values(created_by=call.actor, created_at=tx.now, **values))
    changes = {name: [None, value] for name, value in values.items() if name != "secret_hash"}
    tx.audit(
        aggregate_type="api_key",
        aggregate_id=f"key:{new.key_id}",
        action="issued",
        call=call,
        changes=changes,
        first=True,
    )
    return await queries.get_key(tx, new.key_id)


async def revoke_key(tx: Tx, call: Call, key_id: str) -> asyncpg.Record:
    """Other replicas notice within the time that they remember keys. Revoking twice changes nothing."""
    call.require("admin")
    known = await tx.row(sa.select(api_key).where(api_key.c.key_id == key_id).with_for_update())
    if known is None:
        raise NotFound("there is no such API key")
    if known["revoked_at"] is None:
        await tx.run(sa.update(api_key).where(api_key.c.key_id == key_id).values(revoked_at=tx.now))
        changes = {"revoked_at": [None, tx.now.isoformat()]}
        tx.audit(aggregate_type="api_key", aggregate_id=f"key:{key_id}", action="revoked", call=call, changes=changes)
    return await queries.get_key(tx, key_id)


async def ensure_bootstrap_key(tx: Tx, secret_hash: bytes) -> bool:
    """The operator's own admin key, at every start of every replica. True when it is new or was replaced.

    A revoked key stays revoked; only another secret brings it back.
    """
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"key:{BOOTSTRAP_ID}")
    known = await tx.value(sa.select(api_key.c.secret_hash).where(api_key.c.key_id == BOOTSTRAP_ID))
    if known == secret_hash:
        return False
    if known is None:
        await issue_key(
            tx, _BOOTSTRAP, NewKey(BOOTSTRAP_ID, secret_hash, "bootstrap", ["admin"], _BOOTSTRAP_RATE_PER_S, {})
        )
    else:
        values = {"secret_hash": secret_hash, "revoked_at": None}
        await tx.run(sa.update(api_key).where(api_key.c.key_id == BOOTSTRAP_ID).values(**values))
        tx.audit(aggregate_type="api_key", aggregate_id=f"key:{BOOTSTRAP_ID}", action="replaced", call=_BOOTSTRAP)
    return True
