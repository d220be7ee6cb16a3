import time
from collections.abc import Callable
from dataclasses import dataclass

from chassis.db import Database
from chassis.errors import Unauthenticated, Unavailable
from gateway.adapters import api_keys
from gateway.adapters.ttl_cache import TtlCache
from gateway.app import queries
from gateway.app.principal import Principal


@dataclass(frozen=True)
class KnownKey:
    principal: Principal
    secret_hash: bytes


class Directory:
    """Who keys and access tokens belong to. Answers, also "nobody", are kept for `ttl_s`: so long does a change take.

    This replica's own changes are forgotten at once by `forget_key` and `forget_person`.
    """

    def __init__(self, db: Database, pepper: str, ttl_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._db, self._pepper = db, pepper
        self.first_key_pending = False
        """The bootstrap key could not be put in place yet: who brings it shall come again; nobody says it is wrong."""
        self._keys = TtlCache[str, KnownKey | str](ttl_s, 20_000, clock)
        self._persons = TtlCache[str, Principal | str](ttl_s, 20_000, clock)

    async def by_key(self, presented: str) -> Principal:
        """Raises Unauthenticated without saying whether the id or the secret is wrong."""
        key_id = api_keys.key_id_of(presented)
        if self.first_key_pending and key_id == api_keys.BOOTSTRAP_ID:
            raise Unavailable("the first key of this installation is not in place yet")
        known = self._keys.get(key_id) or self._keys.put(key_id, await self._load_key(key_id))
        if isinstance(known, str) or not api_keys.matches(self._pepper, presented, known.secret_hash):
            raise Unauthenticated("this API key is not valid")
        return known.principal

    async def by_person(self, person_id: str) -> Principal:
        known = self._persons.get(person_id) or self._persons.put(person_id, await self._load_person(person_id))
        if isinstance(known, str):
            raise Unauthenticated("this person may no longer sign in")
        return known

    def forget_key(self, key_id: str) -> None:
        self._keys.forget(key_id)

    def forget_person(self, person_id: str) -> None:
        self._persons.forget(person_id)

    async def _load_key(self, key_id: str) -> KnownKey | str:
        async with self._db.read() as tx:
            row = await queries.active_key(tx, key_id)
        if row is None:
            return _NOBODY
        principal = Principal(
            f"key:{key_id}", tuple(sorted(row["roles"])), None, row["scope"], row["rate_per_s"], row["name"]
        )
        return KnownKey(principal, row["secret_hash"])

    async def _load_person(self, person_id: str) -> Principal | str:
        async with self._db.read() as tx:
            row = await queries.active_person(tx, person_id)
        if row is None:
            return _NOBODY
        return Principal(person_id, tuple(sorted(row["roles"])), row["department"], name=row["name"])


_NOBODY = "nobody"
