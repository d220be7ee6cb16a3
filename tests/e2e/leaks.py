"""Every place of an installation where personal data and secrets must not be, as text; and what to look for in it."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import nats
from nats.js.api import AckPolicy, ConsumerConfig

import redressctl
from redress.catalog import OWNERS, stream_of
from stack.services import ALL_SERVICES
from stack.stack import Stack

SAMPLE = Path(redressctl.__file__).parent / "sample" / "complaints.csv"
_PERSONAL_COLUMNS = ("customer", "email", "serial")
_SIGNED_LINK = re.compile(r"https?://\S+/(?:status|survey)/([\w.~-]{40,})")
_JWT = re.compile(r"\bey[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}")
# What people wrote in what order is theirs; what a service says about a failure is not.
_TABLES = {
    "audit": "SELECT concat_ws(' ', aggregate_id, action, changes, reason) FROM audit",
    "outbox": "SELECT concat_ws(' ', subject, convert_from(body, 'UTF8')) FROM outbox",
    "dead letters": "SELECT concat_ws(' ', subject, error) FROM dead_letter",
}


def secrets_of(stack: Stack) -> Iterator[str]:
    """Passwords, peppers and API keys as they are; of a signing key its private part."""
    kept: dict[str, str] = json.loads(stack.infra.secrets.path.read_text())
    for name, value in kept.items():
        yield str(json.loads(value)["d"]) if name.startswith("signing_key.") else value


def sample_people() -> set[str]:
    """Names, addresses and serial numbers of every complaint of the sample."""
    return {row[name] for row in _sample() for name in _PERSONAL_COLUMNS if len(row[name]) > 2}


def sample_words() -> set[str]:
    """How each of them begins to tell what happened."""
    return {row["what_happened"][:40] for row in _sample()}


def _sample() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def signed_links(stack: Stack) -> set[str]:
    """The tokens in the links of all mails that the sink has received."""
    with httpx.Client(base_url=stack.sink_url, timeout=20) as sink:
        listed = sink.get("/messages?limit=1000").json()["messages"]
        mails = [sink.get(f"/messages/{each['number']}").content for each in listed]
    texts = (part.get_content() for mail in mails for part in _parts(mail))
    return {token.rstrip(".") for text in texts for token in _SIGNED_LINK.findall(text)}


def _parts(mail: bytes) -> list[Any]:
    return [part for part in message_from_bytes(mail, policy=policy.default).walk() if not part.is_multipart()]


async def places(stack: Stack) -> dict[str, str]:
    found = {f"log {path.name}": path.read_text(errors="replace") for path in stack.log_dir.glob("*.log")}
    found["stack.json"] = (stack.data_dir / "stack.json").read_text()
    for service in ALL_SERVICES:
        found[f"/metrics of {service}"] = httpx.get(f"{stack.ops_url(service)}/metrics").text  # noqa: ASYNC210
        found |= {f"{table} of {service}": text for table, text in (await _tables(stack, service)).items()}
    found |= {f"stream of {owner}": text for owner, text in (await _streams(stack.nats.url)).items()}
    found |= {f"command line of {part.process.name}": _command_line(part.process.pid) for part in stack.parts}
    return found


async def _tables(stack: Stack, service: str) -> dict[str, str]:
    connection = await asyncpg.connect(stack.postgres.databases.server.dsn(f"redress_{service}"))
    try:
        rows = {table: await connection.fetch(query) for table, query in _TABLES.items()}
    finally:
        await connection.close()
    return {table: "\n".join(row[0] for row in found) for table, found in rows.items()}


async def _streams(url: str) -> dict[str, str]:
    client = await nats.connect(url)
    try:
        return {owner: "\n".join([text async for text in _messages(client, stream_of(owner))]) for owner in OWNERS}
    finally:
        await client.close()


async def _messages(client: Any, stream: str) -> Any:
    """Body and headers of every message that the stream holds."""
    js = client.jetstream()
    left = (await js.stream_info(stream)).state.messages
    config = ConsumerConfig(ack_policy=AckPolicy.NONE)
    subscription = await js.pull_subscribe("", stream=stream, config=config) if left else None
    while left > 0 and subscription:
        for message in await subscription.fetch(min(left, 500), timeout=10):
            left -= 1
            yield f"{message.subject} {message.headers} {message.data.decode(errors='replace')}"


def _command_line(pid: int | None) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")


def found_in(haystacks: Mapping[str, str], needles: set[str]) -> list[tuple[str, str]]:
    """(needle, place), also where JSON would write the needle with escapes."""
    forms = {needle: {needle, json.dumps(needle)[1:-1]} for needle in needles if needle}
    return [
        (needle, place)
        for place, text in haystacks.items()
        for needle, written in forms.items()
        if any(form in text for form in written)
    ]


def tokens_in(haystacks: Mapping[str, str]) -> list[tuple[str, str]]:
    """Anything that has the form of a signed token, wherever it came from."""
    return [(match[:20], place) for place, text in haystacks.items() for match in _JWT.findall(text)]
