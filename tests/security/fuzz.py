"""schemathesis over all operations of a running gateway, as one caller: every check, every phase, seeded."""

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CONFIG = Path(__file__).parent / "schemathesis.toml"
_ROOT = Path(__file__).parents[2]
_CREDENTIALS = '\n[auth.openapi.apiKey]\napi_key = "${REDRESS_FUZZ_KEY}"\n'
_LINKS = re.compile(r"API Links: +(\d+) covered")
ALL_PHASES = "examples,coverage,fuzzing,stateful"
# These could take the run's own credentials away; tests/gateway/integration/test_identity.py goes through them instead.
EXCLUDED = {
    "revokeKey": "it may revoke the key that the run itself uses",
    "disablePerson": "it may disable the person that the run itself is",
    "changePerson": "it may take the run's own roles away",
}


@dataclass(frozen=True)
class Caller:
    name: str
    key: str = ""
    """Empty: no credentials."""


@dataclass
class Findings:
    caller: str
    seed: int
    cases: int
    operations: int
    failures: list[str] = field(default_factory=list)
    links: int = 0
    """How many different links of the document the stateful phase followed."""
    unfinished: list[str] = field(default_factory=list)
    """Phases that the time did not suffice for."""
    output: str = ""

    def __str__(self) -> str:
        short = f", not finished: {', '.join(self.unfinished)}" if self.unfinished else ""
        done = f"{self.cases} cases, {self.operations} operations, {self.links} links"
        return f"as {self.caller}, seed {self.seed}: {done}{short}"


def fuzz(url: str, caller: Caller, *, seconds: int, seed: int, phases: str = ALL_PHASES, examples: int = 3) -> Findings:
    """Runs for about `seconds`, with up to `examples` generated cases per operation and round. 0 seconds: each once."""
    with tempfile.TemporaryDirectory(prefix="redress-fuzz-") as directory:
        folder = Path(directory)
        config, report = folder / "schemathesis.toml", folder / "report.json"
        config.write_text(_CONFIG.read_text() + (_CREDENTIALS if caller.key else ""))
        excluded = [part for name in EXCLUDED for part in ("--exclude-operation-id", name)]
        limits = ["--seed", str(seed), "-n", str(examples), "--no-shrink"]
        limits += ["--max-time", str(seconds)] if seconds else []
        python = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
        reports = ["--report", "json", "--report-json-path", str(report)]
        command = [*python, "--config-file", str(config), "run", f"{url}/openapi.json", "--phases", phases]
        done = subprocess.run(  # noqa: S603 - argv is ours
            [*command, *limits, *reports, *excluded],
            env=os.environ | {"REDRESS_FUZZ_KEY": caller.key, "PYTHONPATH": str(_ROOT)},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=seconds * 4 + 280,
        )
        assert report.exists(), f"schemathesis did not run: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return _findings(caller, seed, json.loads(report.read_text()), done.stdout)


def _findings(caller: Caller, seed: int, report: dict[str, Any], output: str) -> Findings:
    covered = _LINKS.search(output)
    return Findings(
        caller.name,
        seed,
        report["test_cases"]["generated"],
        report["operations"]["tested"],
        [f"{each['title']}: {', '.join(each['operations'])}" for each in report["failures"]]
        + [f"error: {json.dumps(each)[:500]}" for each in report["errors"]],
        int(covered[1]) if covered else 0,
        [name for name, phase in report["phases"].items() if phase["status"] == "interrupted"],
        output,
    )
