from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.commands import Commands
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.messages import to_message
from gateway.app import queries
from redress.gateway.v1 import identity_pb2 as pb
from redress.gateway.v1 import identity_pb2_grpc

_MAX_IDS = 1_000


class IdentityServicer(identity_pb2_grpc.IdentityServiceServicer):
    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    async def GetPersons(self, request: pb.GetPersonsRequest, context: Any) -> pb.GetPersonsReply:
        return await self._commands.ask(request, get_persons)


async def get_persons(tx: Tx, call: Call, request: pb.GetPersonsRequest) -> pb.GetPersonsReply:
    """Names and addresses for services only. Ids that are nobody's are left out, e.g. those of API keys."""
    call.require("service")
    if len(request.person_ids) > _MAX_IDS:
        raise Invalid("too many persons at once", [FieldError("person_ids", f"at most {_MAX_IDS}")])
    rows = await queries.persons_by_id(tx, [each for each in request.person_ids if _is_uuid(each)])
    persons = [to_message(pb.Person, dict(row) | {"disabled": row["disabled_at"] is not None}) for row in rows]
    return pb.GetPersonsReply(persons=persons)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
