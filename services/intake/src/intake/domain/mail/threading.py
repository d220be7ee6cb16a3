"""Which mails a mail answers, as it says itself (RFC 5322 §3.6.4)."""

import re

from intake.domain.mail.mail import Mail

MOST_NAMED = 50
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,400}>")


def answered_ids(mail: Mail) -> list[str]:
    """Message-IDs of In-Reply-To, then of References from the newest on, then of what it brings back (a bounce)."""
    found: dict[str, None] = {}
    for name in ("in-reply-to", "references"):
        said = " ".join(mail.headers.get(name, ()))[:20_000]
        found |= dict.fromkeys(reversed(_MESSAGE_ID.findall(said)))
    found |= dict.fromkeys(mail.returned_ids)
    found.pop(mail.message_id, None)
    return list(found)[:MOST_NAMED]
