"""What a vendor delivers to the public address of a channel: proven, taken, and answered as the vendor wants it."""

from collections import Counter
from dataclasses import dataclass, replace

from chassis import logs
from chassis.call import Call
from chassis.db import Database
from intake.adapters import channel_store as store
from intake.app.channels.named import entry_of
from intake.app.channels.take import Take
from intake.app.channels.vendors import VENDORS
from intake.domain.channels.entry import Entry
from intake.domain.channels.hook import HookAnswer, HookCall, NotProven, Secrets, Unreadable
from intake.domain.channels.kinds import KINDS
from intake.domain.channels.outcome import HANDSHAKE, REFUSED, Received
from redress.intake.v1 import channels_pb2 as pb

_LOG = logs.get("hooks")
_NOT_HERE = HookAnswer(404, body=b"there is no such channel")
_NOT_PROVEN = HookAnswer(401, body=b"the signature is not right")
_NOT_READ = HookAnswer(400, body=b"the body cannot be read")
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Delivered:
    answer: HookAnswer
    outcomes: Counter[str]


class DeliverHook:
    def __init__(self, db: Database, take: Take) -> None:
        self._db = db
        self._take = take

    async def __call__(self, call: Call, request: pb.DeliverHookRequest) -> Delivered:
        """For the gateway alone. An unknown channel is answered as one that is switched off."""
        call.require("service")
        async with self._db.read() as tx:
            row = await store.by_id(tx, request.channel_id)
            if row is None or not row["enabled"] or not KINDS[row["kind"]].hook:
                return Delivered(_NOT_HERE, Counter({UNKNOWN: 1}))
            secrets, now = await store.secrets(tx, request.channel_id), tx.now
        entry = entry_of(row)
        made = HookCall(
            request.method,
            request.url,
            {pair.name: pair.value for pair in request.query},
            {pair.name: pair.value for pair in request.headers},
            request.body,
            now,
        )
        try:
            found = _proven(entry, secrets, made)
        except (NotProven, Unreadable) as error:
            _LOG.info("refused", channel_id=entry.channel_id, kind=entry.kind, why=error.detail)
            return await self._counted(entry, _NOT_PROVEN if isinstance(error, NotProven) else _NOT_READ, REFUSED)
        if isinstance(found, HookAnswer):
            return await self._counted(entry, found, HANDSHAKE)
        return await self._taken(call, entry, found)

    async def _taken(self, call: Call, entry: Entry, found: Received) -> Delivered:
        by = Call(
            actor=f"channel:{entry.channel_id}",
            roles=frozenset({"customer_service"}),
            traceparent=call.traceparent,
        )
        outcomes = [await self._take(by, entry, message) for message in found.messages]
        told = outcomes if entry.options.get("reply", True) else [replace(one, number="") for one in outcomes]
        return Delivered(found.answer(told), Counter(one.counted for one in outcomes))

    async def _counted(self, entry: Entry, answer: HookAnswer, outcome: str) -> Delivered:
        async with self._db.tx() as tx:
            await store.count(tx, entry.channel_id, {outcome: 1})
        return Delivered(answer, Counter({outcome: 1}))


def _proven(entry: Entry, secrets: Secrets, made: HookCall) -> Received | HookAnswer:
    missing = [name for name in KINDS[entry.kind].required if name not in secrets]
    if missing:
        raise NotProven(f"the channel's {', '.join(missing)} is not set")
    return VENDORS[entry.kind](entry, secrets, made)
