"""The customers' side of the demo: the letters that reached them, read in the stack's mail sink."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default

import httpx

from redressctl.together import together

_PAGE = 500
_LINK = re.compile(r"https?://\S+/(status|survey)/\S+")


@dataclass(frozen=True)
class Letter:
    kind: str
    """receipt | case_closed"""
    number: str
    text: str

    def link(self, to: str) -> str:
        """To status or survey; empty where the letter has none."""
        return next((found.group() for found in _LINK.finditer(self.text) if found.group(1) == to), "")


async def letters(sink: httpx.AsyncClient, kind: str) -> list[Letter]:
    """All of a kind, in the order they came."""
    found: list[int] = []
    offset = 0
    while entries := (await sink.get(f"/messages?limit={_PAGE}&offset={offset}")).json()["messages"]:
        found += [entry["number"] for entry in entries if entry["kind"] == kind]
        offset += len(entries)
    return await read(sink, kind, found)


async def read(sink: httpx.AsyncClient, kind: str, numbers: Sequence[int]) -> list[Letter]:
    async def one(number: int) -> Letter:
        mail = message_from_bytes((await sink.get(f"/messages/{number}")).content, policy=default)
        named = re.search(r"[A-Z]\d\d-\d{7,}", mail["Subject"])
        return Letter(kind, named.group() if named else "", str(mail.get_content()))

    return await together(one(number) for number in numbers)
