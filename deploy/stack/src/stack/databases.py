import re
import subprocess
from dataclasses import dataclass

from stack.binaries import postgres_binaries
from stack.errors import StackError
from stack.secret_file import SecretFile


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server and its superuser."""

    host: str
    port: int
    user: str
    password: str

    def dsn(self, database: str = "postgres", user: str = "", password: str = "") -> str:
        return f"postgresql://{user or self.user}:{password or self.password}@{self.host}:{self.port}/{database}"


@dataclass(frozen=True)
class ServiceDsns:
    database: str
    runtime: str
    migrate: str


# psql instead of a driver: it works alike inside and outside a running event loop, and follows \\connect.
_ROLES = """
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY[:'owner', :'role']) name
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \\gexec
ALTER ROLE :"owner" LOGIN PASSWORD :'owner_password';
ALTER ROLE :"role" LOGIN PASSWORD :'role_password';
-- A client that vanished in mid-transaction would hold its locks until TCP gives it up.
ALTER ROLE :"role" SET idle_in_transaction_session_timeout = '30s';
"""
_CREATE = """
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE %I', :'database', :'owner', :'template')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \\gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"role";
"""
_RIGHTS = """
\\connect :"database"
GRANT USAGE ON SCHEMA public TO :"role";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"role";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :"role";
"""
_CLOSE_COMMON_DOORS = """
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
"""


class Databases:
    """One database and two roles per service: `<svc>_owner` owns it and migrates, `<svc>` runs.

    The runtime role may read and write rows of tables its owner creates; migrations take away what must not be
    (such as UPDATE on the audit trail). No role may connect to another service's database.
    """

    def __init__(self, server: Server, secrets: SecretFile) -> None:
        self.server = server
        self._secrets = secrets

    def close_common_doors(self) -> None:
        self.run(_CLOSE_COMMON_DOORS)

    def create_service_database(self, service: str, suffix: str = "") -> ServiceDsns:
        """Idempotent. With a suffix: one more database of the same two roles, `redress_<svc>_<suffix>`."""
        dsns = self._dsns(service, suffix)
        self.run(_ROLES + _CREATE + _RIGHTS, template="template1", **self._names(service, dsns.database))
        return dsns

    def clone(self, service: str, template: str, suffix: str) -> ServiceDsns:
        """A copy of the service's database `template` (nobody may be connected to it): rows, grants and owner."""
        dsns = self._dsns(service, suffix)
        self.run(_CREATE, template=template, **self._names(service, dsns.database))
        return dsns

    def drop(self, database: str) -> None:
        self.run('DROP DATABASE IF EXISTS :"database" WITH (FORCE);', database=database)

    def run(self, script: str, **variables: str) -> str:
        """Runs a psql script as superuser; `:"name"` and `:'name'` in it are quoted variables. Returns its rows."""
        settings = [f"\\set {name} '{value}'" for name, value in variables.items()]
        return _psql(self.server, "\n".join((*settings, script)))

    def _dsns(self, service: str, suffix: str) -> ServiceDsns:
        database, owner = _database_name(service, suffix), f"{service}_owner"
        return ServiceDsns(
            database,
            runtime=self.server.dsn(database, service, self._password(service)),
            migrate=self.server.dsn(database, owner, self._password(owner)),
        )

    def _names(self, service: str, database: str) -> dict[str, str]:
        owner = f"{service}_owner"
        passwords = {"role_password": self._password(service), "owner_password": self._password(owner)}
        return {"database": database, "role": service, "owner": owner} | passwords

    def _password(self, role: str) -> str:
        return self._secrets.get(f"postgres.{role}")


def _database_name(service: str, suffix: str) -> str:
    name = "_".join(part for part in ("redress", service, suffix) if part)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise StackError(f"{name!r} is not a database name: lower-case letters, digits and _, at most 63")
    return name


def _psql(server: Server, script: str) -> str:
    address = ["-h", server.host, "-p", str(server.port), "-U", server.user, "-d", "postgres"]
    done = subprocess.run(  # noqa: S603 - argv is ours
        [str(postgres_binaries() / "psql"), "-qAtX", "-v", "ON_ERROR_STOP=1", *address],
        input=script,
        # In the environment, where other users of the machine do not see it.
        env={"PGPASSWORD": server.password, "PGCONNECT_TIMEOUT": "10", "PGOPTIONS": "-c client_min_messages=warning"},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise StackError(f"PostgreSQL refused: {done.stderr.strip()}")
    return done.stdout.strip()
