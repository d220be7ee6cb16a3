"""Definitions and calendars as they are published, parsed once per document and process."""

from collections.abc import Iterable
from functools import lru_cache

from chassis.db import Tx
from chassis.definition_store import decoded
from workflow.domain.calendar import Calendar
from workflow.domain.calendar_document import parse_calendar
from workflow.domain.definition import Definition
from workflow.domain.definition_document import parse_definition

Version = tuple[str, int]


@lru_cache(maxsize=64)
def _definition(name: str, version: int, document: str) -> Definition:
    return parse_definition({"name": name, "version": version, **decoded(document)})


@lru_cache(maxsize=16)
def _calendar(name: str, version: int, document: str) -> Calendar:
    return Calendar(parse_calendar({"name": name, "version": version, **decoded(document)}))


class Rulebook:
    """The versions that some cases are pinned to."""

    def __init__(self, definitions: dict[Version, Definition], calendars: dict[Version, Calendar]) -> None:
        self.definitions = definitions
        self.calendars = calendars


async def rules_of(tx: Tx, definitions: Iterable[Version], calendars: Iterable[Version]) -> Rulebook:
    """Exactly those versions, in one statement."""
    wanted = [("process", *one) for one in sorted(set(definitions))]
    wanted += [("calendar", *one) for one in sorted(set(calendars))]
    rows = await tx.fetch(
        "SELECT kind, name, version, document FROM published_definitions"
        " WHERE (kind, name, version) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::int[]))",
        [kind for kind, _, _ in wanted],
        [name for _, name, _ in wanted],
        [version for _, _, version in wanted],
    )
    found = {(row["kind"], row["name"], row["version"]): row["document"] for row in rows}
    return Rulebook(
        {(n, v): _definition(n, v, text) for (kind, n, v), text in found.items() if kind == "process"},
        {(n, v): _calendar(n, v, text) for (kind, n, v), text in found.items() if kind == "calendar"},
    )


# Of the newest version of each process, those that open new cases: the one published last has taken over.
OPENING = """
SELECT d.name, d.version, d.document FROM (
  SELECT DISTINCT ON (name) name, version, document, published_at FROM published_definitions
  WHERE kind = 'process' ORDER BY name, version DESC
) AS d WHERE (d.document::json ->> 'opens_new_cases')::boolean ORDER BY d.published_at DESC, d.name LIMIT 1
"""
_OPENING_RULES = f"""
SELECT d.*, c.name AS calendar, c.version AS calendar_version, c.document AS calendar_document
FROM ({OPENING}) AS d LEFT JOIN LATERAL (
  SELECT name, version, document FROM published_definitions
  WHERE kind = 'calendar' AND name = d.document::json ->> 'calendar' ORDER BY version DESC LIMIT 1
) AS c ON true
"""  # noqa: S608 - our own text


async def opening_rules(tx: Tx) -> tuple[Definition, Calendar]:
    """The definition that new cases follow, with the newest version of its calendar."""
    row = await tx.fetchrow(_OPENING_RULES)
    if row is None or row["calendar"] is None:
        raise LookupError("no published definition opens new cases, or its calendar is missing")
    return (
        _definition(row["name"], row["version"], row["document"]),
        _calendar(row["calendar"], row["calendar_version"], row["calendar_document"]),
    )
