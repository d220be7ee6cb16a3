"""A complaint's answers: read with the form they were given by, and added to as its stages go on."""

from collections.abc import Mapping
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid, NotFound
from chassis.messages import to_message
from intake.adapters import personal
from intake.app.forms import records
from intake.app.forms.filling import DATA, Filled, filled, opened_data, roles_of
from intake.app.forms.published import Ready
from intake.app.forms.views import json_of
from intake.app.load import WORKING, check_not_merged, found, held
from intake.domain.forms.completeness import completeness
from intake.domain.forms.conditions import Situation
from intake.domain.forms.form import Form
from redress.intake.v1 import forms_pb2 as pb
from redress.intake.v1.events import ComplaintUpdated

_NAMES_SOMEBODY = frozenset({"customer", "address", "phone", "email"})
_MOST_REASON = 1_000
Row = Mapping[str, Any]


async def get_complaint_form(tx: Tx, call: Call, request: pb.GetComplaintFormRequest) -> pb.ComplaintForm:
    """Raises NotFound for a complaint that the caller may not see, or that came without a form."""
    return await _shown(tx, call, await found(tx, call, request.complaint_id))


async def amend(tx: Tx, call: Call, request: pb.AmendComplaintFormRequest) -> pb.ComplaintForm:
    """Only what is given changes; null removes an answer. All answers together must fit the form at `stage`.

    Raises Invalid naming the answers, also for those that are facts of the complaint (UpdateComplaint changes these),
    StaleVersion, IllegalTransition for a merged complaint.
    """
    call.require(*WORKING)
    row = await held(tx, call, request.complaint_id, if_version=request.if_version)
    check_not_merged(row)
    record, by = await _filled_in(tx, row)
    changes = opened_data(request.form_data)
    _refuse_facts(by.form, changes)
    new = _amended(tx, call, by, record, row, changes, request.stage or record["stage"])
    await records.keep(tx, {str(row["complaint_id"]): (call, new)})
    await _record(tx, call, row, sorted(changes), request.reason[:_MOST_REASON])
    return await _shown(tx, call, await found(tx, call, request.complaint_id))


def _amended(tx: Tx, call: Call, by: Ready, record: Row, row: Row, changes: Mapping[str, Any], stage: str) -> Filled:
    """Blamed are the answers that are given: an old one may break what holds in this stage or for this role."""
    answers = records.answers_of(tx.sealer, by.form, record, row) | dict(changes)
    new = filled(by.checked, answers, stage=stage, roles=roles_of(call), now=tx.now)
    blamed = [fault for fault in new.faults if fault.field.split(".")[1:2] and fault.field.split(".")[1] in changes]
    if blamed:
        raise Invalid("the answers do not fit the form", blamed)
    measured = completeness(by.form, new.answers, stage)
    return Filled(by.form, stage, new.answers, new.facts, measured, ())


def _refuse_facts(form: Form, changes: Mapping[str, Any]) -> None:
    bound = [
        FieldError(f"{DATA}.{key}", f"is the complaint's {form.by_key[key].binds}: change it there")
        for key in changes
        if key in form.by_key and form.by_key[key].binds
    ]
    if bound:
        raise Invalid("facts of the complaint are not changed by its form", bound)


async def _filled_in(tx: Tx, complaint: Row) -> tuple[Row, Ready]:
    known = await records.form_of_complaint(tx, complaint["complaint_id"])
    if known is None or known[0]["form"] is None:
        raise NotFound("this complaint was not registered by a form")
    return known


async def _record(tx: Tx, call: Call, row: Row, changed: list[str], reason: str) -> None:
    """What was answered stands in no event and no trail: it may name somebody."""
    complaint_id, version = str(row["complaint_id"]), row["version"] + 1
    await tx.execute("UPDATE complaints SET version = $2 WHERE complaint_id = $1", complaint_id, version)
    event = ComplaintUpdated(
        complaint_id=complaint_id,
        changed=[DATA],
        product_family=row["product_family"],
        product_model=row["product_model"],
        lot=row["lot"],
        defect_code=row["defect_code"],
        failure_location=row["failure_location"],
        signature=row["signature"],
        questions=row["questions"],
        proposals=row["open_proposals"],
    )
    tx.emit(event, subject=complaint_id, sequence=version)
    tx.audit(
        aggregate_type="complaint",
        aggregate_id=complaint_id,
        action="answers amended",
        call=call,
        changes={f"{DATA}.{key}"[:200]: [None, "changed"] for key in changed},
        reason=reason,
    )


async def _shown(tx: Tx, call: Call, complaint: Row) -> pb.ComplaintForm:
    record, by = await _filled_in(tx, complaint)
    form, at = by.form, Situation(record["stage"], roles_of(call))
    measured = completeness(form, records.answers_of(tx.sealer, form, record, complaint), record["stage"])
    values = {
        **{name: record[name] for name in ("form", "form_version", "stage", "filled_by", "filled_at")},
        "complaint_id": complaint["complaint_id"],
        "version": complaint["version"],
        "form_data": json_of(
            _visible(form, records.answers_of(tx.sealer, form, record, personal.masked(complaint)), complaint)
        ),
        "document": json_of({k: v for k, v in form.document.items() if k not in ("name", "version")}),
        "json_schema": json_of(by.checked.schema(at)),
        "layout": json_of(form.layout),
        "completeness": measured.score,
        "missing_answers": records.missing_of(measured),
    }
    return to_message(pb.ComplaintForm, values)


def _visible(form: Form, answers: Mapping[str, Any], complaint: Row) -> dict[str, Any]:
    """Without what names a complainant whose identity is protected."""
    hidden = _NAMES_SOMEBODY if complaint.get("identity_protected") else frozenset[str]()
    return {key: value for key, value in answers.items() if form.by_key[key].type not in hidden}
