"""`redressctl load FILE`: a table through the import, mails through the mail channel; told apart by their content."""

import json
import mailbox
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redressctl.api import Api, Json, connect
from redressctl.errors import ApiProblem, UnknownFile
from redressctl.load import sending_key
from redressctl.mapping import mapped
from redressctl.tables import kind_of

_ROLE = "customer_service"
_IMPORT_TIMEOUT_S = 3_600.0
_FAILURES_SHOWN = 10


@dataclass
class MailTally:
    mails: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def as_json(self) -> Json:
        return {"mails": self.mails, "outcomes": dict(self.outcomes.most_common()), "refused": self.refused}


async def load_path(
    url: str, key: str, path: Path, *, mapping: Path | None = None, historical: bool = False, sheet: str = ""
) -> Json:
    """The import's report, or what became of the mails: {"mails": 3, "outcomes": {"registered": 2, "bounce": 1}}.

    Raises UnknownFile for what is neither, ApiProblem for a file that was refused.
    """
    form = _form(path, mapping, historical=historical, sheet=sheet)
    async with sending_key(url, key, own_key=True, role=_ROLE) as credential, connect(url, credential) as api:
        if form is None:
            return await _send_mails(api, path)
        return await api.send("POST", "/v1/imports", files=form, timeout=_IMPORT_TIMEOUT_S)


def _form(path: Path, mapping: Path | None, *, historical: bool, sheet: str) -> list[tuple[str, Any]] | None:
    """None for mails."""
    if path.is_dir() or kind_of(path) in ("mail", "mbox"):
        return None
    table = mapped(path, mapping)
    return [
        ("mapping", (None, json.dumps(table.mapping, ensure_ascii=False))),
        ("historical", (None, str(historical).lower())),
        *([("sheet", (None, sheet))] if sheet else []),
        ("file", (path.name, path.read_bytes(), "application/octet-stream")),
    ]


async def _send_mails(api: Api, path: Path) -> Json:
    tally = MailTally()
    for name, raw in mails_of(path):
        tally.mails += 1
        try:
            receipt = await api.send(
                "POST", "/v1/channels/mail/messages", headers={"Content-Type": "message/rfc822"}, content=raw
            )
        except ApiProblem as problem:
            tally.outcomes["refused"] += 1
            tally.refused += [f"{name}: {problem}"] if len(tally.refused) < _FAILURES_SHOWN else []
            continue
        tally.outcomes["existing" if receipt["existing"] else receipt["reason"] or receipt["state"]] += 1
    return tally.as_json()


def mails_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name, raw bytes) of one mail, of every mail of an mbox, or of every .eml file below a folder, by name."""
    if path.is_dir():
        found = sorted(each for each in path.rglob("*") if each.suffix.lower() == ".eml" and each.is_file())
        if not found:
            raise UnknownFile(f"There is no .eml file in {path}.")
        for each in found:
            yield each.name, each.read_bytes()
    elif kind_of(path) == "mbox":
        box = mailbox.mbox(path, create=False)
        for n, key in enumerate(box.iterkeys(), 1):
            yield f"{path.name} #{n}", box.get_bytes(key)
    else:
        yield path.name, path.read_bytes()
