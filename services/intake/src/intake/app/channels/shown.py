"""A channel as people see it: what its secrets are it never tells, only that and since when they are set."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chassis.db import Tx
from chassis.errors import NotFound
from chassis.messages import to_message
from intake.adapters import channel_store as store
from intake.app.channels.reading import DOCUMENTS
from intake.domain.channels.kinds import KINDS
from redress.intake.v1 import channels_pb2 as pb


class Shown:
    def __init__(self, hooks_at: str = "") -> None:
        """`hooks_at`: the public address of the gateway, as vendors call it."""
        self._hooks_at = hooks_at.rstrip("/")

    async def one(self, tx: Tx, channel_id: str) -> pb.Channel:
        row = await store.by_id(tx, channel_id)
        if row is None:
            raise NotFound("there is no such channel")
        return (await self.all_of(tx, [row]))[0]

    async def all_of(self, tx: Tx, rows: Sequence[Any]) -> list[pb.Channel]:
        names = [row["channel_id"] for row in rows]
        secrets, counts = await store.secrets_set(tx, names), await store.counts(tx, names)
        return [
            self._message(
                row,
                {one["name"]: one for one in secrets if one["channel_id"] == row["channel_id"]},
                [one for one in counts if one["channel_id"] == row["channel_id"]],
            )
            for row in rows
        ]

    def _message(self, row: Any, secrets: Mapping[str, Any], counts: Sequence[Any]) -> pb.Channel:
        kind = KINDS[row["kind"]]
        shown = [
            dict(secrets.get(name, {})) | {"name": name, "required": name in kind.required, "set": name in secrets}
            for name in kind.secrets
        ]
        values = dict(row) | {
            **{name: json.dumps(row[name], ensure_ascii=False) for name in DOCUMENTS},
            "hook_url": f"{self._hooks_at}/hooks/{row['channel_id']}" if kind.hook else "",
            "secrets": shown,
            "counts": counts,
            "last_seen_at": max((one["last_at"] for one in counts), default=None),
        }
        return to_message(pb.Channel, values)
