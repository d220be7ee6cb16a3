"""One file that holds all a stack must not lose: its PostgreSQL cluster at one moment, and its secrets.

All databases are in one cluster, so one base backup is one moment for all of them. NATS is left out: PostgreSQL is
the record, and streams are filled again from the outboxes. So are the mails that the sink received.
"""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from stack.binaries import postgres_binaries
from stack.cluster_checksums import ALGORITHM, verify_cluster
from stack.data_dir import DataDirLock, is_locked
from stack.errors import BackupFailed, NotRunning
from stack.ports import LOOPBACK
from stack.postgres import SUPERUSER, port_of
from stack.secret_file import SecretFile

FORMAT = 1
MANIFEST, CLUSTER, SECRETS = "backup.json", "postgres", "secrets.json"


@dataclass(frozen=True)
class Manifest:
    """Says of a backup what it is. `taken_at`: everything acknowledged before is in it."""

    format: int
    postgres: str
    """Major version of the cluster: another one cannot read it."""
    taken_at: str
    running: bool


@dataclass(frozen=True)
class Taken:
    file: Path
    manifest: Manifest
    size_bytes: int
    seconds: float


def take_backup(data_dir: Path, file: Path) -> Taken:
    """Of a running stack, without stopping it, or of a stopped one. The file replaces an older one in one step.

    Raises NotRunning where there is no stack, BackupFailed when it could not be made or does not verify.
    """
    data_dir, begun = data_dir.absolute(), time.monotonic()
    if not (data_dir / CLUSTER / "PG_VERSION").exists() or not (data_dir / SECRETS).exists():
        raise NotRunning(f"{data_dir} is no stack's data directory: give the one that `redressctl up --dir` uses.")
    with _draft_beside(file) as draft:
        taken_at = datetime.now(UTC)
        running = is_locked(data_dir)
        cluster = _base_backup(data_dir, draft) if running else _copy_of_stopped(data_dir, draft)
        version = (cluster / "PG_VERSION").read_text().strip()
        manifest = Manifest(FORMAT, version, taken_at.isoformat(), running)
        _pack(draft / "packed", manifest, cluster, data_dir / SECRETS)
        (draft / "packed").replace(file)
    return Taken(file, manifest, file.stat().st_size, time.monotonic() - begun)


@contextmanager
def _draft_beside(file: Path) -> Iterator[Path]:
    """On the same file system, so that the last step is a rename; readable by nobody else, for it holds secrets."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{file.name}.", dir=file.parent))
    except OSError as error:
        raise BackupFailed(f"Nothing can be written to {file.parent}: {error.strerror}.") from error
    try:
        yield draft
    except OSError as error:
        raise BackupFailed(f"The backup could not be written to {file}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _base_backup(data_dir: Path, draft: Path) -> Path:
    cluster = draft / CLUSTER
    port = port_of(data_dir / CLUSTER)
    if port is None:
        raise BackupFailed(f"PostgreSQL of {data_dir} is not up now: see `redressctl status --dir {data_dir}`.")
    address = ["-h", LOOPBACK, "-p", str(port), "-U", SUPERUSER, "--no-password"]
    password = SecretFile(data_dir / SECRETS).get("postgres.superuser")
    # --no-sync: the packed file is synced instead.
    how = [
        "-D",
        str(cluster),
        "--checkpoint=fast",
        "--wal-method=stream",
        "--no-sync",
        f"--manifest-checksums={ALGORITHM}",
    ]
    _run("pg_basebackup", *address, *how, env={"PGPASSWORD": password, "PGCONNECT_TIMEOUT": "10"})
    verify_cluster(cluster)
    return cluster


def _copy_of_stopped(data_dir: Path, draft: Path) -> Path:
    lock = DataDirLock(data_dir).acquire()
    try:
        shutil.copytree(data_dir / CLUSTER, draft / CLUSTER, ignore=shutil.ignore_patterns("postmaster.pid"))
    finally:
        lock.release()
    return draft / CLUSTER


def _pack(packed: Path, manifest: Manifest, cluster: Path, secrets: Path) -> None:
    description = packed.with_name(MANIFEST)
    description.write_text(json.dumps(asdict(manifest), indent=2))
    with os.fdopen(os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            for path, name in ((description, MANIFEST), (secrets, SECRETS), (cluster, CLUSTER)):
                archive.add(path, name)
        file.flush()
        os.fsync(file.fileno())


def _run(program: str, *arguments: str, env: dict[str, str] | None = None) -> None:
    argv = [str(postgres_binaries() / program), *arguments]
    done = subprocess.run(argv, env=env, capture_output=True, text=True)  # noqa: S603 - argv is ours
    if done.returncode != 0:
        raise BackupFailed(f"{program} failed: {done.stderr.strip()[-2000:]}")
