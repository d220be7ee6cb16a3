"""Business figures on /metrics: what the store said at the last refresh, the same in every replica."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

Sample = tuple[str, dict[str, str], float]

FAMILIES: dict[str, tuple[str, list[str]]] = {
    "redress_kpi_value": ("Mean, ratio, sum or count by the KPI catalogue", ["kpi", "clock", "window", "dimension"]),
    "redress_kpi_n": ("What the figure counts", ["kpi", "clock", "window", "dimension"]),
    "redress_kpi_pending": ("Shown beside the figure, see the catalogue", ["kpi", "clock", "window", "dimension"]),
    "redress_kpi_seconds": ("Quantiles of durations", ["kpi", "clock", "window", "quantile"]),
    "redress_complaints_open": ("Open complaints, now", ["stage", "grade"]),
    "redress_complaints_overdue": ("Open complaints past their current due date, now", ["grade"]),
    "redress_complaints_received": ("Valid complaints ever received", ["grade"]),
    "redress_complaints_closed": ("Valid complaints that are closed", ["outcome", "path"]),
    "redress_stage_seconds": ("Finished visits of a stage, all time", ["stage", "quantile"]),
    "redress_stage_visits": ("Finished visits of a stage, all time", ["stage"]),
    "redress_kpi_computed_timestamp_seconds": ("When these figures were computed", []),
}


class BusinessFigures(Collector):
    """Empty until the first refresh: no figure is better than a wrong zero."""

    def __init__(self) -> None:
        self._samples: Sequence[Sample] = ()
        self._computed_at: datetime | None = None

    def show(self, samples: Sequence[Sample], computed_at: datetime) -> None:
        self._samples, self._computed_at = samples, computed_at

    def collect(self) -> Iterable[GaugeMetricFamily]:
        families = {name: GaugeMetricFamily(name, text, labels=labels) for name, (text, labels) in FAMILIES.items()}
        for name, labels, value in self._samples:
            families[name].add_metric([labels[label] for label in FAMILIES[name][1]], value)
        if self._computed_at is not None:
            families["redress_kpi_computed_timestamp_seconds"].add_metric([], self._computed_at.timestamp())
        return families.values()
