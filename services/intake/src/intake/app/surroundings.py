"""Loads what the records know around a group of new complaints: one statement per kind of neighbour."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from typing import TypeVar

from chassis.db import Tx
from intake.adapters import lookups
from intake.domain.grading_table import GradingTable
from intake.domain.registration import Matched
from intake.domain.repeats import Windows
from intake.domain.surroundings import Surroundings

T = TypeVar("T")


async def load(tx: Tx, new: Sequence[Matched], table: GradingTable) -> Surroundings:
    windows = Windows.of(table.parameters)
    around = Surroundings(windows, table.rate)
    keys = _once((key, _day_end(m)) for m in new for key in m.customer_keys)
    cells = _once((m.codes.cell, _day_end(m)) for m in new if m.codes.cell)
    lots = _once((m.codes.lot_key, m.submission.received.date()) for m in new if m.codes.lot_key)
    for key, known in await lookups.same_customer(tx, keys, windows.repeat):
        around.customers[key].append(known)
    for cell, known in await lookups.same_cell(tx, cells, windows.repeat):
        around.cells[cell].append(known)
    if cells:
        around.rates = await lookups.cell_rates(tx, [(cell, at.date()) for cell, at in cells], table.rate)
        around.history_start = await lookups.history_start(tx)
    around.lots = await lookups.lot_counts(tx, lots, windows.repeat, table.parameters["same_lot_k"] + 1)
    return around


def _day_end(m: Matched) -> datetime:
    """Neighbours are looked up per day, so that a group of complaints of one day shares the look-up."""
    return datetime.combine(m.submission.received.date(), time.max, UTC)


def _once(pairs: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(pairs))
