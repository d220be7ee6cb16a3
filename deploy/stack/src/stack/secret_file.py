import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def random_secret() -> str:
    return secrets.token_urlsafe(24)


class SecretFile:
    """Secrets made once and kept between runs, readable by the owner of the data directory only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, name: str, make: Callable[[], str] = random_secret) -> str:
        if name not in self._kept:
            self._kept[name] = make()
            write_private(self.path, json.dumps(self._kept, indent=2))
        return self._kept[name]


def write_private(path: Path, text: str) -> None:
    """Replaces the file in one step, mode 0600 from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
