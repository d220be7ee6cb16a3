"""A grading table's document (JSON) becomes a GradingTable, or an Invalid that names every fault with its place."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from chassis.document import Reader
from chassis.errors import FieldError, Invalid
from intake.domain.complaint import GRADES, QUESTIONS_ASKED
from intake.domain.grading_columns import COLUMNS, NUMBERS, ON_NUMBERS, ON_WORDS, PARAMETERS, WORDS, YES_NO
from intake.domain.grading_limits import breaches, row_name
from intake.domain.grading_rules import faults_of
from intake.domain.grading_table import Condition, Constant, GradingTable, Question, Row

_ROW = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_MOST_NUMBER = 1e9
_DECIMALS = 4
_FAULTS_CHARACTERS, _PLACE_CHARACTERS = 4_000, 200


def parse(document: object) -> GradingTable:
    """Raises Invalid with a FieldError per fault, as many as go in: first its limits, then its shape, then what would
    leave a danger ungraded."""
    table, faults = read(document)
    if faults:
        raise Invalid("this grading table cannot be used", named(faults))
    return table


def named(faults: Sequence[tuple[str, str]]) -> list[FieldError]:
    """As many as a refusal can carry: it travels in the trailers of a call, which end at 8 KB."""
    found: list[FieldError] = []
    room = _FAULTS_CHARACTERS
    for place, text in faults:
        fault = FieldError(place[:_PLACE_CHARACTERS], text)
        room -= len(fault.field.encode()) + len(text.encode())
        if room < 0 and found:
            break
        found.append(fault)
    return found


def read(document: object) -> tuple[GradingTable, list[tuple[str, str]]]:
    """The table, and every fault with its place; only a table without faults is to be used."""
    reader = Reader()
    raw = reader.mapping(document, "")
    beyond = breaches(document)
    table = _table(reader, {} if beyond else raw)
    return table, beyond or reader.faults or faults_of(table)


def _table(reader: Reader, raw: Mapping[str, Any]) -> GradingTable:
    reader.only(raw, "", "name version label source hit_policy parameters columns questions rows")
    reader.label(raw, "")
    reader.one_of(raw, "hit_policy", "", ("FIRST",))
    parameters = _parameters(reader, reader.mapping(raw.get("parameters"), "parameters"))
    columns = tuple(_column(reader, item, at) for item, at in reader.listed(raw, "columns", ""))
    items = [item for item, _ in reader.listed(raw, "rows", "")]
    rows = tuple(_row(reader, item, row_name(item, n), columns, parameters) for n, item in enumerate(items))
    questions = tuple(_question(reader, item, at) for item, at in reader.listed(raw, "questions", ""))
    _once(reader, "columns", columns)
    _once(reader, "rows", [row.id for row in rows])
    _once(reader, "questions", [question.id for question in questions])
    return GradingTable(
        name=reader.key(raw, "name", ""),
        version=reader.whole(raw, "version", "", least=1, most=10**6),
        columns=columns,
        questions=questions,
        rows=rows,
        parameters=parameters,
        document=raw,
    )


def _parameters(reader: Reader, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those that matching needs, key accounts, and numbers that rows of this table name."""
    own = raw.keys() - PARAMETERS.keys() - {"key_accounts"}
    return {
        **{name: _parameter(reader, raw, name) for name in PARAMETERS},
        **{name: reader.number(raw, name, "parameters", least=0, most=_MOST_NUMBER) for name in sorted(own)},
        "key_accounts": list(reader.texts(raw, "key_accounts", "parameters", longest=100)),
    }


def _parameter(reader: Reader, raw: Mapping[str, Any], name: str) -> float:
    bounds = PARAMETERS[name]
    if bounds.whole:
        return reader.whole(raw, name, "parameters", least=int(bounds.least), most=int(bounds.most))
    return reader.number(raw, name, "parameters", least=bounds.least, most=bounds.most)


def _column(reader: Reader, raw: Mapping[str, Any], place: str) -> str:
    reader.only(raw, place, "id dimension label")
    reader.label(raw, place)
    return reader.one_of(raw, "id", place, tuple(COLUMNS))


def _question(reader: Reader, raw: Mapping[str, Any], place: str) -> Question:
    reader.only(raw, place, "id columns label")
    reader.label(raw, place)
    named = reader.keys(raw, "columns", place)
    asked = tuple(name for name in named if name in QUESTIONS_ASKED)
    if not asked or asked != named:
        reader.fault(f"{place}.columns", f"must name some of {', '.join(QUESTIONS_ASKED)}")
    return Question(reader.key(raw, "id", place), asked)


def _row(
    reader: Reader, raw: Mapping[str, Any], place: str, columns: tuple[str, ...], parameters: Mapping[str, Any]
) -> Row:
    row_id = str(raw.get("id"))
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
    operator = reader.one_of(cell, "operator", place, ON_NUMBERS if column in NUMBERS else ON_WORDS)
    if ("parameter" in cell) == ("constant" in cell):
        reader.fault(place, "needs either a constant or a parameter")
    given = parameters.get(str(cell["parameter"])) if "parameter" in cell else cell.get("constant")
    return Condition(column, operator, _constant(reader, given, column, place))


def _constant(reader: Reader, given: Any, column: str, place: str) -> Constant:
    if column in NUMBERS:
        if _is_number(given):
            return given  # type: ignore[no-any-return]
        reader.fault(place, f"needs a number from 0 to 1000000000 with at most {_DECIMALS} decimals, or a parameter")
        return 0
    words = WORDS.get(column, YES_NO)
    if isinstance(given, str) and given in words:
        return given
    reader.fault(place, f"needs one of {', '.join(words)} (in quotes: YAML may take them for truth values)")
    return words[0]


def _is_number(given: Any) -> bool:
    """What we and the engine read alike: it takes no 1e-300."""
    sound = isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= _MOST_NUMBER
    return bool(sound and given == round(given, _DECIMALS))


def _once(reader: Reader, place: str, names: Any) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            reader.fault(place, f"{name} occurs {times} times")
