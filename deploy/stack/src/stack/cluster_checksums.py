"""A base backup's files against the checksums that PostgreSQL wrote beside them. pg_verifybackup does the same, and
the one in the wheel (PostgreSQL 18.4) crashes at its start."""

import hashlib
import json
from pathlib import Path

from stack.errors import BackupFailed

# Written by PostgreSQL where the algorithm is asked for; the default is CRC32C, which Python's library does not have.
ALGORITHM = "SHA256"


def verify_cluster(cluster: Path) -> None:
    """Raises BackupFailed naming the first file that is missing or changed. A copy of a stopped cluster has no list."""
    manifest = cluster / "backup_manifest"
    if not manifest.exists():
        return
    for entry in json.loads(manifest.read_text(encoding="utf-8"))["Files"]:
        path = cluster / entry["Path"]
        if not path.is_file() or path.stat().st_size != entry["Size"] or _sha256(path) != entry["Checksum"]:
            raise BackupFailed(f"The backup does not verify: {entry['Path']} is missing or changed.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
