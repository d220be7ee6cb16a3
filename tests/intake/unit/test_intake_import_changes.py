"""What a row about a known complaint says anew."""

from datetime import UTC, datetime
from typing import Any

from intake.app.imports.changes import Known, against_record
from intake.domain.files.mapping import bound
from intake.domain.files.records import Record
from intake.domain.files.rows import submission

HEADER = ["car", "what", "pieces", "lot"]
FIELDS = {"product_family": "car", "description": "what", "quantity": "pieces", "lot": "lot"}
MAPPING = bound({"columns": {field: {"column": column} for field, column in FIELDS.items()}}, HEADER)
RECORD = {"product_family": "A6", "description": "It leaks", "quantity": 5, "lot": "L7"}
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def said(*cells: str) -> list[tuple[Any, ...]]:
    given = submission(MAPPING, cells, historical=False)
    known = Known(Record(2, list(cells)), given, "an-id", True)
    return [(change.field, change.was, change.now) for change in against_record(MAPPING, known, RECORD, NOW)]


def test_a_cell_that_differs_from_the_record_is_a_change() -> None:
    assert said("A6", "It leaks", "6", "L8") == [("lot", "L7", "L8"), ("quantity", "5", "6")]


def test_an_empty_cell_changes_nothing_also_where_a_new_complaint_would_get_a_default() -> None:
    assert said("A6", "It leaks", "", "n/a") == []
