"""The stack that is attacked: where it lies, what stands between its parts, whose clocks can be set."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack.stack import Stack
from tests.chaos.clocks import make_postgres_settable, settable_clocks
from tests.chaos.disks import prepare_disks
from tests.chaos.ground import Ground
from tests.chaos.load import SteadyLoad
from tests.chaos.progress import Progress
from tests.chaos.proxy import Proxy
from tests.chaos.requirements import FAKETIME, TMPFS, missing

RATE_PER_S = 20.0
_REPLICAS = {"intake": 2, "workflow": 2}


@dataclass(frozen=True)
class Setting:
    folder: Path
    small_disks: bool
    clocks: bool

    @contextmanager
    def ground(self) -> Iterator[Ground]:
        data, clocks = self.folder / "data", self.clocks and not missing(FAKETIME)
        if self.small_disks and not missing(TMPFS):
            prepare_disks(data)
        proxy = Proxy()
        overrides: dict[str, dict[str, str]] = dict(settable_clocks(self.folder)) if clocks else {}
        # Its proposals would go on for minutes after the load, and look like changes that a replay made.
        overrides["intake"] = overrides.get("intake", {}) | {"REDRESS_LIKENESS_CORES": "0"}
        with Stack(
            data,
            replicas=_REPLICAS,
            restart_crashed=True,
            log_level="warning",
            route=proxy.route,
            env_overrides=overrides,
        ) as stack:
            if clocks:
                make_postgres_settable(stack, self.folder)
            # Else the first kill of PostgreSQL would be charged with writing down the freshly made databases.
            stack.postgres.databases.run("CHECKPOINT;")
            progress = Progress(stack.postgres.server)
            load = SteadyLoad(stack.public_url, stack.admin_key, RATE_PER_S, self.folder / "acks", progress)
            yield Ground(stack, self.folder, proxy, load)
        proxy.close()


@contextmanager
def working_folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="redress-chaos-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
