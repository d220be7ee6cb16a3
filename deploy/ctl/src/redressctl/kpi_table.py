"""KPIs as a table that both languages can read, each with its n."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

Json = dict[str, Any]


def kpi_table(values: Iterable[Json], definitions: Iterable[Json]) -> Table:
    labels = {definition["key"]: definition["label"] for definition in definitions}
    table = Table(title="KPIs 指标", box=SIMPLE_HEAD)
    table.add_column("KPI")
    for name in ("n", "value", "P50", "P90"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("clock")
    for value in values:
        figures = (in_words(value.get(part), value["unit"]) for part in ("value", "p50", "p90"))
        table.add_row(_name(value, labels), str(value.get("n") or 0), *figures, _clock(value))
    return table


def _name(value: Json, labels: Mapping[str, Mapping[str, str]]) -> str:
    label = labels.get(value["key"]) or {"en": value["key"], "zh": ""}
    dimension = f" · {value['dimension']}" if value.get("dimension") else ""
    return f"{label['en']} {label['zh']}{dimension}"


def _clock(value: Json) -> str:
    clock = value.get("clock") or ""
    return "" if clock == "none" else clock


def in_words(figure: float | None, unit: str) -> str:
    """A figure in its unit: seconds as the largest fitting one, ratios in per cent, money in major units."""
    if figure is None:
        return "–"
    if unit == "seconds":
        for length, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
            if figure >= length:
                return f"{figure / length:.1f} {name}"
        return f"{figure:.1f} s"
    if unit == "ratio":
        return f"{figure:.1%}"
    if unit.startswith("minor"):
        return f"{figure / 100:,.2f}"
    if unit == "percentage points":
        return f"{figure:+.1f} pp"
    if unit.startswith("points of"):
        return f"{figure:.2f}"
    return f"{figure:,.10g}"
