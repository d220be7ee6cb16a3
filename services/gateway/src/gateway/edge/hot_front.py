"""The hottest routes stand before FastAPI: the way through its middlewares and router cost more than their work.

They are ordinary routes of the application too, so that the document describes them; only their calls come here.
"""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.errors import RedressError
from gateway.edge.guarded_route import GuardedRoute
from gateway.edge.refusing import by_fastapi, by_us

Handler = Callable[[Request], Awaitable[Response]]


class HotFront:
    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._hot: dict[str, list[tuple[GuardedRoute, re.Pattern[str], Handler]]] = defaultdict(list)
        for route in routes:
            if isinstance(route, GuardedRoute) and getattr(route.endpoint, "kind", "") == "hot":
                for method in route.methods or ():
                    self._hot[method].append((route, route.path_regex, route.get_route_handler()))

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
        except RequestValidationError as error:
            response = await by_fastapi(request, error)
        await response(scope, receive, send)
        return None

    def _match(self, scope: Scope) -> tuple[GuardedRoute, dict[str, Any], Handler] | None:
        for route, pattern, handle in self._hot.get(scope["method"], ()):
            if match := pattern.match(scope["path"]):
                return route, match.groupdict(), handle
        return None
