"""The hottest routes stand before FastAPI: the way through its middlewares and router cost more than their work.

They are ordinary routes of the application too, so that the document describes them; only their calls come here.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.errors import RedressError
from gateway.edge.guarded_route import GuardedRoute
from gateway.edge.refusing import by_us

Handler = Callable[[Request], Awaitable[Response]]


class HotFront:
    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._hot = [
            (route, route.path_regex, route.get_route_handler())
            for route in routes
            if isinstance(route, GuardedRoute) and getattr(route.endpoint, "kind", "") == "hot"
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._match(scope)
        if found is None:
            return await self._app(scope, receive, send)
        scope["route"], scope["path_params"], handle = found
        request = Request(scope, receive, send)
        try:
            response = await handle(request)
        except RedressError as error:
            response = await by_us(request, error)
        await response(scope, receive, send)
        return None

    def _match(self, scope: Scope) -> tuple[GuardedRoute, dict[str, Any], Handler] | None:
        if scope["method"] != "POST":
            return None
        for route, pattern, handle in self._hot:
            if match := pattern.match(scope["path"]):
                return route, match.groupdict(), handle
        return None
