"""Backup and restore of the embedded stack: under load, with NATS kept (ahead of what was put back) and NATS lost."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from redressctl import verify
from redressctl.load import run as load
from redressctl.load.acks import Ack, read_acks
from redressctl.target import target_of
from stack.backup import Taken, take_backup
from stack.errors import BackupFailed, NotRunning
from stack.restore import restore_backup
from stack.stack import Stack

_SKIP_NUMBERS = 1_000
_BODY = {
    "language": "en",
    "customer_name": "Ada Lovelace",
    "customer_email": "ada@customers.example",
    "product_family": "Aurora e-bike",
    "description": "The motor stops after ten minutes of riding and the display shows error 21.",
}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backed-up") / "data"


@pytest.fixture(scope="module")
def told(data_dir: Path) -> Iterator[dict[str, Any]]:
    """A stack that was loaded, backed up under load, loaded further and killed; what clients were told meanwhile."""
    acks = {name: data_dir.parent / f"{name}.jsonl" for name in ("before", "during", "after")}
    with Stack(data_dir, fast=True) as stack, ThreadPoolExecutor(1) as pool:
        loaded(stack, acks["before"], count=60)
        early = send(stack, "early").json()
        meanwhile: Future[None] = pool.submit(loaded, stack, acks["during"], seconds=3)
        time.sleep(0.5)
        taken = take_backup(data_dir, data_dir.parent / "redress.tar")
        meanwhile.result()
        loaded(stack, acks["after"], count=60)
        late = send(stack, "late").json()
        for part in stack.parts:
            part.kill()
        destroyed = time.monotonic()
    shutil.rmtree(data_dir / "postgres")
    read = {name: read_acks(path) for name, path in acks.items()}
    return {"taken": taken, "destroyed": destroyed, "early": early, "late": late} | read


def loaded(stack: Stack, acks: Path, *, count: int | None = None, seconds: float | None = None) -> None:
    asyncio.run(
        load(stack.public_url, stack.admin_key, rate_per_s=60, count=count, seconds=seconds, concurrency=8, acks=acks)
    )


def test_with_nats_ahead_of_the_restored_database_all_ends_clean_and_lost_requests_can_be_sent_again(
    data_dir: Path, told: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    taken: Taken = told["taken"]
    restored = restore_backup(taken.file, data_dir, skip_numbers=_SKIP_NUMBERS)
    with Stack(data_dir, fast=True) as stack:
        up_after_s = time.monotonic() - told["destroyed"]
        acks = data_dir.parent / "before.jsonl"
        report = asyncio.run(verify.run(target_of(stack.record(), data_dir), acks=acks, wait_s=60))
        assert report.clean, report.named()
        lost = [ack for ack in told["during"] + told["after"] if not exists(stack, ack)]
        assert {ack.key for ack in told["after"]} <= {ack.key for ack in lost}
        assert send(stack, "early").json()["complaint_id"] == told["early"]["complaint_id"]
        again = send(stack, "late")
        assert again.status_code == 201
        given_out = max(ack.number for name in ("before", "during", "after") for ack in told[name])
        assert again.json()["number"] > max(given_out, told["late"]["number"]), "a number stands in a letter already"
        assert "gone: the database was put back" in (stack.log_dir / "intake-recover.log").read_text()
        assert asyncio.run(verify.run(target_of(stack.record(), data_dir), wait_s=60)).clean
    with capsys.disabled():
        print(  # noqa: T201
            f"\nbackup of {taken.size_bytes / 1e6:.0f} MB in {taken.seconds:.1f} s under load; restore"
            f" {restored.seconds:.1f} s; serving {up_after_s:.1f} s after the loss (RTO);"
            f" {len(lost)} complaints of after the backup gone (RPO)"
        )


def test_with_nats_lost_the_streams_are_filled_again_and_all_ends_clean(
    data_dir: Path, told: dict[str, Any], tmp_path: Path
) -> None:
    restore_backup(told["taken"].file, tmp_path / "data", skip_numbers=_SKIP_NUMBERS)
    with Stack(tmp_path / "data", fast=True) as stack:
        assert all(exists(stack, ack) for ack in told["before"])
        loaded(stack, tmp_path / "acks.jsonl", count=20)
        target = target_of(stack.record(), tmp_path / "data")
        report = asyncio.run(verify.run(target, acks=tmp_path / "acks.jsonl", wait_s=60))
        assert report.clean, report.named()


def test_nothing_is_overwritten_and_what_is_no_backup_is_refused(data_dir: Path, told: dict[str, Any]) -> None:
    with pytest.raises(BackupFailed, match="--replace"):
        restore_backup(told["taken"].file, data_dir, skip_numbers=0)
    other = data_dir.parent / "other.tar"
    other.write_bytes(told["taken"].file.read_bytes()[:200_000])
    with pytest.raises(BackupFailed, match="damaged"):
        restore_backup(other, data_dir.parent / "new", skip_numbers=0)
    assert not (data_dir.parent / "new" / "postgres").exists()
    with pytest.raises(NotRunning, match="no stack's data directory"):
        take_backup(data_dir.parent, other)


def exists(stack: Stack, ack: Ack) -> bool:
    return ask(stack, "GET", f"/v1/complaints/{ack.complaint_id}").status_code == 200


def send(stack: Stack, key: str) -> httpx.Response:
    """The same request every time, with the same key, as a client sends it again after an outage."""
    return ask(stack, "POST", "/v1/complaints", _BODY, {"Idempotency-Key": key})


def ask(stack: Stack, verb: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
    credential = {"Authorization": f"Bearer {stack.admin_key}"}
    return httpx.request(verb, stack.public_url + path, json=body, headers=credential | (headers or {}), timeout=30)
