"""What keeps a process from starting and an operator can mend: why, and what to do. Never a value of a setting."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import asyncpg
from nats.errors import Error as NatsError
from pydantic import ValidationError
from pydantic_settings import SettingsError

from chassis.nats_client import TlsRefused


@dataclass(frozen=True)
class Explained:
    why: str
    do: str


_NO_DOOR = ("address already in use", "failed to bind", "cannot listen on")
_SETTINGS = "docs/settings.md says what each setting means"
_BY_ERROR: tuple[tuple[type[BaseException], str, str], ...] = (
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "PostgreSQL refuses this user or password",
        "check user and password in REDRESS_DSN and REDRESS_DB_PASSWORD (serve), or in REDRESS_MIGRATE_DSN and"
        " REDRESS_MIGRATE_PASSWORD (migrate, recover)",
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
        TlsRefused,
        "NATS offers no TLS, and REDRESS_NATS_URL says tls://",
        "give NATS a certificate, or write nats:// where the network is trusted",
    ),
    (
        NatsError,
        "NATS does not answer or refuses this user",
        "check that NATS is up and that the address in REDRESS_NATS_URL, and user and password there or in"
        " REDRESS_NATS_USER and REDRESS_NATS_PASSWORD (or REDRESS_NATS_CREDS_FILE), are right",
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
    if refused := certificate_refused(error):
        return Explained(
            refused,
            "name the authority that signed it (sslrootcert in the DSN, REDRESS_NATS_CA_FILE), and the server by a name"
            " that stands in its certificate",
        )
    if taken := _address_in_use(error):
        return Explained(
            f"a port cannot be opened: {taken}",
            "end what listens there (ss -ltnp), or set another REDRESS_…_BIND (0.0.0.0:port where IPv6 is off)",
        )
    if "rejected SSL upgrade" in str(error):
        return Explained(
            "PostgreSQL offers no TLS, and the DSN's sslmode demands it",
            "turn on ssl at the server, or write sslmode=disable where the network is trusted",
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
    text = str(error)
    return text if any(sign in text.lower() for sign in _NO_DOOR) else ""


def certificate_refused(error: BaseException) -> str:
    """Why a server's certificate proves nothing to us; empty when that was not the trouble."""
    found = next((one for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError)), None)
    return f"the server's certificate does not hold: {found.verify_message}" if found else ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: list[BaseException] = []  # an error that was raised once more may stand among its own causes
    while error is not None and error not in seen:
        yield error
        seen.append(error)
        error = error.__cause__ or error.__context__
