"""What the bench does, phase by phase. Durations are in seconds; `Bench.pace` scales them all."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stack.stack import Stack
from tests.bench.client import GeneratorProcess
from tests.bench.cpu import CpuSeconds, cpu_by_part, machine_busy_seconds, spent
from tests.bench.delivered import wait_delivered
from tests.bench.generator import Order, Outcome
from tests.bench.layers import watched
from tests.bench.metrics_page import read_metrics
from tests.bench.quantiles import Histogram
from tests.bench.row_limit import CLIENTS, rows_per_s, scratch

CLIMB = (4, 8, 16, 32, 64, 128, 256, 512)
_ALWAYS_UP_TO = 128
STEADY_PER_S = 100.0
_LAG = "redress_event_lag_seconds"
_DELIVERY_LIMIT_S = 90.0


@dataclass(frozen=True)
class Saturated:
    """One measurement at the best concurrency, until all of it was delivered."""

    concurrency: int
    outcome: Outcome
    delivered_after_s: float
    """From the last answer until every consumer had taken in everything."""
    cpu: CpuSeconds
    generator_cpu_s: float
    foreign_cores: float
    """Cores that others took meanwhile; on a busy machine the figures say little."""

    @property
    def cpu_ms_per_complaint(self) -> float:
        return sum(self.cpu.values()) * 1000 / self.outcome.accepted

    @property
    def delivered_per_s(self) -> float:
        return self.outcome.accepted / (self.outcome.seconds + self.delivered_after_s)


@dataclass(frozen=True)
class Steady:
    outcome: Outcome
    lag: dict[str, Histogram]
    """Consumer -> from an event's time until its reaction was committed, in this phase alone."""
    cpu: CpuSeconds

    @property
    def lag_p99_ms(self) -> float | None:
        everyone = sum(self.lag.values(), Histogram())
        found = everyone.quantile(0.99)
        return None if found is None else found * 1000


@dataclass(frozen=True)
class Bench:
    stack: Stack
    generator: GeneratorProcess
    pace: float = 1.0

    def warm_up(self) -> Outcome:
        return self._create(4, concurrency=8)

    def climb(self) -> Iterator[tuple[int, Outcome]]:
        """Each concurrency begins with nothing left over from the one before."""
        rates: list[float] = []
        for concurrency in CLIMB:
            if not goes_on(concurrency, rates):
                return
            self._settle()
            outcome = self._create(4, concurrency)
            rates.append(outcome.accepted_per_s)
            yield concurrency, outcome

    def saturate(self, concurrency: int) -> Saturated:
        self._settle()
        before, generator_before, busy_before = (
            cpu_by_part(self.stack),
            self.generator.cpu_seconds,
            machine_busy_seconds(),
        )
        outcome = self._create(12, concurrency)
        generator_cpu = self.generator.cpu_seconds - generator_before
        delivered_after = self._settle()
        cpu = spent(before, cpu_by_part(self.stack))
        foreign = machine_busy_seconds() - busy_before - sum(cpu.values()) - generator_cpu
        seconds = outcome.seconds + delivered_after
        return Saturated(concurrency, outcome, delivered_after, cpu, generator_cpu, max(0.0, foreign / seconds))

    def steady(self) -> Steady:
        self._settle()
        lag_before, cpu_before = self._lags(), cpu_by_part(self.stack)
        outcome = self.generator.carry_out(Order(20 * self.pace, concurrency=64, rate_per_s=STEADY_PER_S))
        self._settle()
        cpu = spent(cpu_before, cpu_by_part(self.stack))
        return Steady(outcome, {name: lag - lag_before[name] for name, lag in self._lags().items()}, cpu)

    def layered(self, concurrency: int, rate_per_s: float | None, folder: Path) -> tuple[CpuSeconds, dict[str, Path]]:
        """Milliseconds of CPU per complaint by part, and the profile of each service meanwhile."""
        self._settle()
        seconds = 10
        with watched(self.stack, seconds, folder) as profiles:
            before = cpu_by_part(self.stack)
            outcome = self.generator.carry_out(Order(seconds - 1, concurrency, rate_per_s))
            self._settle()
            cpu = spent(before, cpu_by_part(self.stack))
        return {name: spent_s * 1000 / outcome.accepted for name, spent_s in cpu.items()}, profiles

    def idle_cores(self) -> float:
        """Cores that all parts together use while nobody calls."""
        self._settle()
        time.sleep(2)
        begun, before = time.monotonic(), sum(cpu_by_part(self.stack).values())
        time.sleep(5 * self.pace)
        return (sum(cpu_by_part(self.stack).values()) - before) / (time.monotonic() - begun)

    def row_limits(self, script_dir: Path, clients: Sequence[int] = CLIENTS) -> Iterator[tuple[int, float]]:
        databases = self.stack.postgres.databases
        with scratch(databases):
            for count in clients:
                yield count, rows_per_s(databases, count, 3 * self.pace, script_dir)

    def _create(self, seconds: float, concurrency: int) -> Outcome:
        return self.generator.carry_out(Order(seconds * self.pace, concurrency))

    def _settle(self) -> float:
        return wait_delivered(self.stack, _DELIVERY_LIMIT_S)

    def _lags(self) -> dict[str, Histogram]:
        return {name: read_metrics(self.stack.ops_url(name)).histogram(_LAG) for name in self.stack.replicas}


def goes_on(concurrency: int, rates: Sequence[float]) -> bool:
    """Whether the climb takes this step: beyond 128 only while the last step was the best so far."""
    return concurrency <= _ALWAYS_UP_TO or rates[-1] == max(rates)
