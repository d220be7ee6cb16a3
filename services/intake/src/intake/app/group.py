"""The items of one transaction, settled step by step: keys, faults, external ids, then all new ones at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import idempotency
from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, IdempotencyMismatch, Invalid, RedressError
from chassis.ids import new_id
from intake.adapters import lookups, writes
from intake.adapters.index_key import ready
from intake.app import events, replies, surroundings
from intake.app.channels.named import channels_named
from intake.app.forms import records
from intake.app.forms.filling import Filled, merged, renamed
from intake.app.forms.registering import FormGiven, filled_in
from intake.app.master_data.completing import Masters, masters_of
from intake.app.replies import Outcome
from intake.domain.channels.entry import Channels, by_channel
from intake.domain.complaint import Submission
from intake.domain.master_data.catalogue import Changes
from intake.domain.registration import Matched, Registrar, Registration, matched
from intake.domain.validation import checked
from redress.intake.v1.intake_pb2 import Registered

REGISTERING = ("customer_service", "engineer", "quality", "manager", "channel")
TRUSTED_WITH_HISTORY = ("customer_service", "quality", "manager")


@dataclass(frozen=True, slots=True)
class Item:
    call: Call
    submission: Submission
    body_hash: bytes = b""
    """Of the command as it came; only with an idempotency key."""
    form: FormGiven | None = None

    @classmethod
    def without_key(cls, call: Call, submission: Submission) -> "Item":
        """For what came within a file or a mail: a key of the request is that of the whole."""
        return cls(call.with_request(idempotency_key=None, traceparent=call.traceparent), submission)

    @property
    def key(self) -> tuple[str, str] | None:
        return (self.call.actor, self.call.idempotency_key) if self.call.idempotency_key else None


class Group:
    def __init__(self, tx: Tx, items: Sequence[Item], registrar: Registrar) -> None:
        self._tx = tx
        self._items = items
        self._registrar = registrar
        self._outcomes: dict[int, Outcome] = {}
        self._follows: dict[int, int] = {}
        """Item -> the earlier item of this group that it repeats (equal key, or equal external id)."""
        self._first_of_key: dict[tuple[str, str], int] = {}
        self._to_keep: set[int] = set()
        self._filled: dict[int, Filled] = {}
        self._from_masters: dict[int, Changes] = {}
        """What the registers changed or added: told in the audit trail."""

    async def registered(self) -> list[Outcome]:
        self._join_equal_keys()
        await ready(self._tx)
        await self._answer_known_keys()
        await self._fill_in()
        channels = await channels_named(self._tx, [item.submission for item in self._items])
        given = [self._given(i) for i in range(len(self._items)) if self._is_open(i)]
        new = self._checked(channels, await masters_of(self._tx, self._registrar.catalogue, given))
        await self._answer_known_external_ids(new)
        await self._write({i: m for i, m in new.items() if self._is_open(i)})
        for i, leader in self._follows.items():
            self._outcomes[i] = replies.again(self._outcomes[leader], self._items[i], self._items[leader])
        await self._keep_replies()
        return [self._outcomes[i] for i in range(len(self._items))]

    def _is_open(self, i: int) -> bool:
        return i not in self._outcomes and i not in self._follows

    def _join_equal_keys(self) -> None:
        """Equal keys inside one group are one command."""
        for i, item in enumerate(self._items):
            if item.key is None:
                continue
            if len(item.key[1]) > idempotency.MAX_KEY:
                fault = FieldError("idempotency_key", f"is longer than {idempotency.MAX_KEY} characters")
                self._outcomes[i] = Invalid("the Idempotency-Key is too long", [fault])
                continue
            leader = self._first_of_key.setdefault(item.key, i)
            if leader != i and self._items[leader].body_hash != item.body_hash:
                self._outcomes[i] = IdempotencyMismatch()
            elif leader != i:
                self._follows[i] = leader

    async def _answer_known_keys(self) -> None:
        known = await lookups.known_replies(self._tx, list(self._first_of_key))
        for key, i in self._first_of_key.items():
            if key in known:
                self._outcomes[i] = replies.kept(known[key], self._items[i].body_hash)
            else:
                self._to_keep.add(i)

    async def _fill_in(self) -> None:
        """What came as answers to a form becomes facts of a complaint, or is refused by the form."""
        given = {i: (item.call, item.form) for i, item in enumerate(self._items) if item.form and self._is_open(i)}
        for i, answer in (await filled_in(self._tx, given)).items():
            if isinstance(answer, Filled):
                self._filled[i] = answer
            else:
                self._outcomes[i] = answer

    def _given(self, i: int) -> Submission:
        submission = self._items[i].submission
        return merged(submission, self._filled[i]) if i in self._filled else submission

    def _checked(self, channels: Channels, masters: Masters) -> dict[int, Matched]:
        new = {}
        for i, item in enumerate(self._items):
            if not self._is_open(i):
                continue
            try:
                authorise(item.call, item.submission)
                given = by_channel(self._given(i), channels, self._tx.now)
                completed, self._from_masters[i] = masters.completed(given)
                new[i] = matched(checked(completed, self._tx.now), self._tx.sealer.digest, masters.catalogue)
            except RedressError as error:
                self._outcomes[i] = self._told(i, error)
        return new

    def _told(self, i: int, error: RedressError) -> RedressError:
        """By the names that whoever sent it knows."""
        if i in self._filled:
            error.fields = renamed(self._filled[i].form, error.fields)
        return error

    async def _answer_known_external_ids(self, new: dict[int, Matched]) -> None:
        first: dict[tuple[str, str, str], int] = {}
        for i, m in new.items():
            given = m.submission
            if given.external_id is not None:
                leader = first.setdefault((given.channel, given.external_id, given.channel_id or ""), i)
                if leader != i:
                    self._follows[i] = leader
        for name, row in (await lookups.known_external_ids(self._tx, list(first))).items():
            self._outcomes[first[name]] = replies.existing(row, self._items[first[name]].call)

    async def _write(self, new: dict[int, Matched]) -> None:
        if not new:
            return
        registrations = await self._decided(new)
        await writes.insert(self._tx, list(registrations.values()))
        await records.keep(
            self._tx,
            {
                r.complaint_id: (self._items[i].call, self._filled[i])
                for i, r in registrations.items()
                if i in self._filled
            },
        )
        for i, registration in registrations.items():
            _record(self._tx, self._items[i].call, registration, self._from_masters[i])
            self._outcomes[i] = replies.registered(registration)

    async def _decided(self, new: dict[int, Matched]) -> dict[int, Registration]:
        around = await surroundings.load(self._tx, list(new.values()), self._registrar.table)
        serials = await lookups.serials(self._tx, len(new))
        return {
            i: self._registrar.decided(
                m, around, complaint_id=new_id(), serial=serial, by=self._items[i].call.actor, now=self._tx.now
            )
            for (i, m), serial in zip(new.items(), serials, strict=True)
        }

    async def _keep_replies(self) -> None:
        """Refusals are not kept: the next try may be allowed."""
        kept = []
        for i in self._to_keep:
            item, outcome = self._items[i], self._outcomes[i]
            if item.key is not None and isinstance(outcome, Registered):
                kept.append((*item.key, item.body_hash, idempotency.pack(outcome)))
        await writes.keep_replies(self._tx, kept)


def authorise(call: Call, submission: Submission) -> None:
    """Who may register, and who is trusted with a record that starts no clock or was asked no safety question."""
    call.require(*REGISTERING)
    if submission.historical or submission.safety_not_asked:
        call.require(*TRUSTED_WITH_HISTORY)


def _record(tx: Tx, call: Call, new: Registration, from_masters: Changes) -> None:
    tx.emit(events.registered(new), subject=new.complaint_id, sequence=1, traceparent=call.traceparent)
    tx.audit(
        aggregate_type="complaint",
        aggregate_id=new.complaint_id,
        action="registered",
        call=call,
        changes={
            "number": [None, new.number],
            "grade": [None, new.graded.grade],
            "row": [None, new.graded.row],
            **from_masters,
        },
        first=True,
    )
