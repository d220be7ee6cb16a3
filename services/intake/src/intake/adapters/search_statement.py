"""The statements behind a search: filters as conditions on the complaint itself, whatever the index of terms says.

Written as text, and each once: building it anew with SQLAlchemy cost more than PostgreSQL takes to answer. The limit
stands in it as a number, so that PostgreSQL never plans for a page of unknown size.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from intake.adapters import personal
from intake.domain.complaint import GRADES

_EQUAL = (
    *("grade", "product_family", "product_model", "lot", "serial", "defect_code", "failure_location", "customer_ref"),
    *("channel", "channel_id", "state", "external_id", "language", "remedy_wanted", "repeat_level", "registered_by"),
    *("injury_or_fire", "legal", "main_function_lost", "several_affected", "core_business_stopped", "key_account"),
    "media",
)
_RANGES = {"registered": "t_registered", "received": "t_received", "occurred": "t_occurred", "closed": "t_closed"}
_CONDITIONS: Mapping[str, tuple[str, str]] = {
    **{name: (f"c.{name} = {{0}}", "text") for name in _EQUAL},
    **{f"{name}_from": (f"c.{column} >= {{0}}", "timestamptz") for name, column in _RANGES.items()},
    **{f"{name}_to": (f"c.{column} < {{0}}", "timestamptz") for name, column in _RANGES.items()},
    "form": (
        "EXISTS (SELECT FROM complaint_forms f WHERE f.complaint_id = c.complaint_id AND f.form = {0})",
        "text",
    ),
    "signature": (
        "c.cell IS NOT NULL AND c.signature_base = array_to_string((string_to_array({0}, '|'))[1:3], '|')"
        " AND {0} IN (c.signature, c.signature_base)",
        "text",
    ),
}
# Whether there is any: without a value, so that the partial index is recognised.
_YES_OR_NO: Mapping[str, str] = {
    "has_questions": "cardinality(c.questions) > 0",
    "has_open_proposals": "c.open_proposals > 0",
    "late": "c.t_registered - c.t_received > interval '24 hours'",
    "historical": "c.historical",
}
# Of these there are few, some seldom: written out, so that PostgreSQL plans for the one that is asked for.
_WRITTEN_OUT: Mapping[str, frozenset[str]] = {
    "grade": frozenset(GRADES),
    "state": frozenset({"open", "closed", "merged"}),
}
FILTERS = (*_CONDITIONS, *_YES_OR_NO)
_FRESH = (
    "c.t_registered >= {0} AND NOT EXISTS"
    " (SELECT FROM complaint_terms t WHERE t.complaint_id = c.complaint_id AND t.doc < {1})"
)
_AFTER = "(c.t_registered, c.complaint_id) < ({0}, {1})"

Value = str | bool | datetime
Given = tuple[tuple[str, Value], ...]
"""Filters and their values."""
Key = tuple[tuple[str, str | bool], ...]
"""Filters, with their values where the statement's text holds them."""
Way = Literal["newest", "docs", "fresh"]
"""Newest first from some place on; among the docs given; among those not indexed yet."""


def statement(columns: str, way: Way, given: Given, limit: int, *, after: bool = False) -> str:
    """Values follow in the order `values_of` gives them, then those of the way ($n: array of docs; or two of fresh),
    then two for `after`."""
    return _statement(columns, way, tuple((name, _text_of(name, value)) for name, value in given), limit, after)


def values_of(given: Given) -> list[Any]:
    return [value for name, value in given if _text_of(name, value) is True and name not in _YES_OR_NO]


def _text_of(name: str, value: Value) -> str | bool:
    if name in _YES_OR_NO:
        return bool(value)
    return str(value) if value in _WRITTEN_OUT.get(name, ()) else True


# Bounded: filters and limits can be put together in millions of ways.
@lru_cache(maxsize=1024)
def _statement(columns: str, way: Way, key: Key, limit: int, after: bool) -> str:
    conditions: list[str] = []
    places = 0

    def place(*kinds: str) -> list[str]:
        nonlocal places
        first, places = places, places + len(kinds)
        return [f"${first + i}::{kind}" for i, kind in enumerate(kinds, 1)]

    for name, text in key:
        if name in _YES_OR_NO:
            conditions.append(_YES_OR_NO[name] if text else f"NOT ({_YES_OR_NO[name]})")
        elif text is True:
            condition, kind = _CONDITIONS[name]
            conditions.append(condition.format(*place(kind)))
        else:
            conditions.append(_CONDITIONS[name][0].format(f"'{text}'"))
    if way == "docs":
        conditions.append(f"d.doc = ANY({place('bigint[]')[0]})")
    if way == "fresh":
        conditions.append(_FRESH.format(*place("timestamptz", "bigint")))
    if after:
        conditions.append(_AFTER.format(*place("timestamptz", "uuid")))
    return _put_together(columns, way, conditions, limit)


def _put_together(columns: str, way: Way, conditions: list[str], limit: int) -> str:
    tables, order = f"complaints c {personal.JOIN}", "c.t_registered DESC, c.complaint_id DESC"
    if way == "docs":
        tables = f"complaint_terms d JOIN complaints c USING (complaint_id) {personal.JOIN}"
        columns, order = f"d.doc, {columns}", "d.doc DESC"
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {columns} FROM {tables}{where} ORDER BY {order} LIMIT {limit:d}"  # noqa: S608
