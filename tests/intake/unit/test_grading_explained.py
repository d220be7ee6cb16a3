"""Any table and any inputs: nothing crashes the reader, the engine says what plain Python says, and no danger that
nobody asked about is routine."""

import copy
import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from chassis.errors import Invalid
from intake.adapters.zen_grading import ZenGrading
from intake.domain.complaint import GRADES, QUESTIONS_ASKED
from intake.domain.grading import Circumstances, grade
from intake.domain.grading_columns import COLUMNS, NUMBERS, ON_NUMBERS, ON_WORDS, WORDS
from intake.domain.grading_document import parse, read
from intake.domain.grading_limits import DEPTH, MOST_ROWS, breaches
from intake.domain.grading_rules import ALWAYS_ASKED
from intake.domain.grading_work.explain import first_row, traced

DOCUMENT = json.loads(files("intake").joinpath("definitions/grading.default.v1.json").read_text("utf-8"))
LABEL = {"zh": "标签", "en": "label"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def cells(draw: Any) -> dict[str, Any]:
    column = draw(st.sampled_from(sorted(COLUMNS)))
    if column in NUMBERS:
        constant = draw(st.integers(0, 12) | st.decimals(0, 12, places=4).map(float))
        return {"column": column, "operator": draw(st.sampled_from(ON_NUMBERS)), "constant": constant}
    constant = draw(st.sampled_from(WORDS[column]))
    return {"column": column, "operator": draw(st.sampled_from(ON_WORDS)), "constant": constant}


@st.composite
def documents(draw: Any) -> dict[str, Any]:
    """Valid tables: rows of any kind before the default's, which catch what is open and everything else."""
    document: dict[str, Any] = copy.deepcopy(DOCUMENT)
    document["columns"] = [{"id": name, "dimension": "-", "label": LABEL} for name in COLUMNS]
    document["questions"] = [{"id": name, "columns": [name], "label": LABEL} for name in QUESTIONS_ASKED]
    own = draw(st.lists(st.tuples(st.lists(cells(), max_size=4), st.sampled_from(GRADES[:2])), max_size=6))
    before = [
        {"id": f"own-{n}", "grade": wanted, "label": LABEL, "when": list({c["column"]: c for c in when}.values())}
        for n, (when, wanted) in enumerate(own)
    ]
    document["rows"] = [*before, *document["rows"]]
    return document


FACTS = st.fixed_dictionaries(
    {
        **{name: st.sampled_from(("yes", "no", "unknown")) for name in QUESTIONS_ASKED},
        "customer_ref": st.none(),
        "customer_deadline": st.none(),
        "t_received": st.none(),
        "quantity": st.integers(1, 12),
        "safety_not_asked": st.booleans(),
    }
)
AROUND = st.builds(Circumstances, st.integers(1, 12), st.booleans(), st.booleans())


@settings(max_examples=200, deadline=None)
@for_all(JSON)
def test_whatever_is_sent_as_a_table_is_refused_with_its_faults(document: Any) -> None:
    with pytest.raises(Invalid) as refused:
        parse(document)
    assert refused.value.fields


@settings(max_examples=150, deadline=None)
@for_all(st.data())
def test_a_table_with_anything_anywhere_in_it_is_read_or_refused(data: Any) -> None:
    document: Any = copy.deepcopy(DOCUMENT)
    spoilt = document
    for _ in range(data.draw(st.integers(1, 4))):
        if not isinstance(spoilt, dict | list) or not spoilt:
            break
        place = data.draw(st.sampled_from(sorted(spoilt) if isinstance(spoilt, dict) else range(len(spoilt))))
        if data.draw(st.booleans()):
            spoilt[place] = data.draw(JSON)
            break
        spoilt = spoilt[place]
    _, faults = read(document)
    assert all(isinstance(place, str) and text for place, text in faults)


@settings(max_examples=60, deadline=None)
@for_all(documents(), FACTS, AROUND)
def test_the_engine_says_what_plain_python_says(document: Any, facts: Any, around: Circumstances) -> None:
    table = parse(document)
    graded = grade(facts, around, table=table, decide=ZenGrading([table]))
    assert graded.row == first_row(table, graded.inputs)
    told = traced(table, graded.inputs)
    assert [one.row.id for one in told if one.outcome == "fired"] == [graded.row]
    assert all(not all(met.holds for met in one.conditions) for one in told if one.outcome == "not_met")


@settings(max_examples=60, deadline=None)
@for_all(documents(), FACTS, AROUND)
def test_an_unanswered_danger_is_never_routine_by_any_table(document: Any, facts: Any, around: Circumstances) -> None:
    table = parse(document)
    graded = grade(facts, around, table=table, decide=first_row)
    missing = any(facts[name] == "unknown" for name in ALWAYS_ASKED)
    if missing and not facts["safety_not_asked"]:
        assert graded.grade != "routine"
        assert graded.questions


def test_a_customers_deadline_counts_in_hours_and_one_that_is_not_known_fulfils_nothing() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["columns"].append({"id": "deadline_hours", "dimension": "urgency", "label": LABEL})
    when = [{"column": "deadline_hours", "operator": "at_most", "constant": 48}]
    document["rows"].insert(0, {"id": "soon", "grade": "urgent", "label": LABEL, "when": when})
    table = parse(document)
    received = datetime(2026, 11, 1, tzinfo=UTC)
    facts = dict.fromkeys(QUESTIONS_ASKED, "no") | {"customer_ref": None, "quantity": 1, "safety_not_asked": False}
    decide = ZenGrading([table])
    for deadline, row in (
        (received + timedelta(hours=48.5), "soon"),
        (received + timedelta(hours=49), "6-deadline"),
        (None, "7"),
    ):
        given = facts | {"t_received": received, "customer_deadline": deadline}
        assert grade(given, Circumstances(), table=table, decide=decide).row == row


def test_five_hundred_rows_are_read_and_one_more_is_named() -> None:
    document = copy.deepcopy(DOCUMENT)
    row = document["rows"][5]
    document["rows"][5:5] = [row | {"id": f"r{n}"} for n in range(MOST_ROWS - len(document["rows"]))]
    assert len(parse(document).rows) == MOST_ROWS
    document["rows"].insert(0, row | {"id": "first"})
    assert [place for place, _ in breaches(document)] == ["rows.7"]


def test_depth_ends_the_search_and_names_the_cell() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    document = copy.deepcopy(DOCUMENT)
    document["rows"][2]["when"][0]["constant"] = deep
    document["rows"][1]["label"]["zh"] = {"a": {}}
    assert dict(breaches(document)) == {
        "rows.1-legal.label.zh.a": f"is nested too deeply: at most {DEPTH} levels",
        "rows.2-several.several_affected.constant": f"is nested too deeply: at most {DEPTH} levels",
    }
