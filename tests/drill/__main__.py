"""`make drill`: loses PostgreSQL on purpose and measures what a restore gives back, for three ways of backing up.

    python -m tests.drill [--only wal|base|dump] [--rate 50] [--seconds 10]

RPO: acknowledged complaints that the restored installation does not have, and how old the oldest of them is when the
loss happens. RTO: from the loss until every service is ready again. Each drill ends with `verify`; exit code 1 unless
all are clean. Its own stacks, with every fsync on, in a temporary folder. The last line is JSON.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.drill.lost import Lost
from tests.drill.ways import WAYS, Drill


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=sorted(WAYS), help="one way of backing up; all of them when absent")
    parser.add_argument("--rate", type=float, default=50.0, help="complaints created per second")
    parser.add_argument("--seconds", type=float, default=10.0, help="of load before and after the backup")
    chosen = parser.parse_args()
    found: dict[str, Lost] = {}
    for name in [chosen.only] if chosen.only else list(WAYS):
        with tempfile.TemporaryDirectory(prefix="redress-drill-", ignore_cleanup_errors=True) as folder:
            found[name] = lost = WAYS[name](Drill(Path(folder), chosen.rate, chosen.seconds))
        sys.stdout.write(f"{lost.line(name)}\n")
        sys.stdout.flush()
    sys.stdout.write(json.dumps({name: asdict(lost) for name, lost in found.items()}) + "\n")
    sys.exit(0 if all(lost.verify == "clean" for lost in found.values()) else 1)


if __name__ == "__main__":
    main()
