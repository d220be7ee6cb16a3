"""What a mail says, as far as a complaint needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """Kept by its hash; the bytes themselves stay in the raw mail."""

    name: str
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    headers: Mapping[str, tuple[str, ...]]
    """Lower-case name -> values as text, in the order of the mail."""
    subject: str = ""
    sender_name: str = ""
    sender_address: str = ""
    """Where an answer goes: Reply-To, else From; empty when neither is an address."""
    sent_at: datetime | None = None
    message_id: str = ""
    text: str = ""
    language: str = "en"
    charset: str = ""
    """Of the text, as it was read."""
    kind: str = ""
    """The content type of the whole, with its report-type."""
    part_kinds: frozenset[str] = frozenset()
    attachments: tuple[Attachment, ...] = ()
    returned_ids: tuple[str, ...] = ()
    """Message-IDs of mails that it brings back or forwards whole."""
    defects: tuple[str, ...] = ()
    broken: str = ""
    """Why nothing could be made of it."""
    oversized: str = ""
    """Why it was not taken apart."""

    def first(self, name: str) -> str:
        return self.headers.get(name, ("",))[0]
