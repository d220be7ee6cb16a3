"""Signed internal tokens: Ed25519 JWTs (RFC 9864), verified by the issuer's published key.

The gateway may speak for persons; every other issuer only for itself (`service:<name>`). Actor fields in metadata
prove nothing and are not read.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis.call import Call
from chassis.errors import Unauthenticated
from chassis.published_keys import PublishedKeys
from chassis.signing_keys import private_key, public_key

AUDIENCE = "redress-internal"
LIFETIME_S = 300
ALGORITHMS = ["Ed25519"]
_PERSON_ISSUER = "gateway"
_CACHE_LIMIT = 10_000

PublicKey = Mapping[str, Any] | str
"""A JWK, or PEM."""
Clock = Callable[[], float]
"""Seconds of the epoch. Services sign by the later and judge by the earlier of their host's and their database's
clock: one clock that was set wrong spoils no token."""


def generate_key() -> dict[str, Any]:
    """A new private signing key as a JWK."""
    key = OKPKey.generate_key("Ed25519")
    key.ensure_kid()
    return dict(key.as_dict(private=True))


class Signer:
    """Signs as one issuer. Tokens are cached until a minute before they expire: signing costs more than a look-up."""

    def __init__(
        self,
        issuer: str,
        key: str,
        retired: Sequence[PublicKey] = (),
        clock: Clock = time.time,
        *,
        beside: Sequence[PublicKey] = (),
    ) -> None:
        """`key`: private, JWK or PEM. `beside`: public keys that other replicas of ours sign with, soon or still: one
        may answer for all. `retired`: earlier ones; they prove links of long life, never a call."""
        self._clock = clock
        self.issuer = issuer
        self._key = private_key(key)
        self._beside = [public_key(one) for one in beside]
        self._retired = [public_key(one) for one in retired]
        self._by_person: dict[tuple[object, ...], tuple[str, float]] = {}

    def jwks(self) -> dict[str, Any]:
        signing = [key.as_dict(private=False) for key in (self._key, *self._beside)]
        retired = [key.as_dict(private=False) for key in self._retired]
        return {"keys": signing} | ({"retired_keys": retired} if retired else {})

    def encode(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "Ed25519", "kid": self._key.kid}, claims, self._key, algorithms=ALGORITHMS)

    def signature(self, content: bytes) -> bytes:
        """Ed25519, of bytes that say what they are for: they can then pass for nothing else."""
        key = self._key.get_op_key("sign")
        assert isinstance(key, Ed25519PrivateKey)
        return key.sign(content)

    def for_service(self) -> str:
        return self.sign(f"service:{self.issuer}", roles=("service",))

    def sign(
        self,
        actor: str,
        *,
        roles: tuple[str, ...],
        on_behalf_of: str | None = None,
        department: str | None = None,
        scope: Mapping[str, list[str]] | None = None,
    ) -> str:
        scope_key = json.dumps(scope, sort_keys=True) if scope else ""
        key = (actor, roles, on_behalf_of, department, scope_key)
        known = self._by_person.get(key)
        now = self._clock()
        if known and known[1] - 60 > now:
            return known[0]
        expires = now + LIFETIME_S
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": actor,
            "roles": list(roles),
            "iat": int(now),
            "exp": int(expires),
        }
        if on_behalf_of:
            claims["obo"] = on_behalf_of
        if department:
            claims["dep"] = department
        if scope:
            claims["scope"] = dict(scope)
        token = self.encode(claims)
        if len(self._by_person) >= _CACHE_LIMIT:
            self._by_person.clear()
        self._by_person[key] = (token, expires)
        return token


class Calls:
    """Turns a token into the Call it proves; verified tokens are cached until they expire."""

    def __init__(self, keys: PublishedKeys, clock: Clock = time.time) -> None:
        self._keys = keys
        self._clock = clock
        self._cache: dict[str, tuple[Call, float]] = {}

    async def verify(self, token: str) -> Call:
        """Raises Unauthenticated for a token that proves nothing, Unavailable when the issuer's key is out of reach."""
        known = self._cache.get(token)
        if known is not None:
            if known[1] > self._clock():
                return known[0]
            del self._cache[token]
        claims = await self._claims(token)
        call = _call_of(claims)
        if len(self._cache) >= _CACHE_LIMIT:
            self._cache.clear()
        self._cache[token] = (call, float(claims["exp"]))
        return call

    async def _claims(self, token: str) -> dict[str, Any]:
        issuer, kid = unverified(token)
        keys = (await self._keys.of(issuer, kid)).signing
        try:
            decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise Unauthenticated("the token's signature does not hold") from error
        claims = dict(decoded.claims)
        if claims.get("aud") != AUDIENCE or claims.get("iss") != issuer:
            raise Unauthenticated("the token is not meant for us")
        if float(claims.get("exp") or 0) <= self._clock():
            raise Unauthenticated("the token has expired")
        return claims


def unverified(token: str) -> tuple[str, str | None]:
    """Issuer and key id as a token claims them: only to find the key. Raises Unauthenticated for what is no token."""
    try:
        parsed = jws.extract_compact(token.encode())
        claims = json.loads(parsed.payload)
        return str(claims["iss"]), parsed.headers().get("kid")
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Unauthenticated("this is not a token") from error


def _call_of(claims: Mapping[str, Any]) -> Call:
    actor = str(claims["sub"])
    roles = frozenset(str(role) for role in claims.get("roles", ()))
    if claims["iss"] != _PERSON_ISSUER and (actor != f"service:{claims['iss']}" or roles - {"service"}):
        raise Unauthenticated(f"{claims['iss']} may speak only for itself")
    return Call(
        actor=actor,
        on_behalf_of=claims.get("obo"),
        roles=roles,
        scope=dict(claims.get("scope", {})),
        department=claims.get("dep"),
    )
