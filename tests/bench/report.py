"""What the bench says: tables for people, one JSON object as the last line."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.bench.generator import Outcome
from tests.bench.phases import Saturated, Steady


def level_line(concurrency: int, outcome: Outcome) -> str:
    refused = f"   refused {outcome.refused}" if outcome.refused else ""
    return (
        f"{concurrency:>11}  {outcome.accepted_per_s:>10.1f}  {outcome.p50_ms:>8.1f}  {outcome.p99_ms:>8.1f}"
        f"  {outcome.max_ms:>8.1f}{refused}"
    )


LEVEL_HEAD = f"{'concurrency':>11}  {'accepted/s':>10}  {'p50 ms':>8}  {'p99 ms':>8}  {'max ms':>8}"


def cpu_lines(saturated: Saturated) -> Iterator[str]:
    accepted, seconds = saturated.outcome.accepted, saturated.outcome.seconds + saturated.delivered_after_s
    yield f"{'part':<14}  {'CPU s':>7}  {'cores':>6}  {'ms per complaint':>16}"
    for name, cpu_s in saturated.cpu.items():
        yield f"{name:<14}  {cpu_s:>7.2f}  {cpu_s / seconds:>6.2f}  {cpu_s * 1000 / accepted:>16.2f}"
    total = sum(saturated.cpu.values())
    yield f"{'all':<14}  {total:>7.2f}  {total / seconds:>6.2f}  {saturated.cpu_ms_per_complaint:>16.2f}"
    own = saturated.generator_cpu_s
    yield f"{'(generator)':<14}  {own:>7.2f}  {own / seconds:>6.2f}  {own * 1000 / accepted:>16.2f}  not counted"
    yield f"{'(others)':<14}  {saturated.foreign_cores * seconds:>7.2f}  {saturated.foreign_cores:>6.2f}"


def steady_cpu_line(steady: Steady) -> str:
    accepted = max(1, steady.outcome.accepted)
    parts = "  ".join(f"{name} {cpu_s * 1000 / accepted:.2f}" for name, cpu_s in steady.cpu.items())
    return f"ms CPU per complaint: {parts}"


def lag_lines(steady: Steady) -> Iterator[str]:
    yield f"{'consumer':<14}  {'events':>7}  {'lag p50 ms':>10}  {'lag p99 ms':>10}"
    for name, lag in steady.lag.items():
        if lag.count:
            p50, p99 = lag.quantile(0.5) or 0.0, lag.quantile(0.99) or 0.0
            yield f"{name:<14}  {lag.count:>7.0f}  {p50 * 1000:>10.1f}  {p99 * 1000:>10.1f}"


def result_line(
    saturated: Saturated, steady: Steady, limits: Mapping[int, float], idle_cores: float, refused: int
) -> str:
    accepted_per_s, limit_per_s = saturated.outcome.accepted_per_s, max(limits.values())
    cpu_at_100 = sum(steady.cpu.values()) * 1000 / max(1, steady.outcome.accepted)
    return json.dumps(
        {
            "accepted_per_s": round(accepted_per_s, 1),
            "p99_ms_at_100": steady.outcome.p99_ms,
            "lag_p99_ms_at_100": _rounded(steady.lag_p99_ms),
            "cpu_ms_per_complaint": round(saturated.cpu_ms_per_complaint, 2),
            "limit_per_s": round(limit_per_s, 1),
            "ratio": round(accepted_per_s / limit_per_s, 3),
            "concurrency": saturated.concurrency,
            "delivered_per_s": round(saturated.delivered_per_s, 1),
            "p50_ms_at_100": steady.outcome.p50_ms,
            "cpu_ms_per_complaint_at_100": round(cpu_at_100, 2),
            "idle_cores": round(idle_cores, 3),
            "generator_ms_per_complaint": round(saturated.generator_cpu_s * 1000 / saturated.outcome.accepted, 2),
            "foreign_cores": round(saturated.foreign_cores, 2),
            "refused": refused,
            "cpu_ms_by_part": _by_part(saturated),
        }
    )


def best(levels: Iterable[tuple[int, Outcome]]) -> int:
    """The concurrency that had the most accepted per second."""
    return max(levels, key=lambda level: level[1].accepted_per_s)[0]


def refused_in(outcomes: Sequence[Outcome]) -> int:
    return sum(sum(outcome.refused.values()) for outcome in outcomes)


def _by_part(saturated: Saturated) -> dict[str, float]:
    return {name: round(cpu_s * 1000 / saturated.outcome.accepted, 2) for name, cpu_s in saturated.cpu.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
