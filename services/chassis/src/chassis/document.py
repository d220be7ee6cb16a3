"""For documents that people write: reads plain JSON values and collects what is wrong, not only the first fault."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Reader:
    """Every method answers something usable, so that reading goes on after a fault; `faults` tells the truth."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []

    def fault(self, place: str, text: str) -> None:
        self.faults.append((place.lstrip("."), text))

    def mapping(self, value: object, place: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.fault(place or "document", "must be an object")
        return {}

    def only(self, raw: Mapping[str, Any], place: str, allowed: str) -> None:
        for name in sorted(set(raw) - set(allowed.split())):
            self.fault(f"{place}.{name}", "unknown field")

    def text(self, raw: Mapping[str, Any], name: str, place: str) -> str:
        value = raw.get(name)
        if isinstance(value, str) and value.strip():
            return value
        self.fault(f"{place}.{name}", "must be a text")
        return ""

    def key(self, raw: Mapping[str, Any], name: str, place: str) -> str:
        value = raw.get(name)
        if isinstance(value, str) and _KEY.fullmatch(value):
            return value
        self.fault(f"{place}.{name}", "must be a key: small letters, digits, underscores")
        return ""

    def keys(self, raw: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
        values = raw.get(name, [])
        if isinstance(values, list) and all(isinstance(v, str) and _KEY.fullmatch(v) for v in values):
            return tuple(values)
        self.fault(f"{place}.{name}", "must be a list of keys")
        return ()

    def number(
        self, raw: Mapping[str, Any], name: str, place: str, *, least: float, most: float = float("inf")
    ) -> float:
        value = raw.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
            return value
        bounds = f"of at least {least:g}" if most == float("inf") else f"from {least:g} to {most:g}"
        self.fault(f"{place}.{name}", f"must be a number {bounds}")
        return least

    def whole(self, raw: Mapping[str, Any], name: str, place: str, *, least: int, most: int) -> int:
        value = self.number(raw, name, place, least=least, most=most)
        if value != int(value):
            self.fault(f"{place}.{name}", "must be a whole number")
        return int(value)

    def texts(self, raw: Mapping[str, Any], name: str, place: str, *, longest: int = 500) -> tuple[str, ...]:
        """A list of texts; empty when the field is absent."""
        values = raw.get(name, [])
        if isinstance(values, list) and all(isinstance(v, str) and v.strip() and len(v) <= longest for v in values):
            return tuple(values)
        self.fault(f"{place}.{name}", f"must be a list of texts of at most {longest} characters")
        return ()

    def label(self, raw: Mapping[str, Any], place: str, name: str = "label") -> tuple[str, str]:
        """In Chinese and English."""
        label, at = self.mapping(raw.get(name), f"{place}.{name}"), f"{place}.{name}"
        self.only(label, at, "zh en")
        return self.text(label, "zh", at), self.text(label, "en", at)

    def flag(self, raw: Mapping[str, Any], name: str, place: str) -> bool:
        """False when the field is absent."""
        value = raw.get(name, False)
        if not isinstance(value, bool):
            self.fault(f"{place}.{name}", "must be true or false")
        return value is True

    def one_of(self, raw: Mapping[str, Any], name: str, place: str, allowed: Sequence[str]) -> str:
        value = raw.get(name)
        if value in allowed:
            return str(value)
        self.fault(f"{place}.{name}", f"must be one of {', '.join(allowed)}")
        return allowed[0]

    def subset(self, raw: Mapping[str, Any], name: str, place: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """All of `allowed` when the field is absent."""
        values = raw.get(name, list(allowed))
        if isinstance(values, list) and values and set(values) <= set(allowed):
            return tuple(values)
        self.fault(f"{place}.{name}", f"must name some of {', '.join(allowed)}")
        return tuple(allowed)

    def items(self, raw: Mapping[str, Any], name: str, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for key, value in self.mapping(raw.get(name), f"{place}.{name}").items():
            yield key, self.mapping(value, f"{place}.{name}.{key}")

    def listed(self, raw: Mapping[str, Any], name: str, place: str) -> Iterator[tuple[Mapping[str, Any], str]]:
        values = raw.get(name, [])
        if not isinstance(values, list):
            self.fault(f"{place}.{name}", "must be a list")
            return
        for index, value in enumerate(values):
            at = f"{place}.{name}[{index}]".lstrip(".")
            yield self.mapping(value, at), at
