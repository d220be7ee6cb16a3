"""What keeps a process from starting and an operator can mend: why, and what to do. Never a value of a setting."""

from collections.abc import Iterator
from dataclasses import dataclass

import asyncpg
from joserfc.errors import JoseError
from nats.errors import Error as NatsError
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import ArgumentError


@dataclass(frozen=True)
class Explained:
    why: str
    do: str


_UVICORN_FAILED = 3
_SETTINGS = "docs/settings.md says what each setting means"
_BY_ERROR: tuple[tuple[type[BaseException], str, str], ...] = (
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "PostgreSQL refuses this user or password",
        "check user and password in REDRESS_DSN (serve) or REDRESS_MIGRATE_DSN (migrate, recover)",
    ),
    (
        asyncpg.InvalidCatalogNameError,
        "there is no such database on this server",
        "create it, owned by the role of REDRESS_MIGRATE_DSN, or correct the name at the end of the DSN",
    ),
    (
        asyncpg.LockNotAvailableError,
        "something holds a lock on the tables for more than 5 s",
        "wait until it ends, or find it in pg_stat_activity (state 'idle in transaction' or a long query); run again",
    ),
    (
        asyncpg.InsufficientPrivilegeError,
        "this role may not change the schema",
        "REDRESS_MIGRATE_DSN must name the role that owns the tables, not the one that runs the service",
    ),
    (
        JoseError,
        "REDRESS_SIGNING_KEY or one of REDRESS_RETIRED_KEYS is no Ed25519 key",
        "make one: joserfc's OKPKey.generate_key('Ed25519'), written out as a private JWK with its kid",
    ),
    (
        ArgumentError,
        "REDRESS_MIGRATE_DSN is no address of a database",
        "write it as postgresql://user:password@host:5432/database",
    ),
    (
        NatsError,
        "NATS does not answer or refuses this user",
        "check that NATS is up and that address, user and password in REDRESS_NATS_URL are right",
    ),
)


def explained(error: BaseException) -> Explained | None:
    """None for what is our own fault: that deserves its traceback."""
    if isinstance(error, ValidationError):
        return Explained("settings are missing or wrong: " + "; ".join(_wrong_settings(error)), _SETTINGS)
    if isinstance(error, SettingsError):
        return Explained(f"{error}: it must be JSON", _SETTINGS)
    for kind, why, do in _BY_ERROR:
        if any(isinstance(one, kind) for one in _causes(error)):
            return Explained(why, do)
    if taken := _address_in_use(error):
        return Explained(
            f"a port is taken: {taken}", "end what listens there (ss -ltnp), or set another REDRESS_…_BIND"
        )
    if isinstance(error, OSError) and not isinstance(error, FileNotFoundError | PermissionError):
        return Explained(
            f"a server does not answer: {error}",
            "check that PostgreSQL (and NATS, for recover) is up and reachable from here at the address in the DSN",
        )
    return None


def _wrong_settings(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        name = "_".join(str(part) for part in one["loc"])
        yield f"REDRESS_{name.upper()}: {one['msg']}" if name else str(one["msg"])


def _address_in_use(error: BaseException) -> str:
    if isinstance(error, SystemExit):  # uvicorn's way to say it; no other is known from a start
        return "REDRESS_OPS_BIND or, of the gateway, REDRESS_PUBLIC_BIND" if error.code == _UVICORN_FAILED else ""
    text = str(error)
    return text if "address already in use" in text.lower() or "failed to bind" in text.lower() else ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
