"""`python -m tests.bench --listing`: the 50 newest complaints while 100,000 are stored, for 16 clients at once.

A thousand are registered through the API, as customers' channels do, and multiplied in intake's own table: what is read
is real, and nothing else works meanwhile. Then each filter of the list and a page deep down is asked for, as fast as
16 kept connections of one separate process take the answers. Latency needs a quiet machine; CPU per request by process
says where it goes on any.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import msgspec

from redressctl.load import run as load
from stack.proc import cpu_seconds
from stack.stack import Stack
from tests.bench.cpu import cpu_by_part, machine_busy_seconds, spent
from tests.bench.reader import Asked, Reading

STORED = 100_000
CLIENTS = 16
_REGISTERED = 1_000
_SECONDS = 4.0
_ROOT = Path(__file__).resolve().parents[2]
_PARTS = ("gateway-0", "intake-0", "postgres")

# Everything is copied but what must be unique; the copies lie further and further back.
_MULTIPLY = r"""
\connect redress_intake
CREATE TEMP TABLE copy AS
  SELECT customer_id, uuidv7() AS copy_id, n FROM customers CROSS JOIN generate_series(1, {n}) n;
INSERT INTO customers SELECT r.* FROM customers c JOIN copy USING (customer_id)
  CROSS JOIN LATERAL jsonb_populate_record(c, jsonb_build_object('customer_id', copy_id)) r;
INSERT INTO complaints SELECT r.* FROM complaints c JOIN copy USING (customer_id)
  CROSS JOIN LATERAL jsonb_populate_record(c, jsonb_build_object(
    'complaint_id', uuidv7(), 'customer_id', copy_id, 'external_id', NULL,
    'number', 'C26-' || lpad(nextval('complaint_number')::text, 7, '0'),
    't_registered', t_registered - n * interval '97 s', 't_received', t_received - n * interval '97 s')) r;
VACUUM ANALYZE customers;
VACUUM ANALYZE complaints;
SELECT count(*) FROM complaints;
"""


@dataclass(frozen=True)
class Measured:
    name: str
    reading: Reading
    cpu_ms: dict[str, float]
    """Process -> CPU per request, the client's as "client"."""
    foreign_cores: float

    def line(self) -> str:
        parts = "  ".join(f"{part} {ms:.2f}" for part, ms in self.cpu_ms.items())
        return (
            f"{self.name:<22} {self.reading.answered / self.reading.seconds:7.0f}/s  p50 {self.reading.p50_ms:6.2f}"
            f"  p99 {self.reading.p99_ms:6.2f} ms   CPU {sum(self.cpu_ms.values()):.2f} ms: {parts}"
            f"  others took {self.foreign_cores:.2f} cores"
        )


def fill(stack: Stack) -> int:
    asyncio.run(load(stack.public_url, stack.admin_key, rate_per_s=0, count=_REGISTERED, concurrency=32))
    return int(stack.postgres.databases.run(_MULTIPLY.replace("{n}", str(STORED // _REGISTERED - 1))))


def measure(stack: Stack, pace: float = 1.0) -> Iterator[Measured]:
    keys = [_reading_key(stack, n) for n in range(CLIENTS)]
    for name, query in _queries(stack):
        asked = Asked(stack.public_url, keys, f"/v1/complaints?{query}", _SECONDS * pace)
        _read(msgspec.structs.replace(asked, seconds=0.5))  # plans and pages are warm then
        yield _measure(stack, name, asked)


def _queries(stack: Stack) -> Iterator[tuple[str, str]]:
    """Each filter with a value that complaints have; seldom ones make the index work."""
    newest = _page(stack, "limit=1")["items"][0]
    yield "newest 50", ""
    for name in ("product_family", "defect_code", "grade", "channel", "state", "signature"):
        yield name, f"{name}={newest[name]}".replace(" ", "%20").replace("|", "%7C")
    yield "state=merged (none)", "state=merged"
    yield "has_questions", "has_questions=true"
    yield "has_open_proposals", "has_open_proposals=true"
    yield "registered_from/to", f"registered_to={newest['t_registered']}&registered_from=2026-01-01T00:00:00Z"
    yield "200 pages deep", f"cursor={_deep(stack, 200)}"


def _deep(stack: Stack, pages: int) -> str:
    cursor = ""
    for _ in range(pages // 4):
        cursor = _page(stack, f"limit=200&cursor={cursor}" if cursor else "limit=200")["next_cursor"]
    return cursor


def _measure(stack: Stack, name: str, asked: Asked) -> Measured:
    before, busy, ours = cpu_by_part(stack), machine_busy_seconds(), _all_of_ours()
    reading = _read(asked)
    took = spent(before, cpu_by_part(stack))
    others = machine_busy_seconds() - busy - (_all_of_ours() - ours)
    ms = {part: took[part] * 1000 / reading.answered for part in _PARTS} | {
        "client": reading.cpu_s * 1000 / reading.answered
    }
    return Measured(name, reading, ms, max(0.0, others) / reading.seconds)


def _all_of_ours() -> float:
    """This process, the stack below it, and readers that have ended."""
    return cpu_seconds([os.getpid()])


def _read(asked: Asked) -> Reading:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.reader"],
        input=msgspec.json.encode(asked),
        stdout=subprocess.PIPE,  # why it failed is said on stderr
        cwd=_ROOT,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Reading)


def _page(stack: Stack, query: str) -> dict[str, object]:
    request = Request(
        f"{stack.public_url}/v1/complaints?{query}", headers={"Authorization": f"Bearer {stack.admin_key}"}
    )
    with urlopen(request, timeout=30) as answer:
        page: dict[str, object] = json.load(answer)
    return page


def _reading_key(stack: Stack, n: int) -> str:
    body = {"name": f"listing bench {n}", "roles": ["quality"], "rate_per_s": 100_000}
    headers = {"Authorization": f"Bearer {stack.admin_key}", "Content-Type": "application/json"}
    with urlopen(Request(f"{stack.public_url}/v1/api-keys", json.dumps(body).encode(), headers), timeout=30) as answer:
        return str(json.load(answer)["key"])
