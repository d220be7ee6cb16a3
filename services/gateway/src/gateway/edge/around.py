import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import logs
from chassis.errors import RedressError
from gateway.edge.body import Disconnected
from gateway.edge.exchange import Exchange, begin, route_template
from gateway.edge.problems import problem_response
from gateway.metrics import EdgeMetrics

_LOG = logs.get("access")
_CLIENT_CLOSED = 499
_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)


class AroundEveryRequest:
    """Names the request, adds headers, catches what nobody expected, writes the access log and the metric."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        exchange, status = begin(scope), 0
        metrics: EdgeMetrics = scope["app"].state.door.metrics

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                named = (b"x-request-id", exchange.request_id.encode())
                given = {name for name, _ in message["headers"]}
                usual = [header for header in _SECURITY_HEADERS if header[0] not in given]
                message["headers"] = [*message["headers"], *usual, named]
            await send(message)

        metrics.in_flight.inc()
        try:
            await self._app(scope, receive, sending)
        except Disconnected:
            status = status or _CLIENT_CLOSED
        except Exception as error:
            _LOG.error("unexpected", error=type(error).__name__, at=_place(error), trace_id=exchange.trace_id)
            if status:
                raise
            internal = RedressError("something went wrong on our side", slug="internal")
            await problem_response(internal, exchange.trace_id)(scope, receive, sending)
        finally:
            metrics.in_flight.dec()
            _note(metrics, scope, exchange, status)


def _note(metrics: EdgeMetrics, scope: Scope, exchange: Exchange, status: int) -> None:
    seconds = time.perf_counter() - exchange.started
    route = route_template(scope)
    metrics.seconds.labels(exchange.method, route, str(status)).observe(seconds)
    _LOG.info(
        "request",
        method=exchange.method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        actor=exchange.actor,
        slug=exchange.slug,
        request_id=exchange.request_id,
        trace_id=exchange.trace_id,
    )


def _place(error: BaseException) -> str:
    """Where it was raised; its message may quote what was sent."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
