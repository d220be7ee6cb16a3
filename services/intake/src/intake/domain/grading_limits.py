"""How large a grading table may be, and which columns there are at all: the first thing that is looked at.

A draft may be unfinished, but never beyond these; every breach is named by its row and column.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from intake.domain.grading_columns import COLUMNS

Fault = tuple[str, str]
MOST_ROWS = 500
MOST_COLUMNS = 40
MOST_QUESTIONS = 40
MOST_PARAMETERS = 60
MOST_KEY_ACCOUNTS = 10_000
CELL_CHARACTERS = 100
LABEL_CHARACTERS = 300
DEPTH = 5
"""Of objects and lists within each other: document, rows, row, cells, cell."""
LIMITS: Mapping[str, int] = {
    "rows": MOST_ROWS,
    "columns": MOST_COLUMNS,
    "questions": MOST_QUESTIONS,
    "parameters": MOST_PARAMETERS,
    "key_accounts": MOST_KEY_ACCOUNTS,
    "cell_characters": CELL_CHARACTERS,
    "label_characters": LABEL_CHARACTERS,
    "depth": DEPTH,
}
_LISTS = ("rows", "columns", "questions")


def breaches(document: object) -> list[Fault]:
    """Place and text of each. Nothing is said about shapes: what is no table at all breaks no limit."""
    if not isinstance(document, Mapping):
        return []
    return [*_too_many(document), *_too_large(document, "", 1), *_unknown(document)]


def row_name(row: object, number: int) -> str:
    """How a row is called in faults: by its id, or by its place where it has none that could be said."""
    name = row.get("id") if isinstance(row, Mapping) else None
    return f"rows.{name}" if isinstance(name, str) and 0 < len(name) <= 63 and "." not in name else f"rows[{number}]"


def _too_many(document: Mapping[Any, Any]) -> Iterator[Fault]:
    for name in _LISTS:
        items = document.get(name)
        if isinstance(items, list) and len(items) > LIMITS[name]:
            most = LIMITS[name]
            yield _place(document, name, most), f"is too many: a table has at most {most} {name}"
    parameters = document.get("parameters")
    if isinstance(parameters, Mapping) and len(parameters) > MOST_PARAMETERS:
        yield "parameters", f"are too many: at most {MOST_PARAMETERS}"


def _place(document: Mapping[Any, Any], name: str, number: int) -> str:
    return row_name(document[name][number], number) if name == "rows" else f"{name}[{number}]"


def _too_large(value: Any, place: str, depth: int) -> Iterator[Fault]:
    """Stops where it goes too deep, so that a document of any depth is looked through."""
    if isinstance(value, str):
        if len(value) > (most := _characters(place)):
            yield place, f"is longer than {most} characters"
    elif isinstance(value, Mapping | list) and depth > DEPTH:
        yield place, f"is nested too deeply: at most {DEPTH} levels"
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            at = f"{place}.{str(name)[:CELL_CHARACTERS]}".lstrip(".")
            if len(str(name)) > CELL_CHARACTERS:
                yield at, f"has a name of more than {CELL_CHARACTERS} characters"
            yield from _too_large(inner, at, depth + 1)
    elif isinstance(value, list):
        yield from _too_large_items(value, place, depth)


def _too_large_items(items: list[Any], place: str, depth: int) -> Iterator[Fault]:
    if place.endswith("key_accounts") and len(items) > MOST_KEY_ACCOUNTS:
        yield place, f"are too many: at most {MOST_KEY_ACCOUNTS}"
        return
    for number, inner in enumerate(items):
        at = row_name(inner, number) if place == "rows" else f"{place}[{number}]"
        yield from _too_large(inner, _cell(place, inner) or at, depth + 1)


def _characters(place: str) -> int:
    return LABEL_CHARACTERS if ".label." in f".{place}." or place == "source" else CELL_CHARACTERS


def _cell(place: str, inner: Any) -> str | None:
    """`rows.2-lot.same_lot` for a cell of row 2-lot."""
    if place.endswith(".when") and place.startswith("rows") and isinstance(inner, Mapping):
        return f"{place.removesuffix('.when')}.{str(inner.get('column'))[:63]}"
    return None


def _unknown(document: Mapping[Any, Any]) -> Iterator[Fault]:
    for number, column in enumerate(_mappings(document.get("columns"))):
        if not _is_column(column.get("id")):
            yield f"columns[{number}].id", f"{_said(column.get('id'))} is not a column that complaints have"
    for number, row in enumerate(_mappings(document.get("rows"))):
        for cell in _mappings(row.get("when")):
            if not _is_column(cell.get("column")):
                place = f"{row_name(row, number)}.{str(cell.get('column'))[:63]}"
                yield place, f"{_said(cell.get('column'))} is not a column that complaints have"


def _mappings(items: object) -> list[Mapping[Any, Any]]:
    return [item if isinstance(item, Mapping) else {} for item in items] if isinstance(items, list) else []


def _is_column(name: object) -> bool:
    return isinstance(name, str) and name in COLUMNS


def _said(name: object) -> str:
    return repr(name)[:63]
