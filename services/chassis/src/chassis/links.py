"""Signed links: whoever holds one may see or do the one thing it names, until it expires.

A link is a bearer capability in a URL. Its audience is its own: a link is never a token of a call, nor the reverse.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from chassis.errors import RedressError, Unauthenticated
from chassis.published_keys import PublishedKeys
from chassis.tokens import ALGORITHMS, Signer, unverified

AUDIENCE = "redress-link"


class LinkBroken(RedressError):
    """Cut short, altered, or never ours."""

    slug = "link_broken"
    status = 404


class LinkExpired(RedressError):
    slug = "link_expired"
    status = 410


@dataclass(frozen=True)
class Link:
    """`subject`: the id of what it is about. `language`: what its holder was written in."""

    purpose: str
    subject: str
    language: str


def sign_link(signer: Signer, link: Link, lifetime: timedelta) -> str:
    """The text that stands in the URL; holds for `lifetime` from now."""
    return signer.encode(
        {
            "iss": signer.issuer,
            "aud": AUDIENCE,
            "pur": link.purpose,
            "sub": link.subject,
            "lang": link.language,
            "exp": int(time.time() + lifetime.total_seconds()),
        }
    )


class Links:
    """Reads links that `issuer` signed, with its present key or one it has retired."""

    def __init__(self, keys: PublishedKeys, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer

    async def read(self, text: str, purpose: str) -> Link:
        """Raises LinkBroken, LinkExpired, or Unavailable when the issuer's keys are out of reach."""
        claims = await self._claims(text)
        if claims.get("aud") != AUDIENCE or claims.get("pur") != purpose:
            raise LinkBroken("this link leads nowhere")
        if float(claims.get("exp") or 0) <= time.time():
            raise LinkExpired("this link has expired")
        return Link(purpose, str(claims["sub"]), str(claims["lang"]))

    async def _claims(self, text: str) -> dict[str, Any]:
        try:
            issuer, kid = unverified(text)
            if issuer != self._issuer:
                raise LinkBroken("this link leads nowhere")
            keys = (await self._keys.of(issuer, kid)).known
            return dict(jwt.decode(text, keys, algorithms=ALGORITHMS).claims)
        except (JoseError, ValueError, Unauthenticated) as error:
            raise LinkBroken("this link leads nowhere") from error
