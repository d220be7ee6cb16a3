"""The routes of grading work, against the proto they stand for."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.errors import Unavailable
from gateway.routes import process_targets
from gateway.routes.back_test_csv import COLUMNS, _written
from gateway.routes.forward import message_of
from gateway.routes.grading import GRADING_WORK
from gateway.routes.process_targets import fill_targets
from gateway.routes.render import public
from gateway.routes.schemas import body_model
from gateway.routes.table import Forward
from redress.definitions.v1 import definitions_pb2
from redress.intake.v1 import grading_pb2 as pb

SHIPPED = Path(__file__).parents[3] / "services/workflow/src/workflow/definitions/complaint.v1.json"


def row_of(operation: str) -> Forward:
    return next(row for row in GRADING_WORK if row.operation_id == operation)


def sent(operation: str, body: dict[str, Any], **path: Any) -> Any:
    row = row_of(operation)
    given = path | {"body": body_model("B", row.given).model_validate(body)}
    return message_of(row, given, asking="")


def test_a_table_travels_as_an_object_in_public_and_as_text_inside() -> None:
    message = sent("saveGradingDraft", {"document": {"rows": []}}, draft_id="d", if_match='"3"')
    assert (message.document, message.if_version, message.draft_id) == ('{"rows":[]}', 3, "d")
    assert public(pb.GradingDraft(document='{"rows": []}'))["document"] == {"rows": []}
    assert public(pb.GradingItem(answers=""))["answers"] == {}
    told = public(pb.GradingSimulation(inputs='{"same_lot": 1}', rows=[pb.SimulatedRow(row="7", outcome="fired")]))
    assert (told["inputs"], told["rows"][0]["outcome"]) == ({"same_lot": 1}, "fired")


def test_a_simulation_by_a_draft_names_it_in_the_path_only() -> None:
    message = sent("simulateGradingByDraft", {"facts": {"media": "yes"}}, draft_id="d")
    assert (message.draft_id, message.facts) == ("d", '{"media":"yes"}')
    with pytest.raises(ValidationError):
        sent("simulateGrading", {"draft_id": "d"})


def test_a_sample_takes_a_period_and_a_share() -> None:
    body = {"title": "May", "from": "2026-05-01T00:00:00Z", "share": 0.1, "graders": ["p1"], "seed": "s"}
    message = sent("drawGradingSample", body)
    assert (message.share, message.HasField("size"), list(message.graders)) == (0.1, False, ["p1"])
    assert getattr(message, "from").ToJsonString() == "2026-05-01T00:00:00Z"
    assert message.hide_answers is False


class Workflow:
    """Answers as workflow would, with two processes of which one opens cases."""

    def __init__(self, *, away: bool = False) -> None:
        self.away = away

    async def ask(self, request: Any, method: str, message: Any) -> Any:
        if self.away:
            raise Unavailable("workflow is away")
        if method == "ListDefinitions":
            names = [definitions_pb2.Definition(name=name) for name in ("simple", "complaint")]
            return definitions_pb2.ListDefinitionsReply(definitions=names)
        document = json.loads(SHIPPED.read_text("utf-8")) if message.name == "complaint" else {}
        return definitions_pb2.Definition(name=message.name, version=4, document=json.dumps(document))


async def test_a_back_test_goes_by_the_hours_of_the_process_that_opens_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_targets, "_ask", Workflow().ask)
    message = sent("startBackTest", {"months": 3}, draft_id="d")
    await fill_targets(None, message)  # type: ignore[arg-type] - asked for by the door only
    assert message.targets_source == "process complaint 4"
    assert [(t.grade, t.response_hours, t.case_hours, t.clock) for t in message.targets] == [
        ("urgent", 2, 24, "calendar"),
        ("important", 4, 40, "working"),
        ("routine", 8, 80, "working"),
    ]


async def test_a_back_test_is_not_lost_because_workflow_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_targets, "_ask", Workflow(away=True).ask)
    message = sent("startBackTest", {}, draft_id="d")
    await fill_targets(None, message)  # type: ignore[arg-type] - asked for by the door only
    assert not message.targets


async def test_hours_that_the_client_says_stand() -> None:
    target = {"grade": "urgent", "response_hours": 1.0, "case_hours": 8.0, "clock": "calendar"}
    message = sent("startBackTest", {"targets": [target]}, draft_id="d")
    await fill_targets(None, message)  # type: ignore[arg-type] - asked for by the door only
    assert [t.case_hours for t in message.targets] == [8.0]


def test_a_line_of_the_csv_has_a_cell_per_column() -> None:
    assert _written([COLUMNS]).startswith("complaint_id,number,t_registered,before,after")
