"""Rows that wait to be sealed: submissions of before there were keys, and persons' keys under a retired sealing key."""

from typing import Any

from chassis.db import Tx
from intake.adapters import notes, persons, submissions
from intake.adapters.index_key import ready
from intake.domain.identity import customer_keys

_RETIRED = "sealed_key IS NOT NULL AND substring(sealed_key FROM 1 FOR 4) <> $1"


async def left(tx: Tx) -> dict[str, int]:
    """Kind -> rows that are not as they should be."""
    counts = {
        "complaints": await tx.fetchval("SELECT count(*) FROM customers WHERE person_id IS NULL"),
        "notes": await tx.fetchval(
            "SELECT (SELECT count(*) FROM contacts WHERE note <> '' AND person_id IS NULL)"
            " + (SELECT count(*) FROM source_facts WHERE value <> '' AND person_id IS NULL)"
            " + (SELECT count(*) FROM import_changes WHERE (was <> '' OR now <> '') AND person_id IS NULL)"
        ),
        "submissions": await tx.fetchval("SELECT count(*) FROM submissions WHERE person_id IS NULL"),
        "keys": await tx.fetchval(f"SELECT count(*) FROM persons WHERE {_RETIRED}", tx.sealer.current_id),  # noqa: S608
    }
    return {kind: int(number) for kind, number in counts.items()}


async def reseal_keys(tx: Tx, most: int) -> int:
    rows = await tx.fetch(
        f"SELECT person_id, sealed_key FROM persons WHERE {_RETIRED} LIMIT $2 FOR UPDATE SKIP LOCKED",  # noqa: S608
        *(tx.sealer.current_id, most),
    )
    for row in rows:
        about = f"person/{row['person_id']}"
        again = tx.sealer.seal(tx.sealer.open(row["sealed_key"], about=about), about=about)
        await tx.execute("UPDATE persons SET sealed_key = $2 WHERE person_id = $1", row["person_id"], again)
    return len(rows)


async def seal_submissions(tx: Tx, most: int) -> int:
    """A tenth of `most` at a time: each may hold 25 MB."""
    rows = await tx.fetch(
        "SELECT submission_id, subject, sender_name, sender_address FROM submissions WHERE person_id IS NULL"
        " LIMIT $1 FOR UPDATE SKIP LOCKED",
        max(1, most // 10),
    )
    for row in rows:
        await _seal(tx, row)
    return len(rows)


async def _seal(tx: Tx, row: Any) -> None:
    keys = customer_keys((await ready(tx)).digest, email=row["sender_address"] or None, phone=None, ref=None)
    (whose,) = await persons.owners(tx, [keys])
    submission_id = row["submission_id"]
    raw = memoryview(await submissions.raw_of(tx, submission_id) or b"")
    starts = range(0, max(len(raw), 1), submissions.PIECE_BYTES)
    pieces = [
        whose.seal(bytes(raw[start : start + submissions.PIECE_BYTES]), about=submissions.place(submission_id, n))
        for n, start in enumerate(starts)
    ]
    # Its role may change no bytes; the function does, and only of what stands in plain.
    await tx.execute("SELECT seal_submission_bytes($1, $2)", submission_id, pieces)
    names = await tx.fetch("SELECT name FROM submission_attachments WHERE submission_id = $1 ORDER BY n", submission_id)
    texts = [row[name] for name in submissions.SEALED]
    sealed = notes.seal_texts(
        whose, submissions.place(submission_id), *texts, "\n".join(each["name"] for each in names)
    )
    await tx.execute(
        "UPDATE submissions SET person_id = $2, sealed = $3, subject = '', sender_name = '', sender_address = ''"
        " WHERE submission_id = $1",
        *(submission_id, whose.person_id, sealed),
    )
    await tx.execute("UPDATE submission_attachments SET name = '' WHERE submission_id = $1", submission_id)
