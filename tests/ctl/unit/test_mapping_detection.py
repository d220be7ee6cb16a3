import csv
import json
from pathlib import Path

import pytest

from redressctl.demo.entrance import sendable
from redressctl.demo.script import file_of
from redressctl.errors import UnknownFile
from redressctl.mapping import complaint_of, encoding_of, fitting, known_mappings, mapped

VEHICLES = ["complaint_id", "brand", "series", "model", "description", "component", "problem_type", "date"]
ROW = {
    "complaint_id": "77",
    "brand": "甲",
    "series": "甲一",
    "model": "2024款",
    "description": "",
    "component": "车身",
    "problem_type": "锈蚀",
    "date": "2024-03-09",
}


def test_a_header_of_the_vehicle_portal_is_recognised() -> None:
    found = fitting(VEHICLES, known_mappings())
    assert found["columns"]["defect_code"] == {"column": "problem_type"}
    assert found["columns"]["failure_location"] == {"column": "component"}
    assert found["safety_not_asked"] is True


def test_further_columns_do_not_hinder_recognition() -> None:
    assert fitting([*VEHICLES, "note"], known_mappings())["columns"]["external_id"] == {"column": "complaint_id"}


def test_an_unknown_header_is_refused_naming_its_columns() -> None:
    with pytest.raises(UnknownFile, match=r"colour, price.*--mapping"):
        fitting(["colour", "price"], known_mappings())


def test_a_row_becomes_a_complaint_with_defaults_templates_and_times_in_the_files_zone() -> None:
    complaint = complaint_of(fitting(VEHICLES, known_mappings()), ROW)
    assert complaint["description"] == "客户未留下文字说明。甲 甲一：车身，锈蚀"
    assert complaint["customer_email"] == "owner-77@customers.example"
    assert complaint["t_occurred"] == "2024-03-09T00:00:00+08:00"
    assert "safety_not_asked" not in complaint


def test_only_a_whole_row_with_an_id_of_its_own_is_sent_by_itself() -> None:
    complaint = complaint_of(fitting(VEHICLES, known_mappings()), ROW)
    assert sendable(complaint)
    assert not sendable(complaint | {"t_occurred": "2024-13-45"})
    assert not sendable({name: value for name, value in complaint.items() if name != "external_id"})


def test_braces_in_a_cell_are_text_and_not_a_template() -> None:
    complaint = complaint_of(fitting(VEHICLES, known_mappings()), ROW | {"description": "shows {brand}"})
    assert complaint["description"] == "shows {brand}"


def test_values_of_the_file_are_translated_to_ours() -> None:
    sample = file_of(None, None)
    by_ref = {row["ref"]: complaint_of(sample.mapping, row) for row in sample.rows()}
    assert by_ref["LW-1018"]["remedy_wanted"] == "compensation"
    assert by_ref["LW-1005"]["injury_or_fire"] == "yes"
    assert by_ref["LW-1004"]["several_affected"] == "unknown"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_in_any_usual_encoding_is_recognised(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "file.csv"
    with path.open("w", encoding=encoding, newline="") as lines:
        writer = csv.DictWriter(lines, VEHICLES)
        writer.writeheader()
        writer.writerows([ROW | {"complaint_id": str(n)} for n in range(50)])
    found = mapped(path, None)
    assert [row["series"] for row in found.rows()] == ["甲一"] * 50


def test_a_character_cut_at_the_samples_end_is_still_utf8() -> None:
    assert encoding_of(("锈" * 30_000).encode()[:65_536]) == "utf-8-sig"


def test_a_few_chinese_letters_at_the_very_end_are_enough_to_tell_gbk() -> None:
    assert encoding_of("id,series\n1,甲一".encode("gbk")) == "gb18030"


def test_a_mapping_that_is_no_object_is_refused_with_what_is_wrong(tmp_path: Path) -> None:
    data, mapping = tmp_path / "a.csv", tmp_path / "m.json"
    data.write_text("a,b\n1,2\n")
    mapping.write_text(json.dumps({"fields": {}}))
    with pytest.raises(UnknownFile, match="no object `columns`"):
        mapped(data, mapping)


def test_a_missing_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnknownFile, match="There is no file"):
        mapped(tmp_path / "none.csv", None)
