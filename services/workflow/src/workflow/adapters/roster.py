"""Members and what lies on their desks."""

from chassis.db import Tx
from workflow.domain.authority import Person
from workflow.domain.roster import Member, Roster

COUNTED = 1000
"""A desk counts up to this many open tasks: beyond it the exact number decides nothing, and reading stays bounded."""

_MEMBERS = """
SELECT m.person_id, m.department, m.lead, m.roles, m.absent, m.disabled, load.open_tasks
FROM members AS m CROSS JOIN LATERAL (
  SELECT count(*)::int AS open_tasks FROM (
    SELECT 1 FROM tasks WHERE assignee = m.person_id AND state IN ('open', 'in_progress') LIMIT $2
  ) AS desk
) AS load
"""


async def members(tx: Tx, departments: list[str] | None = None) -> list[Member]:
    rows = await tx.fetch(
        _MEMBERS + "WHERE NOT m.disabled AND ($1::text[] IS NULL OR m.department = ANY($1)) ORDER BY m.person_id",
        departments,
        COUNTED,
    )
    return [Member(**row) for row in rows]


async def roster_of(tx: Tx, departments: list[str]) -> Roster:
    """Loads of those departments, in one statement."""
    return Roster(await members(tx, departments))


async def persons(tx: Tx, tokens: dict[str, tuple[frozenset[str], str | None]]) -> dict[str, Person]:
    """Callers (id -> roles and department of the token) with what their membership says, in one statement."""
    rows = await tx.fetch(
        "SELECT person_id, department, lead FROM members WHERE person_id = ANY($1) AND NOT disabled", list(tokens)
    )
    known = {row["person_id"]: row for row in rows}
    return {
        person: Person(
            person_id=person,
            roles=roles,
            department=known[person]["department"] if person in known else department,
            lead=bool(known[person]["lead"]) if person in known else False,
        )
        for person, (roles, department) in tokens.items()
    }
