"""Business figures on /metrics: what the store said at the last refresh, the same in every replica."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

Sample = tuple[str, dict[str, str], float]

_KPI = ["kpi", "clock", "window", "profile", "dimension"]

FAMILIES: dict[str, tuple[str, list[str]]] = {
    "redress_kpi_value": ("Mean, ratio, sum, count or change by the KPI catalogue", _KPI),
    "redress_kpi_n": ("What the figure counts", _KPI),
    "redress_kpi_pending": ("Shown beside the figure, see the catalogue", _KPI),
    "redress_kpi_seconds": ("Quantiles of durations", [*_KPI, "quantile"]),
    "redress_kpi_quantile": ("Quantiles of means that are no durations", [*_KPI, "quantile"]),
    "redress_kpi_interval": ("95 % interval of a ratio or a change", [*_KPI, "bound"]),
    "redress_kpi_baseline_n": ("What a change compares with", _KPI),
    "redress_kpi_significant": ("1 when the interval of a change leaves out 0", _KPI),
    "redress_complaints_open": ("Open complaints, now", ["stage", "grade"]),
    "redress_complaints_overdue": ("Open complaints past their current due date, now", ["grade"]),
    "redress_complaints_received": ("Valid complaints ever received", ["grade"]),
    "redress_complaints_closed": ("Valid complaints that are closed", ["outcome", "path"]),
    "redress_stage_seconds": ("Finished visits of a stage, all time", ["stage", "quantile"]),
    "redress_stage_first_pass_ratio": ("Complaints that passed a stage with one visit, all time", ["stage"]),
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
