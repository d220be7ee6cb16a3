"""One occurrence, several reporters: each is told that it was joined, and how it ended."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.db import Tx
from chassis.envelope import Received
from notify.adapters import merged_reports
from notify.adapters.deliveries import NewDelivery
from redress.intake.v1.events import ComplaintMerged


async def joined(tx: Tx, events: Sequence[Received[ComplaintMerged]], *, writes: bool) -> list[NewDelivery]:
    """The letters that follow: of the merge, where the letters know that kind, and of an ending that came before it."""
    await merged_reports.keep(tx, [(event.data.complaint_id, event.data.into) for event in events])
    event_ids = {event.data.complaint_id: event.event_id for event in events}
    told = await merged_reports.to_tell(tx, event_ids.keys())
    ended = await merged_reports.endings(tx, {str(row["into_case"]) for row in told})
    letters = []
    for row in told:
        case_id, into = str(row["case_id"]), str(row["into_case"])
        if writes and not row["answered"]:
            letters.append(NewDelivery("merged", {"joined": row["joined"]}, case_id, event_ids[case_id]))
        if into in ended:
            letters.append(_ending(case_id, str(ended[into]["event_id"]), ended[into]["facts"]))
    return letters


async def without_merged(tx: Tx, closings: Sequence[NewDelivery]) -> list[NewDelivery]:
    """A merged case ends as a duplicate: the letter of the merge has said so, with more words."""
    duplicates = [str(closing.case_id) for closing in closings if closing.facts["outcome"] == "duplicate"]
    told = await merged_reports.known(tx, duplicates) if duplicates else set()
    return [closing for closing in closings if str(closing.case_id) not in told]


async def endings_for_reporters(tx: Tx, closings: Sequence[NewDelivery]) -> list[NewDelivery]:
    """The letters of these closings once more, to those whose reports were merged into the cases."""
    by_case = {str(closing.case_id): closing for closing in closings}
    reporters = await merged_reports.reporters(tx, by_case.keys()) if by_case else []
    return [_ending(case_id, by_case[into].event_id, by_case[into].facts) for case_id, into in reporters]


def _ending(case_id: str, event_id: str | None, facts: Mapping[str, Any]) -> NewDelivery:
    """The survey is for whoever the case was opened for."""
    return NewDelivery("case_closed", {**facts, "survey_id": None}, case_id, event_id)
