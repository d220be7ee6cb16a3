import json
import os
from collections import Counter
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from itertools import islice
from pathlib import Path

_KIND_HEADER = "X-Redress-Kind"


class MailStore:
    """Mails as numbered .eml files with an index of one JSON line each; memory does not grow with them."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._index_file = directory / "index.jsonl"
        self.count = 0
        self.by_kind = Counter[str]()
        self._recount()
        self._index = os.open(self._index_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def keep(self, sender: str, recipients: list[str], content: bytes) -> int:
        """Returns the mail's number, counted from 1."""
        number = self.count + 1
        self._path(number).write_bytes(content)
        entry = {"number": number, "from": sender, "to": recipients, **_headers(content)}
        # One write: a kill cannot leave half a line.
        os.write(self._index, json.dumps(entry).encode() + b"\n")
        self._tally(entry)
        return number

    def entries(self, limit: int, offset: int) -> list[dict[str, object]]:
        with self._index_file.open("rb") as lines:
            return [json.loads(line) for line in islice(lines, offset, offset + limit)]

    def raw(self, number: int) -> bytes | None:
        path = self._path(number)
        return path.read_bytes() if path.exists() else None

    def _recount(self) -> None:
        if self._index_file.exists():
            with self._index_file.open("rb") as lines:
                for line in lines:
                    self._tally(json.loads(line))

    def _tally(self, entry: dict[str, object]) -> None:
        self.count += 1
        self.by_kind[str(entry["kind"])] += 1

    def _path(self, number: int) -> Path:
        return self._directory / f"{number:08d}.eml"


def _headers(content: bytes) -> dict[str, object]:
    headers: Message = BytesHeaderParser().parsebytes(content)
    return {
        "subject": _decoded(headers.get("Subject", "")),
        "message_id": headers.get("Message-ID", ""),
        "kind": headers.get(_KIND_HEADER, ""),
        "received_at": datetime.now(UTC).isoformat(),
    }


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError):  # an unknown or lying charset in somebody's test mail
        return str(value)
