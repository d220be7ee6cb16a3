"""Definitions as files: what is read, what is refused and where, what differs."""

from pathlib import Path
from typing import Any

import pytest

from redressctl.config.apply import in_order
from redressctl.config.diff import unified
from redressctl.config.errors import BadFiles
from redressctl.config.files import DefinitionFile, read_directory
from redressctl.config.plan import Plan, Planned
from redressctl.config.yaml_text import Faulty, dump, nodes, values

CALENDAR = """# the factory's
kind: calendar
name: factory
time_zone: Asia/Shanghai
week:
  mon: [09:00-12:00, 13:00-18:00]
holidays:
  - {date: 2026-10-01, zh: 国庆节}
"""
TABLE = """kind: grading-table
name: default
rows:
  - id: 4
    grade: urgent
    when:
      - {column: media, operator: is, constant: yes}
  - id: "7"
    when: []
"""


def files_of(directory: Path, **texts: str) -> list[DefinitionFile]:
    for name, text in texts.items():
        (directory / name.replace("__", ".")).write_text(text, "utf-8")
    return read_directory(directory)


def faults_of(directory: Path, **texts: str) -> list[str]:
    with pytest.raises(BadFiles) as refused:
        files_of(directory, **texts)
    return str(refused.value).splitlines()


def test_texts_stay_texts_where_yaml_of_old_saw_dates_and_truths(tmp_path: Path) -> None:
    (calendar, table) = files_of(tmp_path, a__yaml=CALENDAR, b__yml=TABLE)
    assert calendar.document["holidays"] == [{"date": "2026-10-01", "zh": "国庆节"}]
    assert calendar.document["week"] == {"mon": ["09:00-12:00", "13:00-18:00"]}
    assert table.document["rows"][0]["when"][0]["constant"] == "yes"
    assert (calendar.key, calendar.stated_version) == (("calendar", "factory"), None)


def test_a_mounted_config_map_is_read_once(tmp_path: Path) -> None:
    data = tmp_path / "..2026_11_23_01_02_03.4"
    data.mkdir()
    (data / "calendar.yaml").write_text(CALENDAR)
    (tmp_path / "..data").symlink_to(data.name)
    (tmp_path / "calendar.yaml").symlink_to("..data/calendar.yaml")
    (tmp_path / "notes.txt").write_text("not ours")
    assert [file.shown for file in read_directory(tmp_path)] == ["calendar.yaml"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("rows[0].when[0].constant", 7),
        ("rows.7.when", 9),
        ("rows[1].unheard_of", 8),
        ("columns", 1),
        ("rows.4.grade", 5),
    ],
)
def test_a_field_path_leads_to_its_line(tmp_path: Path, path: str, line: int) -> None:
    (table,) = files_of(tmp_path, b__yaml=TABLE)
    assert table.at(path) == f"b.yaml:{line}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: calendar\nname: a\nweek: {}\nweek: {}\n", "a.yaml:4: week stands here a second time"),
        ("kind: calendar\nname: [a\n", "a.yaml:3:"),
        ("kind: calender\nname: a\n", "a.yaml:1: kind must be one of"),
        ("kind: calendar\n", "a.yaml:1: name must be a text"),
        ("kind: calendar\nname: a\nversion: latest\n", "a.yaml:3: version must be a number"),
        ("- 1\n", "a.yaml:1: is not an object"),
        ("", "a.yaml:1: is not an object"),
        ("kind: calendar\nname: a\n1: x\n", "a.yaml:3: a key is a text"),
        ("kind: calendar\nname: !!python/name:os.system a\n", "a.yaml:2:"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*c, *c]\n", "a.yaml:3: grows too large"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (fault,) = faults_of(tmp_path, a__yaml=text)
    assert fault.startswith(said), fault


def test_a_json_file_has_its_lines_too(tmp_path: Path) -> None:
    (file,) = files_of(
        tmp_path, a__json='{\n\t"kind": "calendar",\n\t"name": "a",\n\t"note": {"zh": "班\\ud83d\\ude00"}\n}'
    )
    assert (file.at("note.en"), file.document["note"]["zh"]) == ("a.json:4", "班😀")
    assert faults_of(tmp_path, b__json='{"kind": "calendar",\n"name": }')[0].startswith("b.json:2: is not JSON")


def test_two_files_of_one_definition_and_two_openers_are_refused(tmp_path: Path) -> None:
    opener = "kind: process\nname: {name}\nopens_new_cases: true\n"
    said = faults_of(
        tmp_path,
        a__yaml=opener.replace("{name}", "one"),
        b__yaml=opener.replace("{name}", "two"),
        c__yaml=opener.replace("{name}", "one"),
    )
    assert said[0] == "c.yaml:2: process one stands in a.yaml, too"
    assert said[1] == "b.yaml:3: a.yaml opens new cases, too; one process does"


def test_what_is_written_is_read_as_it_was() -> None:
    document = {"a": ["yes", "12:30", "2026-10-01", "null", "1", "", "两行\ntext"], "n": [1, 2.5, True, None], "e": {}}
    assert values(nodes(dump(document))) == document


def test_only_real_changes_differ() -> None:
    published = {"b": 1, "rows": [{"id": "x", "grade": "urgent"}], "a": {"zh": "一", "en": "one"}}
    wanted: dict[str, Any] = {"a": {"en": "one", "zh": "一"}, "rows": [{"grade": "routine", "id": "x"}], "b": 1}
    changed = [line for line in unified(published, wanted, "t", 1).splitlines() if line[:1] in "+-"]
    assert changed == [
        "--- t version 1",
        "+++ t in the file",
        "-- {id: x, grade: urgent}",
        "+- {id: x, grade: routine}",
    ]
    assert unified(published, dict(reversed(published.items())), "t", 1) == ""


def test_calendars_come_first_and_whoever_opens_cases_before_who_no_longer_does() -> None:
    def planned(kind: str, name: str, **document: Any) -> Planned:
        return Planned(DefinitionFile(Path(name), name, kind, name, document))

    plan = Plan([planned("process", "a"), planned("process", "z", opens_new_cases=True), planned("calendar", "c")])
    assert [one.file.name for one in in_order(plan)] == ["c", "z", "a"]


def test_an_endless_document_is_refused() -> None:
    with pytest.raises(Faulty, match="grows too large"):
        values(nodes("[" * 80 + "]" * 80))
