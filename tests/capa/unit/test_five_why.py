import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from typing import Any

import pytest

from capa.domain.five_why import add_why, mark_root, verify_why
from capa.domain.rca_completion import complete, missing, root_categories, rooted_legs
from capa.domain.rules_document import read_rules
from chassis.errors import Conflict, IllegalTransition, Invalid, MissingDeliverable, NotFound

RULES = read_rules(json.loads(files("capa").joinpath("definitions/rules.v1.json").read_text("utf-8")))
Make = Callable[..., Any]


def test_a_tree_branches_and_is_not_bound_to_five_levels(make_rca: Make, make_why: Make) -> None:
    rca = add_why(make_rca(), make_why("w0"), RULES)
    for depth in range(7):
        for branch in "ab":
            parent = f"w{depth - 1}a" if depth else "w0"
            rca = add_why(rca, make_why(f"w{depth}{branch}", parent=parent), RULES)
    assert len(rca.whys) == 15


def test_a_why_stays_on_the_leg_of_its_parent(make_rca: Make, make_why: Make) -> None:
    with pytest.raises(Invalid):
        add_why(make_rca(make_why("w1")), make_why("w2", parent="w1", leg="escape"), RULES)


@pytest.mark.parametrize("fields", [{"leg": "other"}, {"question": " "}, {"answer": ""}, {"category": "people"}])
def test_a_why_without_its_parts_is_refused(make_rca: Make, make_why: Make, fields: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        add_why(make_rca(), make_why("w1", **fields), RULES)


def test_an_unknown_parent_is_not_found(make_rca: Make, make_why: Make) -> None:
    with pytest.raises(NotFound):
        add_why(make_rca(), make_why("w1", parent="w0"), RULES)


def test_nothing_is_asked_below_a_refuted_answer_or_a_root(make_rca: Make, make_why: Make) -> None:
    for fields in ({"verify": "refuted"}, {"verify": "confirmed", "evidence": ("T-1",), "is_root": True}):
        with pytest.raises(Conflict):
            add_why(make_rca(make_why("w1", **fields)), make_why("w2", parent="w1"), RULES)


@pytest.mark.parametrize("verify", ["confirmed", "refuted"])
def test_an_answer_is_judged_by_evidence_only(make_rca: Make, make_why: Make, verify: str) -> None:
    with pytest.raises(Invalid):
        verify_why(make_rca(make_why("w1")), "w1", verify, [" "])
    judged = verify_why(make_rca(make_why("w1")), "w1", verify, ["test T-1"])
    assert judged.why("w1").evidence == ("test T-1",)


def test_a_refuted_answer_stays_and_is_no_root_any_more(make_rca: Make, make_why: Make) -> None:
    root = make_why("w1", verify="confirmed", evidence=("T-1",), is_root=True)
    rca = verify_why(make_rca(root), "w1", "refuted", ["T-2"])
    assert rca.whys == (replace(root, verify="refuted", evidence=("T-1", "T-2"), is_root=False),)


@pytest.mark.parametrize(
    ("fields", "slug"),
    [
        ({"verify": "unverified"}, "root_not_confirmed"),
        ({"evidence": ()}, "root_not_confirmed"),
        ({"controllable": False}, "root_not_controllable"),
        ({"answer": "operator error"}, "person_is_no_root"),
    ],
)
def test_what_is_no_root_is_refused_with_its_reason(
    make_rca: Make, make_why: Make, fields: dict[str, Any], slug: str
) -> None:
    why = make_why("w1", **({"verify": "confirmed", "evidence": ("T-1",)} | fields))
    with pytest.raises(Conflict) as refused:
        mark_root(make_rca(why), "w1", True, RULES)
    assert refused.value.slug == slug


def test_a_root_is_the_last_of_its_branch_unless_what_lies_below_is_refuted(make_rca: Make, make_why: Make) -> None:
    top = make_why("w1", verify="confirmed", evidence=("T-1",))
    below = make_why("w2", parent="w1")
    with pytest.raises(Conflict):
        mark_root(make_rca(top, below), "w1", True, RULES)
    rca = mark_root(make_rca(top, replace(below, verify="refuted")), "w1", True, RULES)
    assert [root.why_id for root in rca.roots()] == ["w1"]


def test_a_root_falls_with_an_answer_above_it(make_rca: Make, make_why: Make) -> None:
    root = make_why("w2", parent="w1", verify="confirmed", evidence=("T-1",), is_root=True)
    rca = make_rca(make_why("w1"), root)
    assert rca.roots() == (root,)
    fallen = verify_why(rca, "w1", "refuted", ["T-2"])
    assert fallen.roots() == ()
    with pytest.raises(Conflict):
        mark_root(fallen, "w2", True, RULES)


def test_completion_names_each_missing_leg(make_rca: Make, make_why: Make, now: datetime) -> None:
    root = make_why("w1", verify="confirmed", evidence=("T-1",), is_root=True)
    escape = replace(root, why_id="w2", leg="escape")
    statement = replace(escape, is_root=False)
    assert missing(make_rca()) == ["occurrence_root", "escape_root_or_statement"]
    assert missing(make_rca(escape)) == ["occurrence_root"]
    assert missing(make_rca(root, replace(statement, verify="unverified"))) == ["escape_root_or_statement"]
    assert missing(make_rca(root, statement)) == []
    with pytest.raises(MissingDeliverable):
        complete(make_rca(root), "production", now)
    with pytest.raises(Invalid):
        complete(make_rca(root, escape), " ", now)


def test_a_completed_analysis_is_a_record(make_rca: Make, make_why: Make, now: datetime) -> None:
    root = make_why("w1", verify="confirmed", evidence=("T-1",), is_root=True)
    done = complete(make_rca(root, replace(root, why_id="w2", leg="escape", category="machine")), "production", now)
    assert rooted_legs(done) == ["occurrence", "escape"]
    assert root_categories(done) == ["machine", "method"]
    with pytest.raises(IllegalTransition) as refused:
        add_why(done, make_why("w3"), RULES)
    assert refused.value.possible == ["link", "withdraw"]
