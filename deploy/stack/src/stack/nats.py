import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from redress.nats_users import users
from stack.binaries import nats_server
from stack.part import Part
from stack.ports import LOOPBACK
from stack.process import ManagedProcess
from stack.secret_file import SecretFile, write_private
from stack.waiting import answers_ok, complaint_of

_ACCOUNT, _OPERATOR = "REDRESS", "redress"


class Nats(Part):
    """An embedded NATS server with JetStream, and a user for each service as on a company's. With `fast` it syncs its
    store now and then only, as for tests."""

    def __init__(
        self, data_dir: Path, port: int, monitor_port: int, secrets: SecretFile, log_dir: Path, fast: bool = False
    ) -> None:
        self.data_dir = data_dir
        self.store_dir = data_dir / "store"
        self.monitor_url = f"http://{LOOPBACK}:{monitor_port}"
        self.address = f"nats://{LOOPBACK}:{port}"
        password = secrets.get("nats.password")
        self.url = f"nats://{_OPERATOR}:{password}@{LOOPBACK}:{port}"
        """With the rights of an operator: all that concerns the account."""
        self.passwords = {one.user: secrets.get(f"nats.{one.user}") for one in users()}
        self._config = self._configuration(port, monitor_port, password, fast)
        self._config_file = data_dir / "nats.conf"
        self.process = ManagedProcess("nats", [nats_server(), "-c", str(self._config_file)], log_dir / "nats.log")

    def launch(self) -> None:
        text = json.dumps(self._config, indent=2)
        if not self._config_file.exists() or self._config_file.read_text() != text:  # a full disk takes no file
            write_private(self._config_file, text)
        self.process.start()

    def ready(self) -> bool:
        return answers_ok(f"{self.monitor_url}/healthz")

    def ailing(self) -> bool:
        """A stream that could not be written once (disk full) takes nothing any more, also when there is room again:
        publishes time out, /healthz says 503 and ?js-enabled-only=true still 200 (nats-server 2.15)."""
        return "write error" in complaint_of(f"{self.monitor_url}/healthz")

    def snapshot_store(self, to: Path) -> None:
        """Copies the store as it is on disk at one moment; a running server is paused meanwhile."""
        running = self.process.alive
        if running:
            self.pause()
        try:
            shutil.rmtree(to, ignore_errors=True)
            shutil.copytree(self.store_dir, to)
        finally:
            if running:
                self.resume()

    def restore_store(self, from_: Path) -> None:
        """Puts an older copy back, as after a power failure or a restored disk. The server must be stopped."""
        if self.process.alive:
            raise RuntimeError("the store of a running NATS cannot be replaced: stop it first")
        shutil.rmtree(self.store_dir, ignore_errors=True)
        shutil.copytree(from_, self.store_dir, dirs_exist_ok=True)  # it stays where it is a volume of its own

    def _configuration(self, port: int, monitor_port: int, password: str, fast: bool) -> dict[str, object]:
        jetstream = {"store_dir": str(self.store_dir), "max_file_store": 2 << 30, "max_memory_store": 64 << 20}
        # Without it NATS acknowledges what it has not written to disk: up to two minutes are lost with the power.
        durable = {} if fast else {"sync_interval": "always"}
        return {
            "server_name": "redress",
            "listen": f"{LOOPBACK}:{port}",
            "http": f"{LOOPBACK}:{monitor_port}",
            "jetstream": jetstream | durable,
            "accounts": {_ACCOUNT: {"jetstream": "enabled", "users": list(self._logins(password))}},
        }

    def _logins(self, password: str) -> Iterator[dict[str, object]]:
        yield {"user": _OPERATOR, "password": password}
        for one in users():
            rights = {"publish": {"allow": one.publish}, "subscribe": {"allow": one.subscribe}}
            yield {"user": one.user, "password": self.passwords[one.user], "permissions": rights}
