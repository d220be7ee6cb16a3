"""A customer was erased: what we wrote to them goes; that, when and by whom an answer was given stays."""

from collections.abc import Sequence

from chassis.db import Tx
from chassis.envelope import Received
from redress.intake.v1.events import PersonErased


async def forget_texts(tx: Tx, events: Sequence[Received[PersonErased]]) -> None:
    await tx.execute(
        "UPDATE timeline SET text = '' WHERE case_id = ANY($1::uuid[]) AND kind = 'response_sent' AND text <> ''",
        [complaint_id for event in events for complaint_id in event.data.complaint_ids],
    )
