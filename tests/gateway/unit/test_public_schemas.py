"""The bodies we accept and the table of routes, against the proto they stand for."""

from typing import Any, get_args

import msgspec
import pytest
from pydantic import ValidationError

from chassis.errors import Invalid, Malformed
from gateway.adapters.contracts import OWNERS, all_services
from gateway.entrypoints.http import TABLES
from gateway.routes import complaint_body, completion_body, hot
from gateway.routes.decoding import decoded
from gateway.routes.forward import KindName, message_of
from gateway.routes.render import public
from gateway.routes.schemas import body_model, query_model
from gateway.routes.table import Forward
from gateway.routes.vocabulary import REQUIRED
from redress.capa.v1 import capa_pb2
from redress.definitions.v1.kinds import KINDS
from redress.workflow.v1 import workflow_pb2

ROWS = [row for rows in TABLES.values() for row in rows]
COMPLAINT = {"language": "zh", "customer_name": "王芳", "product_family": "A6", "description": "仪表黑屏"}


def row_of(rpc: str) -> Forward:
    return next(row for row in ROWS if row.rpc == rpc)


def test_the_documented_complaint_is_the_one_that_is_decoded() -> None:
    documented = hot.REGISTER_BODY.model_fields
    decoded_fields = {field.name: field for field in msgspec.structs.fields(complaint_body.ComplaintBody)}
    assert documented.keys() == decoded_fields.keys()
    assert {n for n, f in documented.items() if f.is_required()} == {n for n, f in decoded_fields.items() if f.required}
    for name, field in documented.items():
        if not field.is_required():
            assert _default(field.default_factory, field.default) == _default(
                decoded_fields[name].default_factory, decoded_fields[name].default
            ), name


def _default(factory: Any, value: Any) -> Any:
    return factory() if callable(factory) else value


def test_the_documented_completion_is_the_one_that_is_decoded() -> None:
    assert hot.COMPLETE_BODY.model_fields.keys() == set(completion_body.CompletionBody.__struct_fields__)


def test_a_complaint_keeps_every_value_on_its_way() -> None:
    body = COMPLAINT | {"quantity": 3, "t_occurred": "2026-03-10T18:20:00+08:00", "external_id": "X1"}
    command = complaint_body.command_of(decoded(msgspec.json.encode(body), complaint_body.decode))
    assert (command.quantity, command.external_id, command.channel) == (3, "X1", "api")
    assert command.t_occurred.ToJsonString() == "2026-03-10T10:20:00Z"
    assert not command.HasField("lot")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"actor": "admin"}, "actor"),
        ({"historical": True}, "historical"),
        ({"quantity": "3"}, "quantity"),
        ({"description": None}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"t_occurred": "2026-03-10T18:20:00"}, "t_occurred"),
        ({"t_occurred": "9999-12-31T23:59:59-14:00"}, "t_occurred"),
        ({"t_occurred": 5}, "t_occurred"),
        ({"description": "x" * 100_001}, "description"),
        ({"form_data": {"a": [{"b\x00": 1}]}}, "form_data"),
        ({"form_data": {"a": "b\x00"}}, "form_data"),
        ({"form_data": "{}"}, "form_data"),
    ],
)
def test_a_wrong_field_of_a_complaint_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        decoded(msgspec.json.encode(COMPLAINT | change), complaint_body.decode)
    assert [problem.field for problem in refused.value.fields] == [field]


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b'{"description": NaN}', b'{"lot": "a" "b"}'])
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        decoded(body, complaint_body.decode)


@pytest.mark.parametrize("start", [b"", b'{"description": ', b'{"deliverables": ', b'{"unknown": '])
def test_ten_thousand_levels_are_refused_wherever_they_stand(start: bytes) -> None:
    for decode in (complaint_body.decode, completion_body.decode):
        with pytest.raises(Invalid):
            decoded(start + b"[" * 10_000 + b"]" * 10_000 + b"}" * bool(start), decode)


