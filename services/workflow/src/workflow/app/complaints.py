"""What intake corrects about complaints after they were registered."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chassis.db import Tx
from chassis.envelope import Received
from redress.intake.v1.events import ComplaintMerged, ComplaintRegraded, ComplaintUpdated
from workflow.adapters import early
from workflow.adapters.cases import load, save
from workflow.adapters.early import EarlyFact
from workflow.app.work import act_of, roster_for
from workflow.domain.case import Act, CaseFile
from workflow.domain.closing import close_as_duplicate
from workflow.domain.grading import correct, regrade

ACTOR = "service:intake"


async def regrade_cases(tx: Tx, events: Sequence[Received[ComplaintRegraded]]) -> None:
    await _apply(
        tx,
        [
            EarlyFact(
                event.data.complaint_id,
                "regraded",
                event.sequence,
                {"grade": event.data.grade, "reason_code": event.data.reason_code},
            )
            for event in events
        ],
    )


async def correct_cases(tx: Tx, events: Sequence[Received[ComplaintUpdated]]) -> None:
    await _apply(
        tx,
        [
            EarlyFact(
                event.data.complaint_id,
                "updated",
                event.sequence,
                {"product_family": event.data.product_family, "changed": event.data.changed},
            )
            for event in events
        ],
    )


async def close_merged(tx: Tx, events: Sequence[Received[ComplaintMerged]]) -> None:
    """The merged complaint's case ends with outcome `duplicate`."""
    await _apply(
        tx,
        [EarlyFact(event.data.complaint_id, "merged", event.sequence, {"into": event.data.into}) for event in events],
    )


async def _apply(tx: Tx, facts: Sequence[EarlyFact]) -> None:
    files = await load(tx, [fact.subject for fact in facts])
    act = act_of(tx, ACTOR, await roster_for(tx, files.values()))
    for fact in sorted(facts, key=lambda fact: fact.sequence):
        if fact.subject in files:
            apply_early(files[fact.subject], [fact], act)
    await save(tx, files.values())
    await early.keep(tx, [fact for fact in facts if fact.subject not in files])


def apply_early(file: CaseFile, facts: Iterable[EarlyFact], act: Act) -> None:
    """In the order in which intake decided them."""
    for fact in facts:
        _APPLY[fact.kind](file, fact, act)


def _regraded(file: CaseFile, fact: EarlyFact, act: Act) -> None:
    regrade(file, fact.data["grade"], fact.data["reason_code"], fact.sequence, act)


def _updated(file: CaseFile, fact: EarlyFact, act: Act) -> None:
    correct(file, fact.data["product_family"], fact.sequence, act, fact.data["changed"])


def _merged(file: CaseFile, fact: EarlyFact, act: Act) -> None:
    close_as_duplicate(file, fact.data["into"], act)


_APPLY: dict[str, Callable[[CaseFile, EarlyFact, Act], Any]] = {
    "regraded": _regraded,
    "updated": _updated,
    "merged": _merged,
}


async def apply_overtaken(tx: Tx, case_ids: Sequence[str]) -> None:
    """Facts whose case was opened by another replica at the same moment."""
    heard = await early.of(tx, list(case_ids))
    await early.forget(tx, list(heard))
    await _apply(tx, [fact for facts in heard.values() for fact in facts])
