"""PostgreSQL's address: what may be wrong with it is found when settings are read, not when the first caller waits."""

import os
import ssl
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_SCHEMES = ("postgresql", "postgres")
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_VERIFYING = ("verify-ca", "verify-full")
_SYSTEM = "system"
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


def completed(dsn: str, password: str) -> str:
    """`dsn` with `password` where it names none, and the system's authorities where none are named to verify by.

    ?sslmode= and ?sslrootcert= mean what they mean to libpq 16, `sslrootcert=system` included. Raises ValueError.
    """
    parts = urlsplit(dsn)
    if parts.scheme not in _SCHEMES:
        raise ValueError("must be postgresql://user@host:5432/database, a password and ?sslmode=… where needed")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    netloc = parts.netloc if not password or query.get("password") else _with_password(parts.netloc, password)
    return parts._replace(netloc=netloc, query=urlencode(_with_authorities(query), safe="/")).geturl()


def readable_authorities(path: str) -> str:
    """`path`, of a file of certificates in PEM form. Raises ValueError."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        raise ValueError("the file of authorities holds no certificate in PEM form") from error
    except OSError as error:
        raise ValueError(f"the file of authorities cannot be read: {error.strerror}") from error
    return path


def _with_password(netloc: str, password: str) -> str:
    user, at, hosts = netloc.rpartition("@")
    name, _, known = user.partition(":")
    if not at or not name:
        raise ValueError("names no user whom the password could belong to")
    return netloc if known else f"{name}:{quote(password, safe='')}@{hosts}"


def _with_authorities(query: dict[str, str]) -> dict[str, str]:
    mode, named = query.get("sslmode", ""), query.get("sslrootcert", "")
    if mode and mode not in _MODES:
        raise ValueError(f"sslmode is one of {', '.join(_MODES)}")
    if named and named != _SYSTEM:
        readable_authorities(named)
    elif named or (mode in _VERIFYING and "PGSSLROOTCERT" not in os.environ):
        return query | {"sslrootcert": _system_authorities()}
    return query


def _system_authorities() -> str:
    """asyncpg knows no `system`; without a file it looks into a home directory that a container does not have."""
    found = [path for path in (ssl.get_default_verify_paths().cafile, *_BUNDLES) if path and os.path.exists(path)]
    if not found:
        raise ValueError("this system has no authorities of its own: name a file of them as sslrootcert")
    return found[0]
