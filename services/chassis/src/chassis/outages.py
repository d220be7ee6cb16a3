"""The driver's many ways of saying "not now", told as one."""

import ssl

import asyncpg

from chassis.errors import SchemaBehind, Unavailable

UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,
    asyncpg.DiskFullError,
    asyncpg.ReadOnlySQLTransactionError,
    TimeoutError,
)

_REFUSED = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)


class translated:
    """Turns the driver's ways of saying "not now" into Unavailable; everything else passes."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, asyncpg.UndefinedTableError | asyncpg.UndefinedColumnError):
            raise SchemaBehind("the database's schema is behind this version; run migrate") from error
        if isinstance(error, _REFUSED):
            raise Unavailable("the database refuses this service: wrong user, password or database name") from error
        if isinstance(error, ssl.SSLCertVerificationError):
            raise Unavailable("the database's certificate does not hold") from error
        if isinstance(error, UNREACHABLE) or _lost_connection(error):
            raise Unavailable("the database does not answer") from error


def _lost_connection(error: BaseException | None) -> bool:
    """InterfaceError also means a wrong argument of ours; only its talk of connections is an outage."""
    if not isinstance(error, asyncpg.InterfaceError) or isinstance(error, ValueError):
        return False
    return "connection" in str(error) or "pool" in str(error)
