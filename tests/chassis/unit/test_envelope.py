import json
from datetime import UTC, datetime

import pytest

from chassis.envelope import Undecodable, decode, encode
from chassis.ids import new_id
from redress.capa.v1.events import ContainmentDone

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)


def wire() -> bytes:
    event = ContainmentDone(case_id=new_id(), place="own_stock", at=AT)
    _, body = encode(event, event_id=new_id(), subject=event.case_id, sequence=3, time=AT, traceparent=None)
    return body


def test_an_event_is_a_cloud_event_in_structured_mode() -> None:
    message = json.loads(wire())
    assert message["specversion"] == "1.0"
    assert message["source"] == "redress/capa"
    assert message["type"] == "redress.capa.containment.done.v1"
    assert (message["sequence"], message["sequencetype"]) == ("3", "Integer")


def test_what_is_encoded_is_decoded() -> None:
    event = decode(wire())
    assert (event.sequence, event.time, event.data.place) == (3, AT, "own_stock")


def test_unknown_fields_are_ignored_so_that_owners_may_add_some() -> None:
    message = json.loads(wire())
    message["data"]["added_later"] = 1
    assert decode(json.dumps(message).encode()).data.place == "own_stock"


@pytest.mark.parametrize("broken", [b"", b"\xff", b"[]", b"{}", b'{"specversion":"1.0"}'])
def test_rubbish_is_undecodable(broken: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(broken)


def test_an_unknown_type_and_a_missing_field_are_undecodable() -> None:
    for change in ({"type": "redress.capa.unknown.v1"}, {"data": {}}):
        with pytest.raises(Undecodable):
            decode(json.dumps(json.loads(wire()) | change).encode())


def test_ids_are_version_7_and_rise() -> None:
    ids = [new_id() for _ in range(200)]
    assert all(i[14] == "7" and i[19] in "89ab" for i in ids)
    assert len(set(ids)) == 200
    assert sorted(i[:13] for i in ids) == [i[:13] for i in ids]


@pytest.mark.parametrize(
    "wrong",
    [
        {"time": "2026-11-22T08:00:00"},
        {"id": "no-uuid"},
        {"subject": "no\x00body"},
        {"sequence": "9" * 30},
        {"sequence": "-1"},
        {"type": "redress.capa.containment.done.v9"},
    ],
)
def test_what_no_table_could_take_is_undecodable_at_once_and_not_after_five_tries(wrong: dict[str, str]) -> None:
    with pytest.raises(Undecodable):
        decode(json.dumps(json.loads(wire()) | wrong).encode())


def test_nesting_without_end_is_undecodable() -> None:
    with pytest.raises(Undecodable):
        decode(wire().replace(b'"data":{', b'"data":{"deep":' + b"[" * 100_000 + b"]" * 100_000 + b","))
