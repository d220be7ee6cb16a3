"""How vendors sign. Every comparison takes the same time whatever is compared, and every valid secret is tried."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from intake.domain.channels.hook import NotProven

_BODY_DIGEST = "bodySHA256"


def expect(given: str, secrets: Sequence[str], signature: Callable[[str], str]) -> str:
    """The secret by which `given` is right. Raises NotProven."""
    fitting = [secret for secret in secrets if same(given, signature(secret))]
    if not fitting:
        raise NotProven("the signature is not right")
    return fitting[0]


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def tencent(token: str, *parts: str) -> str:
    """WeChat official account, WeCom, DingTalk callback: SHA-1 of the token, time, nonce and, in safe mode, what is
    encrypted, sorted and joined."""
    joined = "".join(sorted([token, *parts])).encode("utf-8", "replace")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def dingtalk_robot(app_secret: str, timestamp: str) -> str:
    """The body is not covered: its sender could be anyone who saw one call, within the window."""
    return _base64_hmac(app_secret, f"{timestamp}\n{app_secret}".encode("utf-8", "replace"), "sha256")


def hub_sha256(app_secret: str, body: bytes) -> str:
    """X-Hub-Signature-256 of Meta."""
    return f"sha256={hex_sha256(app_secret, body)}"


def slack(signing_secret: str, timestamp: str, body: bytes) -> str:
    return f"v0={hex_sha256(signing_secret, b'v0:' + timestamp.encode('utf-8', 'replace') + b':' + body)}"


def twilio(auth_token: str, url: str, form: Iterable[tuple[str, str]]) -> str:
    """X-Twilio-Signature: the full address and the form's fields, sorted by name, each value once."""
    fields = "".join(f"{name}{value}" for name, value in sorted(set(form)))
    return _base64_hmac(auth_token, f"{url}{fields}".encode("utf-8", "replace"), "sha1")


def twilio_body_is_right(url: str, body: bytes) -> bool:
    """Of a body that is no form, whose digest stands in the signed address."""
    digests = parse_qs(urlsplit(url).query).get(_BODY_DIGEST, [])
    return len(digests) == 1 and same(digests[0].lower(), hashlib.sha256(body).hexdigest())


def signs_body_apart(url: str) -> bool:
    return _BODY_DIGEST in parse_qs(urlsplit(url).query)


def hex_sha256(secret: str, signed: bytes) -> str:
    return hmac.digest(secret.encode(), signed, "sha256").hex()


def base64_sha256(secret: str, signed: bytes) -> str:
    return _base64_hmac(secret, signed, "sha256")


ENCODINGS: Mapping[str, Callable[[str, bytes], str]] = {"hex": hex_sha256, "base64": base64_sha256}


def _base64_hmac(secret: str, signed: bytes, digest: str) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), signed, digest)).decode()
