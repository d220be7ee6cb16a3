"""A complaint's personal fields and its free text: one sealed value in `customers`, under the key of its person.

Rows of before there was a key stand in plain until the worker has sealed them (app.privacy.seal_rows).
"""

from typing import Any

import msgspec

from chassis.sealing import Key, Sealer
from intake.adapters.persons import owner

COLUMNS = (
    *("k.customer_id AS of_customer", "k.name AS customer_name", "k.email AS customer_email"),
    *("k.phone AS customer_phone", "k.sealed", "k.person_id", "p.sealed_key", "p.erased_at"),
)
JOIN = "JOIN customers k USING (customer_id) LEFT JOIN persons p ON p.person_id = k.person_id"
SELECT = f"SELECT c.*, {', '.join(COLUMNS)} FROM complaints c {JOIN}"  # noqa: S608 - our own names only
SHOWN = ("customer_name", "customer_email", "customer_phone", "description", "person_id", "erased_at")
ERASED = "[erased]"
PROTECTED = "[protected]"
# The customer's number, too: it is one look-up away from the name in the customer's account.
HIDDEN = {"customer_name": PROTECTED, "customer_email": None, "customer_phone": None, "customer_ref": None}
_INTERNAL = ("of_customer", "sealed", "sealed_key")

Row = Any
"""A row of asyncpg with COLUMNS, or a mapping made of one."""


class Personal(msgspec.Struct, array_like=True, frozen=True):
    name: str = ""
    email: str | None = None
    phone: str | None = None
    description: str = ""


_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Personal)


def sealed(key: Key, customer_id: str, personal: Personal) -> bytes:
    return key.seal(_ENCODER.encode(personal), about=f"customer/{customer_id}")


def opened(sealer: Sealer, row: Row) -> dict[str, Any]:
    """The row as the service works with it: names, addresses and text in plain, markers where they were erased."""
    found = {name: value for name, value in row.items() if name not in _INTERNAL}
    if row["sealed"] is not None:
        personal = _personal(sealer, row)
        found["customer_name"], found["customer_email"] = personal.name, personal.email
        found["customer_phone"], found["description"] = personal.phone, personal.description
    return found


def shown(sealer: Sealer, row: Row) -> dict[str, Any]:
    """The row as people see it."""
    return masked(opened(sealer, row))


def masked(row: Row) -> dict[str, Any]:
    """Without who it is, where the complainant's identity is protected."""
    found = dict(row)
    if found.get("identity_protected") and found["erased_at"] is None:
        found |= HIDDEN
    return found


def description_of(sealer: Sealer, row: Row) -> str:
    """Of a row with `of_customer`, `sealed`, `person_id`, `sealed_key`, plain `description`; empty once erased."""
    if row["sealed"] is None:
        return str(row["description"])
    return _personal(sealer, row).description if row["sealed_key"] is not None else ""


def _personal(sealer: Sealer, row: Row) -> Personal:
    if row["sealed_key"] is None:
        return Personal(ERASED, None, None, ERASED)
    key = owner(sealer, row["person_id"], row["sealed_key"]).key
    return _DECODER.decode(key.open(row["sealed"], about=f"customer/{row['of_customer']}"))
