"""A register: one kind of master data, its columns, what identifies a record and what it refers to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from chassis.errors import FieldError, Invalid
from intake.domain.master_data.columns import Column
from intake.domain.texts import normalised

Record = Mapping[str, Any]
"""Column -> value, derived columns included."""
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What a record says must stand in another register (or its own); nothing is referred to where the last of the
    columns is empty."""

    register: str
    columns: Mapping[str, str]
    """Column here -> column there."""

    def key_of(self, record: Record) -> Key | None:
        values = tuple(record[name] for name in self.columns)
        return values if values[-1] else None


@dataclass(frozen=True)
class Register:
    name: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    references: tuple[Reference, ...] = ()
    derived: Mapping[str, Callable[[Record], str]] = ()  # type: ignore[assignment]
    periods: tuple[tuple[str, str], ...] = ()
    """Pairs of dates of which the second may not lie before the first."""
    writers: tuple[str, ...] = ("quality", "manager")

    @property
    def table(self) -> str:
        return self.name.replace("-", "_")

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def is_personal(self) -> bool:
        return any(column.personal for column in self.columns)

    def key_of(self, record: Record) -> Key:
        return tuple(record[name] for name in self.keys)

    def aggregate(self, record: Record) -> str:
        """Its name in the audit trail."""
        return f"{self.name}:{'|'.join(_shown(value) for value in self.key_of(record))}"

    def read(self, given: Mapping[str, Any]) -> Record:
        """Texts of a file or values of a call to a record. Raises Invalid naming every faulty column."""
        record: dict[str, Any] = {}
        faults: list[FieldError] = []
        for column in self.columns:
            try:
                record[column.name] = column.read(given.get(column.name))
            except ValueError as error:
                faults.append(FieldError(column.name, str(error)))
        faults.extend(self._period_faults(record))
        if faults:
            raise Invalid("the record cannot be kept as it is", faults)
        return record | {name: derive(record) for name, derive in dict(self.derived).items()}

    def _period_faults(self, record: Record) -> Iterator[FieldError]:
        for first, last in self.periods:
            begun, ended = record.get(first), record.get(last)
            if begun and ended and ended < begun:
                yield FieldError(last, f"lies before {first}")


def keyed(*names: str) -> Callable[[Record], str]:
    """What texts are compared by, whatever their width, case and blanks: as `signature.coded` makes its lot_key."""
    return lambda record: "|".join(normalised(str(record[name] or "")).replace("|", "/") for name in names)


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def header_of(register: Register, cells: Sequence[str]) -> dict[int, Column]:
    """Which cell fills which column. Raises Invalid for a column that is unknown, named twice, or missing."""
    names = {normalised(name): column for column in register.columns for name in (column.name, *column.known_as)}
    found: dict[int, Column] = {}
    faults = []
    for index, cell in enumerate(cells):
        column = names.get(normalised(cell).replace(" ", "_")) or names.get(normalised(cell))
        if column is None and cell.strip():
            faults.append(FieldError(cell.strip()[:100], f"is no column of {register.name}"))
        elif column in found.values():
            faults.append(FieldError(cell.strip()[:100], "names a column that stands there already"))
        elif column is not None:
            found[index] = column
    missing = [c.name for c in register.columns if c.required and c not in found.values()]
    faults.extend(FieldError(name, "is missing in the header") for name in missing)
    if faults:
        raise Invalid("the file's header does not fit", faults)
    return found
