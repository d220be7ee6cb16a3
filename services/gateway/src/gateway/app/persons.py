"""Who a person is. Every change raises the version, is told to the others without name or address, and is audited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import sqlalchemy as sa

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, NotFound, StaleVersion
from chassis.ids import new_id
from gateway.adapters.tables import person
from gateway.app import queries
from redress.gateway.v1.events import IdentityChanged, IdentityDisabled, IdentityRegistered

_TOLD = ("roles", "department", "lead", "language")
# In the audit trail one reads that these changed, not what they are.
_SECRET = {"password_hash": "***"}


@dataclass(frozen=True)
class NewPerson:
    account: str
    name: str
    email: str | None
    password_hash: str
    roles: Sequence[str]
    department: str | None
    lead: bool
    language: str


def normal_account(account: str) -> str:
    return account.strip().casefold()


async def register_person(tx: Tx, call: Call, new: NewPerson) -> asyncpg.Record:
    """Raises Forbidden unless admin, Conflict account_taken."""
    call.require("admin")
    person_id = new_id()
    values = vars(new) | {"account": normal_account(new.account), "roles": sorted(set(new.roles))}
    if await queries.person_by_account(tx, values["account"]):
        raise Conflict("account_taken", "there is a person with this account")
    await tx.run(sa.insert(person).values(person_id=person_id, version=1, created_at=tx.now, **values))
    changes = {name: [None, _SECRET.get(name, value)] for name, value in values.items()}
    tx.audit(
        aggregate_type="person", aggregate_id=person_id, action="registered", call=call, changes=changes, first=True
    )
    tx.emit(IdentityRegistered(person_id=person_id, at=tx.now, **_told(values)), subject=person_id, sequence=1)
    return await queries.get_person(tx, person_id)


async def change_person(
    tx: Tx, call: Call, person_id: str, if_version: int, wanted: Mapping[str, Any]
) -> asyncpg.Record:
    """Only what is named in `wanted` changes. Raises Forbidden unless admin, NotFound, StaleVersion."""
    call.require("admin")
    known = await _locked(tx, person_id, if_version)
    changed = {name: value for name, value in wanted.items() if known[name] != value}
    if not changed:
        return await queries.get_person(tx, person_id)
    version = known["version"] + 1
    await _update(tx, person_id, changed | {"version": version})
    changes = {n: [_SECRET.get(n, known[n]), _SECRET.get(n, value)] for n, value in changed.items()}
    tx.audit(aggregate_type="person", aggregate_id=person_id, action="changed", call=call, changes=changes)
    told = _told({**known, **changed})
    tx.emit(IdentityChanged(person_id=person_id, at=tx.now, **told), subject=person_id, sequence=version)
    return await queries.get_person(tx, person_id)


async def disable_person(tx: Tx, call: Call, person_id: str, if_version: int, reason: str) -> asyncpg.Record:
    """The person may no longer sign in; the record stays, because others name it. Disabling twice changes nothing."""
    call.require("admin")
    known = await _locked(tx, person_id, if_version)
    if known["disabled_at"] is None:
        version = known["version"] + 1
        await _update(tx, person_id, {"disabled_at": tx.now, "version": version})
        tx.audit(
            aggregate_type="person",
            aggregate_id=person_id,
            action="disabled",
            call=call,
            changes={"disabled_at": [None, tx.now.isoformat()]},
            reason=reason,
        )
        tx.emit(IdentityDisabled(person_id=person_id, at=tx.now), subject=person_id, sequence=version)
    return await queries.get_person(tx, person_id)


async def _locked(tx: Tx, person_id: str, if_version: int) -> asyncpg.Record:
    known = await tx.row(sa.select(person).where(person.c.person_id == person_id).with_for_update())
    if known is None:
        raise NotFound("there is no such person")
    if known["version"] != if_version:
        raise StaleVersion(f"this person is at version {known['version']}")
    return known


async def _update(tx: Tx, person_id: str, values: Mapping[str, Any]) -> None:
    await tx.run(sa.update(person).where(person.c.person_id == person_id).values(**values))


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in _TOLD}
