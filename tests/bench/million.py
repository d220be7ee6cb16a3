"""`python -m tests.bench --million`: lists, searches and candidates of repeats while 1,000,000 complaints are stored.

The complaints are made up (million_texts.py), put straight into intake's tables, sealed and indexed as the product does
it; then each kind of question is asked, every time with other words, by one client after the other: of the use case in
this process, and of the door. About ten minutes on two quiet cores, most of them for the loading; the answers take two.
`REDRESS_BENCH_COMPLAINTS` loads another number. Latency needs a quiet machine.
"""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import asyncpg
import msgspec

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.sealing import Sealer, key_of
from intake.adapters import search_blocks, search_postings
from intake.app.likeness.backgrounds import Backgrounds
from intake.app.likeness.search import resembling
from intake.app.search.candidates import candidates
from intake.app.search.lexicons import PURPOSE, lexicon_of
from intake.app.search.search import search_complaints
from redress.intake.v1 import search_pb2 as pb
from stack.stack import Stack
from tests.bench.million_load import Order
from tests.bench.million_questions import QUESTIONS, STORED, Question
from tests.bench.million_texts import chinese, chinese_text, english, english_text
from tests.bench.quantiles import percentile
from tests.bench.wire import open_wire

NOT_POSTED = 1_500
"""The newest are in no list of terms yet, as always."""
_LOADERS = 2
_ASKED, _ASKED_AT_DOOR = 300, 200
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answered:
    name: str
    p50_ms: float
    p99_ms: float
    door_p50_ms: float
    door_p99_ms: float

    def line(self) -> str:
        return (
            f"{self.name:<34} p50 {self.p50_ms:7.2f}  p99 {self.p99_ms:7.2f} ms"
            f"   at the door p50 {self.door_p50_ms:7.2f}  p99 {self.door_p99_ms:7.2f} ms"
        )


def fill(stack: Stack, say: Callable[[str], None]) -> None:
    asyncio.run(_fill(stack, say))


def measure(stack: Stack) -> Iterator[Answered]:
    for name, question in QUESTIONS.items():
        yield asyncio.run(_answered(stack, name, question))


def measure_candidates(stack: Stack) -> tuple[float, float]:
    """p50 and p99 in milliseconds, by whole texts like the stored ones."""
    return asyncio.run(_candidates(stack))


def measure_alike(stack: Stack) -> tuple[float, float]:
    """p50 and p99 in milliseconds: candidates of whole texts, compared in full, as people ask for them."""
    return asyncio.run(_alike(stack))


async def _fill(stack: Stack, say: Callable[[str], None]) -> None:
    async with database(stack) as db, _superuser(stack) as admin:
        holder = await asyncpg.connect(_dsn(stack))
        async with db.tx() as tx:
            await lexicon_of(tx)
            key = tx.sealer.derived(PURPOSE).hex()
        async with holder.transaction():
            # The worker leaves the index alone as long as someone holds its state.
            await holder.execute("SELECT FROM search_state FOR UPDATE")
            await asyncio.gather(*(_load(stack, key, part) for part in range(_LOADERS)))
            say(f"{STORED} complaints are stored")
            await _post(stack, say)
            await holder.execute(
                "UPDATE search_state SET next_doc = $1, posted_doc = $2, indexed_to = clock_timestamp()",
                STORED,
                STORED - NOT_POSTED,
            )
        await holder.close()
        for table in ("persons", "customers", "complaints", "complaint_terms", "term_postings", "term_blocks"):
            await admin.execute(f"VACUUM ANALYZE {table}")
        say("vacuumed and analysed")


async def _load(stack: Stack, key: str, part: int) -> None:
    order = Order(
        dsn=_dsn(stack),
        sealing_key=_sealing_key(stack),
        lexicon_key=key,
        first=STORED * part // _LOADERS,
        end=STORED * (part + 1) // _LOADERS,
        total=STORED,
        newest=datetime.now(UTC),
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.million_load", stdin=subprocess.PIPE, cwd=_ROOT
    )
    await process.communicate(msgspec.json.encode(order))
    if process.returncode:
        raise RuntimeError(f"a loader ended with {process.returncode}")


