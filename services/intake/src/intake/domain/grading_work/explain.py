"""Why a row fired and those above it did not: the table read in plain Python, as the engine reads it."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from intake.domain.grading import Inputs
from intake.domain.grading_table import Condition, GradingTable, Row

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "above": operator.gt,
    "at_most": operator.le,
    "below": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Met:
    condition: Condition
    found: str | int | None
    """None: not known."""
    holds: bool


@dataclass(frozen=True, slots=True)
class RowTrace:
    row: Row
    outcome: Literal["fired", "not_met", "not_reached"]
    conditions: Sequence[Met]


def holds(condition: Condition, inputs: Inputs) -> bool:
    """What is not known fulfils no comparison but `is_not`."""
    found = inputs.get(condition.column)
    if condition.operator in ("is", "is_not"):
        return (found == condition.constant) == (condition.operator == "is")
    return found is not None and _COMPARED[condition.operator](found, condition.constant)


def first_row(table: GradingTable, inputs: Inputs) -> str:
    """A `Decide` without an engine."""
    return next(row.id for row in table.rows if all(holds(condition, inputs) for condition in row.when))


def traced(table: GradingTable, inputs: Inputs) -> list[RowTrace]:
    """Every row in its order, with each of its conditions; rows after the one that fired were not reached."""
    traces: list[RowTrace] = []
    fired = False
    for row in table.rows:
        met = [Met(c, inputs.get(c.column), holds(c, inputs)) for c in row.when]
        all_hold = all(one.holds for one in met)
        traces.append(RowTrace(row, "not_reached" if fired else "fired" if all_hold else "not_met", met))
        fired = fired or all_hold
    return traces
