"""The file of acknowledgements: one JSON line for each complaint that the installation said it has."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from redressctl.errors import UnknownFile


@dataclass(frozen=True)
class Ack:
    key: str
    complaint_id: str
    number: str
    at: datetime


class AckFile:
    """Written as they come, on disk for certain (fsync) when it is closed. Without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        self._file = self._path.open("a", encoding="utf-8") if self._path else None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def add(self, key: str, complaint_id: str, number: str) -> None:
        if self._file:
            line = {"key": key, "complaint_id": complaint_id, "number": number, "at": datetime.now(UTC).isoformat()}
            self._file.write(json.dumps(line) + "\n")


def read_acks(path: Path) -> list[Ack]:
    """A line that a crash cut in half acknowledged nothing. Raises UnknownFile where no line does: nothing could be
    missed then, and all would look well."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [ack for ack in map(_ack, lines) if ack is not None]
    if lines and not found:
        raise UnknownFile(f"{path} holds no acknowledgement: give the file that `redressctl load --acks` wrote.")
    return found


def _ack(line: str) -> Ack | None:
    try:
        found = json.loads(line)
        return Ack(found["key"], found["complaint_id"], found["number"], datetime.fromisoformat(found["at"]))
    except (ValueError, KeyError, TypeError):
        return None
