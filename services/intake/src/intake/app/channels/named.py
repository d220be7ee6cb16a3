"""The channels that complaints name: nothing is read where none does."""

from collections.abc import Sequence
from typing import Any

from chassis.db import Tx
from intake.domain.channels.entry import Channels, Entry
from intake.domain.complaint import Submission

_COLUMNS = "channel_id, kind, channel, language, product_family, enabled, mapping, options"


async def channels_named(tx: Tx, given: Sequence[Submission]) -> Channels:
    names = sorted({s.channel_id.strip() for s in given if s.channel_id})
    if not names:
        return {}
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM channels WHERE channel_id = ANY($1::text[])",  # noqa: S608
        [name for name in names if "\x00" not in name],
    )
    return {row["channel_id"]: entry_of(row) for row in rows}


def entry_of(row: Any) -> Entry:
    return Entry(**{name: row[name] for name in _COLUMNS.split(", ")})
