"""Columns, spellings, samples and units in service, without any record."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import IllegalTransition, Invalid, MissingDeliverable
from intake.domain.complaint import Submission
from intake.domain.master_data.catalogue import Account, Catalogue, Unit, spellings
from intake.domain.master_data.register import header_of
from intake.domain.master_data.registers import CODES, PRODUCT_LOTS, REGISTERS, SHIPMENTS
from intake.domain.master_data.samples import STATES, TRANSITIONS, Test, check_result, move
from intake.domain.master_data.service_life import Movement, Reported, cohorts
from intake.domain.master_data.sheet import cell_of, text_of
from redress.intake.v1 import master_data_pb2 as pb

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("month", "2026-03", MARCH),
        ("month", "2026年3月", MARCH),
        ("month", "2026-03-17", MARCH),
        ("quantity", "1200.0", 1200),
        ("movement", " Returned ", "returned"),
        ("movement", "", "shipped"),
        ("region", None, ""),
    ],
)
def test_a_cell_is_read_as_people_write_it(name: str, given: Any, read: Any) -> None:
    assert SHIPMENTS.by_name[name].read(given) == read


@pytest.mark.parametrize(
    ("name", "given"),
    [("month", "2026-13"), ("month", "March"), ("quantity", "-1"), ("quantity", "1e9"), ("lot", "\x00")],
)
def test_what_cannot_be_read_says_why(name: str, given: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        SHIPMENTS.by_name[name].read(given)


def test_every_fault_of_a_record_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        CODES.read({"code_group": "D", "code": "", "valid_from": "2026-02-01", "valid_until": "2026-01-01"})
    assert [fault.field for fault in refused.value.fields] == ["code", "valid_until"]


def test_columns_go_by_english_and_chinese_names() -> None:
    header = header_of(PRODUCT_LOTS, ["产品系列", "Batch", " produced on "])
    assert [column.name for column in header.values()] == ["product_family", "lot", "produced_on"]


@pytest.mark.parametrize("register", REGISTERS.values(), ids=lambda register: str(register.name))
def test_what_the_api_takes_is_what_the_register_has(register: Any) -> None:
    columns = {column.name for column in register.columns}
    requests = [m for name, m in vars(pb).items() if name.startswith("Put") and name.endswith("Request")]
    assert any(set(request.DESCRIPTOR.fields_by_name) - {"if_version"} == columns for request in requests)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_any_text_survives_the_way_out_and_in_again(text: str) -> None:
    column = SHIPMENTS.by_name["region"]
    assert text_of(cell_of(column, text.strip())) == text.strip() or text.strip().startswith("'")


def catalogue() -> Catalogue:
    codes = [("product_family", "P7"), ("defect_code", "LEAK"), ("defect_code", "MISC")]
    known = spellings(codes, [("defect_code", "漏水", "LEAK"), ("defect_code", "misc", "LEAK")])
    return Catalogue(codes=known, catch_all=frozenset({"misc"}))


def complaint(**changes: Any) -> Submission:
    return Submission(**({"channel": "api", "description": "It leaks", "product_family": "p7"} | changes))


def test_codes_replace_spellings_and_what_was_given_is_never_overruled() -> None:
    done, changes = catalogue().completed(
        complaint(defect_code=" 漏水 ", lot="L9", key_account="no"), Account("zh", True), Unit("P7-A", "L1")
    )
    assert (done.product_family, done.defect_code, done.lot, done.product_model) == ("P7", "LEAK", "L9", "P7-A")
    assert (done.language, done.key_account) == ("zh", "no")
    assert changes["defect_code"] == [" 漏水 ", "LEAK"]


def test_a_code_is_no_alias_of_another_and_a_catch_all_forms_no_signature() -> None:
    assert catalogue().code_of("defect_code", "Misc") == "MISC"
    assert catalogue().forms_no_signature("misc")
    assert not catalogue().forms_no_signature("LEAK")


def test_an_empty_register_marks_nothing_as_unknown() -> None:
    assert not Catalogue().is_unknown("defect_code", "whatever")
    assert catalogue().is_unknown("defect_code", "lek")
    assert catalogue().suggestions("defect_code", "lek") == ["LEAK"]
    assert not catalogue().is_unknown("defect_code", "other")


@given(st.sampled_from(STATES), st.sampled_from(STATES))
def test_a_sample_moves_only_as_the_table_says(state: Any, to: Any) -> None:
    if to in TRANSITIONS[state]:
        assert move(state, to) == to
    else:
        with pytest.raises(IllegalTransition):
            move(state, to)


def test_no_trouble_found_needs_its_protocol_and_no_failed_test() -> None:
    whole = [Test(name, "passed", "") for name in ("standard_test", "load_test", "field_data_check")]
    check_result("no_trouble_found", whole)
    check_result("confirmed", [])
    with pytest.raises(MissingDeliverable):
        check_result("no_trouble_found", whole[:2])
    with pytest.raises(IllegalTransition):
        check_result("no_trouble_found", [*whole, Test("stress_test", "failed", "")])
    with pytest.raises(Invalid):
        check_result("fine", [Test("tasting", "passed", "")])


def test_units_count_for_each_month_they_reached_and_the_first_shipped_come_back_first() -> None:
    moved = [
        Movement(JANUARY, JANUARY, "shipped", 100),
        Movement(JANUARY, FEBRUARY, "shipped", 50),
        Movement(JANUARY, MARCH, "returned", 30),
        Movement(JANUARY, date(2027, 1, 1), "shipped", 999),
    ]
    told = [Reported(JANUARY, FEBRUARY, MARCH, 2), Reported(JANUARY, None, MARCH, 1)]
    (row,) = cohorts(moved, told, APRIL)
    assert [(cell.units, cell.complaints) for cell in row.cells] == [(150, 0), (150, 2), (150, 1), (70, 0)]
    assert (row.in_service, row.complaints) == (120, 3)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.builds(
            Movement,
            st.just(JANUARY),
            st.sampled_from([JANUARY, FEBRUARY, MARCH]),
            st.sampled_from(["shipped", "returned", "scrapped"]),
            st.integers(0, 1000),
        ),
        max_size=8,
    )
)
def test_units_never_grow_with_months_in_service_nor_fall_below_nothing(moved: list[Movement]) -> None:
    for row in cohorts(moved, [], APRIL):
        units = [cell.units for cell in row.cells]
        assert units == sorted(units, reverse=True)
        assert row.in_service >= 0 <= min(units, default=0)
        assert max(units, default=0) <= row.moved["shipped"]


def test_a_time_keeps_its_zone() -> None:
    at = REGISTERS["consents"].by_name["at"].read("2026-03-10T18:20:00+08:00")
    assert at == datetime(2026, 3, 10, 10, 20, tzinfo=UTC)
