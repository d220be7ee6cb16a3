"""Real servers for tests: embedded ones, or containers where an engine answers. REDRESS_TEST_INFRA decides."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from stack.data_dir import DataDirLock
from stack.databases import Databases, Server, ServiceDsns
from stack.errors import StackError
from stack.nats import Nats
from stack.ports import free_port
from stack.postgres import Postgres
from stack.secret_file import SecretFile
from stack.services import Replica, Surroundings, plan_replicas, service_command, settings_of

_MEMORY, _ENOUGH = "/dev/shm", 4 * 1024**3  # noqa: S108 - a folder of our own is made in it
_POSTGRES_IMAGE, _NATS_IMAGE = "postgres:18", "nats:2.12"


@dataclass(frozen=True)
class RealServers:
    databases: Databases
    nats_url: str
    secrets: SecretFile

    @property
    def admin_dsn(self) -> str:
        return self.databases.server.dsn()

    def create_service_database(self, name: str, suffix: str = "") -> ServiceDsns:
        return self.databases.create_service_database(name, suffix)

    def settings(self, service: str, dsns: ServiceDsns, *, smtp_port: int = 25) -> dict[str, str]:
        """The REDRESS_ variables of one service on these servers, with ports of its own; owner's DSN included."""
        plan = plan_replicas([service], {}, free_port(), free_port)
        return {"REDRESS_MIGRATE_DSN": dsns.migrate} | settings_of(
            plan[service][0], self._surroundings(plan, dsns, smtp_port)
        )

    def _surroundings(self, plan: dict[str, list[Replica]], dsns: ServiceDsns, smtp_port: int) -> Surroundings:
        return Surroundings(
            replicas=plan,
            dsns=dict.fromkeys(plan, dsns),
            nats_url=self.nats_url,
            smtp_port=smtp_port,
            public_url="http://redress.example",
            secrets=self.secrets,
            overrides={},
        )


Migrate = Callable[[str, dict[str, str]], None]


def migrate_by_command(service: str, settings: dict[str, str]) -> None:
    command = service_command(service, "migrate")
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        raise StackError(f"{service} did not migrate: {done.stdout[-4000:]}{done.stderr[-4000:]}")


class MigratedDatabases:
    """A fresh database per test, copied from a template that is migrated once, at its first use.

    The next copy is made, and the last one dropped, while the test works: both cost PostgreSQL more than most tests do.
    """

    def __init__(self, servers: RealServers, migrate: Migrate = migrate_by_command) -> None:
        self._servers = servers
        self._migrate = migrate
        self._templates: dict[str, ServiceDsns] = {}
        self._numbers = count(1)
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="databases")
        self._next: dict[str, Future[ServiceDsns]] = {}

    @contextmanager
    def fresh(self, service: str) -> Iterator[ServiceDsns]:
        template = self._templates.get(service) or self._make_template(service)
        ready = self._next.pop(service, None) or self._copy(service, template)
        dsns = ready.result()
        self._next[service] = self._copy(service, template)
        try:
            yield dsns
        finally:
            self._beside.submit(self._servers.databases.drop, dsns.database)

    def close(self) -> None:
        """Waits until what was used is dropped."""
        self._beside.shutdown(wait=True)

    def _copy(self, service: str, template: ServiceDsns) -> "Future[ServiceDsns]":
        suffix = f"t{os.getpid()}_{next(self._numbers)}"
        return self._beside.submit(self._servers.databases.clone, service, template.database, suffix)

    def _make_template(self, service: str) -> ServiceDsns:
        dsns = self._servers.create_service_database(service, "template")
        self._migrate(service, self._servers.settings(service, dsns))
        self._templates[service] = dsns
        return dsns


@contextmanager
def embedded_or_container_infra(choice: str | None = None) -> Iterator[RealServers]:
    """`choice` is auto, embedded or containers; by default what REDRESS_TEST_INFRA says, or auto."""
    choice = choice or os.environ.get("REDRESS_TEST_INFRA", "auto")
    if choice not in ("auto", "embedded", "containers"):
        raise StackError(f"REDRESS_TEST_INFRA is auto, embedded or containers, not {choice!r}")
    containers = choice == "containers" or (choice == "auto" and _container_engine_answers())
    with _containers() if containers else _embedded() as servers:
        yield servers


def _folder() -> str | None:
    """Memory where there is enough of it: a database is some four hundred files, and each test has one of its own."""
    free = shutil.disk_usage(_MEMORY).free if os.path.isdir(_MEMORY) else 0
    return _MEMORY if free >= _ENOUGH else None


@contextmanager
def _embedded() -> Iterator[RealServers]:
    with (
        tempfile.TemporaryDirectory(prefix="redress-test-", dir=_folder(), ignore_cleanup_errors=True) as directory,
        ExitStack() as on,
    ):
        data_dir = Path(directory)
        secrets, logs = SecretFile(data_dir / "secrets.json"), data_dir / "logs"
        on.callback(DataDirLock(data_dir).acquire().release)
        nats = Nats(data_dir / "nats", free_port(), free_port(), secrets, logs, fast=True)
        postgres = Postgres(data_dir / "postgres", free_port(), secrets, logs, fast=True)
        for part in (nats, postgres):
            on.callback(part.stop)
            part.start()
        postgres.databases.close_common_doors()
        yield RealServers(postgres.databases, nats.url, secrets)


@contextmanager
def _containers() -> Iterator[RealServers]:
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    with tempfile.TemporaryDirectory(prefix="redress-test-") as directory, ExitStack() as on:
        secrets = SecretFile(Path(directory) / "secrets.json")
        password, nats_password = secrets.get("postgres.superuser"), secrets.get("nats.password")
        postgres = on.enter_context(PostgresContainer(_POSTGRES_IMAGE, username="redress_admin", password=password))
        nats = on.enter_context(
            DockerContainer(_NATS_IMAGE)
            .with_command(f"--jetstream --user redress --pass {nats_password}")
            .with_exposed_ports(4222)
            .waiting_for(LogMessageWaitStrategy("Server is ready").with_startup_timeout(30))
        )
        host, port = postgres.get_container_host_ip(), int(postgres.get_exposed_port(5432))
        databases = Databases(Server(host, port, "redress_admin", password), secrets)
        nats_address = f"{nats.get_container_host_ip()}:{nats.get_exposed_port(4222)}"
        yield RealServers(databases, f"nats://redress:{nats_password}@{nats_address}", secrets)


def _container_engine_answers() -> bool:
    try:
        from testcontainers.core.docker_client import DockerClient

        return bool(DockerClient().client.ping())
    except Exception:  # no engine, no socket, no rights, no testcontainers: all mean that there are no containers
        return False
