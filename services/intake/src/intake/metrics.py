"""What this service exposes beside the chassis's platform metrics. Business figures are analytics' (DOMAIN §2)."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from intake.domain.mail.verdict import REASONS


class IntakeMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.group_items = Histogram(
            "redress_intake_group_items",
            "Complaints that shared one transaction",
            buckets=(1, 2, 5, 10, 20, 50, 100, 200),
            registry=registry,
        )
        self.items = Counter(
            "redress_intake_items", "Items of registered groups, by what became of them", ["outcome"], registry=registry
        )
        self.mails = Counter(
            "redress_intake_mails",
            "Mails received, by what became of them: registered, existing, or the reason they were parked for",
            ["outcome"],
            registry=registry,
        )
        for outcome in ("registered", "existing", "refused"):
            self.items.labels(outcome)
        for outcome in ("registered", "existing", *REASONS):
            self.mails.labels(outcome)
