"""The default table of DOMAIN §10, row by row, as compiled to the engine."""

import copy
import itertools
import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from chassis.errors import Invalid
from intake.adapters.zen_grading import ZenGrading
from intake.domain.complaint import QUESTIONS_ASKED, Submission
from intake.domain.grading import Circumstances, Graded, grade, regrade_reason, table_applies
from intake.domain.grading_document import parse
from intake.domain.grading_table import Condition

TABLE = parse(json.loads(files("intake").joinpath("definitions/grading.default.v1.json").read_text("utf-8")))
DECIDE = ZenGrading([TABLE])
NO = dict.fromkeys(QUESTIONS_ASKED, "no")
ASKED_FIRST = ("injury_or_fire", "legal", "several_affected", "core_business_stopped")
ANSWERS = st.sampled_from(("yes", "no", "unknown"))


def graded(around: Circumstances | None = None, **changes: Any) -> Graded:
    submission = Submission(channel="api", description="-", product_family="-", **(NO | changes))
    return grade(submission, around or Circumstances(), table=TABLE, decide=DECIDE)


@pytest.mark.parametrize(
    ("changes", "around", "row", "wanted"),
    [
        ({"injury_or_fire": "yes"}, {}, "1-injury", "urgent"),
        ({"legal": "yes"}, {}, "1-legal", "urgent"),
        ({"several_affected": "yes"}, {}, "2-several", "urgent"),
        ({}, {"same_lot": 3}, "2-lot", "urgent"),
        ({}, {"same_lot": 2}, "7", "routine"),
        ({"core_business_stopped": "yes"}, {}, "3", "urgent"),
        ({"main_function_lost": "yes"}, {}, "4", "important"),
        ({}, {"repeat_r1": True}, "5-repeat", "important"),
        ({}, {"rate_exceeded": True}, "5-rate", "important"),
        ({"customer_deadline": object()}, {}, "6-deadline", "important"),
        ({"key_account": "yes"}, {}, "6-account", "important"),
        ({"media": "yes"}, {}, "6-media", "important"),
        ({"injury_or_fire": "unknown"}, {}, "unknown", "important"),
        ({}, {}, "7", "routine"),
    ],
)
def test_each_row_fires_on_its_own_condition(
    changes: dict[str, Any], around: dict[str, Any], row: str, wanted: str
) -> None:
    found = graded(Circumstances(**around), **changes)
    assert (found.row, found.grade) == (row, wanted)


def test_a_safety_row_stands_above_everything_else() -> None:
    everything = dict.fromkeys(QUESTIONS_ASKED, "yes")
    assert graded(Circumstances(same_lot=9, repeat_r1=True), **everything).row == "1-injury"


def test_no_combination_with_an_unanswered_question_is_routine() -> None:
    for answers in itertools.product(("yes", "no", "unknown"), repeat=len(ASKED_FIRST)):
        found = graded(**dict(zip(ASKED_FIRST, answers, strict=True)))
        if "unknown" in answers:
            assert found.grade != "routine"
            assert found.questions


@for_all(st.fixed_dictionaries(dict.fromkeys(QUESTIONS_ASKED, ANSWERS)), st.integers(1, 9), st.booleans())
def test_an_unanswered_question_is_never_routine_whatever_else_is_known(
    answers: dict[str, str], same_lot: int, repeat: bool
) -> None:
    found = graded(Circumstances(same_lot=same_lot, repeat_r1=repeat), **answers)
    unanswered = any(answers[name] == "unknown" for name in ASKED_FIRST)
    assert bool(found.questions) == unanswered
    assert not (unanswered and found.grade == "routine")
    if repeat:
        assert found.grade in ("urgent", "important")


@for_all(
    st.fixed_dictionaries(dict.fromkeys(QUESTIONS_ASKED, ANSWERS)), st.integers(1, 9), st.booleans(), st.booleans()
)
def test_the_engine_decides_as_the_document_reads(
    answers: dict[str, str], same_lot: int, repeat: bool, rate: bool
) -> None:
    found = graded(Circumstances(same_lot, repeat, rate), **answers)
    first = next(row.id for row in TABLE.rows if all(_holds(cell, found.inputs) for cell in row.when))
    assert found.row == first


def _holds(cell: Condition, inputs: Any) -> bool:
    value = inputs[cell.column]
    return bool(value == cell.constant if cell.operator == "is" else value >= cell.constant)


def test_questions_name_what_is_missing() -> None:
    assert graded(legal="unknown").questions == ["safety"]
    assert graded(several_affected="unknown", core_business_stopped="unknown").questions == ["scope", "urgency"]
    assert graded(media="unknown", main_function_lost="unknown", key_account="unknown").questions == []


