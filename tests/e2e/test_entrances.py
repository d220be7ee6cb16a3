"""Every entrance of a running stack: files of any format and mails, by redressctl and by the public door."""

import asyncio
import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from redressctl.load.files import load_path
from stack.stack import Stack

HEADER = ["id", "brand", "car_model", "type", "desc", "problem", "datetime", "status"]
ROWS = [
    [str(n), "甲", "甲一", "2020款", f"第{n}辆:起步异响", "A9,", "2020-06-08", "信息审核"] for n in range(9_000, 9_020)
]
FIRST = "Message-ID: <e2e-1@home.example>\r\nFrom: 王芳 <wang@home.example>\r\nSubject: 电池发烫"
REPLY = "Message-ID: <e2e-2@home.example>\r\nFrom: wang@home.example\r\nSubject: 回复:您的投诉已受理:{number}"
MAIL = f"{FIRST}\r\n\r\n充电时电池发烫,外壳变形。"

Load = Callable[..., dict[str, Any]]


@pytest.fixture
def load(stack: Stack) -> Load:
    return lambda path, **more: asyncio.run(load_path(stack.public_url, stack.admin_key, path, **more))


def as_csv() -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER, *ROWS])
    return out.getvalue().encode("gbk")


def as_ndjson() -> bytes:
    lines = [json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) for row in ROWS]
    return "\r".join([*lines, ""]).encode("utf-16")


def as_xlsx() -> bytes:
    book = openpyxl.Workbook()
    for row in [HEADER, *([int(row[0]), *row[1:7], "厂家受理"] for row in ROWS)]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_same_rows_in_three_formats_are_twenty_complaints(load: Load, clerk: Any, tmp_path: Path) -> None:
    told = []
    for name, content in (("a.txt", as_csv()), ("b", as_ndjson()), ("c.csv", as_xlsx())):
        (tmp_path / name).write_bytes(content)
        told.append(load(tmp_path / name))
    assert [(each["registered"], each["existing"], each["changed"]) for each in told] == [
        (20, 0, 0),
        (0, 20, 0),
        (0, 20, 20),
    ]
    assert [(each["format"], each["encoding"], each["line_ends"]) for each in told] == [
        ("csv", "gb18030", "CRLF"),
        ("ndjson", "utf-16", "CR"),
        ("xlsx", "", ""),
    ]
    change = told[2]["first_changes"][0]
    assert (change["field"], change["was"], change["now"]) == ("status", "信息审核", "厂家受理")
    assert len(clerk.get(f"/v1/imports/{told[2]['import_id']}/changes")["items"]) == 20
    facts = clerk.get(f"/v1/complaints/{change['complaint_id']}")["source_facts"]
    assert [(fact["name"], fact["value"]) for fact in facts] == [("status", "厂家受理")]


def test_a_wrong_file_is_refused_with_what_to_do(clerk: Any) -> None:
    form = [("mapping", (None, "{}")), ("file", ("complaints.csv", b"%PDF-1.7 \xe2\xe3", "text/csv"))]
    refused = clerk.http.post("/v1/imports", files=form)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "file")
    assert "save or export it as CSV" in refused.json()["detail"]


def test_a_mail_becomes_a_case_and_its_reply_waits_beside_it(
    load: Load, clerk: Any, tmp_path: Path, eventually: Callable[..., Any]
) -> None:
    (tmp_path / "first.eml").write_bytes(MAIL.encode())
    for outcome in ("registered", "existing"):
        assert load(tmp_path)["outcomes"] == {outcome: 1}
    (made,) = clerk.get("/v1/complaints", external_id="<e2e-1@home.example>")["items"]
    assert (made["grade"], made["language"], "safety" in made["questions"]) == ("important", "zh", True)
    eventually(lambda: clerk.http.get(f"/v1/cases/{made['complaint_id']}").status_code == 200)

    (tmp_path / "first.eml").write_bytes((REPLY.format(number=made["number"]) + "\r\n\r\n还有一张照片。").encode())
    assert load(tmp_path)["outcomes"] == {"reply": 1}
    (beside,) = clerk.get("/v1/submissions", complaint_id=made["complaint_id"], state="parked")["items"]
    path = f"/v1/submissions/{beside['submission_id']}"
    assert clerk.get(path)["text"] == "还有一张照片。"
    assert clerk.http.get(f"{path}/raw").content == (tmp_path / "first.eml").read_bytes()
    attached = clerk.do("POST", f"{path}/attach", version=beside["version"])
    assert (attached["state"], attached["complaint_id"]) == ("registered", made["complaint_id"])
    assert [each["channel"] for each in clerk.get(f"/v1/complaints/{made['complaint_id']}")["contacts"]] == ["mail"]


def test_real_portal_files_open_one_complaint_per_id_whatever_their_layout(load: Load, shared_data: Path) -> None:
    folder = shared_data / "zh_auto_complaints"
    snapshots = folder / "auto_12365_snapshots.csv"
    with snapshots.open(encoding="utf-8-sig") as lines:
        ids = [row["complaint_id"] for row in csv.DictReader(lines)]
    told = load(snapshots)
    assert (told["registered"], told["existing"]) == (len(set(ids)), len(ids) - len(set(ids)))
    assert told["rejected"] == 0
    fields = Counter(each["field"] for each in told["first_changes"])
    print(f"\nsnapshots: {told['registered']} of {len(ids)}, changed {told['changed']}, first by field {dict(fields)}")  # noqa: T201
    for name, encoding, ends in (("raw_gbk.csv", "gb18030", "CRLF"), ("raw_utf8_bom.csv", "utf-8-sig", "CRLF")):
        told = load(folder / name)
        assert (told["encoding"], told["line_ends"], told["rejected"]) == (encoding, ends, 0)
        known = {row[1] if name == "raw_gbk.csv" else row[0] for row in rows_of(folder / name, encoding)} & set(ids)
        assert told["existing"] >= len(known) > 0
        print(f"{name}: {told['registered']} new, {told['existing']} existing, {told['changed']} changed")  # noqa: T201


def rows_of(path: Path, encoding: str) -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as lines:
        return list(csv.reader(lines))[1:]


def test_real_financial_complaints_come_in_by_their_own_header(load: Load, shared_data: Path) -> None:
    told = load(shared_data / "en_cfpb" / "complaints_full_with_narrative_2015.csv")
    assert (told["rows"], told["registered"], told["rejected"]) == (144, 144, 0)


def test_every_real_mail_gets_an_answer(load: Load, shared_data: Path) -> None:
    told = load(shared_data / "emails")
    assert told["refused"] == []
    assert sum(told["outcomes"].values()) == told["mails"] >= 200
    print(f"\n{told}")  # noqa: T201
