"""A company's own columns to a complaint."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.errors import Invalid
from intake.domain.complaint import Submission
from intake.domain.files.mapping import bound
from intake.domain.files.rows import MAX_CELL_CHARACTERS, cell_fault, submission

HEADER = ["id", "car", "what", "part", "kind", "day"]
MAPPING: dict[str, Any] = {
    "columns": {
        "external_id": {"column": "id"},
        "product_family": {"column": "car"},
        "description": {"column": "what", "default": "{part}: {kind}"},
        "failure_location": {"column": "part"},
        "defect_code": {"column": "kind"},
        "product_model": {"template": "{car} ({part})"},
        "t_occurred": {"column": "day"},
        "media": {"constant": "no"},
        "main_function_lost": {"column": "kind"},
    },
    "values": {"main_function_lost": {"brakes": "yes", "*": "no"}},
    "date_formats": ["%Y-%m-%d", "%Y/%m/%d"],
    "time_zone": "Asia/Shanghai",
    "safety_not_asked": True,
}


def row(*cells: str, document: dict[str, Any] = MAPPING, historical: bool = False) -> Submission:
    return submission(bound(document, HEADER), cells, historical=historical)


def test_columns_constants_templates_values_and_dates_become_a_complaint() -> None:
    found = row("17", "P7", "brakes fail", "pedal", "brakes", "2024/4/9")
    assert (found.external_id, found.product_family, found.description) == ("17", "P7", "brakes fail")
    assert (found.product_model, found.media, found.main_function_lost) == ("P7 (pedal)", "no", "yes")
    assert found.t_occurred == datetime(2024, 4, 8, 16, 0, tzinfo=UTC)
    assert (found.channel, found.safety_not_asked, found.historical) == ("file", True, False)


def test_an_empty_cell_takes_the_mappings_default() -> None:
    assert row("17", "P7", " ", "pedal", "noise", "2024-04-09").description == "pedal: noise"


def test_without_a_default_an_empty_description_stays_empty() -> None:
    document = MAPPING | {"columns": MAPPING["columns"] | {"description": {"column": "what"}}}
    assert row("17", "P7", "", "pedal", "noise", "2024-04-09", document=document).description == ""


def test_a_row_without_an_id_of_its_own_gets_the_same_one_every_time() -> None:
    one = row("", "P7", "text", "pedal", "noise", "2024-04-09").external_id
    assert one == row("", "P7", "text", "pedal", "noise", "2024-04-09").external_id
    assert one != row("", "P7", "text!", "pedal", "noise", "2024-04-09").external_id


@pytest.mark.parametrize("day", ["31.12.2024", "2024-13-01", "yesterday", "0001-01-01"])
def test_a_date_that_cannot_be_read_is_named(day: str) -> None:
    with pytest.raises(Invalid) as refused:
        row("17", "P7", "text", "pedal", "noise", day)
    assert refused.value.fields[0].field == "t_occurred"


def test_a_quantity_must_be_a_whole_number() -> None:
    document = MAPPING | {"columns": MAPPING["columns"] | {"quantity": {"column": "id"}}}
    assert row("12", "P7", "text", "pedal", "noise", "", document=document).quantity == 12
    with pytest.raises(Invalid) as refused:
        row("a dozen", "P7", "text", "pedal", "noise", "", document=document)
    assert refused.value.fields[0].field == "quantity"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"columns": {"colour": {"column": "car"}}}, "mapping.columns.colour"),
        ({"columns": {"lot": {"column": "batch"}}}, "mapping.columns.lot"),
        ({"columns": {"lot": {"template": "{car}-{batch}"}}}, "mapping.columns.lot"),
        ({"columns": {"lot": {"column": "car", "default": "{batch}"}}}, "mapping.columns.lot"),
        ({"columns": {"lot": {"column": "car", "constant": "x"}}}, "mapping.columns.lot"),
        ({"columns": {"lot": "car"}}, "mapping.columns.lot"),
        ({"columns": {"lot": {}}}, "mapping.columns.lot"),
        ({"columns": {"historical": {"constant": "yes"}}}, "mapping.columns.historical"),
        ({"values": {"colour": {}}}, "mapping.values.colour"),
        ({"values": {"lot": {"a": 1}}}, "mapping.values.lot"),
        ({"time_zone": "Mars/Olympus"}, "mapping.time_zone"),
        ({"time_zone": "../../etc/passwd"}, "mapping.time_zone"),
        ({"date_formats": "%Y"}, "mapping.date_formats"),
        ({"language": 7}, "mapping.language"),
        ({"surprise": 1}, "mapping.surprise"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    columns = MAPPING["columns"] | change.pop("columns", {})
    with pytest.raises(Invalid) as refused:
        bound(MAPPING | {"columns": columns} | change, HEADER)
    assert [fault.field for fault in refused.value.fields] == [field]


@pytest.mark.parametrize("document", [[], "text", None, {}, {"columns": []}])
def test_what_is_no_mapping_at_all_is_refused(document: Any) -> None:
    with pytest.raises(Invalid):
        bound(document, HEADER)


def test_a_complaint_needs_a_description_and_a_product() -> None:
    with pytest.raises(Invalid) as refused:
        bound({"columns": {"external_id": {"column": "id"}}}, HEADER)
    assert {fault.field for fault in refused.value.fields} == {
        "mapping.columns.description",
        "mapping.columns.product_family",
    }


def test_a_column_that_stands_twice_in_the_header_is_ambiguous() -> None:
    with pytest.raises(Invalid, match="fit"):
        bound(MAPPING, [*HEADER, "car"])


def test_a_template_fills_in_columns_and_runs_nothing() -> None:
    document = MAPPING | {"columns": MAPPING["columns"] | {"lot": {"template": "{car.__class__}"}}}
    with pytest.raises(Invalid):
        bound(document, HEADER)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        (["1", "P7"], "what"),
        (["1", "P7", "a", "b", "c", "d", "e"], ""),
        (["1", "P7", "a\x00", "b", "c", "d"], "what"),
        (["1", "P7", "a", "b", "c", "\udcff"], "day"),
        (["1", "P7", "x" * (MAX_CELL_CHARACTERS + 1), "b", "c", "d"], "what"),
    ],
)
def test_an_unreadable_row_names_its_column(cells: list[str], column: str) -> None:
    fault = cell_fault(HEADER, cells)
    assert fault is not None
    assert fault.field == column


def test_a_readable_row_has_no_fault() -> None:
    assert cell_fault(HEADER, ["1", "P7", "车", "b", "", "d"]) is None
