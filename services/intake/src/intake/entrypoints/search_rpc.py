"""SearchService: each call one use case."""

from typing import Any

from chassis.commands import Commands
from intake.app.search import export, index, views
from intake.app.search.search import search_complaints
from redress.intake.v1 import search_pb2 as pb
from redress.intake.v1 import search_pb2_grpc

Context = Any


class SearchServicer(search_pb2_grpc.SearchServiceServicer):
    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    async def SearchComplaints(self, request: pb.SearchComplaintsRequest, context: Context) -> pb.SearchComplaintsReply:
        return await self._commands.ask(request, search_complaints)

    async def GetSearchIndex(self, request: pb.GetSearchIndexRequest, context: Context) -> pb.SearchIndex:
        return await self._commands.ask(request, index.get_search_index)

    async def RebuildSearchIndex(self, request: pb.RebuildSearchIndexRequest, context: Context) -> pb.SearchIndex:
        return await self._commands.run(request, index.rebuild_search_index)

    async def ListSavedViews(self, request: pb.ListSavedViewsRequest, context: Context) -> pb.ListSavedViewsReply:
        return await self._commands.ask(request, views.list_saved_views)

    async def GetSavedView(self, request: pb.GetSavedViewRequest, context: Context) -> pb.SavedView:
        return await self._commands.ask(request, views.get_saved_view)

    async def CreateSavedView(self, request: pb.CreateSavedViewRequest, context: Context) -> pb.SavedView:
        return await self._commands.run(request, views.create_saved_view)

    async def UpdateSavedView(self, request: pb.UpdateSavedViewRequest, context: Context) -> pb.SavedView:
        return await self._commands.run(request, views.update_saved_view)

    async def DeleteSavedView(self, request: pb.DeleteSavedViewRequest, context: Context) -> pb.SavedView:
        return await self._commands.run(request, views.delete_saved_view)

    async def RunSavedView(self, request: pb.RunSavedViewRequest, context: Context) -> pb.SearchComplaintsReply:
        return await self._commands.ask(request, views.run_saved_view)

    async def ExportComplaints(self, request: pb.ExportComplaintsRequest, context: Context) -> pb.ExportComplaintsReply:
        return await self._commands.run(request, export.export_complaints)
