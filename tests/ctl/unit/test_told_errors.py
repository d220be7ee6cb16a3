"""What goes wrong at the terminal is one sentence with what to do, and an exit code; never a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from redressctl.health import sums


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "redressctl", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60)  # noqa: S603


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["status", "--dir", "/nowhere"], 1, "redressctl up"),
        (["status", "--url", "http://127.0.0.1:9"], 2, "REDRESS_KEY"),
        (["verify", "--url", "http://127.0.0.1:9", "--key", "rk_wrong", "--wait", "0"], 1, "redressctl status"),
        (["backup", "--dir", "/nowhere", "--out", "x.tar"], 1, "redressctl up --dir"),
        (["restore", "/nowhere/x.tar", "--dir", "/nowhere"], 1, "There is no file"),
        (["verify", "--acks", "/nowhere/acks.jsonl"], 2, "does not exist"),
        (["up", "--dir", "/proc/none", "--once"], 1, "/proc/none"),
        (["dlq", "show", "billing", "1"], 2, "choose one of"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else None,
)
def test_a_failure_says_what_to_do(arguments: list[str], code: int, told: str, tmp_path: Path) -> None:
    done = run(*arguments)
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stderr
    assert told in done.stderr.replace("\n", " "), done.stderr


def test_a_metrics_page_is_summed_over_labels() -> None:
    page = '# HELP x\nredress_consumer_pending{owner="intake"} 2.0\nredress_consumer_pending{owner="capa"} 3.0\n'
    assert sums(page)["redress_consumer_pending"] == 5.0
