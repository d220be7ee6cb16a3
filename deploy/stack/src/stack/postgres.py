import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from stack.binaries import postgres_binaries
from stack.databases import Databases, Server
from stack.errors import PartFailed
from stack.part import Part
from stack.ports import LOOPBACK
from stack.proc import is_alive
from stack.process import ManagedProcess
from stack.secret_file import SecretFile
from stack.unprivileged import lend, unprivileged
from stack.waiting import wait_ready

# PostgreSQL's fast shutdown; SIGTERM would wait for clients to leave.
_DEATH_SIGNAL = signal.SIGINT
SUPERUSER = "redress_admin"
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
# For tests, which do not survive a power failure. synchronous_commit stays on: without fsync it costs next to
# nothing, and without it a kill -9 loses what was committed just before.
_FAST = {"fsync": "off", "full_page_writes": "off"}
# What the postmaster says when the backends of its killed predecessor are not all gone yet.
_PREDECESSOR_STILL_HERE = ("is still in use", 'lock file "postmaster.pid" already exists')


class Postgres(Part):
    """An embedded PostgreSQL cluster in `data_dir`, in the foreground, on loopback, with SCRAM passwords."""

    def __init__(self, data_dir: Path, port: int, secrets: SecretFile, log_dir: Path, fast: bool = False) -> None:
        self.data_dir = data_dir
        self.server = Server(LOOPBACK, port, SUPERUSER, secrets.get("postgres.superuser"))
        self.databases = Databases(self.server, secrets)
        settings = _SETTINGS | (_FAST if fast else {})
        self.process = ManagedProcess(
            "postgres",
            _command(data_dir, port, settings),
            log_dir / "postgres.log",
            death_signal=_DEATH_SIGNAL,
            stop_signal=_DEATH_SIGNAL,
            stop_timeout_seconds=20,
        )

    def launch(self) -> None:
        if not (self.data_dir / "PG_VERSION").exists():
            self._initdb()
        self._end_orphan()
        self.process.start()

    def wait_ready(self, timeout_seconds: float = 60) -> None:
        """Waits until it accepts, through recovery, and starts again while a killed predecessor's backends leave."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                wait_ready(self.process, self.ready, deadline - time.monotonic())
                return
            except PartFailed:
                if self.process.alive or time.monotonic() > deadline or not self._predecessor_still_here():
                    raise
            time.sleep(0.1)
            self.process.start()

    def ready(self) -> bool:
        address = ["-h", self.server.host, "-p", str(self.server.port), "-U", self.server.user, "-d", "postgres"]
        return subprocess.run([str(postgres_binaries() / "pg_isready"), "-q", *address]).returncode == 0  # noqa: S603

    def _initdb(self) -> None:
        # Made elsewhere and moved: an initdb cut short leaves a directory that looks like a cluster and is none.
        draft = self.data_dir.with_name(self.data_dir.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        lend(draft)
        with os.fdopen(os.memfd_create("password"), "w") as file:
            file.write(self.server.password)
            file.flush()
            _run_initdb(draft, file.fileno())
        draft.rename(self.data_dir)

    def _predecessor_still_here(self) -> bool:
        return any(sign in self.process.log_tail(3) for sign in _PREDECESSOR_STILL_HERE)

    def _end_orphan(self) -> None:
        """Ends a postmaster that outlived its supervisor. Only a paused one can: it could not take the death signal.

        Whoever starts this holds the lock of the data directory, so nobody else supervises the one found.
        """
        pid = _postmaster_of(self.data_dir)
        if pid is None or pid == self.process.pid:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
            os.kill(pid, signal.SIGCONT)
        deadline = time.monotonic() + 20
        while is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.02)


def _command(data_dir: Path, port: int, settings: dict[str, str]) -> list[str]:
    options = [f"--{name}={value}" for name, value in settings.items()]
    return unprivileged(
        [str(postgres_binaries() / "postgres"), "-D", str(data_dir), "-p", str(port), *options], _DEATH_SIGNAL
    )


def _run_initdb(data_dir: Path, password_fd: int) -> None:
    done = subprocess.run(  # noqa: S603 - argv is ours
        unprivileged(_initdb_command(data_dir, f"/proc/self/fd/{password_fd}"), _DEATH_SIGNAL),
        pass_fds=[password_fd],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise PartFailed("initdb", f"ended with code {done.returncode}", done.stdout + done.stderr)


def _initdb_command(data_dir: Path, password_file: str) -> list[str]:
    encoding = ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    access = ["-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password_file}"]
    return [str(postgres_binaries() / "initdb"), "-D", str(data_dir), *access, *encoding]


def port_of(data_dir: Path) -> int | None:
    """Where the server that runs on this cluster listens; None when none runs."""
    if _postmaster_of(data_dir) is None:
        return None
    return int((data_dir / "postmaster.pid").read_text().splitlines()[3])


def _postmaster_of(data_dir: Path) -> int | None:
    try:
        pid = int((data_dir / "postmaster.pid").read_text().split()[0])
        command = Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
        return None
    return pid if str(data_dir) in command.split("\0") and is_alive(pid) else None
