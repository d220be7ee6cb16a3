"""Who complains can be protected: then names and addresses are shown to nobody who does not say why they must know."""

from chassis.call import Call
from chassis.db import Tx
from chassis.messages import to_message
from intake.app.load import found, held
from intake.app.privacy.roles import HOLDING
from intake.app.queries import whole
from intake.domain.privacy.erasing import said
from redress.intake.v1 import intake_pb2, privacy_pb2


async def reveal_identity(tx: Tx, call: Call, request: privacy_pb2.RevealIdentityRequest) -> intake_pb2.CustomerContact:
    """Raises NotFound, Invalid without a reason."""
    call.require(*HOLDING)
    reason = said(request.reason)
    row = await held(tx, call, request.complaint_id)
    tx.audit(
        aggregate_type="complaint",
        aggregate_id=str(row["complaint_id"]),
        action="identity revealed",
        call=call,
        reason=reason,
    )
    return to_message(intake_pb2.CustomerContact, row)


async def protect_identity(tx: Tx, call: Call, request: privacy_pb2.ProtectIdentityRequest) -> intake_pb2.Complaint:
    """Protects it, or ends the protection. Raises NotFound, Invalid without a reason."""
    call.require(*HOLDING)
    reason = said(request.reason)
    row = await held(tx, call, request.complaint_id)
    if row["identity_protected"] != request.identity_protected:
        await tx.execute(
            "UPDATE complaints SET identity_protected = $2 WHERE complaint_id = $1",
            *(row["complaint_id"], request.identity_protected),
        )
        tx.audit(
            aggregate_type="complaint",
            aggregate_id=str(row["complaint_id"]),
            action="identity protected" if request.identity_protected else "identity no longer protected",
            call=call,
            changes={"identity_protected": [row["identity_protected"], request.identity_protected]},
            reason=reason,
        )
    return await whole(tx, await found(tx, call, request.complaint_id))
