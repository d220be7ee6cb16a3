"""The grading table as a document: columns, operators and constants; the first row that holds wins (DMN hit policy F).

No expressions from people: a cell is one comparison of a column with a constant or a named parameter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.domain.complaint import Grade
from intake.domain.rates import RateThreshold

Constant = str | int | float


@dataclass(frozen=True, slots=True)
class Condition:
    column: str
    operator: str
    constant: Constant


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    grade: Grade
    when: tuple[Condition, ...]

    def tests(self, column: str, operator: str, constant: Constant) -> bool:
        return Condition(column, operator, constant) in self.when


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask the customer while one of `columns` is unknown."""

    id: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class GradingTable:
    name: str
    version: int
    columns: tuple[str, ...]
    questions: tuple[Question, ...]
    rows: tuple[Row, ...]
    parameters: Mapping[str, Any]
    document: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{self.name}.v{self.version}"

    @property
    def rate(self) -> RateThreshold:
        names = ("window_days", "baseline_days", "min_history_days", "min_count", "factor")
        return RateThreshold(**{name: self.parameters[f"rate_{name}"] for name in names})

    def grade_of(self, row_id: str) -> Grade:
        return next(row.grade for row in self.rows if row.id == row_id)
