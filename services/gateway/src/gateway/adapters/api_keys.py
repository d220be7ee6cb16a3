import hmac
import re
import secrets

BOOTSTRAP_ID = "bootstrap"
_PRESENTED = re.compile(r"^rk_([a-z0-9]{1,32})_[A-Za-z0-9_-]{16,128}$")
_ID_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_key() -> tuple[str, str]:
    """A fresh key's id and the key itself, `rk_<id>_<secret>`; only its hash is kept."""
    key_id = "".join(secrets.choice(_ID_ALPHABET) for _ in range(12))
    return key_id, f"rk_{key_id}_{secrets.token_urlsafe(32)}"


def key_id_of(presented: str) -> str:
    """An operator may choose any text as bootstrap key, so what is not of our shape can only be that one."""
    match = _PRESENTED.match(presented)
    return match.group(1) if match else BOOTSTRAP_ID


def secret_hash(pepper: str, key: str) -> bytes:
    """HMAC-SHA256 over the whole key. A fast hash is enough: the secret has 256 random bits."""
    return hmac.digest(pepper.encode(), key.encode(), "sha256")


def matches(pepper: str, presented: str, known_hash: bytes) -> bool:
    return hmac.compare_digest(secret_hash(pepper, presented), known_hash)
