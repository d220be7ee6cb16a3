"""Whatever form people build: its schema takes what its own example says and refuses what breaks it."""

from typing import Any

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.adapters.forms import Checked
from intake.app.forms.published import read_document
from intake.domain.forms.completeness import completeness
from intake.domain.forms.conditions import Situation, holds, schema_of
from intake.domain.forms.conditions_read import ROLES
from intake.domain.forms.example import example
from intake.domain.forms.field_types import TYPES
from intake.domain.forms.form import Form
from intake.domain.forms.palette import palette

STAGES = ("intake", "diagnosis", "closed")
LABEL = {"zh": "标签", "en": "Label"}
OPTIONS = [{"value": value, "label": LABEL} for value in ("a", "b", "其他")]
NUMBERS = st.integers(-1000, 1000)


@st.composite
def limits(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    short, long = sorted((draw(st.integers(1, 60)), draw(st.integers(1, 60))))
    made: dict[str, dict[str, Any]] = {
        "short_text": {"min_length": short, "max_length": long},
        "long_text": {"min_length": short},
        "lot": {"max_length": long},
        "number": {"minimum": low, "maximum": high, "whole": draw(st.booleans())},
        "date": {"earliest": "2025-01-01", "latest": "2026-01-01"},
        "rating": {"maximum": draw(st.integers(2, 10))},
        "choices": {"max_items": draw(st.integers(1, 3))},
    }
    options = {"options": OPTIONS} if "options" in TYPES[kind].limits else {}
    return options | (made.get(kind, {}) if draw(st.booleans()) else {})


@st.composite
def comparisons(draw: st.DrawFn, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    if draw(st.integers(0, 3)) == 0:
        subject, words = draw(st.sampled_from((("stage", STAGES), ("role", ROLES))))
        return {subject: draw(st.lists(st.sampled_from(words), min_size=1, max_size=3))}
    field = draw(st.sampled_from(earlier))
    operator = draw(st.sampled_from(TYPES[field["type"]].operators))
    words = [option["value"] for option in field.get("options", [])] or ["yes", "no", "unknown"]
    constant = draw(
        {
            "number": NUMBERS,
            "rating": st.integers(1, 5),
            "consent": st.booleans(),
        }.get(
            field["type"], st.lists(st.sampled_from(words), min_size=1) if operator == "in" else st.sampled_from(words)
        )
    )
    return {"field": field["key"], "operator": operator, "constant": constant}


def conditions(earlier: list[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        comparisons(earlier),
        lambda inner: st.builds(
            lambda name, of: {name: of}, st.sampled_from(("all", "any")), st.lists(inner, min_size=1, max_size=3)
        ),
        max_leaves=3,
    )


@st.composite
def forms(draw: st.DrawFn) -> Form:
    fields: list[dict[str, Any]] = list(palette()["new_form"]["fields"])
    for n, kind in enumerate(draw(st.lists(st.sampled_from(sorted(TYPES)), max_size=8))):
        field = {"key": f"f{n}", "type": kind, "label": LABEL, "required": draw(st.booleans())} | draw(limits(kind))
        for name in ("visible_when", "required_when"):
            if draw(st.integers(0, 2)) == 0:
                field[name] = draw(conditions(fields))
        fields.append(field)
    return read_document({"name": "drawn", "version": 1, "label": LABEL, "fields": fields})


situations = st.builds(
    Situation, st.sampled_from(STAGES), st.frozensets(st.sampled_from(ROLES), min_size=1, max_size=2)
)


@settings(max_examples=40, deadline=None)
@given(forms(), situations)
def test_every_form_takes_its_own_example(form: Form, at: Situation) -> None:
    assert list(Checked(form).faults(example(form, at), at)) == []


@settings(max_examples=40, deadline=None)
@given(forms(), situations, st.data())
def test_no_form_takes_a_missing_required_answer_or_one_of_another_type(
    form: Form, at: Situation, data: st.DataObject
) -> None:
    answers = example(form, at)
    field = data.draw(st.sampled_from([field for field in form.fields if field.key in answers]))
    wrong = Checked(form).faults(answers | {field.key: {"no": ["answer"]}}, at)
    assert field.key in {name.split(".")[0] for name, _ in wrong}
    without = {key: value for key, value in answers.items() if key != field.key}
    if field.required:
        assert (field.key, "is required") in list(Checked(form).faults(without, at))


@settings(max_examples=25, deadline=None)
@given(forms(), situations, st.text(min_size=1, max_size=8))
def test_no_form_takes_an_answer_to_what_it_never_asked(form: Form, at: Situation, key: str) -> None:
    if key not in form.by_key:
        assert (key, "is no field of this form") in list(Checked(form).faults(example(form, at) | {key: 1}, at))


@settings(max_examples=40, deadline=None)
@given(forms(), situations)
def test_a_condition_means_the_same_in_the_schema_as_in_our_own_words(form: Form, at: Situation) -> None:
    answers = example(form, at)
    for field in form.fields:
        for condition in (field.visible_when, field.required_when):
            if condition is not None:
                fits = jsonschema_rs.is_valid(schema_of(condition, at), answers)
                assert fits == holds(condition, answers, at)


@settings(max_examples=25, deadline=None)
@given(forms(), situations)
def test_completeness_lies_between_nothing_and_everything(form: Form, at: Situation) -> None:
    assert completeness(form, {}, at.stage).score == 0
    measured = completeness(form, example(form, at), at.stage)
    assert 0 <= measured.score <= 100
    assert (measured.score == 100) == (not measured.missing)
