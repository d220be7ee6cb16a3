"""ImportService: files that are read in the background, and saved mappings."""

from collections.abc import AsyncIterator
from typing import Any

from chassis.call import current_call
from chassis.commands import Commands
from intake.app.imports import look, mappings, store
from redress.intake.v1 import imports_pb2 as pb
from redress.intake.v1 import imports_pb2_grpc
from redress.intake.v1.intake_pb2 import ImportFileRequest, ImportReport

Context = Any


class ImportServicer(imports_pb2_grpc.ImportServiceServicer):
    def __init__(self, commands: Commands, store_file: store.StoreFile) -> None:
        self._commands = commands
        self._store_file = store_file

    async def StoreFile(self, request_iterator: AsyncIterator[ImportFileRequest], context: Context) -> ImportReport:
        return await self._store_file(current_call(), request_iterator)

    async def ListImports(self, request: pb.ListImportsRequest, context: Context) -> pb.ListImportsReply:
        return await self._commands.ask(request, look.list_imports)

    async def ResumeImport(self, request: pb.ResumeImportRequest, context: Context) -> ImportReport:
        return await self._commands.run(request, store.resume_import)

    async def StopImport(self, request: pb.StopImportRequest, context: Context) -> ImportReport:
        return await self._commands.run(request, store.stop_import)

    async def PutImportMapping(self, request: pb.PutImportMappingRequest, context: Context) -> pb.ImportMapping:
        return await self._commands.run(request, mappings.put_mapping)

    async def GetImportMapping(self, request: pb.GetImportMappingRequest, context: Context) -> pb.ImportMapping:
        return await self._commands.ask(request, mappings.get_mapping)

    async def ListImportMappings(
        self, request: pb.ListImportMappingsRequest, context: Context
    ) -> pb.ListImportMappingsReply:
        return await self._commands.ask(request, mappings.list_mappings)

    async def RemoveImportMapping(self, request: pb.RemoveImportMappingRequest, context: Context) -> pb.ImportMapping:
        return await self._commands.run(request, mappings.remove_mapping)
