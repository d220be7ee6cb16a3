"""Faults of a full disk: PostgreSQL's data and NATS's store each lie on a small tmpfs that a ballast file fills."""

import os
import shutil
import subprocess
from contextlib import suppress
from functools import partial
from pathlib import Path

from stack.errors import StackError
from stack.infrastructure import Infrastructure
from tests.chaos.fault import Kind, fault
from tests.chaos.ground import Ground, NotRecovered
from tests.chaos.requirements import TMPFS

# Room for six databases, ten minutes of load and a gigabyte of write-ahead log; the ballast takes the rest.
_POSTGRES_SIZE, _NATS_SIZE = "1200m", "300m"
_BALLAST = "ballast"
_SWITCHES = 6
_WRITE_AND_SWITCH = "SELECT pg_logical_emit_message(false, 'chaos', repeat('x', 100000)); SELECT pg_switch_wal();"


def prepare_disks(data_dir: Path) -> None:
    """Before the first start of a stack on `data_dir`: makes its cluster and puts it on a small disk of its own."""
    infra = Infrastructure(data_dir)
    infra.postgres.start()
    infra.postgres.stop()
    cluster, aside = infra.postgres.data_dir, data_dir / "postgres.made"
    cluster.rename(aside)
    _mount(cluster, _POSTGRES_SIZE)
    shutil.copytree(aside, cluster, symlinks=True, dirs_exist_ok=True)
    cluster.chmod(0o700)
    shutil.rmtree(aside)
    _mount(infra.nats.store_dir, _NATS_SIZE)


def disk_kinds() -> list[Kind]:
    return [
        Kind(
            "PostgreSQL disk full",
            [
                fault("disk full PostgreSQL", partial(fill_postgres, 8.0, False), "postgres"),
                fault("disk full PostgreSQL, no room for WAL", partial(fill_postgres, 8.0, True), "postgres"),
            ],
            needs=(TMPFS,),
        ),
        Kind("NATS disk full", [fault("disk full NATS", partial(fill_nats, 6.0), "nats")], needs=(TMPFS,)),
    ]


def fill_postgres(seconds: float, wal: bool, ground: Ground) -> str:
    """With `wal` the log is switched until it needs a segment that has no room: PostgreSQL panics, and cannot come
    back before there is."""
    restarts = ground.restarts("postgres")
    with _Ballast(ground.stack.postgres.data_dir):
        for _ in range(_SWITCHES if wal else 0):
            with suppress(StackError):
                ground.stack.postgres.databases.run(_WRITE_AND_SWITCH)
        ground.wait(seconds)
    if not ground.wait_until(ground.stack.postgres.ready, 60):
        raise NotRecovered("PostgreSQL did not come back though there is room again")
    return f"PostgreSQL was started again {ground.restarts('postgres') - restarts} times"


def fill_nats(seconds: float, ground: Ground) -> str:
    restarts = ground.restarts("nats")
    with _Ballast(ground.stack.nats.store_dir):
        ground.wait(seconds)
    return f"NATS was started again {ground.restarts('nats') - restarts} times by then"


class _Ballast:
    """A file that takes all the room there is, while the block lasts."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / _BALLAST

    def __enter__(self) -> None:
        file, size, step = os.open(self._path, os.O_WRONLY | os.O_CREAT), 0, 1 << 26
        while step >= 4096:  # in ever smaller steps: others take room meanwhile
            try:
                os.posix_fallocate(file, size, step)
                size += step
            except OSError:
                step //= 4
        os.close(file)

    def __exit__(self, *_: object) -> None:
        self._path.unlink()


def _mount(at: Path, size: str) -> None:
    at.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = f"size={size},mode=700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(at)], check=True)  # noqa: S603, S607
