"""The one place where the search reads what is sealed: descriptions, opened for the index and for a second look."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.db import Tx


async def descriptions(tx: Tx, complaint_ids: Sequence[Any]) -> Mapping[str, str]:
    """Complaint -> its description; of an erased person there is none."""
    rows = await tx.fetch(
        "SELECT complaint_id, description FROM complaints WHERE complaint_id = ANY($1::uuid[])", complaint_ids
    )
    return {str(row["complaint_id"]): row["description"] for row in rows}
