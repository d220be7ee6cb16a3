"""The registers as a `Catalogue`, held by each process and read anew when one of them changed."""

import time
from collections.abc import Sequence

from chassis.db import Tx
from intake.domain.master_data.catalogue import Account, Catalogue, Unit, spellings
from intake.domain.master_data.register import keyed
from intake.domain.texts import normalised

FRESH_S = 2.0
"""So long after a commit other processes may still go by what they hold."""
_CODES = """
SELECT 'product_family' AS field, product_family AS code, false AS catch_all FROM product_families
UNION ALL SELECT 'product_model', product_model, false FROM product_models
UNION ALL SELECT g.field, c.code, c.catch_all FROM codes c JOIN code_groups g USING (code_group)"""
_serial_key = keyed("product_family", "serial")


class Catalogues:
    """The catalogue that holds in a transaction; asking for it costs a statement every FRESH_S."""

    def __init__(self) -> None:
        self._version = -1
        self._looked_at = float("-inf")
        self._current = Catalogue()

    async def current(self, tx: Tx) -> Catalogue:
        if time.monotonic() - self._looked_at < FRESH_S:
            return self._current
        version = await tx.fetchval("SELECT version FROM master_data_state") or 0
        if version != self._version:
            self._current = await load(tx) if version else Catalogue()
            self._version = version
        self._looked_at = time.monotonic()
        return self._current


async def load(tx: Tx) -> Catalogue:
    codes = await tx.fetch(_CODES)
    aliases = await tx.fetch("SELECT field, spelling_key, code FROM aliases")
    has = await tx.fetchrow(
        "SELECT EXISTS (SELECT FROM customer_accounts) AS accounts, EXISTS (SELECT FROM product_serials) AS serials"
    )
    assert has is not None
    return Catalogue(
        codes=spellings([(row["field"], row["code"]) for row in codes], [tuple(row) for row in aliases]),
        catch_all=frozenset(normalised(r["code"]) for r in codes if r["catch_all"] and r["field"] == "defect_code"),
        has_accounts=has["accounts"],
        has_serials=has["serials"],
    )


async def accounts(tx: Tx, refs: Sequence[str]) -> dict[str, Account]:
    rows = await tx.fetch(
        "SELECT customer_ref, language, key_account FROM customer_accounts"
        " WHERE customer_ref = ANY($1::text[]) AND (closed_on IS NULL OR closed_on > $2)",
        refs,
        tx.now.date(),
    )
    return {row["customer_ref"]: Account(row["language"], row["key_account"]) for row in rows}


def serial_key(product_family: str, serial: str) -> str:
    return _serial_key({"product_family": product_family, "serial": serial})


async def units(tx: Tx, keys: Sequence[str]) -> dict[str, Unit]:
    """By `serial_key`."""
    rows = await tx.fetch(
        "SELECT serial_key, product_model, lot FROM product_serials WHERE serial_key = ANY($1::text[])", keys
    )
    return {row["serial_key"]: Unit(row["product_model"], row["lot"]) for row in rows}
