from collections.abc import Callable
from typing import Any

import pytest

from chassis.errors import Invalid
from workflow.domain.definition_document import parse_definition

Document = dict[str, Any]


@pytest.fixture
def complaint(shipped: Callable[[str, str], Document]) -> Document:
    return shipped("definitions", "complaint")


def faults(document: object) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        parse_definition(document)
    return {fault.field: fault.message for fault in refused.value.fields}


def test_the_seven_stages_come_from_the_document(complaint: Document) -> None:
    definition = parse_definition(complaint)
    assert [stage.key for stage in definition.stages] == [
        "intake",
        "diagnosis",
        "root_cause",
        "capa_planning",
        "execution",
        "effectiveness",
        "knowledge",
    ]
    assert definition.closing.key == "effectiveness"
    assert definition.stage("diagnosis").required("routine", "full") == [
        "preliminary_cause",
        "reproduction",
        "onsite_support",
    ]
    assert "containment" in definition.stage("diagnosis").required("urgent", "full")
    assert definition.stage("effectiveness").required("urgent", "fast") == []


def test_a_small_firm_runs_three_stages(shipped: Callable[[str, str], Document]) -> None:
    simple = parse_definition(shipped("definitions", "simple"))
    assert [stage.key for stage in simple.stages] == ["receive", "handle", "close"]


def test_something_that_is_no_object_is_refused() -> None:
    assert "document" in faults([])


def test_every_fault_of_shape_is_named_with_its_place(complaint: Document) -> None:
    complaint["stages"][1]["tsks"] = []
    complaint["stages"][0]["label"] = {"zh": "受理"}
    complaint["stages"][2]["due_hours"]["urgent"] = 0
    complaint["version"] = "one"
    assert set(faults(complaint)) == {
        "stages[1].tsks",
        "stages[0].label.en",
        "stages[2].due_hours.urgent",
        "version",
    }


def task(document: Document, stage: int) -> Document:
    found: Document = document["stages"][stage]["tasks"][0]
    return found


@pytest.mark.parametrize(
    ("change", "place", "text"),
    [
        (lambda d: d["stages"][0].update(department="kitchen"), "stages[0].department", "unknown department"),
        (lambda d: d["stages"][0].update(key="diagnosis"), "stages", "occurs 2 times"),
        (lambda d: d["stages"][5].pop("closing"), "stages", "exactly one stage closes"),
        (lambda d: d["stages"][6].pop("after_close"), "stages[6].after_close", "after the closing one"),
        (lambda d: d["stages"][5].update(skip_from=True), "stages[5].skip_from", "from an earlier one"),
        (lambda d: d["stages"][0]["gate"].append({"kind": "fix_verified"}), "stages[0].gate[1].kind", "never open"),
        (lambda d: d["stages"][0]["gate"].append({"kind": "cake"}), "stages[0].gate[1].kind", "unknown deliverable"),
        (
            lambda d: d["stages"][0]["tasks"][0]["delivers"].append("rca_completed"),
            "stages[0].tasks[0].delivers",
            "event",
        ),
        (
            lambda d: d["stages"][3]["tasks"][0].update(completed_by="cake"),
            "stages[3].tasks[0].completed_by",
            "unknown",
        ),
        (lambda d: d["stages"][2].update(tasks=[], gate=[]), "stages[2]", "nobody's doing"),
        (lambda d: d["grades"]["urgent"].update(case_hours=5), "grades.urgent.case_hours", "the stages need 24 h"),
        (lambda d: d["grades"].pop("routine"), "grades.routine", "needs its deadlines"),
        (
            lambda d: d["grades"]["urgent"].update(manager_after_hours=0.5),
            "grades.urgent.manager_after_hours",
            "after the",
        ),
    ],
)
def test_what_would_leave_a_case_stuck_is_refused(
    complaint: Document, change: Callable[[Document], Any], place: str, text: str
) -> None:
    change(complaint)
    assert text in faults(complaint)[place]
