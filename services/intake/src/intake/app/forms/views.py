"""Reading forms: the palette, the list, one version as whoever asks would fill it in."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Invalid, NotFound
from chassis.messages import to_message
from intake.app.forms.filling import FIRST_STAGE, PUBLIC, Filled, filled, opened_data, roles_of
from intake.app.forms.published import Ready, form_in_use, read_form
from intake.app.forms.records import missing_of
from intake.app.load import READING
from intake.domain.forms.conditions import Situation
from intake.domain.forms.example import example
from intake.domain.forms.palette import palette
from intake.domain.forms.showing import asked, document_for, layout_for
from intake.domain.forms.tidy import tidied
from redress.intake.v1 import forms_pb2 as pb

BUILDING = ("customer_service", "quality", "manager")
_FILLING = (*READING, "channel")
_LIST = """SELECT name, document, version, draft_version, retired FROM (
  SELECT coalesce(p.name, f.name) AS name, coalesce(p.document, f.document) AS document,
   coalesce(p.version, 0) AS version, coalesce(f.version, 0) AS draft_version,
   EXISTS (SELECT FROM form_retirements r WHERE r.name = p.name AND r.version >= p.version) AS retired
  FROM (SELECT DISTINCT ON (name) name, version, document FROM published_definitions WHERE kind = 'form'
   ORDER BY name, version DESC) p FULL JOIN form_drafts f ON f.name = p.name) every ORDER BY name"""


async def get_palette(tx: Tx, call: Call, request: pb.GetFormPaletteRequest) -> pb.FormPalette:
    call.require(*READING)
    return pb.FormPalette(palette=json_of(palette()))


async def list_forms(tx: Tx, call: Call, request: pb.ListFormsRequest) -> pb.ListFormsReply:
    call.require(*_FILLING)
    rows = await tx.fetch(_LIST)
    return pb.ListFormsReply(forms=[_summary(row) for row in rows if row["version"] or call.has(*READING)])


def _summary(row: Any) -> pb.FormSummary:
    document = msgspec.json.decode(row["document"])
    state = "draft" if not row["version"] else "retired" if row["retired"] else "published"
    label = document.get("label")
    return pb.FormSummary(
        name=row["name"],
        state=state,
        version=row["version"],
        label=json_of(label if isinstance(label, dict) else {}),
        draft_version=row["draft_version"],
        is_public="public" in document and state == "published",
    )


async def get_form(tx: Tx, call: Call, request: pb.GetFormRequest) -> pb.Form:
    """Raises NotFound."""
    call.require(*_FILLING)
    found = await read_form(tx, request.name, max(request.version, 0))
    return shown(found, Situation(request.stage or FIRST_STAGE, roles_of(call)))


async def get_public_form(tx: Tx, call: Call, request: pb.GetPublicFormRequest) -> pb.Form:
    """Raises NotFound also for a form that is not meant for the public, FormRetired."""
    call.require("service")
    found = await form_in_use(tx, request.name, max(request.version, 0))
    if found.form.public is None:
        raise NotFound(f"there is no public form {request.name[:63]}")
    return for_anybody(found, opened_data(request.form_data or "{}"))


def for_anybody(found: Ready, answers: Mapping[str, Any]) -> pb.Form:
    """Without fields that are colleagues' to fill in."""
    form, at = found.form, Situation(FIRST_STAGE, frozenset({PUBLIC}))
    message, ever = shown(found, at), found.checked.schema(at)["properties"]
    message.document = json_of(document_for(form, ever))
    message.layout = json_of(layout_for(form.layout, ever) or {})
    message.ClearField("published_by")
    message.asked.extend(asked(form, tidied(answers), at))
    return message


def shown(found: Ready, at: Situation) -> pb.Form:
    form = found.form
    return to_message(
        pb.Form,
        {
            "name": form.name,
            "version": form.version,
            "state": "retired" if found.retired_at else "published",
            "document": json_of({k: v for k, v in form.document.items() if k not in ("name", "version")}),
            "json_schema": json_of(found.checked.schema(at)),
            "layout": json_of(form.layout),
            "example": json_of(example(form, at)),
            "published_at": found.published_at,
            "published_by": found.published_by,
            "retired_at": found.retired_at,
            "retired_reason": found.retired_reason,
        },
    )


async def check_form(tx: Tx, call: Call, request: pb.CheckFormRequest) -> pb.FormCheck:
    """What registering would say to these answers. Raises NotFound, FormRetired, Invalid for what is no object."""
    call.require(*_FILLING)
    found = await form_in_use(tx, request.name, max(request.version, 0))
    data, stage = opened_data(request.form_data), request.stage or FIRST_STAGE
    given = filled(found.checked, data, stage=stage, roles=roles_of(call), now=tx.now)
    return _checked(found, given)


def _checked(found: Ready, given: Filled) -> pb.FormCheck:
    return pb.FormCheck(
        name=found.form.name,
        form_version=found.form.version,
        accepted=not given.faults,
        faults=[pb.FormFault(field=fault.field, message=fault.message) for fault in given.faults],
        completeness=given.completeness.score,
        missing_answers=missing_of(given.completeness),
    )


def faults_of(error: Invalid) -> list[pb.FormFault]:
    return [pb.FormFault(field=fault.field[:500], message=fault.message) for fault in error.fields]


def json_of(value: Any) -> str:
    return msgspec.json.encode(value).decode()
