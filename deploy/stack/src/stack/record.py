import json
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.data_dir import is_locked
from stack.errors import NotRunning
from stack.secret_file import SecretFile, write_private
from stack.services import ADMIN_KEY

_FILE_NAME = "stack.json"


@dataclass(frozen=True)
class StackRecord:
    """Where a running stack is to be found; kept as stack.json in its data directory. It holds no secret."""

    supervisor_pid: int
    public_url: str | None
    sink_url: str
    ops_urls: dict[str, list[str]]
    grpc_targets: dict[str, str]
    pids: dict[str, int | None]
    secrets_file: str
    log_dir: str

    @property
    def admin_key(self) -> str:
        return SecretFile(Path(self.secrets_file)).get(ADMIN_KEY)

    def write(self, data_dir: Path) -> None:
        write_private(data_dir / _FILE_NAME, json.dumps(asdict(self), indent=2))


def forget_record(data_dir: Path) -> None:
    (data_dir / _FILE_NAME).unlink(missing_ok=True)


def running_stack(data_dir: Path) -> StackRecord:
    """Raises NotRunning unless a live supervisor has brought the stack on this directory up completely."""
    path = data_dir / _FILE_NAME
    if not is_locked(data_dir) or not path.exists():
        raise NotRunning(f"No stack runs on {data_dir}: start one with `redressctl up --dir {data_dir}`.")
    return StackRecord(**json.loads(path.read_text()))
