"""The end of a draft, and the end of a form."""

from chassis import definition_store as store
from chassis.call import Call
from chassis.db import Tx
from chassis.definition_service import publish_definition
from chassis.definitions import digest_of, opened
from chassis.errors import Conflict, StaleVersion
from intake.app.forms.drafts import audit, held_draft
from intake.app.forms.filling import FIRST_STAGE, roles_of
from intake.app.forms.kind import FORM
from intake.app.forms.published import KIND, form_in_use, read_form
from intake.app.forms.views import shown
from intake.domain.forms.conditions import Situation
from redress.definitions.v1 import definitions_pb2
from redress.intake.v1 import forms_pb2 as pb

_MOST_REASON = 1_000


async def publish(tx: Tx, call: Call, request: pb.PublishFormRequest) -> pb.Form:
    """The draft becomes the next version and is gone; complaints keep the version they were filled in with.

    Raises NotFound, StaleVersion for another draft or where someone published meanwhile, Invalid naming every fault.
    """
    call.require("admin")
    draft = await held_draft(tx, request.name, request.if_version)
    await store.lock(tx)
    current = await store.newest(tx, KIND, request.name)
    if draft["based_on"] != (current.version if current else 0):
        raise StaleVersion(f"the form is at version {current.version if current else 0}; this draft began before it")
    if current is not None and current.digest == digest_of(opened(draft["document"])):
        raise Conflict("nothing_changed", "the draft says what is published; a retired form comes back by a change")
    wanted = definitions_pb2.PublishDefinitionRequest(
        kind=KIND, name=request.name, document=draft["document"], reason=request.reason[:_MOST_REASON]
    )
    await publish_definition({KIND: FORM}, tx, call, wanted)
    await tx.execute("DELETE FROM form_drafts WHERE name = $1", request.name)
    return shown(await read_form(tx, request.name), Situation(FIRST_STAGE, roles_of(call)))


async def retire(tx: Tx, call: Call, request: pb.RetireFormRequest) -> pb.Form:
    """Nobody fills it in any more; a version published later is in use again. Raises NotFound, FormRetired."""
    call.require("admin")
    await store.lock(tx)
    version = (await form_in_use(tx, request.name)).form.version
    await tx.execute(
        "INSERT INTO form_retirements (name, version, retired_by, retired_at, reason) VALUES ($1, $2, $3, $4, $5)",
        request.name,
        version,
        call.actor,
        tx.now,
        request.reason[:_MOST_REASON],
    )
    audit(tx, call, request.name, "retired", {"version": [version, None]}, request.reason[:_MOST_REASON])
    return shown(await read_form(tx, request.name), Situation(FIRST_STAGE, roles_of(call)))
