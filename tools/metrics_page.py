"""docs/metrics.md: every metric that a service exposes, from the registries themselves, with what is normal."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

from prometheus_client import CollectorRegistry

from analytics.metrics import FAMILIES
from capa.metrics import Backlog
from chassis.metrics import Metrics
from gateway.metrics import EdgeMetrics
from intake.entrypoints.likeness_worker import LikenessWorker
from intake.entrypoints.privacy_metrics import PrivacyMetrics
from intake.entrypoints.search_indexing import Indexing
from intake.metrics import ChannelMetrics, IntakeMetrics, MailboxMetrics, SampleMetrics, SubmissionMetrics
from notify.metrics import NotifyMetrics
from tools.metric_notes import NOTES
from workflow.metrics import WorkflowMetrics

_HEAD = """# Metrics

Generated from what the services register, with the notes of `tools/metric_notes.py`. Each process serves `/metrics` on
its operations port (`redressctl status` prints the addresses); histograms add `_bucket`, `_sum` and `_count`. The usual
`process_*` and `python_*` metrics are there as well. Labels never carry a complaint, a customer or free text.
Which of them to watch: [operations.md](operations.md#what-to-watch). What the figures of analytics mean:
[kpis.md](kpis.md)."""
_Register = Callable[[CollectorRegistry], object]
_OWN: Mapping[str, tuple[_Register, ...]] = {
    "gateway": (EdgeMetrics,),
    "intake": (
        *(IntakeMetrics, SubmissionMetrics, MailboxMetrics, ChannelMetrics, SampleMetrics, PrivacyMetrics),
        partial(Indexing, cast(Any, None)),
        partial(LikenessWorker, cast(Any, None)),
    ),
    "workflow": (WorkflowMetrics,),
    "notify": (NotifyMetrics,),
}


def page(into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    (into / "metrics.md").write_text("\n".join(_lines()) + "\n")


def _lines() -> Iterator[str]:
    yield _HEAD
    yield from _table("Every service", _registered(Metrics("any", "0").registry))
    for service, registering in _OWN.items():
        registry = CollectorRegistry()
        for metrics in registering:
            metrics(registry)
        yield from _table(f"{service}, besides", _registered(registry))
    registry = CollectorRegistry()
    Backlog(cast(Any, None), registry)
    yield from _table("capa, besides", _registered(registry))
    figures = ((name, "gauge", labels, text) for name, (text, labels) in FAMILIES.items())
    yield from _table("analytics, besides: computed from its store, the same in every replica", figures)


def note(metric: str) -> tuple[str, str]:
    """What is normal, and what to do otherwise. Raises LookupError: an operator must not meet a metric unexplained."""
    if metric not in NOTES:
        raise LookupError(f"say in tools/metric_notes.py what is normal for {metric}, and what to do when it is not")
    return NOTES[metric]


def _registered(registry: CollectorRegistry) -> Iterator[tuple[str, str, list[str], str]]:
    for collector in registry._collector_to_names:
        for family in cast(Any, collector).describe() if hasattr(collector, "_labelnames") else ():
            name = f"{family.name}_total" if family.type == "counter" else family.name
            yield name, family.type, list(cast(Any, collector)._labelnames), family.documentation


def _table(title: str, rows: Any) -> Iterator[str]:
    head = "| metric | type | says | normal | otherwise |"
    yield from ("", f"## {title}", "", head, "|---|---|---|---|---|")
    for name, kind, labels, text in rows:
        shown = f"`{name}`" + (f" by {', '.join(labels)}" if labels else "")
        normal, otherwise = note(name)
        yield f"| {shown} | {kind} | {text} | {normal} | {otherwise} |"
