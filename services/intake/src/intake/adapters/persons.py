"""Whose complaints they are, and the keys that what belongs to a person is sealed with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chassis.db import Tx
from chassis.errors import Conflict
from chassis.ids import new_id
from chassis.sealing import Key, Sealer, new_key
from intake.adapters.index_key import ready
from intake.domain.identity import EMAIL, REF
from intake.domain.privacy.belonging import Belonging, Holder, belonging

_TRIES = 4
# Held until the commit: whoever is erased meanwhile waits for us, or we for them.
_KNOWN = f"""SELECT i.digest, p.person_id::text, p.sealed_key, EXISTS (SELECT FROM person_identities e
  WHERE e.person_id = p.person_id AND e.digest >= '{EMAIL}' AND e.digest < '{chr(ord(EMAIL) + 1)}') AS has_email
 FROM person_identities i JOIN persons p USING (person_id) WHERE i.digest = ANY($1::text[]) AND p.sealed_key IS NOT NULL
 FOR KEY SHARE OF p"""  # noqa: S608 - our own letters only
_ADD = """WITH added AS (INSERT INTO persons (person_id, sealed_key, created_at)
  SELECT w.*, $3 FROM unnest($1::uuid[], $2::bytea[]) AS w)
 INSERT INTO person_identities (digest, person_id) SELECT * FROM unnest($4::text[], $5::uuid[])
 ON CONFLICT DO NOTHING"""


@dataclass(frozen=True, slots=True)
class Owner:
    """A person that something is sealed for."""

    person_id: str
    key: Key

    def seal(self, plain: bytes, *, about: str) -> bytes:
        return self.key.seal(plain, about=about)


def owner(sealer: Sealer, person_id: object, sealed_key: bytes) -> Owner:
    """Raises CannotOpen."""
    return Owner(str(person_id), sealer.key_within(sealed_key, about=f"person/{person_id}"))


async def owners(tx: Tx, complaints: Sequence[Sequence[str]]) -> list[Owner]:
    """The person of each complaint, by its customer keys; those not known yet are made. Raises Conflict."""
    sealer, found = await ready(tx), dict[str, Owner]()
    for _ in range(_TRIES):
        holders = await _known(tx, {key for keys in complaints for key in keys}, found)
        plan = belonging(complaints, holders, new_id)
        if await _add(tx, sealer, plan, found):
            return [found[person_id] for person_id in plan.person_ids]
    raise Conflict("concurrent_change", "someone else registered this customer at the same time")


async def _known(tx: Tx, keys: set[str], found: dict[str, Owner]) -> dict[str, Holder]:
    if not keys:
        return {}
    rows = await tx.fetch(_KNOWN, sorted(keys))
    for row in rows:
        found[row["person_id"]] = owner(tx.sealer, row["person_id"], row["sealed_key"])
    return {row["digest"]: Holder(row["person_id"], row["has_email"]) for row in rows}


async def _add(tx: Tx, sealer: Sealer, plan: Belonging, found: dict[str, Owner]) -> bool:
    """False when someone else took an identity meanwhile: theirs is looked up then."""
    if not plan.new_persons and not plan.new_identities:
        return True
    keys = {person_id: new_key() for person_id in plan.new_persons}
    found.update({person_id: Owner(person_id, Key(key)) for person_id, key in keys.items()})
    sealed = [sealer.seal(key, about=f"person/{person_id}") for person_id, key in keys.items()]
    # Sorted, so that two groups never wait for each other in a circle.
    identities = sorted(plan.new_identities.items())
    digests, person_ids = [digest for digest, _ in identities], [person_id for _, person_id in identities]
    status = await tx.execute(_ADD, list(keys), sealed, tx.now, digests, person_ids)
    return int(status.rsplit(" ", 1)[-1]) == len(identities)


async def owners_of(tx: Tx, complaint_ids: Iterable[str]) -> dict[str, Owner | None]:
    """Complaint -> its person, held until the commit; None once they are erased."""
    rows = await tx.fetch(
        "SELECT c.complaint_id::text, p.person_id, p.sealed_key FROM complaints c JOIN customers k USING (customer_id)"
        " JOIN persons p ON p.person_id = k.person_id WHERE c.complaint_id = ANY($1::uuid[]) FOR KEY SHARE OF p",
        list(complaint_ids),
    )
    return {
        row["complaint_id"]: owner(tx.sealer, row["person_id"], row["sealed_key"]) if row["sealed_key"] else None
        for row in rows
    }


async def add_identities(tx: Tx, whose: Owner, keys: Sequence[str]) -> None:
    """Those that nobody has: an identity stays with the person who had it first."""
    await tx.execute(
        "INSERT INTO person_identities (digest, person_id) SELECT digest, $2 FROM unnest($1::text[]) AS digest"
        " ON CONFLICT DO NOTHING",
        sorted(key for key in keys if not key.startswith(REF)),
        whose.person_id,
    )
