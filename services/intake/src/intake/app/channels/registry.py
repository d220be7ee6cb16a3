"""The registry of channels: who may change it and look at it."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, NotFound, StaleVersion
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import channel_store as store
from intake.app.channels.reading import creation_faults, expect, expect_documents, read, secret_faults, text_faults
from intake.app.channels.shown import Shown
from intake.domain.channels.kinds import KINDS
from redress.intake.v1 import channels_pb2 as pb

READING = ("customer_service", "engineer", "quality", "manager")
CHANGING = ("admin",)
_GRACE_HOURS = 24
_USUAL: Mapping[str, Any] = MappingProxyType(
    {"language": "", "default_form": "", "product_family": "", "mapping": {}, "options": {}, "enabled": True}
)


class Registry:
    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    async def create(self, tx: Tx, call: Call, request: pb.CreateChannelRequest) -> pb.Channel:
        """Raises Invalid naming what does not fit, Conflict for a name that is taken."""
        call.require(*CHANGING)
        given = read(request)
        expect(creation_faults(request), "the channel cannot be made")
        if await store.by_id(tx, request.channel_id) is not None:
            raise Conflict("channel_exists", "there is a channel of this name")
        values: dict[str, Any] = {
            "channel_id": request.channel_id,
            "version": 1,
            "kind": request.kind,
            "channel": KINDS[request.kind].channel,
            **_USUAL,
            "label_zh": request.label_zh,
            "label_en": request.label_en,
            **given,
            "created_at": tx.now,
            "changed_at": tx.now,
        }
        expect_documents(values["kind"], values)
        await store.insert(tx, values)
        _audit(tx, call, request.channel_id, "channel made", {}, {"kind": request.kind, **given})
        return await self._shown.one(tx, request.channel_id)

    async def update(self, tx: Tx, call: Call, request: pb.UpdateChannelRequest) -> pb.Channel:
        call.require(*CHANGING)
        row = await _held(tx, request.channel_id, request.if_version)
        given = read(request)
        expect(text_faults(given), "the channel cannot be changed")
        expect_documents(row["kind"], given)
        changes = {name: value for name, value in given.items() if value != row[name]}
        if changes:
            await store.update(tx, request.channel_id, changes)
            _audit(tx, call, request.channel_id, "channel changed", row, changes)
        return await self._shown.one(tx, request.channel_id)

    async def delete(self, tx: Tx, call: Call, request: pb.DeleteChannelRequest) -> pb.DeleteChannelReply:
        """Raises Conflict for a channel that something came by: it is switched off instead."""
        call.require(*CHANGING)
        await _held(tx, request.channel_id, request.if_version)
        if await store.is_used(tx, request.channel_id):
            raise Conflict("channel_used", "something came by this channel", possible=["switch it off"])
        await store.delete(tx, request.channel_id)
        _audit(tx, call, request.channel_id, "channel deleted", {}, {})
        return pb.DeleteChannelReply()

    async def set_secret(self, tx: Tx, call: Call, request: pb.SetChannelSecretRequest) -> pb.Channel:
        """Takes effect at once; raises Invalid for a secret that the kind does not have."""
        call.require(*CHANGING)
        row = await _held(tx, request.channel_id, request.if_version)
        expect(secret_faults(row["kind"], request), "the secret cannot be set")
        hours = request.grace_hours if request.HasField("grace_hours") else _GRACE_HOURS
        grace = timedelta(hours=hours)
        await store.set_secret(tx, request.channel_id, request.secret, request.value.strip(), call.actor, grace)
        await store.update(tx, request.channel_id, {})
        _audit(tx, call, request.channel_id, "channel secret set", {}, {"secret": request.secret, "grace_hours": hours})
        return await self._shown.one(tx, request.channel_id)

    async def get(self, tx: Tx, call: Call, request: pb.GetChannelRequest) -> pb.Channel:
        call.require(*READING)
        return await self._shown.one(tx, request.channel_id)

    async def list_all(self, tx: Tx, call: Call, request: pb.ListChannelsRequest) -> pb.ListChannelsReply:
        call.require(*READING)
        limit, (after,) = limit_of(request.page), decode_cursor(request.page.cursor, str) or ("",)
        enabled = request.enabled if request.HasField("enabled") else None
        kind = request.kind if request.HasField("kind") else None
        rows = await store.page(tx, kind=kind, enabled=enabled, after=after, limit=limit + 1)
        cursor = encode_cursor(rows[limit - 1]["channel_id"]) if len(rows) > limit else ""
        return pb.ListChannelsReply(channels=await self._shown.all_of(tx, rows[:limit]), next_cursor=cursor)


async def _held(tx: Tx, channel_id: str, if_version: int) -> store.Row:
    row = await store.by_id(tx, channel_id, lock=True)
    if row is None:
        raise NotFound("there is no such channel")
    if row["version"] != if_version:
        raise StaleVersion(f"the channel stands at version {row['version']}")
    return row


def _audit(
    tx: Tx, call: Call, channel_id: str, action: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    changes = {name: [before.get(name), value] for name, value in after.items()}
    tx.audit(
        aggregate_type="channel",
        aggregate_id=f"channel:{channel_id}",
        action=action,
        call=call,
        changes=changes,
    )