def test_a_source_that_cannot_be_asked_is_graded_by_the_rest_of_the_table_and_marked() -> None:
    unknown = dict.fromkeys(QUESTIONS_ASKED, "unknown")
    found = graded(**unknown, safety_not_asked=True)
    assert (found.grade, found.row, found.questions) == ("routine", "7", [])
    assert found.inputs["safety_not_asked"] == "yes"
    assert graded(**(unknown | {"main_function_lost": "yes"}), safety_not_asked=True).row == "4"


def test_the_trace_holds_row_inputs_table_and_version() -> None:
    found = graded(Circumstances(same_lot=2), legal="yes")
    assert (found.row, found.table, found.version) == ("1-legal", "default", 1)
    assert found.inputs["legal"] == "yes"
    assert found.inputs["same_lot"] == 2


def test_a_listed_key_account_is_one_without_anyone_saying_so() -> None:
    document = copy.deepcopy(dict(TABLE.document))
    document["parameters"]["key_accounts"] = ["K-100"]
    document["version"] = 2
    listed = parse(document)
    submission = Submission(channel="api", description="-", product_family="-", customer_ref="K-100", **NO)
    found = grade(submission, Circumstances(), table=listed, decide=ZenGrading([listed]))
    assert found.row == "6-account"


def test_thresholds_are_parameters_of_the_table() -> None:
    document = copy.deepcopy(dict(TABLE.document))
    document["parameters"]["same_lot_k"] = 5
    stricter = parse(document)
    submission = Submission(channel="api", description="-", product_family="-", **NO)
    found = grade(submission, Circumstances(same_lot=4), table=stricter, decide=ZenGrading([stricter]))
    assert found.row == "7"


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda d: d["rows"][0]["when"].append({"column": "colour", "operator": "is", "constant": "red"}), "colour"),
        (lambda d: d["rows"][0]["when"][0].update(operator="matches"), "rows.1-injury.injury_or_fire"),
        (lambda d: d["rows"][3]["when"][0].update(parameter="unheard_of"), "rows.2-lot.same_lot"),
        (lambda d: d["rows"][0].update(grade="mild"), "rows.1-injury.grade"),
        (lambda d: d["rows"].pop(), "rows"),
        (lambda d: d.update(hit_policy="ANY"), "hit_policy"),
        (lambda d: d["rows"].insert(0, d["rows"][0]), "rows"),
    ],
)
def test_a_table_that_cannot_be_compiled_is_refused_naming_the_cell(spoil: Any, field: str) -> None:
    document = copy.deepcopy(dict(TABLE.document))
    spoil(document)
    with pytest.raises(Invalid) as refused:
        parse(document)
    assert field in refused.value.fields[0].field


def test_every_label_of_the_table_is_bilingual() -> None:
    labelled = [TABLE.document, *TABLE.document["columns"], *TABLE.document["rows"], *TABLE.document["questions"]]
    assert all(part["label"]["zh"] and part["label"]["en"] for part in labelled)


def test_the_table_may_raise_a_grade_set_by_hand_but_not_undo_it() -> None:
    assert table_applies("routine", by_hand=True, table="urgent")
    assert not table_applies("important", by_hand=True, table="routine")
    assert not table_applies("important", by_hand=True, table="important")
    assert table_applies("important", by_hand=False, table="routine")


def test_a_regrade_by_an_answer_is_told_from_new_information() -> None:
    assert regrade_reason(["safety", "scope"], ["scope"]) == "safety_answered"
    assert regrade_reason(["scope"], ["scope"]) == "new_information"


@pytest.mark.parametrize("constant", ["yes' or true or '", 'yes" or 1 == 1', True, None, 1, ["yes"], {"yes": 1}])
def test_a_constant_is_a_word_of_its_column_and_never_an_expression(constant: Any) -> None:
    document: dict[str, Any] = copy.deepcopy(dict(TABLE.document))
    document["rows"][0]["when"][0]["constant"] = constant
    with pytest.raises(Invalid, match="cannot be used"):
        parse(document)


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda d: d["questions"].pop(0), "questions"),
        (lambda d: d["rows"].insert(0, d["rows"].pop(10) | {"grade": "routine"}), "rows.6-media"),
        (lambda d: d["rows"].pop(11), "rows.7"),
        (lambda d: d["rows"][11].update(grade="routine"), "rows.unknown"),
    ],
)
def test_a_table_by_which_an_unasked_danger_could_be_routine_is_refused(spoil: Any, field: str) -> None:
    document = copy.deepcopy(dict(TABLE.document))
    spoil(document)
    with pytest.raises(Invalid) as refused:
        parse(document)
    assert field in {fault.field for fault in refused.value.fields}


@pytest.mark.parametrize("document", [None, [], {}, {"rows": 1, "columns": {}}, {"rows": [None, {"when": [3]}]}])
def test_what_is_no_table_at_all_is_refused_with_its_faults(document: Any) -> None:
    with pytest.raises(Invalid) as refused:
        parse(document)
    assert refused.value.fields
