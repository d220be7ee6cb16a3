"""Rows of before there were keys: each complaint gets its person, and what stood in plain is sealed for them."""

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.db import Tx
from intake.adapters import notes, personal, persons
from intake.adapters.bulk import Copy
from intake.adapters.index_key import ready
from intake.adapters.personal import Personal
from intake.adapters.persons import Owner
from intake.domain.identity import customer_keys

KEYS = Copy("customer_keys", ("key", "t_received", "complaint_id"))
_CUSTOMERS = Copy("customers", ("customer_id", "name", "person_id", "sealed"))
_PLAIN = """SELECT c.complaint_id, c.customer_id, c.customer_ref, c.t_received, c.description, k.name, k.email, k.phone
 FROM complaints c JOIN customers k USING (customer_id) WHERE """
_MOVE = """WITH moved AS (UPDATE complaints SET customer_id = complaint_id, description = ''
  WHERE complaint_id = ANY($1::uuid[]) RETURNING complaint_id),
 forgotten AS (DELETE FROM customer_keys WHERE complaint_id = ANY($1::uuid[]))
 SELECT count(*) FROM moved"""

Row = Any


async def owner_of(tx: Tx, complaint_id: str) -> Owner | None:
    """Whose the complaint is; None once they are erased."""
    return (await owners_of(tx, [complaint_id]))[complaint_id]


async def owners_of(tx: Tx, complaint_ids: Iterable[str]) -> dict[str, Owner | None]:
    """Complaint -> whose it is; None once they are erased."""
    wanted = set(complaint_ids)
    found = await persons.owners_of(tx, wanted)
    if plain := wanted - found.keys():
        await _adopt(tx, await tx.fetch(f"{_PLAIN} c.complaint_id = ANY($1::uuid[]) FOR UPDATE", list(plain)))
        found |= await persons.owners_of(tx, plain)
    return found


async def adopt_some(tx: Tx, most: int) -> int:
    """How many complaints were sealed; 0 when none is left, or others are at work on the rest."""
    rows = await tx.fetch(f"{_PLAIN} k.person_id IS NULL LIMIT $1 FOR UPDATE SKIP LOCKED", most)
    await _adopt(tx, rows)
    return len(rows)


async def _adopt(tx: Tx, rows: Sequence[Row]) -> None:
    if not rows:
        return
    sealer = await ready(tx)
    keys = [
        customer_keys(sealer.digest, ref=row["customer_ref"], email=row["email"], phone=row["phone"]) for row in rows
    ]
    whose = await persons.owners(tx, keys)
    await _CUSTOMERS.run(tx, [_sealed(row, owner) for row, owner in zip(rows, whose, strict=True)])
    ids = [row["complaint_id"] for row in rows]
    await tx.execute(_MOVE, ids)
    await tx.execute("DELETE FROM customers WHERE customer_id = ANY($1::uuid[])", [row["customer_id"] for row in rows])
    found = zip(rows, keys, strict=True)
    await KEYS.run(tx, [(key, row["t_received"], row["complaint_id"]) for row, own in found for key in own])


def _sealed(row: Row, owner: Owner) -> tuple[Any, ...]:
    given = Personal(row["name"], row["email"], row["phone"], row["description"])
    return row["complaint_id"], "", owner.person_id, personal.sealed(owner.key, str(row["complaint_id"]), given)


async def seal_notes(tx: Tx, most: int) -> int:
    """Plain texts beside complaints that have their person: how many rows were sealed, or emptied for the erased."""
    return await _contacts(tx, most) + await _facts(tx, most) + await _changes(tx, most)


async def _contacts(tx: Tx, most: int) -> int:
    rows = await tx.fetch(
        "SELECT contact_id, complaint_id::text, note FROM contacts WHERE note <> '' AND person_id IS NULL"
        " LIMIT $1 FOR UPDATE SKIP LOCKED",
        most,
    )
    whose = await persons.owners_of(tx, {row["complaint_id"] for row in rows})
    for row in rows:
        owner = whose.get(row["complaint_id"])
        place = notes.contact_place(row["contact_id"])
        await tx.execute(
            "UPDATE contacts SET note = '', person_id = $2, sealed = $3 WHERE contact_id = $1",
            *(row["contact_id"], *_for(owner, place, row["note"])),
        )
    return len(rows)


async def _facts(tx: Tx, most: int) -> int:
    rows = await tx.fetch(
        "SELECT complaint_id::text, name, value FROM source_facts WHERE value <> '' AND person_id IS NULL"
        " LIMIT $1 FOR UPDATE SKIP LOCKED",
        most,
    )
    whose = await persons.owners_of(tx, {row["complaint_id"] for row in rows})
    for row in rows:
        owner = whose.get(row["complaint_id"])
        place = notes.fact_place(row["complaint_id"], row["name"])
        await tx.execute(
            "UPDATE source_facts SET value = '', person_id = $3, sealed = $4 WHERE complaint_id = $1 AND name = $2",
            *(row["complaint_id"], row["name"], *_for(owner, place, row["value"])),
        )
    return len(rows)


async def _changes(tx: Tx, most: int) -> int:
    rows = await tx.fetch(
        "SELECT import_id, n, complaint_id::text, was, now FROM import_changes"
        " WHERE (was <> '' OR now <> '') AND person_id IS NULL LIMIT $1 FOR UPDATE SKIP LOCKED",
        most,
    )
    whose = await persons.owners_of(tx, {row["complaint_id"] for row in rows})
    for row in rows:
        owner = whose.get(row["complaint_id"])
        place = notes.change_place(row["import_id"], row["n"])
        await tx.execute(
            "UPDATE import_changes SET was = '', now = '', person_id = $3, sealed = $4 WHERE import_id = $1 AND n = $2",
            *(row["import_id"], row["n"], *_for(owner, place, row["was"], row["now"])),
        )
    return len(rows)


def _for(owner: Owner | None, place: str, *texts: str) -> tuple[str | None, bytes | None]:
    return (owner.person_id, notes.seal_texts(owner, place, *texts)) if owner else (None, None)
