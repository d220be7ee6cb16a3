"""What an erasure does to the rows: the key goes, and with it everything that was sealed by it, wherever a copy lies.

What was sealed is emptied too, so that nobody takes it for something that might still be opened.
"""

from collections.abc import Sequence
from typing import Any

from chassis import idempotency
from chassis.db import Tx

SEALED = ("contacts", "source_facts", "import_changes", "submissions", "complaint_forms", "answers_back")
"""Tables with `person_id` and `sealed`, beside `customers`."""
DERIVED = ("customer_keys", "complaint_terms", "channel_conversations")
"""Tables by `complaint_id` that were made of names, addresses or texts."""
_HELD = "SELECT c.complaint_id FROM complaints c JOIN customers k USING (customer_id) WHERE k.person_id = $1"


async def held(tx: Tx, person_id: str) -> Any:
    """The person, locked with their complaints (as everyone locks: complaints first); None where there is none."""
    await tx.fetch(f"{_HELD} ORDER BY c.complaint_id FOR UPDATE OF c", person_id)
    return await tx.fetchrow("SELECT * FROM persons WHERE person_id = $1 FOR UPDATE", person_id)


async def complaints_of(tx: Tx, person_id: str) -> list[str]:
    """Locked. Called after `held`: what was registered meanwhile is theirs too."""
    rows = await tx.fetch(f"{_HELD} ORDER BY c.complaint_id FOR UPDATE OF c", person_id)
    return [str(row["complaint_id"]) for row in rows]


async def customer_refs(tx: Tx, complaint_ids: Sequence[str]) -> list[str]:
    found = await tx.fetch(
        "SELECT DISTINCT customer_ref FROM complaints"
        " WHERE complaint_id = ANY($1::uuid[]) AND customer_ref IS NOT NULL",
        complaint_ids,
    )
    return [row["customer_ref"] for row in found]


async def drop(tx: Tx, person_id: str, complaint_ids: Sequence[str]) -> None:
    await tx.execute("UPDATE persons SET sealed_key = NULL, erased_at = $2 WHERE person_id = $1", person_id, tx.now)
    await tx.execute("DELETE FROM person_identities WHERE person_id = $1", person_id)
    await tx.execute("UPDATE customers SET sealed = '' WHERE person_id = $1", person_id)
    for table in SEALED:
        await tx.execute(f"UPDATE {table} SET sealed = '' WHERE person_id = $1", person_id)  # noqa: S608 - our own names
    for table in DERIVED:
        await tx.execute(f"DELETE FROM {table} WHERE complaint_id = ANY($1::uuid[])", complaint_ids)  # noqa: S608
    await tx.execute("UPDATE complaints SET customer_ref = NULL WHERE complaint_id = ANY($1::uuid[])", complaint_ids)
    await tx.execute(
        "UPDATE attachments SET state = 'erased', name_sealed = NULL"
        " WHERE complaint_id = ANY($1::uuid[]) AND state <> 'erased'",
        complaint_ids,
    )
    await _forget_replies(tx, complaint_ids)


async def _forget_replies(tx: Tx, complaint_ids: Sequence[str]) -> None:
    """Kept replies to repeated requests are sealed by the installation's key, and may show a whole complaint."""
    wanted = [complaint_id.encode() for complaint_id in complaint_ids]
    rows = await tx.fetch(
        "SELECT actor, key, reply FROM idempotency WHERE substring(reply FROM 1 FOR 1) = $1", idempotency.SEALED
    )
    gone = [
        (row["actor"], row["key"])
        for row in rows
        if any(name in idempotency.opened_bytes(tx, row["actor"], row["key"], row["reply"]) for name in wanted)
    ]
    if gone:
        await tx.execute(
            "DELETE FROM idempotency i USING unnest($1::text[], $2::text[]) AS w(actor, key)"
            " WHERE i.actor = w.actor AND i.key = w.key",
            *zip(*gone, strict=True),
        )
