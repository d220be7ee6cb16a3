"""Asks intake for the text of a complaint."""

from typing import Any, Protocol

from chassis.asking import invoke
from chassis.errors import NotFound
from chassis.tokens import Signer
from redress.intake.v1 import intake_pb2 as pb
from redress.intake.v1 import intake_pb2_grpc

_TIMEOUT_S = 2.0


class ComplaintTexts(Protocol):
    async def of(self, complaint_id: str) -> pb.ComplaintText: ...


class IntakeTexts:
    """Over gRPC with this service's own token."""

    def __init__(self, channel: Any, signer: Signer) -> None:
        self._stub: Any = intake_pb2_grpc.IntakeServiceStub(channel)
        self._signer = signer

    async def of(self, complaint_id: str) -> pb.ComplaintText:
        """`NotFound` when intake knows no such complaint, `Unavailable` when it does not answer."""
        request = pb.GetTextsRequest(complaint_ids=[complaint_id])
        token = self._signer.for_service()
        reply: pb.GetTextsReply = await invoke(self._stub.GetTexts, request, token=token, timeout=_TIMEOUT_S)
        if not reply.texts:
            raise NotFound(f"there is no complaint {complaint_id}")
        return reply.texts[0]
