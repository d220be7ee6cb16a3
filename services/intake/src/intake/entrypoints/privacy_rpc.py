"""PrivacyService: each call one use case."""

from typing import Any

from chassis.commands import Commands
from intake.app.privacy import access, erasures, identity, persons, replaying, retention
from redress.intake.v1 import intake_pb2, privacy_pb2_grpc
from redress.intake.v1 import privacy_pb2 as pb

Context = Any


class PrivacyServicer(privacy_pb2_grpc.PrivacyServiceServicer):
    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    async def FindPersons(self, request: pb.FindPersonsRequest, context: Context) -> pb.FindPersonsReply:
        return await self._commands.ask(request, persons.find_persons)

    async def GetPerson(self, request: pb.GetPersonRequest, context: Context) -> pb.Person:
        return await self._commands.ask(request, persons.get_person)

    async def ExportPerson(self, request: pb.ExportPersonRequest, context: Context) -> pb.PersonExport:
        return await self._commands.run(request, access.export_person)

    async def HoldPerson(self, request: pb.HoldPersonRequest, context: Context) -> pb.Person:
        return await self._commands.run(request, persons.hold_person)

    async def ReleasePerson(self, request: pb.ReleasePersonRequest, context: Context) -> pb.Person:
        return await self._commands.run(request, persons.release_person)

    async def RequestErasure(self, request: pb.RequestErasureRequest, context: Context) -> pb.Erasure:
        return await self._commands.run(request, erasures.request_erasure)

    async def ApproveErasure(self, request: pb.DecideErasureRequest, context: Context) -> pb.Erasure:
        return await self._commands.run(request, erasures.approve_erasure)

    async def RefuseErasure(self, request: pb.DecideErasureRequest, context: Context) -> pb.Erasure:
        return await self._commands.run(request, erasures.refuse_erasure)

    async def GetErasure(self, request: pb.GetErasureRequest, context: Context) -> pb.Erasure:
        return await self._commands.ask(request, erasures.get_erasure)

    async def ListErasures(self, request: pb.ListErasuresRequest, context: Context) -> pb.ListErasuresReply:
        return await self._commands.ask(request, erasures.list_erasures)

    async def ReplayErasures(self, request: pb.ReplayErasuresRequest, context: Context) -> pb.ReplayErasuresReply:
        return await self._commands.run(request, replaying.replay_erasures)

    async def ListRetentionDue(self, request: pb.ListRetentionDueRequest, context: Context) -> pb.ListRetentionDueReply:
        return await self._commands.ask(request, retention.list_due)

    async def RevealIdentity(self, request: pb.RevealIdentityRequest, context: Context) -> intake_pb2.CustomerContact:
        return await self._commands.run(request, identity.reveal_identity)

    async def ProtectIdentity(self, request: pb.ProtectIdentityRequest, context: Context) -> intake_pb2.Complaint:
        return await self._commands.run(request, identity.protect_identity)
