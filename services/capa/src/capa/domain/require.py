"""Checks that every command makes on what it is given."""

import uuid
from collections.abc import Collection, Iterable

from chassis.errors import FieldError, Invalid, StaleVersion


def text(name: str, value: str | None) -> str:
    """The value without blanks around it; `Invalid` when nothing is left."""
    cleaned = (value or "").strip()
    if not cleaned:
        raise Invalid(f"{name} is missing", fields=[FieldError(name, "must be given")])
    return cleaned


def one_of(name: str, value: str, allowed: Collection[str]) -> str:
    if value not in allowed:
        choices = ", ".join(sorted(allowed))
        raise Invalid(f"{name} {value!r} is not known", fields=[FieldError(name, f"must be one of: {choices}")])
    return value


def case_ids(values: Iterable[str], name: str = "case_ids") -> tuple[str, ...]:
    """Each id once, in the order given. A case id is the UUID of its complaint."""
    return tuple(dict.fromkeys(_uuid(name, value) for value in values))


def case_id(value: str | None, name: str = "case_id") -> str:
    return _uuid(name, value or "")


def evidence(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(cleaned for value in values if (cleaned := value.strip()))


def version(given: int, actual: int) -> None:
    """`StaleVersion` (412) unless the caller saw the record as it stands."""
    if given != actual:
        raise StaleVersion(f"the record is at version {actual}, the command was for version {given}")


def _uuid(name: str, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as wrong:
        raise Invalid(f"{name}: {value!r} is not a case id", fields=[FieldError(name, "must be a UUID")]) from wrong