def test_deliverables_nested_too_deeply_are_refused() -> None:
    body = b'{"deliverables": ' + b'{"a": ' * 40 + b"1" + b"}" * 40 + b"}"
    with pytest.raises(Invalid) as refused:
        decoded(body, completion_body.decode)
    assert refused.value.fields[0].field == "deliverables"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.verb} {row.path}")
def test_every_row_names_an_rpc_and_its_fields(row: Forward) -> None:
    fields = row.method.input_type.fields_by_name
    assert all(target in fields for target in row.path_fields.values())
    assert not {f.name for f in row.given} & {"token", "idempotency_key", "actor", "by"}


def test_no_path_and_verb_stands_twice() -> None:
    assert len({(row.verb, row.path) for row in ROWS}) == len(ROWS)


def test_every_method_of_the_owners_is_reachable_or_known_to_be_internal() -> None:
    internal = {"GetContacts", "GetTexts", "CountBySignature", "RegisterBatch", "CompleteTasks", "ImportFile"}
    internal |= {"ListComplaints", "ReceiveMail", "ReadSubmission", "GetSurvey", "GetPublicForm", "AnswerSurvey"}
    internal |= {"DeliverHook", "ImportMasterData", "ExportMasterData", "StoreFile"}
    by_hand = {
        "AddAttachment",
        "ReadAttachment",
        "GetComplaint",
        "SearchComplaints",
        "ExportComplaints",
        "ListDefinitions",
    }
    offered = {row.name for row in ROWS}
    all_methods = {method for service in all_services() for method in service.methods_by_name}
    assert all_methods - offered == internal | by_hand


def test_who_did_it_cannot_be_sent_inside_a_nested_object() -> None:
    row = row_of("workflow.CloseCase")
    model = body_model("Close", row.given)
    with pytest.raises(ValidationError) as refused:
        model.model_validate({"outcome": {"code": "resolved", "by": "someone else"}})
    assert refused.value.errors()[0]["loc"] == ("outcome", "by")


def test_flat_query_fields_go_back_into_their_wrappers() -> None:
    row = row_of("analytics.ListKpiFacts")
    query = query_model("Q", row.given)
    given = {"key": "frt", "query": query.model_validate({"grade": "urgent", "limit": "10", "cursor": "abc"})}
    message = message_of(row, given, asking="me")
    assert (message.key, message.filter.grade, message.page.limit, message.page.cursor) == ("frt", "urgent", 10, "abc")


def test_my_own_tasks_are_those_of_the_caller() -> None:
    row = row_of("workflow.ListTasks")
    query = query_model("Q", row.given)
    assert message_of(row, {"query": query.model_validate({"assignee": "me"})}, asking="p1").assignee == "p1"


def test_json_text_of_the_proto_is_an_object_in_public() -> None:
    entry = workflow_pb2.TimelineEntry(entry_id="1", data='{"to": "diagnosis"}')
    assert public(entry)["data"] == {"to": "diagnosis"}
    row = row_of("definitions.PublishDefinition")
    path = {"kind": "process", "name": "simple"}
    body = body_model("B", row.given).model_validate({"document": {"name": "simple", "标签": 1}})
    assert message_of(row, path | {"body": body}, asking="").document == '{"name":"simple","标签":1}'


def test_every_kind_of_definition_can_stand_in_a_path() -> None:
    assert get_args(KindName) == tuple(KINDS)
    assert set(KINDS.values()) <= set(OWNERS)


def test_a_reply_without_a_value_says_null() -> None:
    assert public(capa_pb2.Rca(rca_id="1"))["responsible_department"] is None


def test_every_required_name_is_a_field_of_its_message() -> None:
    messages = {message.full_name: message for service in all_services() for message in _messages_of(service.file)}
    for message, names in REQUIRED.items():
        assert names <= set(messages[message].fields_by_name), message


def _messages_of(file: Any) -> list[Any]:
    return list(file.message_types_by_name.values())
