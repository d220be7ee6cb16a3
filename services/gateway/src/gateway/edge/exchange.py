import os
import re
import time
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.types import Scope

from chassis.call import Call
from chassis.ids import new_id
from gateway.app.principal import Principal

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_TRACEPARENT = re.compile(r"^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")
_SCOPE_KEY = "redress.exchange"


@dataclass
class Exchange:
    """What is known about one request besides its content; `principal` once it is admitted."""

    request_id: str
    traceparent: str
    method: str
    client: str
    started: float = field(default_factory=time.perf_counter)
    principal: Principal | None = None
    slug: str = ""

    @property
    def trace_id(self) -> str:
        return self.traceparent.split("-")[1]

    @property
    def actor(self) -> str:
        return self.principal.actor if self.principal else "anonymous"


def begin(scope: Scope) -> Exchange:
    """Takes over a well-formed X-Request-Id and W3C traceparent, and makes what is missing."""
    headers = dict(scope["headers"])
    request_id = headers.get(b"x-request-id", b"").decode("latin-1")
    traceparent = headers.get(b"traceparent", b"").decode("latin-1")
    scope[_SCOPE_KEY] = exchange = Exchange(
        request_id if _REQUEST_ID.match(request_id) else new_id(),
        traceparent if _TRACEPARENT.match(traceparent) else f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01",
        scope["method"],
        (scope.get("client") or ("",))[0],
    )
    return exchange


def exchange_of(request: Request) -> Exchange:
    exchange: Exchange = request.scope[_SCOPE_KEY]
    return exchange


def call_of(request: Request, idempotency_key: str | None = None) -> Call:
    """The caller, once admitted, as owners and our own use cases see them."""
    exchange = exchange_of(request)
    principal = exchange.principal
    assert principal is not None
    return Call(
        actor=principal.actor,
        roles=frozenset(principal.roles),
        scope=principal.scope,
        department=principal.department,
        idempotency_key=idempotency_key,
        traceparent=exchange.traceparent,
    )


def route_template(scope: Scope) -> str:
    """The route's pattern, e.g. /v1/cases/{case_id}: a path itself may carry what must not be logged."""
    return getattr(scope.get("route"), "path", "unmatched")
