"""What a service's /metrics says."""

from dataclasses import dataclass
from typing import NamedTuple
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from tests.bench.quantiles import Histogram


class Sample(NamedTuple):
    name: str
    labels: dict[str, str]
    value: float


@dataclass(frozen=True)
class MetricsPage:
    samples: tuple[Sample, ...]

    def total(self, name: str, **labels: str) -> float:
        """The sum over all series of that name with these labels; 0 without any."""
        return sum(sample.value for sample in self._of(name, labels))

    def histogram(self, name: str, **labels: str) -> Histogram:
        """The sum over all series of that name with these labels."""
        found = Histogram()
        for sample in self._of(f"{name}_bucket", labels):
            found += Histogram({float(sample.labels["le"]): sample.value})
        return found

    def _of(self, name: str, labels: dict[str, str]) -> list[Sample]:
        return [s for s in self.samples if s.name == name and labels.items() <= s.labels.items()]


def parse(text: str) -> MetricsPage:
    return MetricsPage(
        tuple(
            Sample(sample.name, sample.labels, sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        )
    )


def read_metrics(ops_url: str, timeout_s: float = 5.0) -> MetricsPage:
    """Raises OSError when nobody answers."""
    with urlopen(f"{ops_url}/metrics", timeout=timeout_s) as answer:
        return parse(answer.read().decode())
