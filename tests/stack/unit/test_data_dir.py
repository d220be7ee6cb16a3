import fcntl
import threading
from pathlib import Path

import pytest

from stack.data_dir import DataDirLock, is_locked
from stack.errors import AlreadyRunning


def test_a_directory_has_one_holder_until_it_lets_go(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    first = DataDirLock(tmp_path).acquire()
    assert is_locked(tmp_path)
    with pytest.raises(AlreadyRunning, match="give this one another directory"):
        DataDirLock(tmp_path).acquire()
    first.release()
    assert not is_locked(tmp_path)


def test_somebody_who_only_looks_keeps_no_stack_from_starting(tmp_path: Path) -> None:
    DataDirLock(tmp_path).acquire().release()
    with (tmp_path / "stack.lock").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        threading.Timer(0.05, fcntl.flock, (looking.fileno(), fcntl.LOCK_UN)).start()
        DataDirLock(tmp_path).acquire().release()
