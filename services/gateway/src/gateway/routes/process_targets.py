"""A back-test counts in hours of the process that opens cases now: intake owns no deadlines and asks nobody."""

from collections.abc import Mapping
from typing import Any

import msgspec
from google.protobuf.message import Message
from starlette.requests import Request

from chassis.errors import Unavailable
from gateway.adapters.contracts import SERVICES
from gateway.edge.door import door_of
from gateway.edge.exchange import call_of
from redress.definitions.v1 import definitions_pb2
from redress.intake.v1 import grading_pb2

_PROCESS = "process"


async def fill_targets(request: Request, message: Message) -> None:
    """Unless the client said them. Where workflow is away intake takes those of the shipped process, and says so."""
    assert isinstance(message, grading_pb2.StartBackTestRequest)
    if message.targets:
        return
    try:
        process = await _opening_cases(request)
    except Unavailable:
        return
    if process is not None:
        grades = msgspec.json.decode(process.document).get("grades", {})
        message.targets.extend(_target(grade, promised) for grade, promised in grades.items())
        message.targets_source = f"process {process.name} {process.version}"


def _target(grade: str, promised: Mapping[str, Any]) -> grading_pb2.GradeTarget:
    names = ("response_hours", "case_hours", "clock")
    return grading_pb2.GradeTarget(grade=grade, **{name: promised[name] for name in names})


async def _opening_cases(request: Request) -> Any | None:
    listed = await _ask(request, "ListDefinitions", definitions_pb2.ListDefinitionsRequest(kind=_PROCESS))
    for one in listed.definitions:
        wanted = definitions_pb2.GetDefinitionRequest(kind=_PROCESS, name=one.name)
        process = await _ask(request, "GetDefinition", wanted)
        if msgspec.json.decode(process.document).get("opens_new_cases"):
            return process
    return None


async def _ask(request: Request, method: str, message: Message) -> Any:
    door = door_of(request)
    rpc = SERVICES["definitions"].methods_by_name[method]
    return await door.owners.ask("workflow", rpc, message, call_of(request), door.settings.read_timeout_s)
