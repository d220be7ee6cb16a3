"""Mail addresses: which we can write to, and how to speak of a mail without one."""

import re
from email.errors import MessageError
from email.headerregistry import Address

_ADDRESS_LIKE = re.compile(r"<[^<>]*@[^<>]*>|(?<![^\s<>\"'(),:;])[^\s<>\"'(),:;]+@[^\s<>\"'(),:;]+")
_MAX_ANSWER = 200


def deliverable(address: str | None) -> str | None:
    """The address as it goes on the wire (its domain in IDNA), or None when there is none or it is not one.

    RFC 5321 §4.1.2; local parts outside ASCII would need SMTPUTF8, which few servers offer, and count as none.
    """
    try:
        parsed = Address(addr_spec=(address or "").strip())
        domain = parsed.domain.encode("idna").decode()
        spec = Address(username=parsed.username, domain=domain).addr_spec
    except (ValueError, IndexError, MessageError):
        return None
    return spec if parsed.username and domain and spec.isascii() and spec.isprintable() else None


def without_address(answer: str, recipient: str) -> str:
    """A mail server's answer in one short line, with every address and the recipient's local part taken out."""
    text = _ADDRESS_LIKE.sub("<address>", " ".join(answer.split()))
    local_part = recipient.rpartition("@")[0]
    # Most answers do not name it, and a pattern made for one recipient costs more than the mail.
    if local_part and local_part.lower() in text.lower():
        text = re.sub(rf"(?<!\w){re.escape(local_part)}(?!\w)", "<address>", text, flags=re.IGNORECASE)
    return text[:_MAX_ANSWER]
