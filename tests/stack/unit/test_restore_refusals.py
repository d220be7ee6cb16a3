import gzip
import tarfile
from pathlib import Path

import pytest

from stack.errors import BackupFailed
from stack.restore import restore_backup


def cut_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(b"x" * 100_000)[:40])


def other_archive(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        archive.add(__file__, "notes.txt")


def text(path: Path) -> None:
    path.write_text("no archive at all")


@pytest.mark.parametrize("make", [cut_gzip, other_archive, text], ids=lambda make: make.__name__)
def test_a_file_that_is_no_backup_is_refused_and_changes_nothing(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "file.tar")
    with pytest.raises(BackupFailed, match="redressctl backup --out"):
        restore_backup(tmp_path / "file.tar", tmp_path / "data", skip_numbers=0)
    assert not (tmp_path / "data").exists()
