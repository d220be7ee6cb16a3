"""What a form on the open web carries: proof that we showed it, when, and a number that makes sending it twice one."""

import hmac
import secrets
from dataclasses import dataclass

from chassis.errors import FieldError, Invalid

LIFETIME_S = 24 * 3_600
_PARTS = 4
_LONGEST = 200


@dataclass(frozen=True)
class FormToken:
    name: str
    version: int
    issued_at: int
    """Seconds since 1970."""
    nonce: str

    def signed(self, key: str) -> str:
        return f"{self._text}.{self._mac(key)}"

    @property
    def _text(self) -> str:
        return f"{self.version}.{self.issued_at}.{self.nonce}"

    def _mac(self, key: str) -> str:
        return hmac.digest(key.encode(), f"form-token/{self.name}/{self._text}".encode(), "sha256").hex()[:40]


def issued(name: str, version: int, now: float, key: str) -> str:
    return FormToken(name, version, int(now), secrets.token_hex(12)).signed(key)


def read(text: str, name: str, key: str) -> FormToken:
    """Raises Invalid for a token that we never gave for this form."""
    parts = text[:_LONGEST].split(".")
    if len(parts) == _PARTS and all(one.isascii() and one.isdigit() and len(one) < 15 for one in parts[:2]):
        token = FormToken(name, int(parts[0]), int(parts[1]), parts[2])
        if hmac.compare_digest(token.signed(key).encode(), text.encode()):
            return token
    raise Invalid("this form was not shown by us", [FieldError("token", "ask for the form anew")], slug="form_token")


def check_age(token: FormToken, now: float, least_seconds: int) -> None:
    """Raises Invalid: nobody fills a form in faster, and an old page may be another's."""
    age = now - token.issued_at
    if age < least_seconds:
        fault = FieldError("token", f"was used after {max(age, 0):.0f} s, at least {least_seconds} are needed")
        raise Invalid("this was filled in too quickly", [fault], slug="too_quick")
    if age > LIFETIME_S:
        fault = FieldError("token", "is older than a day: ask for the form anew")
        raise Invalid("this form was open for too long", [fault], slug="form_token")
