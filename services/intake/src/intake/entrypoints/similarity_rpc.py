"""SimilarityService: each call one use case."""

from typing import Any

from chassis.commands import Commands
from intake.app.likeness import by_hand, reading
from intake.app.likeness.asking import Asking
from redress.intake.v1 import intake_pb2, similarity_pb2_grpc
from redress.intake.v1 import similarity_pb2 as pb

Context = Any


class SimilarityServicer(similarity_pb2_grpc.SimilarityServiceServicer):
    def __init__(self, commands: Commands, asking: Asking) -> None:
        self._commands = commands
        self._asking = asking

    async def FindAlike(self, request: pb.FindAlikeRequest, context: Context) -> pb.AlikeReply:
        return await self._commands.ask(request, self._asking.find_alike)

    async def ListAlike(self, request: pb.ListAlikeRequest, context: Context) -> pb.AlikeReply:
        return await self._commands.ask(request, self._asking.list_alike)

    async def LinkComplaints(self, request: pb.LinkComplaintsRequest, context: Context) -> intake_pb2.Complaint:
        return await self._commands.run(request, by_hand.link_complaints)

    async def UnlinkComplaints(self, request: pb.UnlinkComplaintsRequest, context: Context) -> intake_pb2.Complaint:
        return await self._commands.run(request, by_hand.unlink_complaints)

    async def MergeComplaint(self, request: pb.MergeComplaintRequest, context: Context) -> intake_pb2.Complaint:
        return await self._commands.run(request, by_hand.merge_complaint)

    async def ListMerged(self, request: pb.ListMergedRequest, context: Context) -> pb.ListMergedReply:
        return await self._commands.ask(request, reading.list_merged)

    async def GetProposalFigures(self, request: pb.GetProposalFiguresRequest, context: Context) -> pb.ProposalFigures:
        return await self._commands.ask(request, reading.get_proposal_figures)
