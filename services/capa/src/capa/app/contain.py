"""Containment of a case: what protects customers at once."""

import sqlalchemy as sa

from capa.adapters import cases, rows
from capa.adapters.tables import containments
from capa.app.roles import READERS, STAFF
from capa.app.trail import changes
from capa.domain import require
from capa.domain.containment import Containment, checked
from chassis.call import Call
from chassis.db import Tx
from chassis.ids import new_id
from chassis.messages import set_fields, to_message
from redress.capa.v1 import capa_pb2 as pb
from redress.capa.v1.events import ContainmentDone
from redress.common.v1.common_pb2 import Revision


async def record_containment(tx: Tx, call: Call, request: pb.RecordContainmentRequest) -> Revision:
    """A case may have several; each is a record that does not change."""
    call.require(*STAFF)
    given = set_fields(request)
    containment = checked(
        Containment(
            containment_id=new_id(),
            case_id=require.case_id(request.case_id),
            text=request.text.strip(),
            place=request.place,
            quantity_checked=given.get("quantity_checked"),
            quantity_nok=given.get("quantity_nok"),
            by=call.actor,
            at=tx.now,
        )
    )
    await cases.expect(tx, [containment.case_id])
    await rows.put(tx, containments, [rows.columns(containments, containment)])
    event = ContainmentDone(case_id=containment.case_id, place=containment.place, at=tx.now)
    tx.emit(event, subject=containment.containment_id, sequence=1)
    tx.audit(
        aggregate_type="containment",
        aggregate_id=containment.containment_id,
        action="recorded",
        call=call,
        changes=changes(None, containment),
        first=True,
    )
    return Revision(id=containment.containment_id, version=1)


async def list_containments(tx: Tx, call: Call, request: pb.ListContainmentsRequest) -> pb.ListContainmentsReply:
    call.require(*READERS)
    mine = containments.c.case_id == require.case_id(request.case_id)
    found = await tx.rows(sa.select(containments).where(mine).order_by(containments.c.containment_id))
    return pb.ListContainmentsReply(containments=[to_message(pb.Containment, row) for row in found])
