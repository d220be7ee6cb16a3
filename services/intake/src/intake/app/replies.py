"""What an item of a group is answered."""

from typing import TYPE_CHECKING, Any, cast

from chassis import idempotency
from chassis.call import Call
from chassis.errors import Conflict, IdempotencyMismatch, RedressError
from chassis.messages import to_timestamp
from intake.domain.registration import Registration
from redress.intake.v1.intake_pb2 import Registered

if TYPE_CHECKING:
    from intake.app.group import Item

Outcome = Registered | RedressError

_SEES_ALL = ("customer_service", "engineer", "quality", "manager")


def registered(new: Registration) -> Registered:
    return Registered(
        complaint_id=new.complaint_id,
        number=new.number,
        grade=new.graded.grade,
        grade_row=new.graded.row,
        questions=new.graded.questions,
        proposals=len(new.proposals),
        t_registered=to_timestamp(new.t_registered),
        version=1,
    )


def existing(row: Any, call: Call) -> Outcome:
    """The complaint that this external id names already."""
    if not _may_know(call, row["registered_by"]):
        return _taken()
    return Registered(
        complaint_id=str(row["complaint_id"]),
        number=row["number"],
        grade=row["grade"],
        grade_row=row["grade_row"],
        questions=row["questions"],
        proposals=row["open_proposals"],
        t_registered=to_timestamp(row["t_registered"]),
        version=row["version"],
        existing=True,
    )


def kept(known: tuple[bytes, bytes | None], body_hash: bytes) -> Outcome:
    """The first answer to this key, word by word; a refusal for another body."""
    digest, reply = known
    if digest != body_hash or reply is None:
        return IdempotencyMismatch()
    return cast(Registered, idempotency.unpack(reply))


def again(outcome: Outcome, item: "Item", leader: "Item") -> Outcome:
    """An equal key is the same command; an equal external id is another one, about a complaint that now exists."""
    if not isinstance(outcome, Registered) or (item.key is not None and item.key == leader.key):
        return outcome
    if not _may_know(item.call, leader.call.actor):
        return _taken()
    repeated = Registered()
    repeated.CopyFrom(outcome)
    repeated.existing = True
    return repeated


def _may_know(call: Call, registered_by: str) -> bool:
    """A channel learns nothing of what another one registered."""
    return call.has(*_SEES_ALL) or registered_by == call.actor


def _taken() -> Conflict:
    return Conflict("external_id_taken", "this external_id belongs to a complaint of someone else")
