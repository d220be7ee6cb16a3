"""Every metric notify exposes beside the platform's."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge, Histogram

from notify.domain.survey import STATES

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class NotifyMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.deliveries = Gauge("redress_deliveries", "Deliveries in the store", ["kind", "state"], registry=registry)
        self.surveys = Gauge("redress_surveys", "Satisfaction surveys in the store", ["state"], registry=registry)
        self.send_seconds = Histogram(
            "redress_mail_send_seconds",
            "From taking up a mail to the server's answer",
            buckets=_SECONDS,
            registry=registry,
        )

    def count(self, deliveries: Mapping[tuple[str, str], int], surveys: Mapping[str, int]) -> None:
        """Counted in the store, so that a restart or a second replica changes no number."""
        self.deliveries.clear()
        for (kind, state), number in deliveries.items():
            self.deliveries.labels(kind, state).set(number)
        for state in STATES:
            self.surveys.labels(state).set(surveys.get(state, 0))
