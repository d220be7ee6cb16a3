"""The statement behind every list of complaints: newest first, filters that few pass served by an index of their own.

Written as text, and each once: building it anew with SQLAlchemy cost more than PostgreSQL takes to answer. The limit
stands in it as a number, so that PostgreSQL never plans for a page of unknown size.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from intake.adapters import personal

_CONDITIONS: Mapping[str, str] = {
    "grade": "c.grade = {0}",
    "product_family": "c.product_family = {0}",
    "defect_code": "c.defect_code = {0}",
    "channel": "c.channel = {0}",
    "state": "c.state = {0}",
    "external_id": "c.external_id = {0}",
    "signature": "c.cell IS NOT NULL AND c.signature_base = array_to_string((string_to_array({0}, '|'))[1:3], '|')"
    " AND {0} IN (c.signature, c.signature_base)",
    "registered_from": "c.t_registered >= {0}",
    "registered_to": "c.t_registered < {0}",
    "registered_by": "c.registered_by = {0}",
    "after": "(c.t_registered, c.complaint_id) < ({0}, {1})",
}
# Of these there are few, some seldom: written out, so that PostgreSQL plans for the one that is asked for.
_WRITTEN_OUT: Mapping[str, frozenset[str]] = {
    "grade": frozenset({"urgent", "important", "routine"}),
    "state": frozenset({"open", "closed", "merged"}),
}
# Whether there is any: without a value, so that the partial index is recognised.
_YES_OR_NO: Mapping[str, str] = {
    "has_questions": "cardinality(c.questions) > 0",
    "has_open_proposals": "c.open_proposals > 0",
}
FILTERS = (*_CONDITIONS, *_YES_OR_NO)
_CASTS = {"registered_from": "timestamptz", "registered_to": "timestamptz", "after": "timestamptz uuid"}


Wanted = tuple[str, str | bool]
"""A filter; and its value where the statement's text holds it, else True."""


def wanted(name: str, value: Any) -> Wanted:
    written_out = name in _YES_OR_NO or value in _WRITTEN_OUT.get(name, ())
    return name, value if written_out else True


def is_given(filter_: Wanted) -> bool:
    """Whether a place of the statement waits for its value."""
    name, text = filter_
    return name not in _YES_OR_NO and text is True


# Bounded: filters and limits can be put together in millions of ways.
@lru_cache(maxsize=1024)
def statement(columns: tuple[str, ...], filters: tuple[Wanted, ...], limit: int) -> str:
    """Values are given in the order of the filters that `is_given` tells, two for `after`."""
    conditions: list[str] = []
    places = 0
    for filter_ in filters:
        name, text = filter_
        if is_given(filter_):
            kinds = _CASTS.get(name, "text").split()
            conditions.append(_CONDITIONS[name].format(*(f"${places + i}::{kind}" for i, kind in enumerate(kinds, 1))))
            places += len(kinds)
        elif name in _YES_OR_NO:
            conditions.append(_YES_OR_NO[name] if text else f"NOT ({_YES_OR_NO[name]})")
        else:
            conditions.append(_CONDITIONS[name].format(f"'{text}'"))
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return (
        f"SELECT {', '.join(columns)} FROM complaints c {personal.JOIN}{where}"  # noqa: S608
        f" ORDER BY c.t_registered DESC, c.complaint_id DESC LIMIT {limit:d}"
    )
