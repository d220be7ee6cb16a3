import time
from collections.abc import Callable, Sequence
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.errors import Unauthenticated
from chassis.signing_keys import private_key, public_key
from chassis.tokens import PublicKey

AUDIENCE = "redress-public"
_ALGORITHMS = ["Ed25519"]
_CACHE_LIMIT = 10_000


class AccessTokens:
    """JWTs (Ed25519, RFC 9864) that people carry. They prove only who someone is; roles are read afresh.

    Their audience is the public door's. An internal token is refused here, and one of these by every service.
    """

    def __init__(
        self,
        key: str,
        lifetime_s: int,
        clock: Callable[[], float] = time.time,
        *,
        beside: Sequence[PublicKey] = (),
    ) -> None:
        """`beside`: what other replicas of ours sign with while the key is changed."""
        self._key = private_key(key)
        self._accepted = KeySet([self._key, *(public_key(one) for one in beside)])
        self.lifetime_s = lifetime_s
        self._clock = clock
        self._verified: dict[str, tuple[str, float]] = {}

    def issue(self, person_id: str) -> str:
        now = int(self._clock())
        claims = {"iss": "gateway", "aud": AUDIENCE, "sub": person_id, "iat": now, "exp": now + self.lifetime_s}
        return jwt.encode({"alg": "Ed25519", "kid": self._key.kid}, claims, self._key, algorithms=_ALGORITHMS)

    def person_of(self, token: str) -> str:
        """Raises Unauthenticated for a token that is not ours, was meant for others, or has expired."""
        person_id, expires = self._verified.get(token) or self._verify(token)
        if expires <= self._clock():
            self._verified.pop(token, None)
            raise Unauthenticated("the access token has expired")
        return person_id

    def _verify(self, token: str) -> tuple[str, float]:
        claims = self._claims(token)
        if claims.get("aud") != AUDIENCE:
            raise Unauthenticated("this token is not an access token", slug="wrong_audience")
        if len(self._verified) >= _CACHE_LIMIT:
            self._verified.clear()
        self._verified[token] = found = (str(claims["sub"]), float(claims["exp"]))
        return found

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            return dict(jwt.decode(token, self._accepted, algorithms=_ALGORITHMS).claims)
        except (JoseError, ValueError, KeyError) as error:
            raise Unauthenticated("the access token does not hold") from error
