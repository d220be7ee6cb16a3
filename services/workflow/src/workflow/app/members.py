"""Where people belong: seeded by the gateway's identities, placed and marked absent here."""

from collections.abc import Sequence

from chassis.call import Call
from chassis.db import Tx
from chassis.envelope import Received
from chassis.errors import FieldError, Forbidden, Invalid
from chassis.messages import to_message
from redress.gateway.v1.events import IdentityChanged, IdentityDisabled, IdentityRegistered
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.adapters import roster
from workflow.adapters.rulebook import opening_rules
from workflow.app.work import person_of

_IDENTITY = """
INSERT INTO members AS m (person_id, department, lead, roles, absent, disabled, placed, identity_sequence)
VALUES ($1, $2, $3, $4, false, false, false, $5)
ON CONFLICT (person_id) DO UPDATE SET
  roles = excluded.roles, identity_sequence = excluded.identity_sequence,
  department = CASE WHEN m.placed THEN m.department ELSE excluded.department END,
  lead = CASE WHEN m.placed THEN m.lead ELSE excluded.lead END
WHERE m.identity_sequence < excluded.identity_sequence
"""


async def know_persons(tx: Tx, events: Sequence[Received[IdentityRegistered | IdentityChanged]]) -> None:
    """Roles follow the gateway; the department too, until someone placed the person here."""
    for event in sorted(events, key=lambda event: (event.subject, event.sequence)):
        said = event.data
        await tx.execute(_IDENTITY, said.person_id, said.department or "", said.lead, list(said.roles), event.sequence)


async def disable_persons(tx: Tx, events: Sequence[Received[IdentityDisabled]]) -> None:
    """They get nothing more, and their undone tasks wait for someone else (the timer hands them out)."""
    for event in sorted(events, key=lambda event: event.subject):
        await tx.execute(
            "INSERT INTO members AS m (person_id, department, lead, roles, absent, disabled, placed, identity_sequence)"
            " VALUES ($1, '', false, '{}', false, true, false, $2) ON CONFLICT (person_id) DO UPDATE"
            " SET disabled = true, identity_sequence = excluded.identity_sequence"
            " WHERE m.identity_sequence < excluded.identity_sequence",
            event.data.person_id,
            event.sequence,
        )
        await tx.execute(
            "UPDATE tasks SET assignee = NULL, version = version + 1"
            " WHERE assignee = $1 AND kind <> 'action' AND state IN ('open', 'in_progress')"
            " AND EXISTS (SELECT 1 FROM members WHERE person_id = $1 AND disabled)",
            event.data.person_id,
        )


async def list_members(tx: Tx, call: Call, request: pb.ListMembersRequest) -> pb.ListMembersReply:
    await person_of(tx, call)
    departments = [request.department] if request.HasField("department") else None
    found = await roster.members(tx, departments)
    return pb.ListMembersReply(members=[to_message(pb.Member, vars(member)) for member in found])


async def put_member(tx: Tx, call: Call, request: pb.PutMemberRequest) -> pb.Member:
    """Managers place anyone; a lead marks absences in the own department."""
    person = await person_of(tx, call)
    definition, _ = await opening_rules(tx)
    if request.department not in definition.departments:
        known = ", ".join(definition.departments)
        raise Invalid("unknown department", [FieldError("department", f"one of {known}")])
    old = await tx.fetchrow("SELECT * FROM members WHERE person_id = $1 FOR UPDATE", request.person_id)
    here = old is not None and old["department"] == request.department and old["lead"] == request.lead
    if not person.oversees and not (here and person.leads(request.department)):
        raise Forbidden("placing people is for managers")
    if not request.person_id:
        raise Invalid("who", [FieldError("person_id", "is missing")])
    row = await tx.fetchrow(
        "INSERT INTO members (person_id, department, lead, roles, absent, disabled, placed, identity_sequence)"
        " VALUES ($1, $2, $3, '{}', $4, false, true, 0) ON CONFLICT (person_id) DO UPDATE"
        " SET department = $2, lead = $3, absent = $4, placed = true RETURNING *",
        request.person_id,
        request.department,
        request.lead,
        request.absent,
    )
    assert row is not None
    fields = ("department", "lead", "absent")
    changes = {name: [old[name] if old else None, row[name]] for name in fields if not old or old[name] != row[name]}
    tx.audit(aggregate_type="member", aggregate_id=request.person_id, action="placed", call=call, changes=changes)
    load = await tx.fetchval(
        "SELECT count(*)::int FROM tasks WHERE assignee = $1 AND state IN ('open', 'in_progress')", request.person_id
    )
    return to_message(pb.Member, dict(row) | {"open_tasks": load})