async def _post(stack: Stack, say: Callable[[str], None]) -> None:
    """A segment at a time, two at once: they share no row."""
    end = STORED - NOT_POSTED
    segments = list(range(0, end, search_postings.SEGMENT))

    async def some(own: list[int]) -> None:
        async with database(stack, timeout_s=600) as db:
            for first in own:
                async with db.tx() as tx:
                    await tx.execute("SET LOCAL work_mem = '512MB'")
                    await search_postings.post(tx, first, min(first + search_postings.SEGMENT, end))

    await asyncio.gather(some(segments[::2]), some(segments[1::2]))
    async with database(stack) as db, db.tx() as tx:
        await search_blocks.pack(tx, range(end, STORED))
    say("the lists of terms are made")


async def _answered(stack: Stack, name: str, question: Question) -> Answered:
    chance = random.Random(7)
    call = Call(actor="bench", roles=frozenset({"quality"}))

    async def ask(tx: Tx) -> None:
        request = pb.SearchComplaintsRequest(filter=pb.ComplaintFilter(**question(chance)), as_json=True)
        await search_complaints(tx, call, request)

    async with database(stack) as db:
        inside = await _timed(lambda: _read(db, ask), _ASKED)
    address = urlsplit(stack.public_url)
    wire = await open_wire(address.hostname or "", address.port or 80)
    head = f"Host: {address.netloc}\r\nAuthorization: Bearer {stack.admin_key}"

    async def at_door() -> None:
        query = "&".join(f"{name}={quote(value)}" for name, value in question(chance).items())
        status, body = await wire.send(f"GET /v1/complaints?{query} HTTP/1.1\r\n{head}\r\n\r\n".encode())
        if status != 200:
            raise RuntimeError(f"{query} was answered with {status}: {body[:300]!r}")

    at_the_door = await _timed(at_door, _ASKED_AT_DOOR)
    wire.close()
    return Answered(name, *_quantiles(inside), *_quantiles(at_the_door))


async def _candidates(stack: Stack) -> tuple[float, float]:
    chance = random.Random(11)
    languages = ((chinese(), chinese_text), (english(), english_text))

    async def ask(tx: Tx) -> None:
        words, text_of = chance.choice(languages)
        await candidates(tx, (await lexicon_of(tx)).terms(text_of(words, chance)), 50)

    async with database(stack) as db:
        return _quantiles(await _timed(lambda: _read(db, ask), _ASKED))


async def _alike(stack: Stack) -> tuple[float, float]:
    chance, backgrounds = random.Random(13), Backgrounds()
    languages = ((chinese(), chinese_text), (english(), english_text))

    async def ask(tx: Tx) -> None:
        words, text_of = chance.choice(languages)
        await resembling(tx, text_of(words, chance), await backgrounds.current(tx))

    async with database(stack) as db:
        return _quantiles(await _timed(lambda: _read(db, ask), _ASKED))


async def _read(db: Database, ask: Callable[[Tx], Awaitable[None]]) -> None:
    async with db.read() as tx:
        await ask(tx)


async def _timed(ask: Callable[[], Awaitable[None]], times: int) -> list[float]:
    """Seconds; the first tenth warms plans and pages up."""
    taken = []
    for n in range(times + times // 10):
        begun = time.perf_counter()
        await ask()
        if n >= times // 10:
            taken.append(time.perf_counter() - begun)
    return taken


def _quantiles(seconds: list[float]) -> tuple[float, float]:
    return round((percentile(seconds, 0.5) or 0) * 1000, 2), round((percentile(seconds, 0.99) or 0) * 1000, 2)


@asynccontextmanager
async def database(stack: Stack, timeout_s: float = 10.0) -> Any:
    db = Database(_dsn(stack), sealer=Sealer(key_of(_sealing_key(stack))), statement_timeout_s=timeout_s)
    try:
        yield db
    finally:
        await db.close()


@asynccontextmanager
async def _superuser(stack: Stack) -> Any:
    connection = await asyncpg.connect(_dsn(stack))
    try:
        yield connection
    finally:
        await connection.close()


def _dsn(stack: Stack) -> str:
    return stack.postgres.databases.server.dsn("redress_intake")


def _sealing_key(stack: Stack) -> str:
    return stack.infra.secrets.get("intake.sealing_key")
