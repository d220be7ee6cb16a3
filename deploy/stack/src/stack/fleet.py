from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stack.errors import PartFailed
from stack.part import Part
from stack.process import ManagedProcess
from stack.services import Command, Replica, Surroundings, migrate_env, provision_env, recover_env, serve_env
from stack.waiting import answers_ok

_MIGRATION_SECONDS = 120
Environment = Callable[[Replica, Surroundings], Mapping[str, str]]


class ServiceProcess(Part):
    def __init__(self, replica: Replica, around: Surroundings, command: Command, log_dir: Path) -> None:
        self.replica = replica
        argv = command(replica.service, "serve")
        self.process = ManagedProcess(
            replica.name,
            argv,
            log_dir / f"{replica.name}.log",
            serve_env(replica, around),
            stop_timeout_seconds=15,
        )

    def ready(self) -> bool:
        return answers_ok(f"{self.replica.ops_url}/readyz")


class Fleet:
    """The processes of the services, by replica name."""

    def __init__(self, around: Surroundings, command: Command, log_dir: Path) -> None:
        self._firsts = [replicas[0] for replicas in around.replicas.values()]
        self._around, self._command, self._log_dir = around, command, log_dir
        self.processes = {
            replica.name: ServiceProcess(replica, around, command, log_dir)
            for replicas in around.replicas.values()
            for replica in replicas
        }

    def prepare(self) -> None:
        """Migrations and NATS at the same time: databases are separate."""
        self._finish([*self._each("migrate", migrate_env), self._provisioning()])

    def provision(self) -> None:
        """What of NATS's streams and consumers is missing."""
        self._finish([self._provisioning()])

    def recover(self, skip_numbers: int) -> None:
        """After a restore, before anything else: see `recover` of the services."""
        self._finish(self._each("recover", recover_env, "--skip-numbers", str(skip_numbers)))

    def _finish(self, running: Sequence[ManagedProcess]) -> None:
        try:
            for process in running:
                process.start()
            for process in running:
                _expect_success(process)
        finally:
            for process in running:
                process.stop()

    def start(self, timeout_seconds: float) -> None:
        for service in self.processes.values():
            service.launch()
        for service in self.processes.values():
            service.wait_ready(timeout_seconds)

    def stop(self) -> None:
        newest_first = list(reversed(self.processes.values()))
        for service in newest_first:
            service.process.request_stop()
        for service in newest_first:
            service.stop()

    def _each(self, verb: str, env: Environment, *arguments: str) -> list[ManagedProcess]:
        return [self._once(one.service, verb, env(one, self._around), *arguments) for one in self._firsts]

    def _provisioning(self) -> ManagedProcess:
        return self._once("nats", "provision", provision_env(self._around))

    def _once(self, name: str, verb: str, env: Mapping[str, str], *arguments: str) -> ManagedProcess:
        argv = [*self._command(name, verb), *arguments]
        return ManagedProcess(f"{name}-{verb}", argv, self._log_dir / f"{name}-{verb}.log", dict(env))


def _expect_success(process: ManagedProcess) -> None:
    if code := process.wait(_MIGRATION_SECONDS):
        raise PartFailed(process.name, f"ended with code {code}", process.log_tail())
