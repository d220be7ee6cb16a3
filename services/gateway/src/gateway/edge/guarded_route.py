from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from gateway.edge.admission import Policy
from gateway.edge.body import expect_json, read_body, replay
from gateway.edge.door import door_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_WITH_BODY = {"POST", "PUT", "PATCH", "DELETE"}


class GuardedRoute(APIRoute):
    """Admits the caller before it reads the body, and the body within its limits before FastAPI sees it.

    A route marked `hot` or `streaming` takes the bare request: the first decodes its body itself, once, the second
    must not be read ahead.
    """

    def get_route_handler(self) -> Handler:
        endpoint: Any = self.endpoint
        policy: Policy = endpoint.policy
        kind = getattr(endpoint, "kind", "")
        inner: Handler = endpoint if kind else super().get_route_handler()

        async def handle(request: Request) -> Response:
            door = door_of(request)
            await door.admission.admit(request, policy)
            if kind == "streaming" or request.method not in _WITH_BODY:
                return await inner(request)
            body = await read_body(request, door.settings.body_limit_bytes, door.settings.body_timeout_s)
            if body and kind != "hot":
                expect_json(body)
            return await inner(Request(request.scope, replay(body)))

        return handle


def guarded(roles: frozenset[str], kind: str = "") -> Callable[[Endpoint], Endpoint]:
    """Who may call a hand-written endpoint; empty roles: anybody, without credentials."""

    def mark(endpoint: Endpoint) -> Endpoint:
        marked: Any = endpoint
        marked.policy, marked.kind = Policy(roles), kind
        return endpoint

    return mark
