"""Free text beside a complaint, sealed for the person it came from: notes of contacts, kept columns of files, and what
a file said anew. Plain where it stands from before there were keys."""

from collections.abc import Sequence
from typing import Any

import msgspec

from chassis.db import Tx
from chassis.sealing import Sealer
from intake.adapters.personal import ERASED
from intake.adapters.persons import Owner, owner

_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(list[str])


def seal_texts(whose: Owner, about: str, *texts: str) -> bytes:
    """Opened by `texts_of` from a row that has `person_id`, `sealed` and the person's `sealed_key`."""
    return whose.seal(_ENCODER.encode(texts), about=about)


def texts_of(sealer: Sealer, row: Any, about: str, names: Sequence[str]) -> dict[str, str]:
    """The named texts of the row: its plain columns, what is sealed, or the marker of what was erased."""
    if row["person_id"] is None:
        return {name: row[name] for name in names}
    if row["sealed_key"] is None:
        return dict.fromkeys(names, ERASED)
    opened = owner(sealer, row["person_id"], row["sealed_key"]).key.open(row["sealed"], about=about)
    return dict(zip(names, _DECODER.decode(opened), strict=True))


async def contacts_of(tx: Tx, complaint_id: object) -> list[dict[str, Any]]:
    """Oldest first."""
    rows = await tx.fetch(
        "SELECT n.*, p.sealed_key FROM contacts n LEFT JOIN persons p USING (person_id)"
        " WHERE n.complaint_id = $1 ORDER BY n.at, n.contact_id",
        complaint_id,
    )
    return [dict(row) | texts_of(tx.sealer, row, contact_place(row["contact_id"]), ("note",)) for row in rows]


async def facts_of(tx: Tx, complaint_id: object) -> list[dict[str, Any]]:
    rows = await tx.fetch(
        "SELECT n.*, p.sealed_key FROM source_facts n LEFT JOIN persons p USING (person_id)"
        " WHERE n.complaint_id = $1 ORDER BY n.name",
        complaint_id,
    )
    return [fact(tx.sealer, row) for row in rows]


def fact(sealer: Sealer, row: Any) -> dict[str, Any]:
    """A row of `source_facts` with the `sealed_key` of its person."""
    return dict(row) | texts_of(sealer, row, fact_place(row["complaint_id"], row["name"]), ("value",))


def contact_place(contact_id: object) -> str:
    return f"contact/{contact_id}"


def fact_place(complaint_id: object, name: str) -> str:
    return f"fact/{complaint_id}/{name}"


def change_place(import_id: object, n: int) -> str:
    return f"import-change/{import_id}/{n}"
