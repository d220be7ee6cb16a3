"""A NATS credentials file: a user's JWT and the seed of the key that answers the server's challenge.

Read at every connection, so that a renewed file is used without a restart. nats-py would want the package `nkeys` for
the few lines below (https://docs.nats.io/using-nats/developer/connecting/creds).
"""

import re
from base64 import b32decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_JWT, _SEED = "NATS USER JWT", "USER NKEY SEED"
_USER_SEED = b"SU"
_SEED_BYTES = 32


@dataclass(frozen=True)
class NatsCreds:
    path: Path

    def jwt(self) -> bytes:
        """Raises ValueError or OSError, as `signature` does."""
        return self._block(_JWT)

    def signature(self, nonce: str) -> bytes:
        """Of the server's challenge, base64."""
        return b64encode(_key_of(self._block(_SEED)).sign(nonce.encode()))

    def _block(self, title: str) -> bytes:
        found = re.search(rf"-+BEGIN {title}-+\s+(\S+)\s+-+END {title}-+", self.path.read_text(encoding="ascii"))
        if found is None:
            raise ValueError(f"holds no block {title}")
        return found[1].encode()


def _key_of(seed: bytes) -> Ed25519PrivateKey:
    """Two bytes of prefix, the seed, two of checksum, in base32 (github.com/nats-io/nkeys)."""
    raw = b32decode(seed + b"=" * (-len(seed) % 8))
    if not seed.startswith(_USER_SEED) or len(raw) != _SEED_BYTES + 4:
        raise ValueError("holds no seed of a user's key")
    return Ed25519PrivateKey.from_private_bytes(raw[2 : 2 + _SEED_BYTES])


def readable_creds(path: str) -> str:
    """`path`, of a whole credentials file. Raises ValueError, with nothing of what it holds."""
    try:
        NatsCreds(Path(path)).jwt()
        NatsCreds(Path(path)).signature("")
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError("is no NATS credentials file") from error
    return path
