"""What came by a channel, before anyone knows what becomes of it; and what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from intake.domain.mail.mail import Attachment

State = Literal["registered", "parked", "merged", "rejected"]
Link = Literal["promoted", "attached", "merged"]

STATES: tuple[State, ...] = ("registered", "parked", "merged", "rejected")
MAIL_KINDS = ("mail", "imap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    channel: str
    """The coarse word that figures count by."""
    kind: str
    """Of the channel, in the registry's words."""
    external_id: str
    raw: bytes
    content_type: str
    channel_id: str = ""
    sha256: str = ""
    """Of the raw bytes, where it is known already."""
    content_sha256: str = ""
    """Of what it says, where the same message may come with other bytes; the digest of the raw bytes otherwise."""
    message_id: str = ""
    subject: str = ""
    sender_name: str = ""
    sender_address: str = ""
    sender_phone: str = ""
    sender_ref: str = ""
    """The vendor's own name of the sender: it tells whose submission this is, and is kept only as a digest."""
    language: str = "en"
    charset: str = ""
    defects: Sequence[str] = ()
    attachments: Sequence[Attachment] = ()
    product_family: str = ""
    sent_at: datetime | None = None

    @property
    def source(self) -> str:
        """Where its external id is unique: the same mail in two mailboxes is one."""
        return "mail" if self.kind in MAIL_KINDS else self.channel_id or self.channel


@dataclass(frozen=True, slots=True)
class Fate:
    """`reason` in one word and `detail` in many say why it was parked; `complaint_ids`: the complaints it became
    (`link`), or the one it seems to be about while it is parked."""

    state: State = "parked"
    reason: str = ""
    detail: str = ""
    complaint_ids: tuple[str, ...] = ()
    link: Link = "promoted"

    @property
    def complaint_id(self) -> str | None:
        return self.complaint_ids[0] if self.complaint_ids else None


PARKED = Fate()
