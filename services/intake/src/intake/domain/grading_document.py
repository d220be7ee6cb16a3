"""A grading table's document (JSON) becomes a GradingTable, or an Invalid that names every fault with its place."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from chassis.document import Reader
from chassis.errors import FieldError, Invalid
from intake.domain.complaint import ANSWERS, GRADES, QUESTIONS_ASKED
from intake.domain.grading_rules import faults_of
from intake.domain.grading_table import Condition, Constant, GradingTable, Question, Row

_YES_NO = ("yes", "no")
WORDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(QUESTIONS_ASKED, ANSWERS),
    **dict.fromkeys(("repeat_r1", "rate_exceeded", "customer_deadline", "unanswered", "safety_not_asked"), _YES_NO),
}
"""Column -> what may stand there; the columns beside these are NUMBERS."""
NUMBERS = ("same_lot",)
_ON_WORDS, _ON_NUMBERS = ("is", "is_not"), ("at_least", "above", "at_most", "below", "is", "is_not")
_DAYS = 3_650
_WHOLE: Mapping[str, tuple[int, int]] = {
    "same_lot_k": (2, 10_000),
    "repeat_window_days": (1, _DAYS),
    "duplicate_window_days": (0, _DAYS),
    "rate_window_days": (1, 366),
    "rate_baseline_days": (1, _DAYS),
    "rate_min_history_days": (1, _DAYS),
    "rate_min_count": (1, 100_000),
}
_SHARES: Mapping[str, tuple[float, float]] = {"duplicate_similarity": (0.1, 1.0), "rate_factor": (0.1, 1_000.0)}
_ROW = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_MOST_ROWS = 500


def parse(document: object) -> GradingTable:
    """Raises Invalid with one FieldError per fault: first the shape, then what would leave a danger ungraded."""
    reader = Reader()
    raw = reader.mapping(document, "")
    table = _table(reader, raw)
    faults = reader.faults or faults_of(table)
    if faults:
        raise Invalid("this grading table cannot be used", [FieldError(place, text) for place, text in faults])
    return table


def _table(reader: Reader, raw: Mapping[str, Any]) -> GradingTable:
    reader.only(raw, "", "name version label source hit_policy parameters columns questions rows")
    reader.label(raw, "")
    reader.one_of(raw, "hit_policy", "", ("FIRST",))
    parameters = _parameters(reader, reader.mapping(raw.get("parameters"), "parameters"))
    columns = tuple(_column(reader, item, at) for item, at in reader.listed(raw, "columns", ""))
    rows = tuple(_row(reader, item, columns, parameters) for item, _ in list(reader.listed(raw, "rows", "")))
    _once(reader, "columns", columns)
    _once(reader, "rows", [row.id for row in rows])
    if len(rows) > _MOST_ROWS:
        reader.fault("rows", f"at most {_MOST_ROWS}")
    return GradingTable(
        name=reader.key(raw, "name", ""),
        version=reader.whole(raw, "version", "", least=1, most=10**6),
        columns=columns,
        questions=tuple(_question(reader, item, at) for item, at in reader.listed(raw, "questions", "")),
        rows=rows,
        parameters=parameters,
        document=raw,
    )


def _parameters(reader: Reader, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those that matching needs, key accounts, and numbers that rows of this table name."""
    own = raw.keys() - _WHOLE.keys() - _SHARES.keys() - {"key_accounts"}
    return {
        **{name: reader.whole(raw, name, "parameters", least=a, most=b) for name, (a, b) in _WHOLE.items()},
        **{name: reader.number(raw, name, "parameters", least=a, most=b) for name, (a, b) in _SHARES.items()},
        **{name: reader.number(raw, name, "parameters", least=0, most=1e9) for name in sorted(own)},
        "key_accounts": list(reader.texts(raw, "key_accounts", "parameters", longest=100)),
    }


def _column(reader: Reader, raw: Mapping[str, Any], place: str) -> str:
    reader.only(raw, place, "id dimension label")
    reader.label(raw, place)
    return reader.one_of(raw, "id", place, (*WORDS, *NUMBERS))


def _question(reader: Reader, raw: Mapping[str, Any], place: str) -> Question:
    reader.only(raw, place, "id columns label")
    reader.label(raw, place)
    asked = tuple(name for name in reader.keys(raw, "columns", place) if name in QUESTIONS_ASKED)
    if not asked or len(asked) != len(raw.get("columns", ())):
        reader.fault(f"{place}.columns", f"must name some of {', '.join(QUESTIONS_ASKED)}")
    return Question(reader.key(raw, "id", place), asked)


def _row(reader: Reader, raw: Mapping[str, Any], columns: tuple[str, ...], parameters: Mapping[str, Any]) -> Row:
    row_id = str(raw.get("id"))
    place = f"rows.{row_id[:63]}"
    if not _ROW.fullmatch(row_id):
        reader.fault(f"{place}.id", "must be small letters, digits, hyphens and underscores")
    reader.only(raw, place, "id grade label when")
    reader.label(raw, place)
    grade = next((g for g in GRADES if g == raw.get("grade")), None)
    if grade is None:
        reader.fault(f"{place}.grade", f"must be one of {', '.join(GRADES)}")
    when = tuple(_condition(reader, item, place, columns, parameters) for item, _ in reader.listed(raw, "when", place))
    if len({condition.column for condition in when}) != len(when):
        reader.fault(place, "one condition per column")
    return Row(row_id, grade or "urgent", when)


def _condition(
    reader: Reader, cell: Mapping[str, Any], row: str, columns: tuple[str, ...], parameters: Mapping[str, Any]
) -> Condition:
    column = str(cell.get("column"))
    place = f"{row}.{column}"
    reader.only(cell, place, "column operator constant parameter")
    if column not in columns:
        reader.fault(place, "is not a column of this table")
    operator = reader.one_of(cell, "operator", place, _ON_NUMBERS if column in NUMBERS else _ON_WORDS)
    if ("parameter" in cell) == ("constant" in cell):
        reader.fault(place, "needs either a constant or a parameter")
    given = parameters.get(str(cell["parameter"])) if "parameter" in cell else cell.get("constant")
    return Condition(column, operator, _constant(reader, given, column, place))


def _constant(reader: Reader, given: Any, column: str, place: str) -> Constant:
    if column in NUMBERS:
        if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 1e9:
            return given
        reader.fault(place, "needs a number from 0 to 1000000000, or a parameter that is one")
        return 0
    words = WORDS.get(column, _YES_NO)
    if isinstance(given, str) and given in words:
        return given
    reader.fault(place, f"needs one of {', '.join(words)} (in quotes: YAML may take them for truth values)")
    return words[0]


def _once(reader: Reader, place: str, names: Any) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            reader.fault(place, f"{name} occurs {times} times")
