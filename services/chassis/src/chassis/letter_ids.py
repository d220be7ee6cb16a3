"""Message-IDs of our letters that name what the letter is about, signed: an answer carries them back (RFC 5322 §3.6.4).

Whoever quotes one has had the letter; nobody else can make one up.
"""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.errors import Unauthenticated
from chassis.published_keys import PublishedKeys
from chassis.tokens import Signer

MOST_TRIED = 50
_ID_BYTES = 16
_SIGNATURE_BYTES = 64
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_SIGNED = re.compile(rf"<?({_UUID})\.([A-Za-z0-9_-]{{107}})@", re.IGNORECASE)
_PURPOSE = b"redress-letter/"


def letter_id(signer: Signer, delivery_id: str, about: str, domain: str) -> str:
    """The Message-ID of the letter `delivery_id` about the complaint `about`; both are UUIDs."""
    subject = UUID(about).bytes
    token = urlsafe_b64encode(subject + signer.signature(_signed(delivery_id, subject))).rstrip(b"=").decode()
    return f"<{delivery_id}.{token}@{domain}>"


class LetterIds:
    """Reads what `issuer` signed, with its present key or one it has retired."""

    def __init__(self, keys: PublishedKeys, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer

    async def about(self, message_ids: Iterable[str]) -> str | None:
        """What the first sound one of them is about. Raises Unavailable when the issuer's keys are out of reach."""
        signed = [found for named in message_ids if (found := _SIGNED.match(named))][:MOST_TRIED]
        if not signed:
            return None
        try:
            published = (await self._keys.of(self._issuer, None)).known
        except Unauthenticated:
            # Nobody here writes letters.
            return None
        keys = [key for each in published.keys if isinstance(key := each.get_op_key("verify"), Ed25519PublicKey)]
        return next((about for found in signed if (about := _about(found[1], found[2], keys))), None)


def _about(delivery_id: str, token: str, keys: Iterable[Ed25519PublicKey]) -> str | None:
    try:
        content = urlsafe_b64decode(token + "=")
    except (binascii.Error, ValueError):
        return None
    subject, signature = content[:_ID_BYTES], content[_ID_BYTES:]
    holds = len(signature) == _SIGNATURE_BYTES and any(_holds(key, signature, delivery_id, subject) for key in keys)
    return str(UUID(bytes=subject)) if holds else None


def _holds(key: Ed25519PublicKey, signature: bytes, delivery_id: str, subject: bytes) -> bool:
    try:
        key.verify(signature, _signed(delivery_id, subject))
    except InvalidSignature:
        return False
    return True


def _signed(delivery_id: str, subject: bytes) -> bytes:
    return _PURPOSE + delivery_id.lower().encode() + b"/" + subject
