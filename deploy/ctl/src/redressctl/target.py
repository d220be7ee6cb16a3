"""Which installation is meant: the stack that runs on a data directory, or any by address and key."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from redressctl.errors import CtlError, NotAllowed

if TYPE_CHECKING:
    from stack.record import StackRecord

DirOption = Annotated[Path, typer.Option("--dir", help="Data directory of a running stack.", show_default=True)]
UrlOption = Annotated[str, typer.Option("--url", envvar="REDRESS_URL", help="Address of any installation instead.")]
KeyOption = Annotated[str, typer.Option("--key", envvar="REDRESS_KEY", help="API key for --url, of role admin.")]
DEFAULT_DIR = Path(".data")


@dataclass(frozen=True)
class Target:
    url: str
    key: str
    sink_url: str | None = None
    record: "StackRecord | None" = None
    data_dir: Path | None = None

    def nats_url(self) -> str:
        """Of an embedded stack; its user and password stand in a file that only its owner may read."""
        if self.data_dir is None:
            raise CtlError("Give the address of NATS by --nats nats://user:password@host:4222 (or REDRESS_NATS_URL).")
        found = json.loads((self.data_dir / "nats" / "nats.conf").read_text())
        login = found["accounts"]["REDRESS"]["users"][0]
        return f"nats://{login['user']}:{login['password']}@{found['listen']}"


def find_target(data_dir: Path, url: str, key: str) -> Target:
    """`url` wins over the data directory. Raises NotRunning when neither leads anywhere."""
    if url:
        if not key:
            raise NotAllowed(f"A key is needed for {url}: give --key or set REDRESS_KEY.")
        return Target(url.rstrip("/"), key)
    from stack.record import running_stack

    return target_of(running_stack(data_dir), data_dir, key)


def target_of(record: "StackRecord", data_dir: Path, key: str = "") -> Target:
    if record.public_url is None:
        from stack.errors import NotRunning

        raise NotRunning(f"The stack on {data_dir} runs without a gateway: nothing can be asked of it.")
    return Target(record.public_url, key or record.admin_key, record.sink_url, record, data_dir)
