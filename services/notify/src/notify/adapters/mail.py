"""A letter as bytes on the wire."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from notify.domain.letter import Letter


def message_id(delivery_id: str, sender: str) -> str:
    """The same for every try of a delivery: a mail sent again after a crash is recognisable (RFC 5322 §3.6.4)."""
    return f"<{delivery_id}@{domain_of(sender)}>"


def domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def compose(
    letter: Letter, *, delivery_id: str, kind: str, sender: str, name: str, address: str, at: datetime
) -> bytes:
    """Raises ValueError when a header would not be safe; names are brought onto one line first."""
    mail = EmailMessage(policy=SMTP)
    display_name, sender_address = parseaddr(sender)
    mail["From"] = Address(display_name, addr_spec=sender_address)
    mail["To"] = Address(" ".join(name.split()), addr_spec=address)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id(delivery_id, sender)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps holiday answers away
    mail["X-Redress-Kind"] = kind
    mail["X-Redress-Delivery"] = delivery_id
    mail.set_content(letter.text)
    return mail.as_bytes()
