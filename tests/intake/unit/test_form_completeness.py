"""What counts as an answer."""

from typing import Any

import pytest

from intake.adapters.forms import Checked
from intake.app.forms.published import read_document
from intake.domain.forms.binding import bound, read_back
from intake.domain.forms.completeness import completeness
from intake.domain.forms.conditions import Situation
from intake.domain.forms.form import Form
from intake.domain.forms.palette import palette
from intake.domain.forms.placeholders import is_filler
from intake.domain.forms.tidy import tidied

LABEL = {"zh": "标签", "en": "Label"}
ANSWERS = {"customer": {"name": "王芳"}, "product": {"family": "A6"}, "description": "高速行驶时仪表黑屏"}


def form(*more: dict[str, Any]) -> Form:
    fields = [*palette()["new_form"]["fields"], *({"label": LABEL} | field for field in more)]
    return read_document({"name": "ours", "version": 1, "label": LABEL, "fields": fields})


PLACEHOLDERS = (
    *("n/a", "N.A.", "test", "asdf", "qwerty", "aaaa", "1111", "1234", "----", "test test"),
    *("无", "……", "…", "测试测试", "同上", "。。。"),
)


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_says_nothing(text: str) -> None:
    assert is_filler(text)


@pytest.mark.parametrize(
    "text", ["漏水", "E21", "no noise any more", "黑屏", "A6", "42", "leak", "无法启动", "测试台漏油"]
)
def test_few_words_may_say_something(text: str) -> None:
    assert not is_filler(text)


def test_required_fields_full_of_placeholders_are_accepted_but_not_complete() -> None:
    ours = form()
    answers = {"customer": {"name": "n/a"}, "product": {"family": "无"}, "description": "test"}
    assert list(Checked(ours).faults(answers, Situation("intake", frozenset()))) == []
    measured = completeness(ours, answers)
    assert measured.score == 0
    assert [(one.field, one.why, one.required) for one in measured.missing] == [
        ("customer", "placeholder", True),
        ("product", "placeholder", True),
        ("description", "placeholder", True),
    ]


def test_weights_decide_how_much_an_answer_counts() -> None:
    ours = form({"key": "photo", "type": "attachment", "weight": 0}, {"key": "lot", "type": "lot", "weight": 3})
    assert completeness(ours, ANSWERS).score == 75
    assert completeness(ours, ANSWERS | {"lot": "L1"}).score == 100


def test_what_is_not_asked_is_not_missing() -> None:
    only_then = {"field": "again", "operator": "is", "constant": "yes"}
    ours = form(
        {"key": "again", "type": "yes_no_unknown", "required": True},
        {"key": "since", "type": "date", "visible_when": only_then, "required_when": only_then},
        {"key": "cause", "type": "long_text", "visible_when": {"stage": ["diagnosis"]}},
    )
    assert completeness(ours, ANSWERS | {"again": "no"}, "intake").score == 100
    assert [one.field for one in completeness(ours, ANSWERS | {"again": "yes"}, "intake").missing] == ["since"]
    assert [one.why for one in completeness(ours, ANSWERS | {"again": "unknown"}, "intake").missing] == ["unknown"]
    assert [one.field for one in completeness(ours, ANSWERS | {"again": "no"}, "diagnosis").missing] == ["cause"]


def test_blanks_are_no_answers() -> None:
    assert tidied({"a": "  ", "b": " x ", "c": {"name": " "}, "d": [], "e": None, "f": False}) == {"b": "x", "f": False}


def test_bound_answers_become_facts_and_are_read_back_from_them() -> None:
    ours = form(
        {"key": "when", "type": "date", "binds": "t_occurred"},
        {"key": "due", "type": "date", "binds": "customer_deadline"},
        {"key": "pieces", "type": "number", "whole": True, "minimum": 1, "binds": "quantity"},
    )
    answers = ANSWERS | {"when": "2026-03-10", "due": "2026-04-01", "pieces": 3}
    facts = bound(ours, answers)
    assert (facts["customer_name"], facts["product_family"], facts["quantity"]) == ("王芳", "A6", 3)
    assert facts["t_occurred"].isoformat() == "2026-03-10T00:00:00+08:00"
    assert facts["customer_deadline"].isoformat().startswith("2026-04-01T23:59:59")
    assert read_back(ours, facts) == answers
