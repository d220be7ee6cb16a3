from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stack.backup import FORMAT, Manifest
from stack.errors import StackError
from stack.own_settings import merged, own_settings
from stack.restore import remember, to_recover


def manifest(age_days: int) -> Manifest:
    return Manifest(FORMAT, "18", (datetime.now(UTC) - timedelta(days=age_days)).isoformat(), running=True)


def test_settings_of_the_directory_stand_below_those_of_the_caller(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"*": {"A": "1", "B": 2}, "notify": {"C": "3"}}')
    found = merged(own_settings(tmp_path), {"*": {"B": "9"}})
    assert found == {"*": {"A": "1", "B": "9"}, "notify": {"C": "3"}}


def test_a_settings_file_that_says_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('["REDRESS_SMTP_HOST"]')
    with pytest.raises(StackError, match=r"settings\.json is not of the form"):
        own_settings(tmp_path)


def test_after_an_old_backup_consumers_remember_long_enough_for_its_events(tmp_path: Path) -> None:
    remember(tmp_path, manifest(age_days=1), 7)
    assert (to_recover(tmp_path) or {})["skip_numbers"] == 7
    assert own_settings(tmp_path) == {}
    remember(tmp_path, manifest(age_days=40), 7)
    assert int(own_settings(tmp_path)["*"]["REDRESS_INBOX_RETENTION_DAYS"]) > 40 + 8
