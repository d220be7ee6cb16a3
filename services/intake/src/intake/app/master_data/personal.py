"""The one place where master data's personal columns are sealed and opened, and where a customer's are taken away."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from intake.adapters import master_data
from intake.domain.master_data.register import Record, Register
from intake.domain.master_data.registers import ACCOUNT_CONTACTS, CUSTOMER_ACCOUNTS


async def sealed(tx: Tx, register: Register, records: Sequence[Record]) -> list[Record]:
    """As they are written: each value under the installation's key, for its place alone."""
    return [
        {**record, **{name: _seal(tx, register, record, name) for name in _personal(register)}} for record in records
    ]


async def opened(tx: Tx, register: Register, row: Mapping[str, Any]) -> Record:
    """As people read it."""
    return {**row, **{name: _open(tx, register, row, name) for name in _personal(register)}}


async def forget(tx: Tx, call: Call, customer_refs: Sequence[str]) -> int:
    """Empties every personal column about these customers and their contacts, for the erasure of a person; how many
    records."""
    count = 0
    for register in (CUSTOMER_ACCOUNTS, ACCOUNT_CONTACTS) if customer_refs else ():
        for row in await master_data.empty(tx, register, _personal(register), customer_refs):
            name = register.aggregate(row)
            tx.audit(aggregate_type="master_data", aggregate_id=name, action="personal data erased", call=call)
            count += 1
    return count


def _personal(register: Register) -> list[str]:
    return [column.name for column in register.columns if column.personal]


def _place(register: Register, record: Record, name: str) -> str:
    return f"{register.aggregate(record)}/{name}"


def _seal(tx: Tx, register: Register, record: Record, name: str) -> bytes | None:
    value = record[name]
    return None if value is None else tx.sealer.seal(value.encode(), about=_place(register, record, name))


def _open(tx: Tx, register: Register, row: Mapping[str, Any], name: str) -> str | None:
    value = row[name]
    return None if value is None else tx.sealer.open(value, about=_place(register, row, name)).decode()
