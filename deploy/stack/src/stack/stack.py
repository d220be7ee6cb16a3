import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from stack.data_dir import DataDirLock
from stack.errors import StackError
from stack.fleet import Fleet, ServiceProcess
from stack.infrastructure import Infrastructure
from stack.mail import MailSink
from stack.nats import Nats
from stack.own_settings import merged, own_settings
from stack.part import Part
from stack.ports import LOOPBACK, PortSource, free_port
from stack.postgres import Postgres
from stack.proc import cpu_seconds
from stack.record import StackRecord, forget_record
from stack.restore import recovered, to_recover
from stack.services import (
    ADMIN_KEY,
    ALL_SERVICES,
    Command,
    EnvOverrides,
    Route,
    Surroundings,
    direct,
    grpc_target,
    plan_replicas,
    service_command,
)
from stack.signals import stop_requests, undisturbed
from stack.tending import Tender


@dataclass(frozen=True)
class PartStatus:
    name: str
    pid: int | None
    alive: bool
    returncode: int | None
    restarts: int


class Stack:
    """PostgreSQL, NATS, a mail sink and the services on one machine, their data kept in `data_dir` between runs.

    Start, tend and restart from the main thread: children die with the thread that spawned them.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        services: Iterable[str] = ALL_SERVICES,
        replicas: Mapping[str, int] | None = None,
        fast: bool = False,
        public_port: int | None = None,
        next_port: PortSource = free_port,
        env_overrides: EnvOverrides | None = None,
        mail_options: Sequence[str] = (),
        restart_crashed: bool = False,
        command: Command = service_command,
        log_level: str = "info",
        route: Route = direct,
    ) -> None:
        """`public_port`: of the gateway; free by default. `next_port`: where all other ports come from.
        `env_overrides`: service, replica or "*" for all -> variables. `fast`: for tests, no fsync. `route`: which
        ports services are told of each other, PostgreSQL and NATS."""
        self.data_dir = data_dir.absolute()
        self.log_dir = self.data_dir / "logs"
        self._public_port = public_port or next_port()
        self.replicas = plan_replicas(services, replicas or {}, self._public_port, next_port)
        self._build_infra = partial(
            Infrastructure, self.data_dir, fast=fast, next_port=next_port, mail_options=mail_options
        )
        self._overrides = env_overrides or {}
        self._restart_crashed = restart_crashed
        self._command = command
        self._log_level = log_level
        self._route = route
        self._lock = DataDirLock(self.data_dir)
        self._tender = Tender()
        self._infra: Infrastructure | None = None
        self._fleet: Fleet | None = None

    def start(self, timeout_seconds: float = 90) -> None:
        """Returns when every service says that it is ready. On any failure all is stopped again, then it raises:
        AlreadyRunning, PartFailed with the end of the log, PartMissing."""
        self._lock.acquire()
        try:
            self._infra = self._build_infra()
            self._infra.start()
            self._fleet = Fleet(self._surroundings(), self._command, self.log_dir)
            self._recover(self._fleet)
            self._fleet.prepare()
            self._fleet.start(timeout_seconds)
            self.record().write(self.data_dir)
        except BaseException:
            self.stop()
            raise

    def _recover(self, fleet: Fleet) -> None:
        if (restored := to_recover(self.data_dir)) is not None:
            fleet.recover(int(restored["skip_numbers"]))
            recovered(self.data_dir)

    def stop(self) -> None:
        """Services first, PostgreSQL last. A second Ctrl-C meanwhile changes nothing."""
        with undisturbed():
            if self._fleet:
                self._fleet.stop()
            if self._infra:
                self._infra.stop()
            forget_record(self.data_dir)
            self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def tend(self) -> list[str]:
        """Starts crashed parts again if the stack was made with `restart_crashed`, and names them; to be called
        every now and then. What was stopped on purpose stays stopped."""
        restarted = self._tender.tend(self.parts) if self._restart_crashed else []
        if restarted:
            with suppress(OSError):  # on a full disk the old record must do
                self.record().write(self.data_dir)
        return restarted

    def run_until_signal(self, poll_seconds: float = 0.2) -> None:
        """Tends until SIGINT or SIGTERM. The caller stops the stack then."""
        with stop_requests() as requested:
            while not requested.wait(poll_seconds):
                self.tend()

    def provision(self) -> None:
        """Makes what of NATS's streams and consumers is missing, as every start does: services may not."""
        if self._fleet:
            self._fleet.provision()

    @property
    def infra(self) -> Infrastructure:
        if self._infra is None:
            raise StackError("The stack is not started.")
        return self._infra

    @property
    def postgres(self) -> Postgres:
        return self.infra.postgres

    @property
    def nats(self) -> Nats:
        return self.infra.nats

    @property
    def sink(self) -> MailSink:
        return self.infra.sink

    @property
    def parts(self) -> tuple[Part, ...]:
        services = self._fleet.processes.values() if self._fleet else ()
        return (*self.infra.parts, *services)

    def service(self, name: str, replica: int = 0) -> ServiceProcess:
        """The process of one replica: start, stop, kill, pause, resume, wait_ready."""
        found = self._fleet.processes.get(f"{name}-{replica}") if self._fleet else None
        if found is None:
            raise StackError(f"There is no {name}-{replica} in this stack.")
        return found

    def status(self) -> list[PartStatus]:
        return [
            PartStatus(
                process.name,
                process.pid,
                process.alive,
                process.returncode,
                self._tender.restarts.get(process.name, 0),
            )
            for process in (part.process for part in self.parts)
        ]

    def cpu_seconds(self) -> float:
        """CPU time of all parts since they were started, without those that were restarted."""
        return cpu_seconds(part.process.pid for part in self.parts if part.process.pid)

    @property
    def public_url(self) -> str:
        return f"http://{LOOPBACK}:{self._public_port}"

    @property
    def sink_url(self) -> str:
        return self.sink.url

    @property
    def admin_key(self) -> str:
        return self.infra.secrets.get(ADMIN_KEY)

    def ops_url(self, name: str, replica: int = 0) -> str:
        return self.replicas[name][replica].ops_url

    def grpc_target(self, name: str) -> str:
        return grpc_target(self.replicas[name])

    def record(self) -> StackRecord:
        return StackRecord(
            supervisor_pid=os.getpid(),
            public_url=self.public_url if "gateway" in self.replicas else None,
            sink_url=self.sink_url,
            ops_urls={name: [replica.ops_url for replica in found] for name, found in self.replicas.items()},
            grpc_targets={name: grpc_target(found) for name, found in self.replicas.items()},
            pids={part.process.name: part.process.pid for part in self.parts},
            secrets_file=str(self.infra.secrets.path),
            log_dir=str(self.log_dir),
        )

    def _surroundings(self) -> Surroundings:
        infra = self.infra
        return Surroundings(
            replicas=self.replicas,
            dsns={name: infra.databases.create_service_database(name) for name in self.replicas},
            nats_url=infra.nats.address,
            nats_passwords=infra.nats.passwords,
            smtp_port=infra.sink.smtp_port,
            public_url=self.public_url,
            secrets=infra.secrets,
            overrides=merged(own_settings(self.data_dir), self._overrides),
            log_level=self._log_level,
            route=self._route,
            objects_url=(self.data_dir / "objects").absolute().as_uri(),
        )
