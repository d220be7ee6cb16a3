"""`python -m tests.bench --layers`: in which layer of each service the time of a complaint goes.

py-spy looks at every service while complaints arrive. A sample counts for the innermost frame that belongs to a layer,
so that what json does for the audit trail counts for the audit trail. Only threads that hold the interpreter count:
what gRPC's own threads do is in no sample.
"""

import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stack.stack import Stack

_LAYERS = (
    ("uvicorn/", "HTTP protocol (uvicorn)"),
    ("gateway/edge/protocol", "HTTP protocol (uvicorn)"),
    ("fastapi/", "FastAPI, Starlette"),
    ("starlette/", "FastAPI, Starlette"),
    ("gateway/edge/", "edge: admission, limits, log"),
    ("structlog/", "edge: admission, limits, log"),
    ("gateway/routes/", "routes: decode, render"),
    ("gateway/adapters/", "gateway's adapters: batches, owners, keys"),
    ("grpc/", "gRPC"),
    ("chassis/rpc", "gRPC"),
    ("chassis/tokens", "tokens"),
    ("joserfc/", "tokens"),
    ("asyncpg/", "database driver"),
    ("chassis/db", "transaction"),
    ("chassis/idempotency", "transaction"),
    ("chassis/audit", "audit trail"),
    ("chassis/envelope", "events: encode, decode"),
    ("chassis/relay", "relay"),
    ("chassis/publish", "relay"),
    ("chassis/stream_agreement", "relay"),
    ("chassis/lease", "leases"),
    ("chassis/consumers", "consumers"),
    ("chassis/pull", "consumers"),
    ("chassis/inbox", "consumers"),
    ("chassis/runs", "consumers"),
    ("nats/", "NATS client"),
    ("chassis/bus", "NATS client"),
    ("prometheus_client/", "metrics"),
    ("chassis/metrics", "metrics"),
    ("/domain/", "domain rules"),
    ("/projections/", "domain rules"),
    ("/app/", "use cases"),
    ("/adapters/", "the service's SQL"),
    ("/entrypoints/", "entry points"),
)
_REST = "event loop and the rest"


def layer_of(stack: str) -> str:
    """`stack` as py-spy writes it: frames "name (file:line)" from the outermost, joined by semicolons."""
    for frame in reversed(stack.split(";")):
        for part, layer in _LAYERS:
            if part in frame:
                return layer
    return _REST


def shares(folded: Iterable[str]) -> dict[str, float]:
    """Layer -> share of all samples, largest first. A line is "stack count"."""
    counts: Counter[str] = Counter()
    for line in folded:
        stack, _, count = line.rpartition(" ")
        counts[layer_of(stack)] += int(count)
    total = sum(counts.values())
    return {layer: count / total for layer, count in counts.most_common()}


@contextmanager
def watched(stack: Stack, seconds: int, folder: Path) -> Iterator[dict[str, Path]]:
    """Part -> its profile, written when the block has ended. Raises FileNotFoundError where py-spy is missing."""
    spy = shutil.which("py-spy", path=str(Path(sys.executable).parent))
    if spy is None:
        raise FileNotFoundError("py-spy is not installed; make setup does it")
    services = {part.process.name: part.process.pid for part in stack.parts if _is_service(stack, part.process.name)}
    profiles = {name: folder / f"{name}.folded" for name in services}
    watchers = [_watch(spy, pid or 0, seconds, profiles[name]) for name, pid in services.items()]
    time.sleep(1.0)
    yield profiles
    for watcher in watchers:
        watcher.wait()


def _is_service(stack: Stack, name: str) -> bool:
    return name.rpartition("-")[0] in stack.replicas


def _watch(spy: str, pid: int, seconds: int, path: Path) -> "subprocess.Popen[bytes]":
    options = [
        "--gil",
        "--nonblocking",
        "--rate",
        "250",
        "--duration",
        str(seconds),
        "--format",
        "raw",
        "--output",
        str(path),
    ]
    return subprocess.Popen(  # noqa: S603 - argv is ours
        [spy, "record", *options, "--pid", str(pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def layer_lines(profiles: Mapping[str, Path], cpu_ms: Mapping[str, float], least_ms: float = 0.01) -> Iterator[str]:
    """A table for people: each part's CPU per complaint, divided by its layers."""
    for name, ms in sorted(cpu_ms.items(), key=lambda item: -item[1]):
        yield f"{name:<14}  {ms:>6.2f} ms"
        if name not in profiles or not profiles[name].exists():
            continue
        for layer, share in shares(profiles[name].read_text().splitlines()).items():
            if ms * share >= least_ms:
                yield f"    {ms * share:>6.2f} ms  {share * 100:>4.0f} %  {layer}"
