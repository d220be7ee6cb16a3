"""Facts are added or corrected: matched anew where that changes the problem or the customer, graded anew where it
changes what the grade rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Invalid
from chassis.messages import set_fields
from intake.adapters.index_key import ready
from intake.app import surroundings
from intake.app.forms.records import measured_anew
from intake.app.grading_tables import Registrars
from intake.app.load import WORKING, check_not_merged, found, held
from intake.app.queries import whole
from intake.app.regrade import graded_anew, last_grading
from intake.app.reproposing import Proposed, propose_anew
from intake.app.update_writes import record, save
from intake.domain.complaint import QUESTIONS_ASKED, Submission
from intake.domain.grading import Graded, grade, regrade_reason, rests_on_other, table_applies
from intake.domain.registration import Matched, matched
from intake.domain.signature import Coded
from intake.domain.validation import faults_of, tidied
from redress.intake.v1 import intake_pb2 as pb

_MATTERS = frozenset(
    {
        "product_family",
        "defect_code",
        "failure_location",
        "lot",
        "customer_email",
        "customer_phone",
        "quantity",
        *QUESTIONS_ASKED,
    }
)
_SUBMISSION = tuple(field.name for field in fields(Submission) if field.name != "defect_items")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What an update comes to."""

    new: Matched
    fields: dict[str, list[Any]]
    """Field -> [old, new]."""
    proposed: Proposed
    graded: Graded
    columns: tuple[str, ...]
    """What its table grades by."""


class Update:
    def __init__(self, registrars: Registrars) -> None:
        self._registrars = registrars

    async def __call__(self, tx: Tx, call: Call, request: pb.UpdateComplaintRequest) -> pb.Complaint:
        """An empty text removes an optional fact. Raises Invalid naming the fields, StaleVersion, IllegalTransition."""
        call.require(*WORKING)
        row = await held(tx, call, request.complaint_id, if_version=request.if_version)
        check_not_merged(row)
        new, changed = _changed(row, set_fields(request), tx)
        if changed:
            last = await last_grading(tx, row["complaint_id"])
            change = await self._decided(tx, row, await self._matched(tx, new), changed, last["table_version"])
            await self._apply(tx, call, row, change, last, request.reason)
            row = await found(tx, call, request.complaint_id)
            await measured_anew(tx, row)
        return await whole(tx, row)

    async def _matched(self, tx: Tx, new: Submission) -> Matched:
        catalogue = (await self._registrars(tx)).catalogue
        return matched(new, (await ready(tx)).digest, catalogue)

    async def _decided(
        self, tx: Tx, row: Row, new: Matched, changed: dict[str, list[Any]], table_version: int
    ) -> Change:
        """By the table that graded the complaint first: what is published since is for new ones."""
        registrar = await self._registrars(tx, table_version)
        around = await surroundings.load(tx, [new], registrar.table)
        day = row["t_received"].date()
        around.leave_out(_codes_of(row), day)
        proposed = await propose_anew(tx, row, new, around, registrar.similarity)
        circumstances = replace(around.circumstances(new.codes, day, ()), repeat_r1=proposed.repeat_r1)
        graded = grade(new.submission, circumstances, table=registrar.table, decide=registrar.decide)
        return Change(new, changed, proposed, graded, registrar.table.columns)

    async def _apply(self, tx: Tx, call: Call, row: Row, change: Change, last: Row, reason: str) -> None:
        graded = change.graded
        await save(tx, row, change.new, change.fields, change.proposed, graded.questions)
        record(tx, call, row, change.new, change.fields, change.proposed, graded.questions, reason)
        moved = bool(change.fields.keys() & _MATTERS) and rests_on_other(last["inputs"], graded.inputs, change.columns)
        by_hand = last["source"] == "override"
        if moved and table_applies(row["grade"], by_hand=by_hand, table=graded.grade):
            await graded_anew(tx, call, row, last, graded, regrade_reason(row["questions"], graded.questions))


def _changed(row: Row, wanted: Mapping[str, Any], tx: Tx) -> tuple[Submission, dict[str, list[Any]]]:
    """Only the changed fields are blamed: an old record may break a rule that is younger than it."""
    known = {name: row[name] for name in _SUBMISSION}
    new = tidied(Submission(**{**known, **wanted}), tx.now)
    faults = [fault for fault in faults_of(new, tx.now) if fault.field in wanted]
    if faults:
        raise Invalid("the complaint cannot be changed like this", faults)
    return new, {name: [known[name], getattr(new, name)] for name in wanted if getattr(new, name) != known[name]}


def _codes_of(row: Row) -> Coded:
    return Coded(row["cell"], row["signature_base"], row["signature"], row["lot_key"])
