"""Notices become mails: one per person and kind."""

from chassis.db import Database
from chassis.ids import new_id
from notify.adapters import deliveries, notices
from notify.adapters.deliveries import NewDelivery
from notify.app.mailroom import SWITCHED_OFF, Mailroom
from notify.domain.digest import gather

_NOTICES_AT_ONCE = 5000


async def make_digests(db: Database, room: Mailroom) -> int:
    """Puts what is due into deliveries; returns how many. One replica at a time, so that nobody gets two mails."""
    async with db.tx() as tx:
        digests = [(new_id(), digest) for digest in gather(await notices.ready(tx, _NOTICES_AT_ONCE))]
        if not digests:
            return 0
        new = [
            NewDelivery(d.kind, d.facts, d.case_id, task_id=d.task_id, person_id=d.person_id, delivery_id=delivery_id)
            for delivery_id, d in digests
        ]
        version = (await room.templates.current(tx)).version
        await deliveries.add(tx, new, version, skip="" if room.open else SWITCHED_OFF)
        await notices.bind(tx, [(notice_id, delivery_id) for delivery_id, d in digests for notice_id in d.notice_ids])
        return len(digests)
