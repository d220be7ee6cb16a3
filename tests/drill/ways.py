"""Three ways of backing PostgreSQL up, each played to its end: load, back up, load, lose, restore, recover, count.

`wal`: a base backup, and the write-ahead log streamed away as it is written. `base`: a base backup alone, and NATS lost
with PostgreSQL. `dump`: pg_dump of the six databases. Dumps cannot be of one moment, so nothing may be written
meanwhile: the door is closed and all events are delivered first.
"""

import asyncio
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from redressctl import verify
from redressctl.errors import NotReachable
from redressctl.load import run as load
from redressctl.load.acks import read_acks
from redressctl.target import target_of
from stack.backup import FORMAT, Manifest, take_backup
from stack.binaries import postgres_binaries
from stack.infrastructure import Infrastructure
from stack.postgres import SUPERUSER
from stack.process import ManagedProcess
from stack.restore import remember, restore_backup
from stack.services import ALL_SERVICES
from stack.stack import Stack
from stack.unprivileged import lend
from tests.drill.lost import Lost, gone, rpo_s

_SKIP_NUMBERS = 10_000
_NO_MAIL = {"notify": {"REDRESS_SMTP_HOST": ""}}


@dataclass
class Drill:
    folder: Path
    rate: float
    seconds: float
    lost_at: float = 0.0
    lost_when: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def acks(self) -> Path:
        return self.folder / "acks.jsonl"

    def stack(self, data: Path | None = None) -> Stack:
        return Stack(data or self.data, env_overrides=_NO_MAIL, log_level="warning")

    def load(self, stack: Stack) -> None:
        work = load(stack.public_url, stack.admin_key, rate_per_s=self.rate, seconds=self.seconds, acks=self.acks)
        asyncio.run(work)

    def lose(self, stack: Stack) -> None:
        """All processes at once, as when the machine is gone."""
        for part in stack.parts:
            part.kill()
        self.lost_at, self.lost_when = time.monotonic(), datetime.now(UTC)

    def count(self, data: Path, backup_s: float, refused_s: float = 0.0) -> Lost:
        """Starts what was restored, and compares it with what clients were told."""
        with self.stack(data) as stack:
            rto = time.monotonic() - self.lost_at
            told = read_acks(self.acks)
            lost = gone(stack, told)
            report = asyncio.run(verify.run(target_of(stack.record(), data), wait_s=120))
        verdict = "clean" if report.clean else "; ".join(report.named())
        return Lost(len(told), len(lost), rpo_s(lost, self.lost_when), rto, backup_s, refused_s, verdict)


def wal(drill: Drill) -> Lost:
    archive = drill.folder / "archive"
    archive.mkdir()
    with drill.stack() as stack:
        with _received(stack, archive):
            drill.load(stack)
            backup = drill.folder / "redress.tar"
            taken = take_backup(drill.data, backup)
            _under_load(drill, stack)
            drill.lose(stack)
    shutil.rmtree(drill.data / "postgres")
    restore_backup(backup, drill.data, skip_numbers=_SKIP_NUMBERS)
    _play_forward(drill.data, archive)
    return drill.count(drill.data, taken.seconds)


def base(drill: Drill) -> Lost:
    with drill.stack() as stack:
        drill.load(stack)
        backup = drill.folder / "redress.tar"
        taken = take_backup(drill.data, backup)
        _under_load(drill, stack)
        drill.lose(stack)
    elsewhere = drill.folder / "elsewhere"
    restore_backup(backup, elsewhere, skip_numbers=_SKIP_NUMBERS)
    return drill.count(elsewhere, taken.seconds)


def dump(drill: Drill) -> Lost:
    dumps = drill.folder / "dumps"
    dumps.mkdir()
    with drill.stack() as stack:
        drill.load(stack)
        closed = time.monotonic()
        stack.service("gateway").stop()
        _all_delivered(stack)
        begun = time.monotonic()
        for service in ALL_SERVICES:
            _pg(stack, "pg_dump", "--format=custom", f"--file={dumps / service}", f"redress_{service}")
        backup_s = time.monotonic() - begun
        stack.service("gateway").start()
        refused_s = time.monotonic() - closed
        _under_load(drill, stack)
        drill.lose(stack)
    elsewhere = drill.folder / "elsewhere"
    _refill(elsewhere, drill.data / "secrets.json", dumps)
    return drill.count(elsewhere, backup_s, refused_s)


