"""What a service's bootstrap is handed: the opened resources, and where to hang what is its own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from prometheus_client.registry import Collector

from chassis import asking, rpc
from chassis.bus import Bus
from chassis.commands import Commands
from chassis.consumers import Reactions
from chassis.db import Database
from chassis.definition_service import DefinitionServicer
from chassis.definitions import Kind
from chassis.lease import Lease
from chassis.ledgers import Ledger
from chassis.metrics import Metrics
from chassis.published_keys import PublishedKeys
from chassis.settings import CommonSettings
from chassis.tokens import Calls, Signer
from redress.definitions.v1.definitions_pb2_grpc import add_DefinitionServiceServicer_to_server

S = TypeVar("S", bound=CommonSettings)
Job = Callable[[], Awaitable[None]]


@dataclass
class App(Generic[S]):
    name: str
    settings: S
    db: Database
    lease_db: Database
    bus: Bus
    metrics: Metrics
    signer: Signer
    keys: PublishedKeys
    calls: Calls
    commands: Commands
    server: rpc.Server
    reactions: Reactions = field(default_factory=dict)
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    service_names: list[str] = field(default_factory=list)
    closers: list[Job] = field(default_factory=list)
    starters: list[Job] = field(default_factory=list)
    farewells: list[Callable[[], None]] = field(default_factory=list)
    drainers: list[Job] = field(default_factory=list)

    def servicer(self, add: Callable[[Any, Any], None], servicer: object, full_name: str) -> None:
        """`add` is the generated add_…_to_server, `full_name` e.g. "redress.intake.v1.IntakeService"."""
        add(servicer, self.server.grpc)
        self.service_names.append(full_name)

    def react(self, reactions: Reactions) -> None:
        self.reactions = reactions

    def ledger(self, name: str, ledger: Ledger) -> None:
        self.ledgers[name] = ledger

    def definitions(self, *kinds: Kind[Any]) -> None:
        """Publishes, plans and shows these kinds; what goes by them reads `definition_store.Published`."""
        servicer = DefinitionServicer(self.commands, kinds)
        self.servicer(add_DefinitionServiceServicer_to_server, servicer, "redress.definitions.v1.DefinitionService")

    def job(self, name: str, job: Job) -> None:
        """Runs in workers for as long as the service; started again when it fails, cancelled at the end."""
        self.jobs[name] = job

    def every(self, seconds: float, name: str, once: Job) -> None:
        """A job that does `once`, rests for `seconds`, and so on."""
        done = self.metrics.duty_done.labels(name)
        self.job(name, partial(_repeat, once, seconds, done.set_to_current_time))

    def collector(self, collector: Collector) -> None:
        self.metrics.registry.register(collector)

    def lease(self, name: str, ttl_s: float = 6.0) -> Lease:
        return Lease(self.lease_db, name, holder=self.settings.replica, ttl_s=ttl_s)

    def channel(self, target: str) -> Any:
        """A channel to another service, closed with the app."""
        made = asking.channel(target)
        self.closers.append(made.close)
        return made

    def on_start(self, starter: Job) -> None:
        """Runs when the service serves, in api processes, e.g. to open the public port."""
        self.starters.append(starter)

    def on_farewell(self, farewell: Callable[[], None]) -> None:
        """Runs first on SIGTERM: serve on, but let nobody stay."""
        self.farewells.append(farewell)

    def on_drain(self, drainer: Job) -> None:
        """Runs after the farewell: stop taking, finish what is in hand."""
        self.drainers.append(drainer)

    def on_close(self, closer: Job) -> None:
        self.closers.append(closer)


Bootstrap = Callable[[App[Any]], Awaitable[None]]


async def _repeat(once: Job, rest_s: float, done: Callable[[], None]) -> None:
    while True:
        await once()
        done()
        await asyncio.sleep(rest_s)


async def forever(name: str, job: Job, on_error: Callable[[str, Exception], None]) -> None:
    while True:
        try:
            await job()
            return
        except asyncio.CancelledError:
            raise
        except Exception as error:
            on_error(name, error)
            await asyncio.sleep(1.0)
