"""A form on its way: saved as often as people like, also with faults, and tried before anybody fills it in."""

import re
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.definitions import Document, opened, text_of
from chassis.errors import FieldError, Invalid, NotFound, StaleVersion
from chassis.messages import to_message
from intake.app.forms.filling import FIRST_STAGE, opened_data, roles_of
from intake.app.forms.published import KIND, read_document
from intake.app.forms.simulating import MOST_RECORDS, Trial, sample, tried
from intake.app.forms.views import BUILDING, faults_of
from intake.domain.forms.form import Form
from redress.intake.v1 import forms_pb2 as pb

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_USUAL_RECORDS, _MOST_SHOWN, _MOST_SAMPLES = 100, 20, 50
_LARGEST = 512 * 1024


async def get_draft(tx: Tx, call: Call, request: pb.GetFormDraftRequest) -> pb.FormDraft:
    call.require(*BUILDING)
    return shown_draft(await draft_of(tx, request.name))


async def save_draft(tx: Tx, call: Call, request: pb.SaveFormDraftRequest) -> pb.FormDraft:
    """Raises Invalid for a name that cannot be used and for what is no document at all, StaleVersion."""
    call.require(*BUILDING)
    document = _document(request)
    before = await tx.fetchrow("SELECT * FROM form_drafts WHERE name = $1 FOR UPDATE", request.name)
    version = before["version"] if before else 0
    if request.if_version != version:
        raise StaleVersion(f"the draft stands at version {version}")
    await tx.execute(
        "INSERT INTO form_drafts (name, version, document, based_on, saved_by, saved_at) VALUES ($1, $2, $3,"
        " (SELECT coalesce(max(version), 0) FROM published_definitions WHERE kind = 'form' AND name = $1), $4, $5)"
        " ON CONFLICT (name) DO UPDATE SET version = excluded.version, document = excluded.document,"
        " saved_by = excluded.saved_by, saved_at = excluded.saved_at",
        request.name,
        version + 1,
        text_of(document),
        call.actor,
        tx.now,
    )
    audit(tx, call, request.name, "draft saved", {"draft": [version or None, version + 1]})
    return shown_draft(await draft_of(tx, request.name))


def _document(request: pb.SaveFormDraftRequest) -> dict[str, Any]:
    if not _NAME.fullmatch(request.name):
        fault = FieldError("name", "small letters, digits, underscores; 63 at most")
        raise Invalid("the name cannot be used", [fault])
    if len(request.document) > _LARGEST:
        raise Invalid("the document is too large", [FieldError("document", f"at most {_LARGEST} bytes")])
    return opened(request.document)


async def discard_draft(tx: Tx, call: Call, request: pb.DiscardFormDraftRequest) -> pb.FormDraft:
    """Answers with what was discarded. Raises NotFound, StaleVersion."""
    call.require(*BUILDING)
    draft = await held_draft(tx, request.name, request.if_version)
    await tx.execute("DELETE FROM form_drafts WHERE name = $1", request.name)
    audit(tx, call, request.name, "draft discarded", {"draft": [draft["version"], None]})
    return shown_draft(draft)


async def simulate(tx: Tx, call: Call, request: pb.SimulateFormRequest) -> pb.FormSimulation:
    """Raises NotFound, and Invalid where the draft has faults of its own."""
    call.require(*BUILDING)
    row = await draft_of(tx, request.name)
    form = read_document(whole(row))
    samples = opened_data(request.samples or "{}")
    if len(samples) > _MOST_SAMPLES or not all(isinstance(one, dict) for one in samples.values()):
        raise Invalid("the samples cannot be tried", [FieldError("samples", f"at most {_MOST_SAMPLES} objects")])
    most = min(max(request.last, 0), MOST_RECORDS) if request.HasField("last") else _USUAL_RECORDS
    found = await tried(tx, form, most)
    stage = request.stage or FIRST_STAGE
    return pb.FormSimulation(
        name=request.name,
        draft_version=row["version"],
        published_version=row["based_on"],
        samples=[_shown(sample(tx, form, name, one, stage, roles_of(call))) for name, one in samples.items()],
        records=len(found.trials),
        would_fail=len(found.failing),
        failing=[pb.FormFailing(field=field, records=count) for field, count in found.fields],
        completeness_before=found.before,
        completeness_after=found.after,
        first_failing=[_shown(one) for one in found.failing[:_MOST_SHOWN]],
    )


def _shown(trial: Trial) -> pb.FormTrial:
    faults = [pb.FormFault(field=fault.field, message=fault.message) for fault in trial.faults]
    return pb.FormTrial(name=trial.name, accepted=not faults, completeness=trial.completeness, faults=faults)


async def draft_of(tx: Tx, name: str) -> Any:
    row = await tx.fetchrow("SELECT * FROM form_drafts WHERE name = $1", name)
    if row is None:
        raise NotFound(f"there is no draft of a form {name[:63]}")
    return row


async def held_draft(tx: Tx, name: str, if_version: int) -> Any:
    row = await tx.fetchrow("SELECT * FROM form_drafts WHERE name = $1 FOR UPDATE", name)
    if row is None:
        raise NotFound(f"there is no draft of a form {name[:63]}")
    if row["version"] != if_version:
        raise StaleVersion(f"the draft stands at version {row['version']}")
    return row


def whole(row: Any) -> Document:
    """The document as it would be read when it were published."""
    return {"name": row["name"], "version": row["based_on"] + 1, **opened(row["document"])}


def shown_draft(row: Any) -> pb.FormDraft:
    message = to_message(pb.FormDraft, row)
    try:
        _read(row)
    except Invalid as error:
        message.faults.extend(faults_of(error))
    return message


def _read(row: Any) -> Form:
    return read_document(whole(row))


def audit(
    tx: Tx, call: Call, name: str, action: str, changes: dict[str, list[Any]] | None = None, reason: str = ""
) -> None:
    """In the trail of the definition itself, where its publications stand too."""
    tx.audit(
        aggregate_type="definition",
        aggregate_id=f"definition:{KIND}:{name}",
        action=action,
        call=call,
        changes=changes,
        reason=reason,
    )
