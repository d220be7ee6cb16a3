"""A person sends a given-up delivery out again."""

import sqlalchemy as sa

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import NotFound
from notify.adapters.tables import deliveries
from notify.app.mailroom import Mailroom
from notify.app.queries import delivery_of, identifier
from notify.domain.delivery import retry
from redress.notify.v1 import notify_pb2 as pb


async def retry_delivery(room: Mailroom, tx: Tx, call: Call, request: pb.GetDeliveryRequest) -> pb.Delivery:
    """Failed or skipped → pending, with all its attempts anew. Raises NotFound, IllegalTransition, Forbidden."""
    call.require("customer_service", "quality", "manager")
    mine = deliveries.c.delivery_id == identifier("delivery_id", request.delivery_id)
    row = await tx.row(sa.select(deliveries.c.state).where(mine).with_for_update())
    if row is None:
        raise NotFound("there is no such delivery")
    again = retry(row["state"], tx.now)
    changes = {"state": again.state, "attempts": again.attempts, "next_attempt_at": again.next_attempt_at, "error": ""}
    await tx.run(sa.update(deliveries).where(mine).values(version=deliveries.c.version + 1, **changes))
    tx.audit(
        aggregate_type="delivery",
        aggregate_id=request.delivery_id,
        action="retry",
        call=call,
        changes={"state": [row["state"], again.state]},
    )
    room.knock()
    return await delivery_of(tx, request.delivery_id)