WAYS: dict[str, Callable[[Drill], Lost]] = {"wal": wal, "base": base, "dump": dump}


def _under_load(drill: Drill, stack: Stack) -> None:
    """Returns while requests are still under way: nothing is lost at a convenient moment."""

    def send() -> None:
        with suppress(NotReachable):  # what is under way when everything is killed gets no answer
            drill.load(stack)

    loading = threading.Thread(target=send, daemon=True)
    loading.start()
    loading.join(drill.seconds * 0.9)


@contextmanager
def _received(stack: Stack, archive: Path) -> Iterator[None]:
    """The write-ahead log goes to another place as it is written, not only when a segment of 16 MB is full."""
    server = stack.postgres.server
    address = ["-h", server.host, "-p", str(server.port), "-U", SUPERUSER, "--no-password"]
    receiver = ManagedProcess(
        "pg_receivewal",
        [str(postgres_binaries() / "pg_receivewal"), *address, "-D", str(archive), "--synchronous", "--no-loop"],
        archive.parent / "pg_receivewal.log",
        {**os.environ, "PGPASSWORD": server.password},
    )
    receiver.start()
    try:
        yield
    finally:
        receiver.stop()


def _play_forward(data: Path, archive: Path) -> None:
    """As far as the log reaches. The segment that was being received is as good as a full one."""
    for unfinished in archive.glob("*.partial"):
        unfinished.rename(unfinished.with_suffix(""))
    cluster = data / "postgres"
    for name, text in (("recovery.signal", ""), ("postgresql.auto.conf", f"restore_command = 'cp {archive}/%f %p'\n")):
        with (cluster / name).open("a") as file:
            file.write(text)
    lend(cluster)
    postgres = Infrastructure(data).postgres
    postgres.start()
    try:
        deadline = time.monotonic() + 60
        while postgres.databases.run("SELECT pg_is_in_recovery();") != "f":
            if time.monotonic() > deadline:
                raise TimeoutError("PostgreSQL is still playing the log forward after a minute")
            time.sleep(0.1)
    finally:
        postgres.stop()


def _all_delivered(stack: Stack) -> None:
    """No event waits in an outbox or with a consumer: then six dumps, one after another, agree with each other."""
    deadline = time.monotonic() + 60
    while waiting := [name for name in ALL_SERVICES if name != "gateway" and _waits(stack, name)]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"events still wait for {', '.join(waiting)}")
        time.sleep(0.5)


def _waits(stack: Stack, service: str) -> bool:
    lines = httpx.get(f"{stack.ops_url(service)}/metrics", timeout=10).text.splitlines()
    counted = [line for line in lines if line.startswith(("redress_outbox_pending", "redress_consumer_pending"))]
    return any(float(line.rsplit(" ", 1)[1]) > 0 for line in counted)


def _pg(stack: Stack | Infrastructure, program: str, *arguments: str) -> None:
    server = stack.postgres.server
    address = ["-h", server.host, "-p", str(server.port), "-U", server.user]
    argv = [str(postgres_binaries() / program), *address, *arguments]
    subprocess.run(argv, env={"PGPASSWORD": server.password}, check=True)  # noqa: S603 - argv is ours


def _refill(data: Path, secrets: Path, dumps: Path) -> None:
    """A new cluster with the same roles and passwords; its databases are filled before any service looks at them."""
    data.mkdir(mode=0o700)
    shutil.copy(secrets, data / "secrets.json")
    infra = Infrastructure(data)
    infra.start()
    try:
        for service in ALL_SERVICES:
            database = infra.databases.create_service_database(service).database
            _pg(infra, "pg_restore", "--exit-on-error", f"--dbname={database}", str(dumps / service))
    finally:
        infra.stop()
    version = (data / "postgres" / "PG_VERSION").read_text().strip()
    remember(data, Manifest(FORMAT, version, datetime.now(UTC).isoformat(), running=True), _SKIP_NUMBERS)
