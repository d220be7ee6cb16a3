"""What is told about an attachment, apart from its bytes."""

import json
from dataclasses import dataclass

FOLDER = "attachments"


@dataclass(frozen=True)
class Named:
    """What may say who somebody is: sealed under the person's key."""

    name: str
    note: str

    def packed(self) -> bytes:
        return json.dumps([self.name, self.note], ensure_ascii=False).encode()

    @classmethod
    def unpacked(cls, plain: bytes) -> "Named":
        name, note = json.loads(plain)
        return cls(name, note)


def object_name(attachment_id: str) -> str:
    """Flat and random: it tells nothing of complaint, person or day."""
    return f"{FOLDER}/{attachment_id[-2:]}/{attachment_id}"


def about_name(attachment_id: str) -> str:
    return f"attachment/{attachment_id}/name"
