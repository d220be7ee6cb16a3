"""What intake tells the others. Thin: ids and facts, never a name, an address or free text."""

from datetime import datetime
from typing import Literal

import msgspec

Grade = Literal["urgent", "important", "routine"]
Answer = Literal["yes", "no", "unknown"]


class ComplaintRegistered(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint exists and has its first grade (there is no separate `graded` event: one event less on the bus)."""

    complaint_id: str
    number: str
    channel: str
    language: Literal["zh", "en"]
    product_family: str
    product_model: str | None
    lot: str | None
    defect_code: str | None
    failure_location: str | None
    signature: str | None
    grade: Grade
    grade_row: str
    grading_table: str
    grading_version: int
    questions: list[str]
    proposals: int
    key_account: Answer
    historical: bool
    reachable: bool
    """The customer left an address that a receipt can be sent to."""
    t_occurred: datetime | None
    t_aware: datetime
    t_received: datetime
    t_registered: datetime
    t_closed: datetime | None = None
    """Of a historical record that was closed before it came here."""


class ComplaintUpdated(msgspec.Struct, frozen=True, kw_only=True):
    """Facts were added or corrected; `changed` names the fields."""

    complaint_id: str
    changed: list[str]
    product_family: str
    product_model: str | None
    lot: str | None
    defect_code: str | None
    failure_location: str | None
    signature: str | None
    questions: list[str]
    proposals: int


class ComplaintRegraded(msgspec.Struct, frozen=True, kw_only=True):
    complaint_id: str
    old_grade: Grade
    grade: Grade
    reason_code: Literal["wrong_then", "new_information", "safety_answered"]
    at: datetime


class ComplaintMerged(msgspec.Struct, frozen=True, kw_only=True):
    """Judged a duplicate: the same occurrence, reported again. Counts as a contact, not as a complaint."""

    complaint_id: str
    into: str
    at: datetime


class ComplaintLinked(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal was judged: a repeat of `other` on `level`, or (`none`) no repeat."""

    complaint_id: str
    other: str
    level: Literal["R1", "R2", "none"]
    repeat_level: Literal["R1", "R2"] | None
    """Where the complaint stands after this verdict: its strongest confirmed level."""
    open_proposals: int
    at: datetime


class PersonErased(msgspec.Struct, frozen=True, kw_only=True):
    """Who was behind these complaints is forgotten: whoever keeps words of theirs, or about them, drops these too."""

    person_id: str
    complaint_ids: list[str]
    at: datetime


class ContactReceived(msgspec.Struct, frozen=True, kw_only=True):
    """The customer came back about a known complaint (matters for first contact resolution)."""

    contact_id: str
    complaint_id: str
    channel: str
    at: datetime
