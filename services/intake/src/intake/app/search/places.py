"""Where a page of a search begins: what its cursor says."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.paging import decode_cursor, encode_cursor


@dataclass(frozen=True, slots=True)
class Place:
    """Two ways through the complaints: from the newest on (`since` is None), or along the index of terms.

    Along the index come first those that were not indexed when the search began (registered at or after `since`, no doc
    below `bound`), then docs downwards. The way of the first page is kept, so that no page shows a complaint again.
    """

    t_registered: datetime | None = None
    complaint_id: UUID | None = None
    since: datetime | None = None
    bound: int = 0
    doc: int | None = None
    """Below which docs are left to look at; None while fresh ones are."""

    def after(self, row: Any) -> "Place":
        if self.doc is not None and "doc" in row:
            return replace(self, doc=row["doc"])
        return replace(self, t_registered=row["t_registered"], complaint_id=row["complaint_id"])

    def to_docs(self) -> "Place":
        return replace(self, t_registered=None, complaint_id=None, doc=self.bound)

    @property
    def key(self) -> tuple[datetime, UUID] | None:
        if self.t_registered is None or self.complaint_id is None:
            return None
        return self.t_registered, self.complaint_id

    def cursor(self) -> str:
        return encode_cursor(self.t_registered, self.complaint_id, self.since, self.bound, self.doc)


def place_of(cursor: str) -> Place | None:
    """None for the first page. Raises Invalid."""
    values = decode_cursor(cursor, datetime | None, UUID | None, datetime | None, int, int | None)
    return None if values is None else Place(*values)
