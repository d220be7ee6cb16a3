"""One record put, and registers listed: what is the same for all of them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from google.protobuf.message import Message

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Invalid, StaleVersion
from chassis.messages import to_dict, to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import master_data
from intake.app.load import WORKING
from intake.app.master_data import personal
from intake.app.master_data.saving import save
from intake.domain.master_data.register import Record, Register

M = TypeVar("M", bound=Message)
UseCase = Callable[[Tx, Call, Any], Awaitable[Any]]


def putting(register: Register, reply: type[M]) -> UseCase:
    """The use case that keeps one record, whole: what is left out is emptied."""

    async def put(tx: Tx, call: Call, request: Any) -> M:
        """Raises Invalid naming the fields, StaleVersion where `if_version` names another than the one that stands."""
        call.require(*register.writers)
        record = register.read(to_dict(request))
        key = register.key_of(record)
        await _check_version(tx, register, record, request.if_version)
        (outcome,) = await save(tx, call, register, [record])
        if isinstance(outcome, Invalid):
            raise outcome
        row = (await master_data.held(tx, register, [key]))[key]
        return shown(reply, register, await personal.opened(tx, register, row))

    return put


def listing(register: Register, item: type[Message], reply: type[M]) -> UseCase:
    """The use case that lists a register in the order of its keys, by exact values; one
    that names people only for those who keep it."""

    async def page(tx: Tx, call: Call, request: Any) -> M:
        call.require(*(register.writers if register.is_personal else WORKING))
        limit = limit_of(request.page)
        after = decode_cursor(request.page.cursor, *key_kinds(register))
        names = [f.name for f in request.DESCRIPTOR.fields if f.name != "page"]
        filters = {name: getattr(request, name) for name in names if request.HasField(name)}
        rows = await master_data.page(tx, register, filters, after, limit)
        items = [shown(item, register, await personal.opened(tx, register, row)) for row in rows]
        cursor = encode_cursor(*register.key_of(rows[-1])) if len(rows) == limit else ""
        return reply(items=items, next_cursor=cursor)

    return page


async def _check_version(tx: Tx, register: Register, record: Record, if_version: int) -> None:
    if not if_version:
        return
    known = await master_data.held(tx, register, [register.key_of(record)])
    stands = next((row["version"] for row in known.values()), 0)
    if stands != if_version:
        raise StaleVersion(f"the record stands at version {stands}" if stands else "there is no such record yet")


def shown(kind: type[M], register: Register, row: Mapping[str, Any]) -> M:
    return to_message(kind, {**row, **{name: _month(row[name]) for name in months(register)}})


def months(register: Register) -> list[str]:
    return [column.name for column in register.columns if column.kind == "month"]


def _month(value: date | None) -> str | None:
    return None if value is None else f"{value:%Y-%m}"


_KINDS = {"month": date, "date": date, "time": datetime}


def key_kinds(register: Register) -> list[Any]:
    kinds = {column.name: _KINDS.get(column.kind, str) for column in register.columns}
    return [kinds.get(name, str) for name in register.keys]
