"""The short chaos run, as `make chaos` does the long one: its last line is the proof."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(420)
def test_nothing_is_lost_and_nothing_doubled_while_everything_goes_wrong() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--short", "--seed", "1"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["acknowledged"] > 100
    assert (result["missing"], result["duplicated"], result["verify"]) == (0, 0, "clean")
    assert result["faults"] >= 9
    assert result["work_acknowledged"] > 20
    assert result["parked"] > 200
    assert result["control_missing"] > 0
