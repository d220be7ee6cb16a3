"""What complaints show of their cases and CAPAs, against a real PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chassis.call import Call
from chassis.envelope import Received
from intake.app.reactions import close, note_capa, reopen
from redress.capa.v1.events import CapaClosed
from redress.workflow.v1.events import CaseClosed, CaseReopened

Given = Callable[..., Any]
CallAs = Callable[..., Call]


def _received(kind: Any, sequence: int, **data: Any) -> Received[Any]:
    return Received(
        event_id="e",
        type="t",
        subject="s",
        sequence=sequence,
        time=datetime.now(UTC),
        traceparent=None,
        data=kind(**data),
    )


def _closed(case_id: str, sequence: int) -> Received[Any]:
    rest = dict.fromkeys(
        ("remedy", "accepted", "justified", "on_time_original", "on_time_current", "working_seconds"), None
    )
    return _received(
        CaseClosed,
        sequence,
        case_id=case_id,
        outcome="resolved",
        path="fast",
        first=True,
        stage="closure",
        rca_ids=[],
        capa_ids=[],
        historical=False,
        at=datetime.now(UTC),
        **rest,
    )


async def test_a_complaint_follows_its_case_and_the_newest_event_wins(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    done = await intake.one(call_as("customer_service"), given())
    reopened = _received(
        CaseReopened,
        6,
        case_id=done.complaint_id,
        stage="diagnosis",
        visit=2,
        due_at=None,
        task=None,
        at=datetime.now(UTC),
    )
    unknown = _closed("01900000-0000-7000-8000-000000000000", 3)
    for reaction, event, state in (
        (close, _closed(done.complaint_id, 5), "closed"),
        (reopen, reopened, "open"),
        (close, _closed(done.complaint_id, 5), "open"),
        (close, unknown, "open"),
        (close, _closed(done.complaint_id, 9), "closed"),
    ):
        async with intake.db.tx() as tx:
            await reaction(tx, [event])
        assert [row["state"] for row in await intake.fetch("SELECT state FROM complaints")] == [state]


async def test_a_closed_capa_is_noted_in_the_trail(intake: Any, given: Given, call_as: CallAs) -> None:
    done = await intake.one(call_as("customer_service"), given())
    event = _received(
        CapaClosed,
        9,
        capa_id="c",
        number="P26-0000001",
        case_ids=[done.complaint_id],
        outcome="effective",
        at=datetime.now(UTC),
    )
    async with intake.db.tx() as tx:
        await note_capa(tx, event)
    entries = await intake.fetch("SELECT action, n FROM audit WHERE aggregate_id = $1 ORDER BY n", done.complaint_id)
    assert [tuple(entry) for entry in entries] == [("registered", 1), ("capa closed", 2)]
