"""What a table editor in a browser needs to know, and what it asks while somebody types."""

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.definition_store import newest
from chassis.definitions import Document, opened
from intake.app.grading_tables import GRADING_TABLE, NAME
from intake.app.load import READING
from intake.domain.complaint import GRADES
from intake.domain.grading_columns import COLUMNS, GRADE_LABELS, OPERATORS, PARAMETERS, WORD_LABELS, Column, Label
from intake.domain.grading_document import read
from intake.domain.grading_limits import LIMITS
from intake.domain.grading_rules import ALWAYS_ASKED
from redress.intake.v1 import grading_pb2 as pb

EDITING = ("quality", "manager")
MOST_FAULTS = 200
Faults = Sequence[tuple[str, str]]


async def get_editor(tx: Tx, call: Call, request: pb.GetGradingEditorRequest) -> pb.GradingEditor:
    call.require(*READING)
    return pb.GradingEditor(
        columns=[_column(name, column) for name, column in COLUMNS.items()],
        operators=[pb.GradingOperator(id=name, label=_label(label)) for name, label in OPERATORS.items()],
        parameters=[*_parameters(), _key_accounts()],
        grades=[pb.GradingGrade(grade=grade, label=_label(GRADE_LABELS[grade])) for grade in GRADES],
        always_asked=ALWAYS_ASKED,
        limits=[pb.GradingLimit(name=name, most=most) for name, most in LIMITS.items()],
        published_version=(await published(tx))[0],
    )


async def validate(tx: Tx, call: Call, request: pb.ValidateGradingTableRequest) -> pb.GradingVerdict:
    """Never raises for what the document says: its faults are the answer."""
    call.require(*READING)
    _, faults = read(complete(opened(request.document)))
    return pb.GradingVerdict(publishable=not faults, faults=shown(faults), fault_count=len(faults))


async def published(tx: Tx) -> tuple[int, Document]:
    """Version and document in force; 0 where none was ever published."""
    current = await newest(tx, GRADING_TABLE.name, NAME)
    return (current.version, current.document) if current else (0, {})


def complete(document: Document, version: int = 1) -> dict[str, Any]:
    """As readers take it: a draft has neither name nor number of its own."""
    return {"name": NAME, "version": version, **document}


def shown(faults: Faults) -> list[pb.GradingFault]:
    return [_fault(place, text) for place, text in faults[:MOST_FAULTS]]


def _fault(place: str, text: str) -> pb.GradingFault:
    """A cell is known by its row's id, or its number, and by its column."""
    if place.startswith("rows."):
        row, _, column = place.removeprefix("rows.").partition(".")
    elif place.startswith("rows["):
        row, _, column = place.removeprefix("rows[").replace("]", "", 1).partition(".")
    else:
        row = column = ""
    return pb.GradingFault(place=place[:500], row=row[:100], column=column if column in COLUMNS else "", message=text)


def _column(name: str, column: Column) -> pb.GradingColumn:
    return pb.GradingColumn(
        id=name,
        type="word" if column.words else "number",
        dimension=column.dimension,
        label=_label(column.label),
        words=[pb.GradingWord(word=word, label=_label(WORD_LABELS[word])) for word in column.words],
        operators=column.operators,
        unit=column.unit,
        source="computed" if column.computed else "answered",
    )


def _parameters() -> Iterable[pb.GradingParameter]:
    for name, bounds in PARAMETERS.items():
        yield pb.GradingParameter(
            name=name,
            type="whole" if bounds.whole else "number",
            least=bounds.least,
            most=bounds.most,
            default=bounds.default,
            unit=bounds.unit,
            label=_label(bounds.label),
        )


def _key_accounts() -> pb.GradingParameter:
    label = pb.GradingLabel(zh="重点客户编号", en="Customer numbers of key accounts")
    return pb.GradingParameter(name="key_accounts", type="texts", most=LIMITS["key_accounts"], label=label)


def _label(label: Label) -> pb.GradingLabel:
    return pb.GradingLabel(zh=label[0], en=label[1])
