"""Complaints that resemble a text: found by its heaviest words, then compared in full."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.db import Tx
from intake.adapters import likeness as stored
from intake.app.search.candidates import candidates
from intake.app.search.lexicons import lexicon_of
from intake.domain.likeness.alike import COMPARED, Text, likeness, shared
from intake.domain.likeness.background import Background


@dataclass(frozen=True, slots=True)
class Found:
    row: Mapping[str, Any]
    """The complaint in plain."""
    likeness: float
    same_customer: bool
    asked: Text
    text: Text

    def shared_words(self) -> list[str]:
        return shared(self.asked, self.text)


async def resembling(
    tx: Tx, text: str, background: Background, *, keys: Sequence[str] = (), leave_out: str = ""
) -> list[Found]:
    """The most alike first; those of the customer with these keys among them, however they read. A merged complaint is
    shown in itself: it tells what it was merged into."""
    asked = Text.of(text, background)
    own = set(await stored.of_customer(tx, keys)) if keys else set()
    ids = {*await _nearest(tx, asked), *own} - {leave_out}
    rows = await stored.complaints(tx, sorted(ids))
    return await asyncio.to_thread(_compared, asked, rows, own)


async def _nearest(tx: Tx, asked: Text) -> list[str]:
    lexicon = await lexicon_of(tx)
    weights = {lexicon.term(word): weight for word, weight in asked.heaviest().items()}
    return [found for found, _ in await candidates(tx, list(weights), COMPARED, weights=weights)]


def _compared(asked: Text, rows: Mapping[str, Mapping[str, Any]], own: Collection[str]) -> list[Found]:
    found = []
    for complaint_id, row in rows.items():
        other = Text.of(row["description"], asked.background)
        found.append(Found(row, likeness(asked, other), complaint_id in own, asked, other))
    return sorted(found, key=lambda each: (-each.likeness, each.row["t_received"]))
