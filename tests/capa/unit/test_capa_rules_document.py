"""Rules that people write: what is taken, and what would stall or stop an analysis."""

import json
import time
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from capa.domain.blame import blames_a_person
from capa.domain.patterns import fault_of
from capa.domain.rules_document import read_rules
from chassis.errors import Invalid


def shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("capa").joinpath("definitions/rules.v1.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda d: d["category_sets"].pop("6m"), "category_sets.6m"),
        (lambda d: d["cost_sub_types"].pop("appraisal"), "cost_sub_types"),
        (
            lambda d: d["cost_sub_types"]["appraisal"].update(Test={"zh": "试", "en": "t"}),
            "cost_sub_types.appraisal.Test",
        ),
        (lambda d: d["blame"]["phrases"].append("(a+)+"), "blame.phrases[12]"),
        (lambda d: d["effectiveness"].update(alpha=5), "effectiveness.alpha"),
        (lambda d: d["similarity"].update(candidates=1.5), "similarity.candidates"),
        (lambda d: d.update(surprise=1), "surprise"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place(spoil: Callable[[Any], Any], place: str) -> None:
    document = shipped()
    spoil(document)
    with pytest.raises(Invalid) as refused:
        read_rules(document)
    assert place in {fault.field for fault in refused.value.fields}


@pytest.mark.parametrize("document", [None, {}, {"blame": [], "category_sets": {"6m": 3}, "cost_sub_types": "all"}])
def test_what_are_no_rules_at_all_is_refused_with_its_faults(document: Any) -> None:
    with pytest.raises(Invalid) as refused:
        read_rules(document)
    assert refused.value.fields


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "(a|ab)*", "a*", "(a|b)*(c|d)*", "(?=x)", r"(a)\1", "(a", "a{99}", ".*x", ""]
)
def test_a_pattern_that_could_run_away_is_refused(pattern: str) -> None:
    assert fault_of(pattern)


@pytest.mark.parametrize(
    "pattern", ["人为(因素|原因)*", "(was |is )?careless", r"poka.?yoke", r"\b(the|an?)\b", "未[^,]{0,10}?好"]
)
def test_words_alternatives_and_one_repetition_are_taken(pattern: str) -> None:
    assert fault_of(pattern) is None


def test_the_worst_answer_is_judged_in_no_time() -> None:
    blame = read_rules(shipped()).blame
    begun = time.perf_counter()
    for answer in ("人为操作" * 500, "the operator was " * 117, "未按" * 1000, "操作工失误" * 400, "x" * 100_000):
        blames_a_person(answer, blame)
    assert time.perf_counter() - begun < 2
