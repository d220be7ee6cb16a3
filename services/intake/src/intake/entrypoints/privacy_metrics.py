"""What is still to be sealed, and who was retired: of this process's worker, the same in all of them."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from intake.app.privacy.sealing_rows import KINDS


class PrivacyMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._left = Gauge(
            "redress_intake_unsealed_rows",
            "Rows that stand in plain from before there were keys, or under a retired sealing key, by kind",
            ["kind"],
            registry=registry,
        )
        self._retired = Counter(
            "redress_intake_retention",
            "Persons whose retention period was over: their erasure was requested, or done where rules say so",
            registry=registry,
        )
        for kind in KINDS:
            self._left.labels(kind)

    def left(self, kind: str, number: int) -> None:
        self._left.labels(kind).set(number)

    def retired(self, number: int) -> None:
        self._retired.inc(number)
