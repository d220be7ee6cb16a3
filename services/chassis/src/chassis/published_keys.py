"""The keys that issuers publish, fetched on first need and again when a signature names one that is new."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.errors import Unauthenticated, Unavailable

REFETCH_AFTER_S = 10.0
_SILENT_S = 1.0

FetchKeys = Callable[[str], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Published:
    """`signing`: what an issuer signs with now. `known`: those, and earlier ones whose links may still be about."""

    signing: KeySet
    known: KeySet
    at: float

    def has(self, kid: str | None) -> bool:
        return any(key.kid == kid for key in self.known.keys)


class PublishedKeys:
    """By issuer; `trusted` maps an issuer to the address of its keys. They rotate without a restart of anybody."""

    def __init__(self, trusted: Mapping[str, str], fetch: FetchKeys) -> None:
        self._trusted = trusted
        self._fetch = fetch
        self._found: dict[str, Published] = {}
        self._asking = {issuer: asyncio.Lock() for issuer in trusted}
        self._silent_until = dict.fromkeys(trusted, 0.0)

    async def of(self, issuer: str, kid: str | None) -> Published:
        """Raises Unauthenticated for a stranger, Unavailable when the keys are out of reach.

        A key id that nobody knows makes us ask again, at most every ten seconds; an issuer that does not answer is left
        alone for one. Anybody can write tokens with new key ids: however many wait, one of them asks.
        """
        if issuer not in self._trusted:
            raise Unauthenticated("the token's issuer is not trusted")
        if found := self._usable(issuer, kid):
            return found
        async with self._asking[issuer]:
            return self._usable(issuer, kid) or await self._ask(issuer)

    def _usable(self, issuer: str, kid: str | None) -> Published | None:
        found = self._found.get(issuer)
        fresh = found is not None and (found.has(kid) or time.monotonic() - found.at < REFETCH_AFTER_S)
        return found if fresh else None

    async def _ask(self, issuer: str) -> Published:
        if time.monotonic() < self._silent_until[issuer]:
            raise Unavailable(f"the keys of {issuer} are out of reach")
        try:
            published = _read(issuer, await self._fetch(self._trusted[issuer]))
        except Unavailable:
            self._silent_until[issuer] = time.monotonic() + _SILENT_S
            raise
        self._found[issuer] = published
        return published


def _read(issuer: str, document: Mapping[str, Any]) -> Published:
    try:
        now, earlier = list(document["keys"]), list(document.get("retired_keys", ()))
        signing, known = (KeySet.import_key_set({"keys": keys}) for keys in (now, now + earlier))
        return Published(signing, known, time.monotonic())
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(f"the keys of {issuer} cannot be read") from error
