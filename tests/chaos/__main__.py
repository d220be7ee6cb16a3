"""`make chaos`: kill and stop everything under load, then verify that nothing was lost and nothing doubled.

    python -m tests.chaos [--seconds 210] [--seed 1] [--short] [--dir FOLDER]

A stack of its own in a temporary folder with every fsync on, two replicas of intake and of workflow, and what dies is
started again as a kubelet would. Creates come at a steady rate through the gateway and are repeated with the same
Idempotency-Key until acknowledged. After each fault the run waits until the system accepts again. A second small run
with the rewind switched off must lose events, or the first has proven nothing. The last line is one JSON object.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from stack.errors import StackError
from stack.stack import Stack
from tests.chaos.attack import Aftermath, Struck, attack, look_after
from tests.chaos.control import run_control
from tests.chaos.faults import Fault, every_fault, short_faults
from tests.chaos.ground import Ground, NotRecovered
from tests.chaos.load import Sent, SteadyLoad
from tests.chaos.report import HEAD, Result, counts, recovery_line, worst
from tests.chaos.schedule import rounds, until_time

_REPLICAS = {"intake": 2, "workflow": 2}
_RATE_PER_S = 20.0
_BEGUN = time.monotonic()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=210, help="for how long new faults begin")
    parser.add_argument("--seed", type=int, default=None, help="order of the faults; by chance when not given")
    parser.add_argument("--short", action="store_true", help="one fault of each important kind")
    parser.add_argument("--dir", type=Path, default=None, help="keep data and logs here")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the stack is stopped in order
    seed = random.randrange(10_000) if chosen.seed is None else chosen.seed
    with _folder(chosen.dir) as folder:
        try:
            result = run(folder, plan(chosen.short, chosen.seconds, seed), chosen.short, seed)
        except (NotRecovered, StackError) as error:
            sys.exit(f"{error} (seed {seed}; with --dir the logs are kept)")
    sys.stdout.write(result.line() + "\n")
    sys.exit(0 if result.good else 1)


def plan(short: bool, seconds: float, seed: int) -> Iterator[Fault]:
    """The clock starts with the first fault."""
    return iter(short_faults()) if short else until_time(rounds(every_fault(), seed), seconds, _seconds_gone())


def run(folder: Path, faults: Iterator[Fault], short: bool, seed: int) -> Result:
    with Stack(folder / "data", replicas=_REPLICAS, restart_crashed=True, log_level="warning") as stack:
        say(f"stack is up; seed {seed}")
        ground = Ground(stack, folder)
        # Else the first kill of PostgreSQL would be charged with writing down the freshly made databases.
        stack.postgres.databases.run("CHECKPOINT;")
        load = SteadyLoad(stack.public_url, stack.admin_key, _RATE_PER_S, folder / "acks")
        load.start()
        ground.wait(2.0)
        struck = list(_told(attack(ground, load, faults, whole=not short)))
        sent = load.stop(ground.wait_until)
        say(f"load is over: {sent.acknowledged} acknowledged, {sent.tally.retries} tries repeated; settling")
        aftermath = look_after(ground, sent)
        through = [one.through.result(timeout=150) for one in struck]
        load.close()
        _tell(struck, through, aftermath)
        control_missing = run_control(ground, _RATE_PER_S, lost_s=2.0 if short else 5.0)
        say(f"control, rewind off: {control_missing} events were never handled")
    return _result(struck, through, sent, aftermath, control_missing, seed)


def _result(
    struck: Sequence[Struck],
    through: Sequence[float | None],
    sent: Sent,
    aftermath: Aftermath,
    control_missing: int,
    seed: int,
) -> Result:
    recoveries = [one.recovery for one in struck]
    return Result(
        acknowledged=sent.acknowledged,
        missing=aftermath.reckoning.total_missing,
        duplicated=aftermath.reckoning.total_duplicated,
        faults=len(struck),
        control_missing=control_missing,
        verify=aftermath.report.verdict,
        recovery_s=worst((r.name, r.outage_s) for r in recoveries),
        through_s=worst((r.name, t) for r, t in zip(recoveries, through, strict=True)),
        letters_twice=aftermath.letters_twice,
        given_up=sent.tally.given_up,
        refused=sent.tally.refused,
        seed=seed,
    )


def _told(struck: Iterable[Struck]) -> Iterator[Struck]:
    show([HEAD])
    for one in struck:
        say(recovery_line(one.recovery))
        yield one


def _tell(struck: Sequence[Struck], through: Sequence[float | None], aftermath: Aftermath) -> None:
    say(f"verify: {aftermath.report.verdict}, after {aftermath.report.waited_s:.1f} s of settling")
    show([HEAD, *(recovery_line(one.recovery, t) for one, t in zip(struck, through, strict=True))])
    show(counts("missing", aftermath.reckoning.missing))
    show(counts("twice:", aftermath.reckoning.duplicated))
    show(f"differs: {one}" for one in aftermath.report.named())


def _seconds_gone() -> Iterator[float]:
    begun = time.monotonic()
    while True:
        yield time.monotonic() - begun


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="redress-chaos-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def say(text: str) -> None:
    sys.stdout.write(f"[{time.monotonic() - _BEGUN:6.1f} s] {text}\n")
    sys.stdout.flush()


def show(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"           {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
