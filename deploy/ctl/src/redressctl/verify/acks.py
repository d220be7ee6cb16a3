"""Acknowledged requests against what exists: nothing missing, nothing twice."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from redressctl.api import Api
from redressctl.load.acks import Ack
from redressctl.verify.books import Row
from redressctl.verify.compare import Check

_AROUND = timedelta(minutes=2)


def compare_acks(acks: Sequence[Ack], complaints: Sequence[Row], key_of: Mapping[str, str]) -> list[Check]:
    """`key_of`: of complaints that nobody was told of, the Idempotency-Key they were sent with (see `unannounced`)."""
    exist = {row.id for row in complaints}
    missing = [f"{ack.number} was acknowledged and is not there" for ack in acks if ack.complaint_id not in exist]
    return [
        Check("acknowledged complaints exist", len(acks), tuple(missing)),
        Check("one key made one complaint", len(acks), tuple(_doubled(acks, key_of))),
    ]


def _doubled(acks: Iterable[Ack], key_of: Mapping[str, str]) -> list[str]:
    made: dict[str, set[str]] = defaultdict(set)
    for ack in acks:
        made[ack.key].add(ack.complaint_id)
    for complaint_id, key in key_of.items():
        if key in made:
            made[key].add(complaint_id)
    return [
        f"key {key} made {len(ids)} complaints: {', '.join(sorted(ids))}" for key, ids in made.items() if len(ids) > 1
    ]


def unannounced(acks: Sequence[Ack], complaints: Iterable[Row]) -> list[str]:
    """Complaints of the same time that no acknowledgement names: perhaps the doubles of some that are named."""
    if not acks:
        return []
    known = {ack.complaint_id for ack in acks}
    first, last = min(ack.at for ack in acks) - _AROUND, max(ack.at for ack in acks) + _AROUND
    return [row.id for row in complaints if row.id not in known and row.at and first <= _time(row.at) <= last]


async def keys_of(api: Api, complaint_ids: Iterable[str]) -> dict[str, str]:
    """`load` writes each complaint's Idempotency-Key into its serial number, so that a double gives itself away."""

    async def one(complaint_id: str) -> tuple[str, str]:
        return complaint_id, (await api.get(f"/v1/complaints/{complaint_id}")).get("serial") or ""

    return dict(await asyncio.gather(*(one(complaint_id) for complaint_id in complaint_ids)))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
