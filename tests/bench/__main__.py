"""`make bench`: what one complaint costs on this machine, from the HTTP request to the last consumer.

    python -m tests.bench [--pace 1.0] [--layers | --listing | --million | --quality]

Its own stack, in a temporary folder, with every fsync on and mail off. Phases: warm-up; idle; 100 creates/s at fixed
times; creates at rising concurrency to saturation; a longer measurement there, CPU of all processes until everything is
delivered; pgbench with an equal row on the same server. The last line is one JSON object. Idle and 100/s come first:
for a minute after a burst PostgreSQL vacuums and analyses what it brought.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from stack.stack import Stack
from tests.bench import million, quality
from tests.bench.client import GeneratorProcess
from tests.bench.layers import layer_lines
from tests.bench.listing import fill
from tests.bench.listing import measure as measure_lists
from tests.bench.phases import STEADY_PER_S, Bench
from tests.bench.report import (
    LEVEL_HEAD,
    best,
    cpu_lines,
    lag_lines,
    level_line,
    refused_in,
    result_line,
    steady_cpu_line,
)

# No letters; and no second look at texts, which is done for minutes after the load, at the pace it is told.
_LEFT_OUT = {"notify": {"REDRESS_SMTP_HOST": ""}, "intake": {"REDRESS_LIKENESS_CORES": "0"}}
_BEGUN = time.monotonic()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pace", type=float, default=1.0, help="scales the length of every phase")
    parser.add_argument("--layers", action="store_true", help="where the time goes in each service, and nothing else")
    parser.add_argument("--listing", action="store_true", help="the 50 newest of 100,000 complaints, and nothing else")
    parser.add_argument("--million", action="store_true", help="searches of 1,000,000 complaints, and nothing else")
    parser.add_argument("--quality", action="store_true", help="how well repeats are found, on labelled data")
    chosen = parser.parse_args()
    measure = next((way for name, way in _WAYS.items() if getattr(chosen, name)), run)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the stack is stopped in order
    with tempfile.TemporaryDirectory(prefix="redress-bench-", ignore_cleanup_errors=True) as folder:
        with Stack(Path(folder) / "data", env_overrides=_LEFT_OUT, log_level="warning") as stack:
            say(f"stack is up ({os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f})")
            address = urlsplit(stack.public_url)
            with GeneratorProcess(address.hostname or "", address.port or 80, own_key(stack)) as generator:
                line = measure(Bench(stack, generator, chosen.pace), Path(folder))
    say("done")
    sys.stdout.write(line + "\n")


def run(bench: Bench, script_dir: Path) -> str:
    say(f"warm-up: {bench.warm_up().accepted_per_s:.0f}/s")
    idle = bench.idle_cores()
    say(f"idle: {idle:.3f} cores")
    steady = bench.steady()
    say("100/s at fixed times, latency from the scheduled time")
    show([LEVEL_HEAD, level_line(64, steady.outcome)])
    show([steady_cpu_line(steady), *lag_lines(steady)])
    say("creates at rising concurrency")
    show([LEVEL_HEAD])
    levels = []
    for level in bench.climb():
        levels.append(level)
        show([level_line(*level)])
    saturated = bench.saturate(best(levels))
    say(f"at {saturated.concurrency}: all delivered {saturated.delivered_after_s:.1f} s after the last answer")
    show([LEVEL_HEAD, level_line(saturated.concurrency, saturated.outcome)])
    show(cpu_lines(saturated))
    say("pgbench: one row of a complaint's size per commit")
    limits = dict(bench.row_limits(script_dir))
    show(f"{clients:>11} clients  {tps:>10.1f}/s" for clients, tps in limits.items())
    refused = refused_in([*(outcome for _, outcome in levels), saturated.outcome, steady.outcome])
    return result_line(saturated, steady, limits, idle, refused)


def run_listing(bench: Bench, _folder: Path) -> str:
    say(f"{fill(bench.stack)} complaints are stored")
    time.sleep(15)  # their events reach everybody, and the vacuum of what came is over
    measured = []
    for one in measure_lists(bench.stack, bench.pace):
        measured.append(one)
        show([one.line()])
    newest = measured[0]
    figures = {
        "newest_50_p99_ms": newest.reading.p99_ms,
        "newest_50_cpu_ms": round(sum(newest.cpu_ms.values()), 2),
        "foreign_cores": round(newest.foreign_cores, 2),
        "p99_ms": {one.name: one.reading.p99_ms for one in measured},
    }
    return json.dumps(figures)


def run_layers(bench: Bench, folder: Path) -> str:
    say(f"warm-up: {bench.warm_up().accepted_per_s:.0f}/s")
    found = {}
    for name, concurrency, rate in (("saturated", 256, None), ("at_100", 64, STEADY_PER_S)):
        cpu_ms, profiles = bench.layered(concurrency, rate, folder)
        say(f"{name.replace('_', ' ')}: {sum(cpu_ms.values()):.2f} ms CPU per complaint, being watched included")
        show(layer_lines(profiles, cpu_ms))
        found[name] = {part: round(ms, 2) for part, ms in cpu_ms.items()}
    return json.dumps(found)


def run_million(bench: Bench, _folder: Path) -> str:
    million.fill(bench.stack, say)
    time.sleep(15)  # checkpoints of the loading are over
    p99_ms, door_p99_ms = {}, {}
    for one in million.measure(bench.stack):
        p99_ms[one.name], door_p99_ms[one.name] = one.p99_ms, one.door_p99_ms
        show([one.line()])
    p50, p99 = million.measure_candidates(bench.stack)
    show([f"{'candidates of repeats':<34} p50 {p50:7.2f}  p99 {p99:7.2f} ms"])
    alike_p50, alike_p99 = million.measure_alike(bench.stack)
    show([f"{'repeats, compared in full':<34} p50 {alike_p50:7.2f}  p99 {alike_p99:7.2f} ms"])
    figures = {
        "complaints": million.STORED,
        "p99_ms": p99_ms,
        "door_p99_ms": door_p99_ms,
        "candidates_p99_ms": p99,
        "alike_p99_ms": alike_p99,
    }
    return json.dumps(figures)


def run_quality(bench: Bench, _folder: Path) -> str:
    return quality.measure(bench.stack, show)


_WAYS = {"layers": run_layers, "listing": run_listing, "million": run_million, "quality": run_quality}


def own_key(stack: Stack) -> str:
    """An API key of a channel whose rate does not hold the bench back."""
    body = {"name": "bench", "roles": ["channel"], "rate_per_s": 100_000}
    headers = {
        "Authorization": f"Bearer {stack.admin_key}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"bench-{time.time_ns()}",
    }
    request = Request(f"{stack.public_url}/v1/api-keys", json.dumps(body).encode(), headers)
    with urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["key"])


def say(text: str) -> None:
    sys.stdout.write(f"[{time.monotonic() - _BEGUN:6.1f} s] {text}\n")
    sys.stdout.flush()


def show(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"           {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
