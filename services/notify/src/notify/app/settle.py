"""What a round came to: rows, log and events in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.db import Tx
from notify.adapters import deliveries
from notify.adapters.deliveries import Attempt, Settled
from notify.app import surveys
from notify.domain.delivery import Answer, RetryPolicy, Settlement, settle
from redress.notify.v1 import events

CHANNEL = "mail"
_TOLD = {"sent": events.DeliverySent, "failed": events.DeliveryFailed}


@dataclass(frozen=True)
class Outcome:
    """How the try of one claimed delivery ended; `attempts` counts the tries before it."""

    delivery_id: str
    kind: str
    case_id: str | None
    task_id: str | None
    attempts: int
    answer: Answer
    at: datetime
    language: str | None
    message_id: str
    survey_id: str | None = None
    """Of the survey that the letter asks."""


async def settle_round(tx: Tx, claim_id: str, outcomes: Sequence[Outcome], policy: RetryPolicy) -> None:
    """Others hear of a delivery only from the sender that still held its claim."""
    ends = [settle(o.attempts, o.answer, o.at, policy) for o in outcomes]
    settled = [Settled(o.delivery_id, end, o.language, o.message_id) for o, end in zip(outcomes, ends, strict=True)]
    versions = await deliveries.settle(tx, claim_id, settled)
    await deliveries.log(tx, [_attempt(o) for o in outcomes if o.answer.tried and o.delivery_id in versions])
    for outcome, end in zip(outcomes, ends, strict=True):
        if outcome.delivery_id in versions:
            _tell(tx, outcome, end, versions[outcome.delivery_id])
    asking = [
        (o.survey_id, end) for o, end in zip(outcomes, ends, strict=True) if o.survey_id and o.delivery_id in versions
    ]
    await surveys.letters_settled(
        tx,
        sent=[survey_id for survey_id, end in asking if end.state == "sent"],
        given_up={survey_id: end.error for survey_id, end in asking if end.state in ("failed", "skipped")},
    )


def _attempt(outcome: Outcome) -> Attempt:
    return Attempt(outcome.delivery_id, outcome.at, outcome.answer.verdict == "accepted", outcome.answer.text)


def _tell(tx: Tx, outcome: Outcome, end: Settlement, version: int) -> None:
    if (fact := _TOLD.get(end.state)) is None:
        return
    payload = fact(
        delivery_id=outcome.delivery_id,
        kind=outcome.kind,
        channel=CHANNEL,
        case_id=outcome.case_id,
        task_id=outcome.task_id,
        attempts=end.attempts,
        at=outcome.at,
    )
    tx.emit(payload, subject=outcome.delivery_id, sequence=version)
