"""Process definitions as versioned documents; running cases stay with the version they began with."""

import json

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, Invalid, Malformed
from chassis.messages import to_message
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.app.work import person_of
from workflow.domain.definition import Definition
from workflow.domain.definition_document import parse_definition

_SHOWN = "SELECT name, version, state, document::text, published_at, published_by FROM definitions"


async def list_definitions(tx: Tx, call: Call, request: pb.ListDefinitionsRequest) -> pb.ListDefinitionsReply:
    await person_of(tx, call)
    rows = await tx.fetch(_SHOWN + " ORDER BY name, version DESC")
    return pb.ListDefinitionsReply(definitions=[to_message(pb.Definition, row) for row in rows])


async def publish_definition(tx: Tx, call: Call, request: pb.PublishDefinitionRequest) -> pb.Definition:
    """Takes the place of the version before it; `opens_new_cases` takes that over from whichever had it.

    Raises Invalid naming every fault, Conflict when the version is not the next one.
    """
    call.require("admin")
    document = _json(request.document)
    definition = parse_definition(document)
    await tx.execute("LOCK TABLE definitions IN SHARE ROW EXCLUSIVE MODE")
    await _check_place(tx, definition)
    await tx.execute("UPDATE definitions SET state = 'retired' WHERE name = $1", definition.name)
    if definition.opens_new_cases:
        await tx.execute("UPDATE definitions SET opens_new_cases = false WHERE opens_new_cases")
    await tx.execute(
        "INSERT INTO definitions (name, version, state, opens_new_cases, document, published_at, published_by)"
        " VALUES ($1, $2, 'published', $3, $4, $5, $6)",
        definition.name,
        definition.version,
        definition.opens_new_cases,
        document,
        tx.now,
        call.actor,
    )
    tx.audit(
        aggregate_type="definition",
        aggregate_id=f"definition:{definition.name}",
        action="published",
        call=call,
        changes={"version": [definition.version - 1 or None, definition.version]},
    )
    row = await tx.fetchrow(_SHOWN + " WHERE name = $1 AND version = $2", definition.name, definition.version)
    assert row is not None
    return to_message(pb.Definition, row)


async def _check_place(tx: Tx, definition: Definition) -> None:
    latest = await tx.fetchval("SELECT max(version) FROM definitions WHERE name = $1", definition.name) or 0
    if definition.version != latest + 1:
        raise Conflict("version_taken", f"the next version of {definition.name} is {latest + 1}")
    if not await tx.fetchval("SELECT 1 FROM calendars WHERE name = $1 LIMIT 1", definition.calendar):
        raise Invalid("this process definition cannot be used", [FieldError("calendar", "unknown calendar")])
    opening = await tx.fetchval("SELECT name FROM definitions WHERE opens_new_cases AND state = 'published'")
    if opening == definition.name and not definition.opens_new_cases:
        raise Conflict(
            "nothing_would_open",
            "new cases follow this definition; publish another one with opens_new_cases first",
        )


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("the document is not JSON", [FieldError("document", "is not JSON")]) from error
