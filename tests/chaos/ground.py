"""The stack under attack. Whoever waits here tends it meanwhile: what died is started again, as a kubelet would."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redress.catalog import stream_of
from stack.part import Part
from stack.stack import Stack
from tests.bench.delivered import stream_ends
from tests.bench.metrics_page import MetricsPage, read_metrics
from tests.chaos.load import SteadyLoad
from tests.chaos.proxy import Proxy


class NotRecovered(Exception):
    """The system did not come back within the time a fault may cost."""


@dataclass
class Ground:
    stack: Stack
    folder: Path
    """For copies of NATS's store and for clocks."""
    proxy: Proxy
    load: SteadyLoad
    poisoned: Counter[str] = field(default_factory=Counter)
    """Consumer -> events of ours that it must have parked."""
    findings: list[str] = field(default_factory=list)
    """What a fault saw that must not be."""
    _next: Callable[[], None] | None = None

    def wait(self, seconds: float) -> None:
        self.wait_until(lambda: False, seconds)

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Whether it came true in time."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.stack.tend()
            self._begin_next()
            time.sleep(0.05)
        return True

    @contextmanager
    def meanwhile(self, begin: Callable[[], None]) -> Iterator[None]:
        """`begin` runs within the first wait of the block, at the latest at its end."""
        self._next = begin
        yield
        self._begin_next()

    def _begin_next(self) -> None:
        begin, self._next = self._next, None
        if begin:
            begin()

    def part(self, name: str) -> Part:
        return next(part for part in self.stack.parts if part.process.name == name)

    def restarts(self, name: str) -> int:
        return next(status.restarts for status in self.stack.status() if status.name == name)

    def all_ready(self) -> bool:
        return all(part.process.alive and part.ready() for part in self.stack.parts)

    def sql(self, service: str, query: str) -> str:
        """Rows of a service's database, `|` between columns. Raises StackError while PostgreSQL is away."""
        return self.stack.postgres.databases.run(f'\\connect "redress_{service}"\n{query}')

    def pages(self) -> Iterator[tuple[str, MetricsPage]]:
        """Of every replica that answers."""
        for replicas in self.stack.replicas.values():
            for replica in replicas:
                try:
                    yield replica.name, read_metrics(replica.ops_url, timeout_s=1.0)
                except OSError:
                    continue

    def relay_holder(self, owner: str, but: str = "") -> str | None:
        """The replica that says it holds the relay's lease; `but` is not asked."""
        for replica in self.stack.replicas[owner]:
            if replica.name == but or not self.part(replica.name).process.alive:
                continue
            try:
                page = read_metrics(replica.ops_url, timeout_s=1.0)
            except OSError:
                continue
            if page.total("redress_relay_holder"):
                return replica.name
        return None

    def stream_end(self, owner: str) -> int:
        """The last sequence of an owner's stream; 0 while NATS or the stream is not there."""
        try:
            return stream_ends(self.stack.nats).get(stream_of(owner), 0)
        except OSError:
            return 0

    def sent_again(self) -> int:
        """Events that rewinds have sent again, by the processes that run now."""
        return sum(int(page.total("redress_relay_resent_total")) for _, page in self.pages())
