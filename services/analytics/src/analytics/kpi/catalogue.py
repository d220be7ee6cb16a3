"""The KPI catalogue as data: one definition each, from which REST, /metrics and the docs come."""

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

Kind = Literal["duration", "ratio", "count", "money"]
Rows = Literal["complaints", "costs", "capas", "checks", "actions"]


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rows a figure counts and what each contributes: SQL over the columns of `rows`.

    `:as_of`, `:fcr_days` and `:time_zone` are parameters. Rows whose `value` is NULL are not counted.
    """

    rows: Rows
    value: str
    at: str | None = None
    """When the row concludes; None for a state that is read as of now."""
    when: str = "true"
    pending: str = "false"
    dimension: str = ""
    by: str | None = None
    """An expression that splits the figure by dimension."""

    @property
    def condition(self) -> str:
        return f"({self.at}) IS NOT NULL AND ({self.when})" if self.at else self.when


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: str
    label: dict[str, str]
    formula: str
    clock: Literal["calendar", "working", "none"]
    unit: Literal["seconds", "ratio", "count", "minor units"]
    kind: Kind
    concluding_event: str
    exclusions: list[str]
    source: str
    note: str
    pending: str = ""
    snapshot: bool = False
    measures: list[Measure]


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    kpis: list[Definition]


@cache
def catalogue() -> dict[str, Definition]:
    """Key -> definition, in the order of the document."""
    raw = files("analytics.definitions").joinpath("kpis.v1.json").read_bytes()
    return {definition.key: definition for definition in msgspec.json.decode(raw, type=_Document).kpis}
