"""Every metric notify exposes beside the platform's."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge, Histogram

from notify.domain.survey import STATES

DELIVERY_STATES = ("pending", "sending", "sent", "failed", "skipped")
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
        """Counted in the store, so that a restart or a second replica changes no number. A kind that is there has all
        its states, also at 0: a first failure is then a change that an alert sees."""
        for kind in {kind for kind, _ in deliveries}:
            for state in DELIVERY_STATES:
                self.deliveries.labels(kind, state).set(deliveries.get((kind, state), 0))
        for state in STATES:
            self.surveys.labels(state).set(surveys.get(state, 0))
