"""/hooks/{channel}: what vendors deliver goes to intake as it came, and is answered as intake says. The vendor's own
signature is the credential; it often covers the address, so that is told as the vendor wrote it."""

import re

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chassis.errors import Malformed, RedressError
from gateway.adapters.contracts import method_of
from gateway.app.principal import NOBODY
from gateway.edge.body import read_raw
from gateway.edge.door import door_of
from gateway.edge.exchange import exchange_of
from gateway.edge.guarded_route import guarded
from redress.intake.v1.channels_pb2 import DeliverHookReply, DeliverHookRequest, HookPair

PATH = "/hooks/{channel}"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NEVER_PASSED = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "forwarded"})
_MAX_PAIRS = 100
_REFUSED = (400, 401, 404)


def _plainly(_request: Request, error: RedressError) -> Response:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    return PlainTextResponse(error.detail, error.status, headers)


@guarded(NOBODY, "hook", _plainly)
async def deliver_hook(request: Request) -> Response:
    door, channel = door_of(request), request.path_params["channel"]
    if not _NAME.fullmatch(channel):
        return PlainTextResponse("there is no such channel", 404)
    door.admission.admit_hook(request, channel)
    settings = door.settings
    body = (
        b"" if request.method == "GET" else await read_raw(request, settings.hook_limit_bytes, settings.body_timeout_s)
    )
    reply = await door.owners.ask_ourselves(
        "intake",
        method_of("intake", "DeliverHook"),
        _message(request, channel, body),
        exchange_of(request).traceparent,
        settings.write_timeout_s,
    )
    assert isinstance(reply, DeliverHookReply)
    if reply.status in _REFUSED:
        door.admission.slow_down_guessing(request)
    return Response(reply.body, reply.status, media_type=reply.content_type)


def _message(request: Request, channel: str, body: bytes) -> DeliverHookRequest:
    query = request.query_params.multi_items()
    if len(query) > _MAX_PAIRS:
        raise Malformed("the query has too many parameters")
    headers = [(name, value) for name, value in request.headers.items() if name not in _NEVER_PASSED]
    return DeliverHookRequest(
        channel_id=channel,
        method=request.method,
        url=_as_called(request),
        query=[HookPair(name=name, value=value) for name, value in query],
        headers=[HookPair(name=name, value=value) for name, value in headers],
        body=body,
    )


def _as_called(request: Request) -> str:
    """Behind a proxy we see another scheme and host than the vendor: the public address is what it was given."""
    raw = request.scope["query_string"].decode("latin-1")
    own = door_of(request).settings.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
    return f"{own}{request.url.path}{'?' if raw else ''}{raw}"


def add_routes(router: APIRouter) -> None:
    router.add_api_route(PATH, deliver_hook, methods=["GET", "POST", "PUT"], include_in_schema=False)
