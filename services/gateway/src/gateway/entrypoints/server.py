from starlette.types import ASGIApp

from chassis.http import HttpServer
from gateway.edge.protocol import ConnectionLimits, guarded_protocol
from gateway.settings import Settings


def public_server(app: ASGIApp, settings: Settings) -> HttpServer:
    """The public port, behind our connection limits."""
    return HttpServer(
        app,
        settings.public_bind,
        http=guarded_protocol(_limits(settings)),
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        backlog=2048,
        timeout_keep_alive=settings.keep_alive_s,
        timeout_graceful_shutdown=settings.drain_seconds,
    )


def _limits(settings: Settings) -> ConnectionLimits:
    return ConnectionLimits(
        header_bytes=settings.header_limit_bytes,
        header_count=settings.header_limit_count,
        header_timeout_s=settings.header_timeout_s,
        leftover_timeout_s=settings.body_timeout_s,
        connections=settings.connection_limit,
    )
