"""Sealing what the database must not show: AES-256-GCM, the key's id in front, what it is about as associated data.

A sealed value opens only where it was put: moved to another row it does not. Look-ups go by a keyed digest, whose key
is made once per installation and kept sealed in the service's database, so that it outlives a change of sealing keys.
"""

import base64
import binascii
import hashlib
import os
import time
from collections.abc import Sequence
from copy import copy

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.errors import RedressError

KEY_BYTES = 32
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_HEAD_BYTES = _KEY_ID_BYTES + _NONCE_BYTES
OVERHEAD_BYTES = _HEAD_BYTES + 16
"""By how much a sealed value is longer than the plain one."""
_DIGEST_BYTES = 20
_KEPT_S = 60.0
_MOST_OPENED = 10_000


class CannotOpen(RedressError):
    """Sealed by a key that is not given, about something else, or damaged: operators' trouble, never the caller's."""

    slug = "cannot_open"
    status = 500


def key_of(text: str) -> bytes:
    """A key as an operator writes it. Raises ValueError, with nothing of the key."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (ValueError, binascii.Error) as error:
        raise ValueError("must be base64 of 32 random bytes, as `openssl rand -base64 32` makes it") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"must be base64 of 32 random bytes, not of {len(key)}")
    return key


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


class Key:
    """One key: of the installation, or of one person."""

    __slots__ = ("_aes", "key_id")

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)
        self.key_id = hashlib.blake2b(key, digest_size=_KEY_ID_BYTES, person=b"redress-key-id").digest()

    def seal(self, plain: bytes, *, about: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return self.key_id + nonce + self._aes.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Raises CannotOpen."""
        try:
            return self._aes.decrypt(sealed[_KEY_ID_BYTES:_HEAD_BYTES], sealed[_HEAD_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("a sealed value does not open with its key, or was moved") from error


class Sealer:
    """Seals by the current key, opens by that and by retired ones."""

    def __init__(self, current_key: bytes, retired_keys: Sequence[bytes] = ()) -> None:
        self._current = Key(current_key)
        self._keys = {key.key_id: key for key in (self._current, *map(Key, retired_keys))}
        self._index_key: bytes | None = None
        self._opened: dict[bytes, Key] = {}
        self._forget_at = 0.0

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """`about` names the one place that the value belongs to, e.g. "channel-secret/<id>"."""
        return self._current.seal(plain, about=about)

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Raises CannotOpen."""
        key = self._keys.get(bytes(sealed[:_KEY_ID_BYTES]))
        if key is None:
            raise CannotOpen("a sealed value names a key that is not given: is a retired key missing?")
        return key.open(sealed, about=about)

    @property
    def current_id(self) -> bytes:
        """What values sealed now begin with."""
        return self._current.key_id

    def is_current(self, sealed: bytes) -> bool:
        return bytes(sealed[:_KEY_ID_BYTES]) == self._current.key_id

    @property
    def can_digest(self) -> bool:
        return self._index_key is not None

    def use_index_key(self, key: bytes) -> None:
        self._index_key = key

    def with_index_key(self, key: bytes) -> "Sealer":
        """Another sealer with the same keys: for one transaction, while the index key it made may be undone with it."""
        other = copy(self)
        other.use_index_key(key)
        return other

    def key_within(self, sealed: bytes, *, about: str) -> Key:
        """The key that was sealed, e.g. a person's. Kept for a minute: a customer's rows are opened together, and a
        key that was dropped from the database is not asked for again. Raises CannotOpen."""
        key = self._opened.get(sealed)
        if key is None:
            now = time.monotonic()
            if now > self._forget_at or len(self._opened) >= _MOST_OPENED:
                self._opened.clear()
                self._forget_at = now + _KEPT_S
            key = self._opened[bytes(sealed)] = Key(self.open(sealed, about=about))
        return key

    def digest(self, kind: str, value: str) -> str:
        """For look-ups by what is not shown: equal values of a kind, and only they, have equal digests.

        Needs the index key of the database (`use_index_key`). Keyed BLAKE2b of 160 bits (RFC 7693): a third of HMAC's
        time, and every registration makes three.
        """
        return hashlib.blake2b(f"{kind}:{value}".encode(), key=self._index(), digest_size=_DIGEST_BYTES).hexdigest()

    def derived(self, purpose: str) -> bytes:
        """32 bytes for another index of this database; they stay the same when the sealing key changes."""
        return hashlib.blake2b(purpose.encode(), key=self._index(), digest_size=KEY_BYTES, person=b"derived").digest()

    def _index(self) -> bytes:
        if self._index_key is None:
            raise CannotOpen("the index key was not read yet")
        return self._index_key
