"""How every process reaches NATS: addresses, who it is, and TLS that nobody can talk it out of."""

import ssl
from pathlib import Path
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError

from chassis.nats_creds import NatsCreds
from chassis.nats_settings import NatsSettings


class TlsRefused(NatsError):
    def __str__(self) -> str:
        return "nats: the address says tls:// but the server offers none: nothing is sent to it"


class _OnlyEncrypted(Client):
    """nats-py takes `tls://` for a hint: where the server says that it has no TLS it sends the password in the clear,
    and whoever stands between may say so for the server."""

    def _connect_command(self) -> bytes:
        if not self._server_info.get("tls_required"):
            raise TlsRefused
        return bytes(super()._connect_command())


async def connect(settings: NatsSettings, **options: Any) -> Client:
    """`options` are nats-py's. Raises a NATS error or OSError where these do not say to try for ever."""
    encrypted = any(address.startswith("tls://") for address in settings.nats_addresses)
    client = _OnlyEncrypted() if encrypted else Client()
    await client.connect(
        settings.nats_addresses,
        inbox_prefix=settings.nats_inbox_prefix.encode(),
        tls=_authorities(settings.nats_ca_file),
        **_identity(settings),
        **options,
    )
    return client


def _authorities(ca_file: str) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=ca_file) if ca_file else None


def _identity(settings: NatsSettings) -> dict[str, Any]:
    if settings.nats_creds_file:
        creds = NatsCreds(Path(settings.nats_creds_file))
        return {"user_jwt_cb": creds.jwt, "signature_cb": creds.signature}
    if settings.nats_user:
        return {"user": settings.nats_user, "password": settings.nats_password}
    return {}
