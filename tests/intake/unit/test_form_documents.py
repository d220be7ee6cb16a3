"""Documents of forms: what is read, what is refused and where, and what is shipped."""

import json
from contextlib import suppress
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import Invalid
from intake.adapters.forms import Checked
from intake.app.forms.published import read_document
from intake.domain.forms.completeness import completeness
from intake.domain.forms.conditions import Situation
from intake.domain.forms.document import parse
from intake.domain.forms.example import example
from intake.domain.forms.form import Form
from intake.domain.forms.palette import palette

PROFILES = ("general", "automotive", "medical", "small_firm")
LABEL = {"zh": "标签", "en": "Label"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def shipped(name: str) -> Form:
    return read_document(json.loads(files("intake").joinpath(f"definitions/form.{name}.v1.json").read_text("utf-8")))


def document(**changes: Any) -> dict[str, Any]:
    return {"name": "ours", "version": 1, **palette()["new_form"], **changes}


def with_field(**field: Any) -> dict[str, Any]:
    usual = {"key": "more", "type": "short_text", "label": LABEL}
    return document(fields=[*palette()["new_form"]["fields"], usual | field])


def faults(made: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        read_document(made)
    return {fault.field: fault.message for fault in refused.value.fields}


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("stage", ["intake", "diagnosis"])
@pytest.mark.parametrize("role", ["public", "channel", "quality"])
def test_a_shipped_profile_takes_its_own_example(name: str, stage: str, role: str) -> None:
    form, at = shipped(name), Situation(stage, frozenset({role}))
    answers = example(form, at)
    assert list(Checked(form).faults(answers, at)) == []
    if role == "quality":
        assert completeness(form, answers, stage).score == 100


def test_the_small_firm_is_asked_five_things() -> None:
    assert len(shipped("small_firm").fields) == 5


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (document(fields=[{"$ref": "#"}]), "document.fields[0].$ref"),
        (document(**{"$defs": {}}), "document.$defs"),
        (document(schema={"type": "object"}), "schema"),
        (with_field(key="description"), "fields"),
        (with_field(binds="lot_number"), "fields.more.binds"),
        (with_field(binds="customer_email"), "fields.more.binds"),
        (with_field(minimum=3), "fields[3].minimum"),
        (with_field(pattern="(?=a)b", example="ab"), "fields.more.pattern"),
        (with_field(pattern="(a{900}){900}", example="a"), "fields.more.pattern"),
        (with_field(pattern="^[0-9]+$", example="x1"), "fields.more.example"),
        (with_field(pattern="^[0-9]+$"), "fields[3].example"),
        (with_field(visible_when={"field": "absent", "operator": "filled"}), "fields.more.visible_when"),
        (with_field(visible_when={"field": "more", "operator": "filled"}), "fields.more.visible_when"),
        (with_field(visible_when={"role": ["emperor"]}), "fields[3].visible_when.role"),
        (with_field(type="choice", options=[]), "fields[3].options"),
        (with_field(type="number", minimum=5, maximum=1), "fields[3].minimum"),
        (document(time_zone="Mars/Olympus"), "time_zone"),
        (document(public={"origins": ["shop.example"]}), "public.origins"),
        (document(layout={"type": "VerticalLayout", "elements": []}), "layout.elements"),
        (document(fields=palette()["new_form"]["fields"][:2]), "fields"),
    ],
)
def test_what_no_form_may_hold_is_refused_with_its_place(made: dict[str, Any], place: str) -> None:
    assert place in faults(made)


def test_a_document_that_holds_itself_is_refused_without_following_it() -> None:
    made = document()
    made["fields"][0]["help"] = made
    assert "at most" in next(iter(faults(made).values()))


def test_conditions_that_nest_too_deeply_are_refused() -> None:
    condition: dict[str, Any] = {"field": "description", "operator": "filled"}
    for _ in range(5):
        condition = {"all": [condition]}
    assert any("nested" in text for text in faults(with_field(visible_when=condition)).values())


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_no_json_at_all_makes_the_reader_stumble(value: Any) -> None:
    with pytest.raises(Invalid):
        parse(value)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(document())), st.integers(0, 2), st.text(max_size=12), JSON)
def test_no_change_of_a_document_makes_the_reader_stumble(name: str, n: int, key: str, value: Any) -> None:
    for made in (document(**{name: value}), with_field(**{key: value}), with_field(visible_when=value)):
        with suppress(Invalid):
            read_document(made)


def test_the_palette_tells_every_type_its_label_and_widgets() -> None:
    types: list[dict[str, Any]] = palette()["types"]
    assert len(types) == 19
    assert all(one["label"]["zh"] and one["label"]["en"] and one["widgets"] for one in types)
