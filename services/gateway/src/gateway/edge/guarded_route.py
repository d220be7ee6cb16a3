from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import RedressError
from gateway.edge.admission import Policy
from gateway.edge.body import expect_json, read_body, read_form, refuse_encoded, replay
from gateway.edge.door import door_of
from gateway.edge.exchange import exchange_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Refusal = Callable[[Request, RedressError], Response]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_FORM_LIMIT_BYTES = 64 * 1024
_WITH_BODY = {"POST", "PUT", "PATCH", "DELETE"}


class GuardedRoute(APIRoute):
    """Admits the caller before it reads the body, and the body within its limits before FastAPI sees it.

    A route marked `hot` or `streaming` takes the bare request: the first decodes its body itself, once, the second
    must not be read ahead; so do a `page` and a `form` for customers.
    """

    def get_route_handler(self) -> Handler:
        endpoint: Any = self.endpoint
        policy: Policy = endpoint.policy
        kind = getattr(endpoint, "kind", "")
        inner: Handler = endpoint if kind else super().get_route_handler()

        async def handle(request: Request) -> Response:
            door = door_of(request)
            await door.admission.admit(request, policy)
            refuse_encoded(request)
            if kind in ("streaming", "hook") or request.method not in _WITH_BODY:
                return await inner(request)
            if kind == "form":
                body = await read_form(request, _FORM_LIMIT_BYTES, door.settings.body_timeout_s)
                return await inner(Request(request.scope, replay(body)))
            body = await read_body(request, door.settings.body_limit_bytes, door.settings.body_timeout_s)
            if body and kind != "hot":
                expect_json(body)
            return await inner(Request(request.scope, replay(body)))

        return _refusing_by(endpoint.refusal, handle) if getattr(endpoint, "refusal", None) else handle


def _refusing_by(refusal: Refusal, handle: Handler) -> Handler:
    async def handle_or_refuse(request: Request) -> Response:
        try:
            return await handle(request)
        except RedressError as error:
            exchange_of(request).slug = error.slug
            return refusal(request, error)

    return handle_or_refuse


def guarded(roles: frozenset[str], kind: str = "", refusal: Refusal | None = None) -> Callable[[Endpoint], Endpoint]:
    """Who may call a hand-written endpoint; empty roles: anybody, without credentials.

    `refusal`: how it answers errors, where a problem+json would not be understood.
    """

    def mark(endpoint: Endpoint) -> Endpoint:
        marked: Any = endpoint
        marked.policy, marked.kind, marked.refusal = Policy(roles, kind == "hook"), kind, refusal
        return endpoint

    return mark
