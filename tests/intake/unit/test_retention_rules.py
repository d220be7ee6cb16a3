from typing import Any

import pytest

from chassis.errors import Conflict, Forbidden, IllegalTransition, Invalid
from intake.domain.privacy.erasing import check_decision, check_not_held, said
from intake.domain.privacy.retention import Rule, read


def test_rules_are_read_in_order() -> None:
    document = {
        "name": "default",
        "version": 2,
        "rules": [{"form": "medical", "months": 120}, {"form": "*", "months": 36}],
    }
    found = read(document)
    assert found.rules == (Rule("medical", 120), Rule("*", 36))
    assert (found.automatic, found.shortest_months) == (False, 36)
    assert read({"rules": []}).shortest_months is None


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, "rules"),
        ({"rules": {}}, "rules"),
        ({"rules": [{}]}, "rules[0]"),
        ({"rules": [{"form": "", "months": 1}]}, "rules[0].form"),
        ({"rules": [{"form": "*", "months": 0}]}, "rules[0].months"),
        ({"rules": [{"form": "*", "months": True}]}, "rules[0].months"),
        ({"rules": [{"form": "*", "months": 1.5}]}, "rules[0].months"),
        ({"rules": [], "automatic": "yes"}, "automatic"),
        ({"rules": [], "hold": 1}, "hold"),
        ({"rules": [{"form": "*", "months": 1}] * 51}, "rules"),
    ],
)
def test_a_fault_is_named_by_its_place(document: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(document)
    assert [fault.field for fault in refused.value.fields] == [place]


def test_two_people_decide_and_a_hold_stands_above_them() -> None:
    check_decision("requested", requested_by="ann", actor="bob")
    with pytest.raises(Forbidden):
        check_decision("requested", requested_by="ann", actor="ann")
    with pytest.raises(IllegalTransition):
        check_decision("done", requested_by="ann", actor="bob")
    check_not_held("")
    with pytest.raises(Conflict, match="court"):
        check_not_held("court case")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, "a\x00b"])
def test_a_reason_is_needed(reason: str) -> None:
    with pytest.raises(Invalid):
        said(reason)
