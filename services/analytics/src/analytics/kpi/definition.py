"""What one KPI and one panel of the catalogue are made of."""

from typing import Literal

import msgspec

Kind = Literal["duration", "ratio", "count", "money", "mean", "change"]
Rows = Literal[
    "complaints",
    "surveys",
    "visits",
    "extensions",
    "costs",
    "capas",
    "windows",
    "recurrences",
    "checks",
    "actions",
    "action_extensions",
]
Profile = Literal["valid", "justified"]
PROFILES: tuple[Profile, ...] = ("valid", "justified")
"""Which complaints: all valid ones, or only those judged justified (成立). Figures are reported over both (DOMAIN)."""


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rows a figure counts and what each contributes: SQL over the columns of `rows`.

    `:as_of`, `:fcr_days`, `:acknowledge_minutes` and `:time_zone` are parameters. Rows whose `value` is NULL are not
    counted.
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
    among: list[str] = []
    """Last parts of the dimension `X/part` that are shown for every X, with nought where no row has them."""

    @property
    def condition(self) -> str:
        return f"({self.at}) IS NOT NULL AND ({self.when})" if self.at else self.when


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: str
    label: dict[str, str]
    formula: str
    clock: Literal["calendar", "working", "none"]
    unit: Literal["seconds", "ratio", "count", "minor units", "points of 5", "percentage points"]
    kind: Kind
    concluding_event: str
    exclusions: list[str]
    source: str
    note: str
    pending: str = ""
    snapshot: bool = False
    baseline_days: int = 0
    """Of a change: length of the period before, with which it compares unless it is asked for another."""
    beside: list[str] = []
    """Figures without which this one misleads: whoever asks for it gets them too."""
    measures: list[Measure]


class Panel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures that are read together, under the name of who asks for them."""

    key: str
    label: dict[str, str]
    source: str
    keys: list[str]
