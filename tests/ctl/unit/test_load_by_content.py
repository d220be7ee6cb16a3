"""`redressctl load FILE` looks at what a file holds, not at its name."""

import json
import mailbox
from pathlib import Path

import openpyxl
import pytest

from redressctl.errors import UnknownFile
from redressctl.load.files import mails_of
from redressctl.mapping import fitting, known_mappings, mapped
from redressctl.tables import kind_of

MAIL = b"From: a@b.example\nSubject: x\n\nIt leaks.\n"
ZH = ["", "id", "投诉品牌", "投诉车系", "投诉车型", "问题简述", "典型问题", "投诉时间", "投诉状态"]
EN = ["id", "brand", "car_model", "type", "desc", "problem", "datetime", "status"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (MAIL, "mail"),
        (b"Received: from x\r\n by y\r\n" + MAIL, "mail"),
        (b"From a@b.example Sat Nov 21 10:00:00 2026\n" + MAIL, "mbox"),
        (b'{"id": 1}\n', "ndjson"),
        (b'\xef\xbb\xbf{"id": 1}\n', "ndjson"),
        (b"id,date,subject\n", "csv"),
        (b"subject\nit leaks\n", "csv"),
        (b"From the Fields", "csv"),
        ("编号,描述\n".encode("gbk"), "csv"),
        (b"PK\x03\x04...", "xlsx"),
    ],
)
def test_a_file_is_known_by_its_content(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    assert kind_of(path) == kind


def test_mails_are_found_in_a_folder_in_an_mbox_and_alone(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.eml", "deep/a.EML", "notes.txt"):
        (tmp_path / name).write_bytes(MAIL)
    assert [name for name, _ in mails_of(tmp_path)] == ["b.eml", "a.EML"]
    assert list(mails_of(tmp_path / "b.eml")) == [("b.eml", MAIL)]
    box = mailbox.mbox(tmp_path / "box")
    box.add(MAIL)
    box.add(MAIL.replace(b"x", b"y"))
    box.close()
    assert [raw for _, raw in mails_of(tmp_path / "box")] == [MAIL, MAIL.replace(b"x", b"y")]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnknownFile, match=r"no \.eml file"):
        list(mails_of(tmp_path / "empty"))


@pytest.mark.parametrize("header", [ZH, EN, [*EN, "id_", "type_"]])
def test_every_layout_of_the_vehicle_portal_finds_its_mapping(header: list[str]) -> None:
    found = fitting(header, known_mappings())
    external_id = found["columns"]["external_id"]["column"]
    assert external_id == ("id_" if "id_" in header else "id")
    assert found["kept"] == {"status": header[8] if header is ZH else "status"}


def test_a_spreadsheets_column_without_a_name_shifts_no_other(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append([None, *EN])
    book.active.append([0, *EN])
    book.save(tmp_path / "a.xlsx")
    (row,) = mapped(tmp_path / "a.xlsx", None).rows()
    assert {name: row[name] for name in EN} == dict(zip(EN, EN, strict=True))


def test_a_table_in_any_format_finds_the_mapping_of_its_columns(tmp_path: Path) -> None:
    row = dict(zip(EN, ["7", "甲", "甲一", "2020款", "异响", "A1,", "2020-06-08", "已回复"], strict=True))
    (tmp_path / "a.csv").write_bytes(";".join(EN).encode() + b"\r\n" + ";".join(row.values()).encode("gbk"))
    (tmp_path / "a.ndjson").write_text(json.dumps(row, ensure_ascii=False) + "\n")
    book = openpyxl.Workbook()
    book.active.append(EN)
    book.active.append(list(row.values()))
    book.save(tmp_path / "a.xlsx")
    for name in ("a.csv", "a.ndjson", "a.xlsx"):
        found = mapped(tmp_path / name, None)
        assert found.mapping["columns"]["product_model"] == {"column": "type"}
        assert list(found.rows()) == [row], name
