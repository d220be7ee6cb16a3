"""Puts a backup back. The services' own part of it, `recover`, is done by the next start, before anything serves."""

import json
import shutil
import tarfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from stack.backup import CLUSTER, FORMAT, MANIFEST, SECRETS, Manifest
from stack.binaries import postgres_binaries
from stack.cluster_checksums import verify_cluster
from stack.data_dir import DataDirLock
from stack.errors import BackupFailed
from stack.own_settings import own_settings, write_own_settings
from stack.secret_file import write_private
from stack.unprivileged import lend

_MARKER = "restored.json"
# Events are sent again up to a week from before the backup; consumers refuse what is older than they remember.
_REMEMBERED_DAYS, _SENT_AGAIN_DAYS = 20, 8


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    set_aside: Path | None
    """Where what was in the directory before has gone."""
    seconds: float


def restore_backup(file: Path, data_dir: Path, *, skip_numbers: int, replace: bool = False) -> Restored:
    """The directory holds the backup's cluster and secrets afterwards; its NATS store, if any, stays and is emptied at
    the next start. With `replace` what stands there is moved aside, never deleted.

    Raises BackupFailed (nothing is changed then) and AlreadyRunning.
    """
    begun, data_dir = time.monotonic(), data_dir.absolute()
    with _opened(file) as archive:
        manifest = _manifest(archive, file)
        lock = DataDirLock(data_dir).acquire()
        try:
            if (data_dir / CLUSTER).exists() and not replace:
                raise BackupFailed(
                    f"{data_dir} holds a stack's data already: give another directory, or --replace to set it aside."
                )
            unpacked = _unpack(archive, data_dir)
            remember(data_dir, manifest, skip_numbers)  # first: what is put back never starts without it
            set_aside = _set_aside(data_dir)
            for name in (CLUSTER, SECRETS):
                (unpacked / name).rename(data_dir / name)
            shutil.rmtree(unpacked)
            lend(data_dir / CLUSTER)
        finally:
            lock.release()
    return Restored(manifest, set_aside, time.monotonic() - begun)


def to_recover(data_dir: Path) -> dict[str, Any] | None:
    """What the next start has to tell the services' `recover`; None where nothing was put back."""
    marker = data_dir / _MARKER
    found: dict[str, Any] | None = json.loads(marker.read_text()) if marker.exists() else None
    return found


def recovered(data_dir: Path) -> None:
    (data_dir / _MARKER).unlink(missing_ok=True)


def _opened(file: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(file)
    except FileNotFoundError:
        raise BackupFailed(f"There is no file {file}.") from None
    except (tarfile.TarError, EOFError):
        raise BackupFailed(f"{file} is no backup: `redressctl backup --out` makes them.") from None
    except OSError as error:
        raise BackupFailed(f"{file} cannot be read: {error.strerror}.") from error


def _manifest(archive: tarfile.TarFile, file: Path) -> Manifest:
    try:
        first = archive.next()  # not by name: that would read a damaged archive to its end
        content = archive.extractfile(first) if first and first.name == MANIFEST else None
        manifest = Manifest(**json.loads(content.read())) if content else None
    except (KeyError, ValueError, TypeError, tarfile.TarError, EOFError, OSError):
        manifest = None
    if manifest is None or manifest.format != FORMAT:
        raise BackupFailed(f"{file} is no backup that this version knows: `redressctl backup --out` makes them.")
    ours = postgres_binaries().parent.name.removeprefix("pginstall")
    if manifest.postgres != ours:
        raise BackupFailed(f"{file} was made with PostgreSQL {manifest.postgres}; this version carries {ours}.")
    return manifest


def _unpack(archive: tarfile.TarFile, data_dir: Path) -> Path:
    unpacked = data_dir / "restore.new"
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir(mode=0o700)
    try:
        archive.extractall(unpacked, filter="data")
        (unpacked / CLUSTER).chmod(0o700)
        (unpacked / SECRETS).chmod(0o600)
        verify_cluster(unpacked / CLUSTER)
    except BaseException as error:
        shutil.rmtree(unpacked, ignore_errors=True)
        if isinstance(error, tarfile.TarError | EOFError | OSError):
            raise BackupFailed(f"The backup is damaged or could not be unpacked: {error}.") from error
        raise
    return unpacked


def _set_aside(data_dir: Path) -> Path | None:
    there = [data_dir / name for name in (CLUSTER, SECRETS) if (data_dir / name).exists()]
    if not there:
        return None
    aside = data_dir / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    aside.mkdir(mode=0o700)
    for path in there:
        path.rename(aside / path.name)
    return aside


def remember(data_dir: Path, manifest: Manifest, skip_numbers: int) -> None:
    """For the next start; and where the backup is old, lets consumers remember for longer than that."""
    write_private(data_dir / _MARKER, json.dumps({"taken_at": manifest.taken_at, "skip_numbers": skip_numbers}))
    age = datetime.now(UTC) - datetime.fromisoformat(manifest.taken_at)
    if age > timedelta(days=_REMEMBERED_DAYS - _SENT_AGAIN_DAYS):
        days = age.days + 1 + _SENT_AGAIN_DAYS
        write_own_settings(data_dir, own_settings(data_dir), "*", "REDRESS_INBOX_RETENTION_DAYS", str(days + 1))
