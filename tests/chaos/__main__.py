"""`make chaos`: everything goes wrong under load, then nothing may be lost and nothing doubled.

    python -m tests.chaos [--seconds 600] [--seed 1] [--short] [--plan] [--only KIND] [--dir FOLDER]

A stack of its own in a temporary folder with every fsync on, two replicas of intake and of workflow, a fault proxy
between the parts, and what dies is started again as a kubelet would. Creates come at a steady rate through the gateway
and people work on a share of the cases; each request is repeated with its Idempotency-Key until acknowledged. After
each fault the run waits until the system accepts again. A second small run with the rewind switched off must lose
events, or the first has proven nothing. The last line is one JSON object.
"""

import argparse
import random
import signal
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from stack.errors import StackError
from tests.chaos.ground import NotRecovered
from tests.chaos.plan import Planned, chosen_kinds, plan_of, short_plan, until_time
from tests.chaos.requirements import enter_private_mounts, missing
from tests.chaos.run import run
from tests.chaos.say import show
from tests.chaos.setting import Setting, working_folder

_SHOWN = 60


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600, help="for how long new faults begin")
    parser.add_argument("--seed", type=int, default=None, help="which faults, in which order; by chance when not given")
    parser.add_argument("--short", action="store_true", help="one fault of each important kind that needs no root")
    parser.add_argument("--plan", action="store_true", help="only show what the seed brings")
    parser.add_argument("--only", default="", help="only kinds or faults whose names match this expression")
    parser.add_argument("--dir", type=Path, default=None, help="keep data and logs here")
    chosen = parser.parse_args()
    seed = random.randrange(10_000) if chosen.seed is None else chosen.seed
    kinds = chosen_kinds(chosen.only)
    if chosen.plan:
        return show(f"{kind.name}: {fault.name}" for kind, fault in islice(plan_of(kinds, seed), _SHOWN))
    if not chosen.short:
        enter_private_mounts()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the stack is stopped in order
    reasons = {} if chosen.short else {kind.name: why for kind in kinds if (why := " ".join(map(missing, kind.needs)))}
    show(f"left out: {name}: {why}" for name, why in reasons.items())
    plan = short_plan() if chosen.short else _within(chosen.seconds, plan_of(kinds, seed), reasons)
    with working_folder(chosen.dir) as folder:
        try:
            result = run(Setting(folder, small_disks=not chosen.short, clocks=not chosen.short), plan, seed, reasons)
        except (NotRecovered, StackError) as error:
            sys.exit(f"{error} (seed {seed}; with --dir the logs are kept)")
    sys.stdout.write(result.line() + "\n")
    sys.exit(0 if result.good else 1)


def _within(seconds: float, planned: Iterator[Planned], left_out: dict[str, str]) -> Iterator[Planned]:
    """The clock starts with the first fault."""
    possible = ((kind, fault) for kind, fault in planned if kind.name not in left_out)
    return until_time(possible, seconds, _seconds_gone())


def _seconds_gone() -> Iterator[float]:
    begun = time.monotonic()
    while True:
        yield time.monotonic() - begun


if __name__ == "__main__":
    main()
