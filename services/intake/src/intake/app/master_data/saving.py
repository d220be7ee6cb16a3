"""Records into a register: what they refer to is there, what changes is written and audited, the rest left alone."""

from collections.abc import Sequence
from typing import Any, Literal

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from intake.adapters import master_data
from intake.app.master_data import personal
from intake.domain.identity import masked
from intake.domain.master_data.register import Key, Record, Reference, Register

Saved = Literal["created", "changed", "unchanged"]


async def save(
    tx: Tx, call: Call, register: Register, records: Sequence[Record], *, to_come: frozenset[Key] = frozenset()
) -> list[Saved | Invalid]:
    """What became of each record, in order; no two have the same key. `to_come`: keys of this register that count as
    known, because a file has them further up and is only tried."""
    outcomes: list[Saved | Invalid | None] = [None] * len(records)
    for n, fault in (await _faults(tx, register, records, to_come)).items():
        outcomes[n] = fault
    sound = {register.key_of(record): n for n, record in enumerate(records) if outcomes[n] is None}
    known = await master_data.held(tx, register, sorted(sound, key=lambda key: tuple(map(str, key))))
    shown = {key: await personal.opened(tx, register, row) for key, row in known.items()}
    to_write = []
    for key, n in sound.items():
        changes = _changes(register, shown.get(key), records[n])
        outcomes[n] = ("changed" if key in known else "created") if changes else "unchanged"
        if changes:
            to_write.append(records[n])
            _audit(tx, call, register, records[n], changes, first=key not in known)
    if to_write:
        await master_data.put(tx, register, await personal.sealed(tx, register, to_write), call.actor)
        await master_data.touch(tx)
    return [outcome for outcome in outcomes if outcome is not None]


async def _faults(tx: Tx, register: Register, records: Sequence[Record], to_come: frozenset[Key]) -> dict[int, Invalid]:
    faults: dict[int, Invalid] = {}
    for reference in register.references:
        wanted = {n: key for n, record in enumerate(records) if (key := reference.key_of(record))}
        own = reference.register == register.name
        here = {register.key_of(record) for record in records} | to_come if own else set()
        lacking = await master_data.missing(tx, reference, sorted({key for key in wanted.values() if key not in here}))
        for n, key in wanted.items():
            if key in lacking or (own and key == register.key_of(records[n])):
                faults.setdefault(n, _lacks(reference, key))
    return faults


def _lacks(reference: Reference, key: Key) -> Invalid:
    column = list(reference.columns)[-1]
    name = " | ".join(map(str, key))
    return Invalid(
        "a record refers to what is not there", [FieldError(column, f"{name} is not in the {reference.register}")]
    )


def _changes(register: Register, known: Record | None, record: Record) -> dict[str, list[Any]]:
    """Column -> [old, new]; personal ones masked, so that the trail shows that they changed and not what they are."""
    if known is None:
        pairs = {c.name: [None, record[c.name]] for c in register.columns if record[c.name] is not None}
    else:
        pairs = {c.name: [known[c.name], record[c.name]] for c in register.columns if known[c.name] != record[c.name]}
    hidden = {column.name for column in register.columns if column.personal}
    return {name: [masked(value) for value in pair] if name in hidden else pair for name, pair in pairs.items()}


def _audit(
    tx: Tx, call: Call, register: Register, record: Record, changes: dict[str, list[Any]], *, first: bool
) -> None:
    tx.audit(
        aggregate_type="master_data",
        aggregate_id=register.aggregate(record),
        action="master data kept" if first else "master data changed",
        call=call,
        changes=changes,
        first=first,
    )
