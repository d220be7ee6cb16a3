from datetime import UTC, datetime
from uuid import UUID

import pytest

from chassis.errors import Invalid
from chassis.messages import from_timestamp, set_fields, to_dict, to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from redress.capa.v1 import capa_pb2 as capa
from redress.common.v1.common_pb2 import Page
from redress.intake.v1 import intake_pb2 as intake

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def test_flat_fields_times_and_nested_messages_go_both_ways() -> None:
    values = {
        "rca_id": UUID("01a204d5-0000-7000-8000-00000000000a"),
        "version": 2,
        "opened_at": AT,
        "whys": [{"why_id": "w1", "evidence": ["photo"], "at": AT}],
        "defect_code": None,
        "unknown_to_the_contract": 1,
    }
    plain = to_dict(to_message(capa.Rca, values))
    assert plain["rca_id"] == "01a204d5-0000-7000-8000-00000000000a"
    assert (plain["opened_at"], plain["completed_at"], plain["defect_code"]) == (AT, None, None)
    assert plain["whys"][0]["evidence"] == ["photo"]


def test_a_patch_carries_only_what_was_set() -> None:
    request = intake.UpdateComplaintRequest(complaint_id="x", lot="L1", quantity=0)
    assert set_fields(request) == {"lot": "L1", "quantity": 0}


def test_an_unset_time_is_none() -> None:
    assert from_timestamp(intake.RegisterCommand(), "t_occurred") is None


def test_a_cursor_brings_its_values_back() -> None:
    cursor = encode_cursor(AT, "id-1")
    assert decode_cursor(cursor, datetime, str) == (AT, "id-1")
    assert decode_cursor("") is None


@pytest.mark.parametrize("cursor", ["%%%", "e30", "bm90IGpzb24", "WzFd"])
def test_a_forged_cursor_is_named(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode_cursor(cursor, datetime, str)
    assert refused.value.fields[0].field == "cursor"


@pytest.mark.parametrize("values", [("2026-01-01T00:00:00Z", "no id"), ("2026-01-01T00:00:00Z", "\x00")])
def test_a_cursor_that_postgresql_could_not_compare_with_is_refused(values: tuple[str, str]) -> None:
    with pytest.raises(Invalid):
        decode_cursor(encode_cursor(*values), datetime, UUID)
    with pytest.raises(Invalid):
        decode_cursor(encode_cursor("\x00"), str)


def test_pages_are_bounded() -> None:
    assert limit_of(Page()) == 50
    with pytest.raises(Invalid):
        limit_of(Page(limit=201))
