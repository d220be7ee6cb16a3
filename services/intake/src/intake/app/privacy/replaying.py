"""A backup that was put back knows those again who were erased since it was taken: they are erased once more."""

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, Invalid, NotFound
from intake.app.load import is_id
from intake.app.privacy import erasures
from intake.app.privacy.erasing import erase
from redress.intake.v1 import privacy_pb2 as pb

MOST = 200
_REASON = "was erased before the backup was put back"


async def replay_erasures(tx: Tx, call: Call, request: pb.ReplayErasuresRequest) -> pb.ReplayErasuresReply:
    """For administrators, with the ids of those who were erased (docs/privacy.md). May be sent again."""
    call.require("admin")
    if not 0 < len(request.person_ids) <= MOST:
        raise Invalid("whom does it concern?", [FieldError("person_ids", f"1 to {MOST} ids")])
    outcomes = [await _again(tx, call, person_id) for person_id in dict.fromkeys(request.person_ids)]
    return pb.ReplayErasuresReply(**{name: outcomes.count(name) for name in ("erased", "already", "unknown", "held")})


async def _again(tx: Tx, call: Call, person_id: str) -> str:
    if not is_id(person_id):
        return "unknown"
    try:
        complaints = await erase(tx, call, person_id, _REASON)
    except NotFound:
        return "unknown"
    except Conflict:
        return "held"
    if complaints is None:
        return "already"
    noted = await erasures.note(tx, call, person_id, origin="replay", reason=_REASON)
    row = await tx.fetchrow("SELECT * FROM erasures WHERE erasure_id = $1", noted.erasure_id)
    await erasures.settle(tx, call, row, "done", _REASON, complaints)
    return "erased"
