"""What people do with a case. Each function is one command of the contract."""

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Forbidden, Invalid
from chassis.messages import from_timestamp
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.app.messages import case_message, entry_message
from workflow.app.work import change_case
from workflow.domain import authority, closing, deliverables, dialogue, stages, timing
from workflow.domain.authority import Person
from workflow.domain.case import Act, CaseFile, Note, Outcome
from workflow.domain.reason import given

_LONGEST_TEXT = 10_000


def _owner(file: CaseFile, person: Person) -> None:
    authority.require_stage(person, file.case.department, file.definition.departments)


def _one_of(person: Person, *roles: str) -> None:
    if not person.oversees and person.roles.isdisjoint(roles):
        raise Forbidden(f"this needs one of the roles {', '.join(roles)}")


async def advance_stage(tx: Tx, call: Call, request: pb.AdvanceStageRequest) -> pb.Case:
    def decide(file: CaseFile, act: Act, person: Person) -> None:
        _owner(file, person)
        stages.advance(file, act)

    return await case_message(
        tx, await change_case(tx, call, request.case_id, request.if_version, "stage advanced", decide)
    )


async def return_stage(tx: Tx, call: Call, request: pb.ReturnStageRequest) -> pb.Case:
    reason = given(request.reason)

    def decide(file: CaseFile, act: Act, person: Person) -> None:
        _owner(file, person)
        stages.return_to(file, request.to_stage, reason, act)

    changed = await change_case(tx, call, request.case_id, request.if_version, "stage returned", decide, reason)
    return await case_message(tx, changed)


async def waive_deliverable(tx: Tx, call: Call, request: pb.WaiveDeliverableRequest) -> pb.Case:
    reason = given(request.reason)

    def decide(file: CaseFile, act: Act, person: Person) -> None:
        authority.require_waiver(person, file.case.department)
        deliverables.waive(file, request.kind, reason, act)
        stages.settle(file, act)

    action = f"deliverable waived: {request.kind}"
    changed = await change_case(tx, call, request.case_id, request.if_version, action, decide, reason)
    return await case_message(tx, changed)


async def pause(tx: Tx, call: Call, request: pb.PauseRequest) -> pb.Case:
    def decide(file: CaseFile, act: Act, person: Person) -> None:
        _owner(file, person)
        timing.pause(file, request.reason_code, request.reason.strip(), act)

    action = f"paused: {request.reason_code}"
    changed = await change_case(tx, call, request.case_id, request.if_version, action, decide, request.reason)
    return await case_message(tx, changed)


async def resume(tx: Tx, call: Call, request: pb.ResumeRequest) -> pb.Case:
    def decide(file: CaseFile, act: Act, person: Person) -> None:
        _owner(file, person)
        timing.resume(file, act)

    return await case_message(tx, await change_case(tx, call, request.case_id, request.if_version, "resumed", decide))


async def skip_investigation(tx: Tx, call: Call, request: pb.SkipInvestigationRequest) -> pb.Case:
    reason = given(request.reason)

    def decide(file: CaseFile, act: Act, person: Person) -> None:
        _owner(file, person)
        closing.skip_investigation(file, reason, act)

    changed = await change_case(tx, call, request.case_id, request.if_version, "investigation skipped", decide, reason)
    return await case_message(tx, changed)


async def close_case(tx: Tx, call: Call, request: pb.CloseCaseRequest) -> pb.Case:
    outcome = _outcome(request, call.actor)

    def decide(file: CaseFile, act: Act, person: Person) -> None:
        _one_of(person, "customer_service", "quality")
        closing.close(file, outcome, act)

    changed = await change_case(tx, call, request.case_id, request.if_version, "closed", decide, request.outcome.reason)
    return await case_message(tx, changed)


def _outcome(request: pb.CloseCaseRequest, by: str) -> Outcome:
    if not request.HasField("outcome"):
        raise Invalid("a case closes with an outcome", [FieldError("outcome", "is missing")])
    said = request.outcome
    reason = said.reason.strip()
    if said.code in ("not_justified", "withdrawn", "referred_outside"):
        reason = given(said.reason, "outcome.reason")
    return Outcome(
        code=said.code,
        remedy=said.remedy if said.HasField("remedy") else None,
        accepted=said.accepted if said.HasField("accepted") else None,
        justified=said.justified if said.HasField("justified") else None,
        reason=reason,
        by=by,
    )


async def reopen_case(tx: Tx, call: Call, request: pb.ReopenCaseRequest) -> pb.Case:
    reason = given(request.reason)
    to_stage = request.to_stage if request.HasField("to_stage") else None

    def decide(file: CaseFile, act: Act, person: Person) -> None:
        _one_of(person, "customer_service", "quality")
        closing.reopen(file, reason, to_stage, act)

    changed = await change_case(tx, call, request.case_id, request.if_version, "reopened", decide, reason)
    return await case_message(tx, changed)


async def record_response(tx: Tx, call: Call, request: pb.RecordResponseRequest) -> pb.Case:
    text = _text(request.text)
    if not request.channel.strip():
        raise Invalid("how was the customer answered", [FieldError("channel", "is missing")])
    at = from_timestamp(request, "at") or tx.now

    def decide(file: CaseFile, act: Act, person: Person) -> None:
        dialogue.respond(file, request.channel.strip(), text, at, act)

    action = f"customer answered: {request.channel}"
    return await case_message(tx, await change_case(tx, call, request.case_id, None, action, decide))


async def comment(tx: Tx, call: Call, request: pb.CommentRequest) -> pb.TimelineEntry:
    text = _text(request.text)
    written: list[Note] = []

    def decide(file: CaseFile, act: Act, person: Person) -> None:
        written.append(dialogue.comment(file, text, act))

    await change_case(tx, call, request.case_id, None, "commented", decide)
    return entry_message(vars(written[0]))


def _text(text: str) -> str:
    if not text.strip():
        raise Invalid("there is nothing to record", [FieldError("text", "is empty")])
    if len(text) > _LONGEST_TEXT:
        raise Invalid("the text is too long", [FieldError("text", f"at most {_LONGEST_TEXT} characters")])
    return text.strip()
