"""The one place where the index reads what is sealed: descriptions, opened for their terms."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.db import Tx
from intake.adapters import personal

_SEALED = f"""SELECT c.complaint_id, c.description, {", ".join(personal.COLUMNS)} FROM complaints c {personal.JOIN}
 WHERE c.complaint_id = ANY($1::uuid[])"""  # noqa: S608


async def descriptions(tx: Tx, complaint_ids: Sequence[Any]) -> Mapping[str, str]:
    """Complaint -> its description; empty of an erased person."""
    rows = await tx.fetch(_SEALED, complaint_ids)
    return {str(row["complaint_id"]): personal.description_of(tx.sealer, row) for row in rows}
