"""Many rows in one statement: arrays in, one per column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chassis.db import Tx


@dataclass(frozen=True)
class Insert:
    """`columns` maps name -> type. A list per row cannot travel in an array of arrays of unequal length: such a column
    comes as comma-joined text and `split` names it."""

    table: str
    columns: Mapping[str, str]
    split: frozenset[str] = field(default=frozenset())
    suffix: str = ""

    @cached_property
    def sql(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.columns)
        arrays = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(self.columns.values(), 1))
        values = ", ".join(f"string_to_array(r.{n}, ',')" if n in self.split else f'r."{n}"' for n in self.columns)
        return f"INSERT INTO {self.table} ({names}) SELECT {values} FROM unnest({arrays}) AS r({names}) {self.suffix}"  # noqa: S608

    async def run(self, tx: Tx, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            await tx.execute(self.sql, *zip(*rows, strict=True))
