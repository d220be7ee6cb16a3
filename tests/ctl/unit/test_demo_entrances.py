"""What the demo hands in beside the file: the same rows in other forms, and mails of its own."""

import csv
import io
import json
from email import message_from_bytes
from email.policy import default

from openpyxl import load_workbook

from redressctl.demo.files import made_files
from redressctl.demo.letters import Letter
from redressctl.demo.mails import mailbag

ROWS = [{"ref": str(number), "text": f"折叠车 {number}"} for number in range(6)]


def test_each_form_holds_its_third_of_the_rows() -> None:
    sheet, lines, export = made_files(ROWS)
    assert (sheet.entrance, lines.entrance, export.entrance) == ("xlsx", "ndjson", "gbk")
    cells = list(load_workbook(io.BytesIO(sheet.content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert cells == [("ref", "text"), ("0", "折叠车 0"), ("1", "折叠车 1")]
    assert [json.loads(line) for line in lines.content.splitlines()] == ROWS[2:4]
    assert list(csv.DictReader(io.StringIO(export.content.decode("gbk")))) == ROWS[4:]


def test_mails_are_the_same_bytes_on_every_run_and_say_what_they_are() -> None:
    assert mailbag() == mailbag()
    chinese, english, bounce, away = (message_from_bytes(written.raw, policy=default) for written in mailbag())
    assert "锁扣".encode("gbk") in mailbag()[0].raw
    assert "锁扣" in chinese.get_content()
    assert [part.get_filename() for part in english.iter_attachments()] == ["readings.csv"]
    assert bounce.get_content_type() == "multipart/report"
    assert away["Auto-Submitted"] == "auto-replied"


def test_a_letters_links_are_found_by_what_they_lead_to() -> None:
    letter = Letter("case_closed", "C26-0000001", "Rate us:\nhttp://h:1/survey/a.b.c\nLook:\nhttp://h:1/status/d.e.f\n")
    assert (letter.link("survey"), letter.link("status")) == ("http://h:1/survey/a.b.c", "http://h:1/status/d.e.f")
    assert letter.link("other") == ""
