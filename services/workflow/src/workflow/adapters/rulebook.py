"""Definitions and calendars as they are stored, parsed once per document and process."""

import json
from collections.abc import Iterable
from functools import lru_cache

from chassis.db import Tx
from workflow.domain.calendar import Calendar
from workflow.domain.calendar_document import parse_calendar
from workflow.domain.definition import Definition
from workflow.domain.definition_document import parse_definition

Version = tuple[str, int]


@lru_cache(maxsize=64)
def _definition(document: str) -> Definition:
    return parse_definition(json.loads(document))


@lru_cache(maxsize=16)
def _calendar(document: str) -> Calendar:
    return Calendar(parse_calendar(json.loads(document)))


class Rulebook:
    """The versions that some cases are pinned to."""

    def __init__(self, definitions: dict[Version, Definition], calendars: dict[Version, Calendar]) -> None:
        self.definitions = definitions
        self.calendars = calendars


async def rules_of(tx: Tx, definitions: Iterable[Version], calendars: Iterable[Version]) -> Rulebook:
    """Exactly those versions, in one statement."""
    wanted, dated = sorted(set(definitions)), sorted(set(calendars))
    rows = await tx.fetch(
        "SELECT 'definition' AS what, name, version, document::text FROM definitions"
        " WHERE (name, version) IN (SELECT * FROM unnest($1::text[], $2::int[]))"
        " UNION ALL SELECT 'calendar', name, version, document::text FROM calendars"
        " WHERE (name, version) IN (SELECT * FROM unnest($3::text[], $4::int[]))",
        [name for name, _ in wanted],
        [version for _, version in wanted],
        [name for name, _ in dated],
        [version for _, version in dated],
    )
    return Rulebook(
        {(r["name"], r["version"]): _definition(r["document"]) for r in rows if r["what"] == "definition"},
        {(r["name"], r["version"]): _calendar(r["document"]) for r in rows if r["what"] == "calendar"},
    )


async def opening_rules(tx: Tx) -> tuple[Definition, Calendar]:
    """The definition that new cases follow, with the newest version of its calendar."""
    row = await tx.fetchrow(
        "SELECT d.document::text AS definition, (SELECT c.document::text FROM calendars AS c"
        " WHERE c.name = d.document ->> 'calendar' ORDER BY c.version DESC LIMIT 1) AS calendar"
        " FROM definitions AS d WHERE d.opens_new_cases AND d.state = 'published'"
    )
    if row is None or row["calendar"] is None:
        raise LookupError("no published definition opens new cases, or its calendar is missing")
    return _definition(row["definition"]), _calendar(row["calendar"])
