"""One round of sending: claim, look up, write, hand over, settle. The network stands between two transactions."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from asyncpg import Record

from chassis.clock import utc_now
from chassis.db import Database, Tx
from chassis.errors import NotFound, RedressError, Unavailable
from chassis.ids import new_id
from chassis.tokens import Signer
from notify.adapters import deliveries
from notify.adapters.contacts import Colleagues, Customers
from notify.adapters.mail import MailFrom, compose, message_id
from notify.adapters.smtp import Mail, MailServer, Tried
from notify.app.mailroom import Mailroom
from notify.app.settle import Outcome, settle_round
from notify.domain.address import deliverable
from notify.domain.delivery import Answer
from notify.domain.kinds import CUSTOMER_KINDS
from notify.domain.letter import Recipient, write_letter
from notify.domain.template import TemplateSet

ROUND = 50

_Versions = Mapping[int, TemplateSet]
_AskFor = Callable[[Collection[str]], Awaitable[Mapping[str, Recipient]]]


@dataclass(frozen=True)
class Post:
    """The ways out."""

    server: MailServer
    sender: MailFrom
    customers: Customers
    colleagues: Colleagues
    signer: Signer | None = None
    """Signs what answers to our letters bring back."""


@dataclass(frozen=True)
class Round:
    claimed: int
    tried: int


async def send_round(db: Database, room: Mailroom, post: Post) -> Round:
    """Takes up to 50 deliveries that are due and settles each. Raises Unavailable without a database."""
    claim_id = new_id()
    # Before half the claim is over no new mail is begun, so that none is under way when another sender takes the row.
    until = time.monotonic() + room.claim.total_seconds() / 2
    async with db.tx() as tx:
        rows = await deliveries.claim(tx, claim_id, room.claim, ROUND)
        templates = await _templates(tx, room, rows)
    if not rows:
        return Round(0, 0)
    outcomes = await _deliver(rows, templates, room, post, until)
    await _settle(db, claim_id, outcomes, room)
    return Round(len(rows), sum(outcome.answer.tried for outcome in outcomes))


async def _settle(db: Database, claim_id: str, outcomes: Sequence[Outcome], room: Mailroom) -> None:
    """Outlasts a short outage of the database: what was sent and not noted would be sent once more."""
    give_up = time.monotonic() + room.claim.total_seconds()
    while True:
        try:
            async with db.tx() as tx:
                await settle_round(tx, claim_id, outcomes, room.retry)
            return
        except Unavailable:
            if time.monotonic() > give_up:
                raise
        await asyncio.sleep(0.3)


async def _templates(tx: Tx, room: Mailroom, rows: Sequence[Record]) -> _Versions:
    """Those that the rows were made with; a version that nobody published is missing."""
    found = {}
    for version in {row["template_version"] for row in rows}:
        with suppress(NotFound):
            found[version] = await room.templates.of_version(tx, version)
    return found


async def _deliver(
    rows: Sequence[Record], templates: _Versions, room: Mailroom, post: Post, until: float
) -> list[Outcome]:
    drafts = [
        _draft(row, found, templates.get(row["template_version"]), room, post)
        for row, found in await _recipients(rows, post)
    ]
    tried = await post.server.send([draft.mail for draft in drafts if draft.mail], until)
    return [_outcome(draft, tried.get(str(draft.row["delivery_id"])), post) for draft in drafts]


@dataclass(frozen=True)
class _Draft:
    """A mail, or the answer that there will be none now."""

    row: Record
    mail: Mail | None
    answer: Answer | None
    language: str | None


async def _recipients(rows: Sequence[Record], post: Post) -> list[tuple[Record, Recipient | Answer]]:
    customers = await _ask("intake", post.customers.of, {str(r["case_id"]) for r in rows if _to_customer(r)})
    colleagues = await _ask("gateway", post.colleagues.of, {r["person_id"] for r in rows if not _to_customer(r)})
    found: list[tuple[Record, Recipient | Answer]] = []
    for row in rows:
        source, key = (customers, str(row["case_id"])) if _to_customer(row) else (colleagues, row["person_id"])
        unknown = Answer("no_address", "nobody is known there")
        found.append((row, source if isinstance(source, Answer) else source.get(key, unknown)))
    return found


def _to_customer(row: Record) -> bool:
    return row["kind"] in CUSTOMER_KINDS


async def _ask(who: str, ask: _AskFor, ids: Collection[str]) -> Mapping[str, Recipient] | Answer:
    if not ids:
        return {}
    try:
        return await ask(ids)
    except RedressError as error:
        # Whatever the owner's trouble is, it is not the delivery's: it waits.
        return Answer("postponed", f"{who}: {error.slug}")


def _draft(row: Record, found: Recipient | Answer, templates: TemplateSet | None, room: Mailroom, post: Post) -> _Draft:
    if isinstance(found, Answer):
        return _Draft(row, None, found, row["language"])
    if (address := deliverable(found.address)) is None:
        return _Draft(row, None, Answer("no_address", "no address that mail can go to"), row["language"])
    if templates is None:
        return _Draft(row, None, Answer("postponed", "its templates were never published"), row["language"])
    try:
        links = partial(_links, row, room) if _to_customer(row) else None
        letter = write_letter(row["template"], row["facts"], found, templates, room.head, row["language"], links)
        delivery_id = str(row["delivery_id"])
        content = compose(
            letter,
            delivery_id=delivery_id,
            own_id=_own_id(row, post),
            kind=row["kind"],
            sender=post.sender,
            name=found.name,
            address=address,
            at=utc_now(),
        )
    except (KeyError, ValueError) as error:
        return _Draft(row, None, Answer("permanent", f"cannot be written: {type(error).__name__}"), row["language"])
    return _Draft(row, Mail(delivery_id, address, content), None, letter.language)


def _links(row: Record, room: Mailroom, language: str) -> dict[str, dict[str, str]]:
    return room.links.of_letter(str(row["case_id"]), row["facts"], language) if room.links else {}


def _own_id(row: Record, post: Post) -> str:
    about = str(row["case_id"]) if _to_customer(row) and row["case_id"] else None
    return message_id(str(row["delivery_id"]), post.sender, about, post.signer)


def _outcome(draft: _Draft, tried: Tried | None, post: Post) -> Outcome:
    delivery_id = str(draft.row["delivery_id"])
    answer = draft.answer or (tried.answer if tried else Answer("postponed", "the mail server is away"))
    return Outcome(
        delivery_id=delivery_id,
        kind=draft.row["kind"],
        case_id=str(draft.row["case_id"]) if draft.row["case_id"] else None,
        task_id=str(draft.row["task_id"]) if draft.row["task_id"] else None,
        attempts=draft.row["attempts"],
        answer=answer,
        at=tried.at if tried else utc_now(),
        language=draft.language,
        message_id=_own_id(draft.row, post),
        survey_id=draft.row["facts"].get("survey_id"),
    )
