"""Definitions as files, the way a Job or a pipeline applies them: export, change, plan, apply, and again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from redressctl.commands import app
from redressctl.errors import CtlError
from stack.stack import Stack

Ctl = Callable[..., tuple[int, Any]]


@pytest.fixture
def ctl(stack: Stack, played: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Ctl:
    """`ctl("plan", folder)`: (exit code, the JSON it printed); as a Job does, by environment alone.

    After the demo, which counts the cases of an installation that only it has worked in.
    """
    monkeypatch.setenv("REDRESS_URL", stack.public_url or "")
    monkeypatch.setenv("REDRESS_KEY", stack.admin_key)

    def run(what: str, folder: Path, *options: str) -> tuple[int, Any]:
        done = CliRunner().invoke(app, ["config", what, str(folder), *options])
        if isinstance(done.exception, CtlError):
            return 1, str(done.exception)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, json.loads(done.stdout) if "--json" in options else done.stdout

    return run


def test_what_is_kept_in_git_becomes_what_is_published(
    ctl: Ctl, tmp_path: Path, admin: Any, clerk: Any, new_complaint: Any, eventually: Any
) -> None:
    assert ctl("export", tmp_path)[0] == 0
    kinds = {path.name.split(".")[0] for path in tmp_path.iterdir()}
    assert {"process", "calendar", "grading-table"} <= kinds
    code, plan = ctl("plan", tmp_path, "--json", "--detailed-exitcode")
    assert (code, plan["changed"], {one["action"] for one in plan["definitions"]}) == (0, False, {"unchanged"})

    before = clerk.do("POST", "/v1/complaints", new_complaint(language="zh"))
    eventually(lambda: clerk.send("GET", f"/v1/cases/{before['complaint_id']}").status_code == 200)
    calendar = tmp_path / "calendar.cn.yaml"
    calendar.write_text("# Saturdays, too\n" + calendar.read_text().replace("week:\n", "week:\n  sat: [10:00-12:00]\n"))
    code, plan = ctl("plan", tmp_path, "--json", "--detailed-exitcode")
    (changed,) = [one for one in plan["definitions"] if one["action"] == "update"]
    assert (code, changed["kind"], changed["version"], changed["next_version"]) == (2, "calendar", 1, 2)
    assert "+  sat: ['10:00-12:00']" in changed["diff"].splitlines() or "+  sat:" in changed["diff"]
    assert [one["path"] for one in changed["changes"]] == ["week.sat"]
    assert [one["what"] for one in changed["effects"]] == ["due_dates_differ"]

    code, applied = ctl("apply", tmp_path, "--json", "--reason", "MR 42")
    assert (code, [(one["kind"], one["version"]) for one in applied["published"]]) == (0, [("calendar", 2)])
    code, again = ctl("apply", tmp_path, "--json")
    assert (code, again["changed"], again["published"]) == (0, False, [])
    (entry,) = admin.get("/v1/admin/workflow/audit/definition:calendar:cn")["items"]
    assert (entry["action"], entry["reason"]) == ("published", "MR 42")
    assert admin.get("/v1/definitions/calendar/cn/versions/1")["document"]["week"].keys().isdisjoint({"sat"})
    after = clerk.do("POST", "/v1/complaints", new_complaint())
    deadline = f"/v1/cases/{after['complaint_id']}/deadline"
    assert eventually(lambda: clerk.send("GET", deadline).json().get("calendar_version")) == 2
    assert clerk.get(f"/v1/cases/{before['complaint_id']}/deadline")["calendar_version"] == 1
    assert "unchanged" in ctl("export", tmp_path)[1]


def test_a_fault_is_named_with_file_and_line_and_nothing_is_published(ctl: Ctl, tmp_path: Path, admin: Any) -> None:
    assert ctl("export", tmp_path)[0] == 0
    process = tmp_path / "process.simple.yaml"
    lines = process.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("warn_share"))
    lines[at] = "warn_share: 7"
    process.write_text("\n".join(lines))
    shared = tmp_path / "calendar.cn.yaml"
    shared.write_text(shared.read_text().replace("Asia/Shanghai", "Asia/Singapore"))
    version = admin.get("/v1/definitions/calendar/cn")["version"]
    code, plan = ctl("plan", tmp_path, "--json")
    (refused,) = [one for one in plan["definitions"] if one["action"] == "refused"]
    assert (code, refused["faults"]) == (
        1,
        [f"process.simple.yaml:{at + 1}: warn_share: must be a number from 0.1 to 0.99"],
    )
    code, said = ctl("apply", tmp_path)
    assert (code, said.splitlines()[0]) == (1, "nothing was published:")
    assert admin.get("/v1/definitions/calendar/cn")["version"] == version


def test_a_process_may_come_with_the_calendar_it_goes_by(ctl: Ctl, tmp_path: Path) -> None:
    published = tmp_path / "published"
    assert ctl("export", published)[0] == 0
    files = tmp_path / "new"
    files.mkdir()
    for kind, name in (("calendar", "cn"), ("process", "simple")):
        text = (published / f"{kind}.{name}.yaml").read_text()
        text = text.replace(f"name: {name}\n", "name: factory\n").replace("calendar: cn\n", "calendar: factory\n")
        (files / f"{kind}.yaml").write_text(text)
    code, plan = ctl("plan", files, "--json")
    assert (code, [(one["action"], one["waits_for"]) for one in plan["definitions"]]) == (
        0,
        [("create", ""), ("create", "calendar.yaml")],
    )
    assert {(one["kind"], one["name"]) for one in plan["unlisted"]} >= {("process", "complaint"), ("calendar", "cn")}
    code, applied = ctl("apply", files, "--json")
    assert (code, [(one["kind"], one["version"]) for one in applied["published"]]) == (
        0,
        [("calendar", 1), ("process", 1)],
    )
    assert ctl("apply", files, "--json")[1]["published"] == []
