"""The grading table as a document: columns, operators and constants; the first row that holds wins (DMN hit policy F).

No expressions from people: a cell is one comparison of a column with a constant or a named parameter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.errors import FieldError, Invalid
from intake.domain.complaint import GRADES, Grade
from intake.domain.rates import RateThreshold

OPERATORS = ("is", "is_not", "at_least", "above", "at_most", "below")

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


def parse(document: Mapping[str, Any]) -> GradingTable:
    """Raises Invalid naming the row and cell that cannot be compiled, or a table that may leave something ungraded."""
    columns = tuple(column["id"] for column in document["columns"])
    parameters = document["parameters"]
    rows = tuple(_row(row, columns, parameters) for row in document["rows"])
    if document["hit_policy"] != "FIRST":
        raise Invalid("only hit policy FIRST is known", [FieldError("hit_policy", "must be FIRST")])
    if not rows or rows[-1].when:
        raise Invalid("the last row must hold for everything", [FieldError("rows", "the last row has conditions")])
    if len({row.id for row in rows}) != len(rows):
        raise Invalid("row ids must differ", [FieldError("rows", "two rows have the same id")])
    questions = tuple(Question(q["id"], tuple(q["columns"])) for q in document["questions"])
    return GradingTable(document["name"], document["version"], columns, questions, rows, parameters, document)


def _row(row: Mapping[str, Any], columns: tuple[str, ...], parameters: Mapping[str, Any]) -> Row:
    if row["grade"] not in GRADES:
        raise Invalid("unknown grade", [FieldError(f"rows.{row['id']}.grade", f"must be one of {', '.join(GRADES)}")])
    conditions = tuple(_condition(row["id"], cell, columns, parameters) for cell in row["when"])
    if len({condition.column for condition in conditions}) != len(conditions):
        raise Invalid("a row tests a column twice", [FieldError(f"rows.{row['id']}", "one condition per column")])
    return Row(row["id"], row["grade"], conditions)


def _condition(
    row_id: str, cell: Mapping[str, Any], columns: tuple[str, ...], parameters: Mapping[str, Any]
) -> Condition:
    where = f"rows.{row_id}.{cell['column']}"
    if cell["column"] not in columns:
        raise Invalid("unknown column", [FieldError(where, "is not a column of this table")])
    if cell["operator"] not in OPERATORS:
        raise Invalid("unknown operator", [FieldError(where, f"must be one of {', '.join(OPERATORS)}")])
    constant = parameters.get(cell["parameter"]) if "parameter" in cell else cell.get("constant")
    if isinstance(constant, bool) or not isinstance(constant, str | int | float):
        raise Invalid("no constant", [FieldError(where, "needs a text, a number or a parameter that exists")])
    return Condition(cell["column"], cell["operator"], constant)
