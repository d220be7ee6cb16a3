"""Gathers a batch into runs of one type, so that a reaction writes many rows at once."""

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.envelope import Received


def runs(events: Iterable[Received[Any]]) -> Sequence[Sequence[Received[Any]]]:
    """Runs of equal type. Order holds per subject, which is the only order there is; others may pass each other."""
    made: list[list[Received[Any]]] = []
    last_run_of: dict[str, int] = {}
    for event in events:
        earliest = last_run_of.get(event.subject, 0)
        at = next((i for i in range(earliest, len(made)) if made[i][0].type == event.type), len(made))
        if at == len(made):
            made.append([])
        made[at].append(event)
        last_run_of[event.subject] = at
    return made
