from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """What came of a load run. Latencies are of acknowledged requests, their retries included."""

    sent: int = 0
    acknowledged: int = 0
    repeated: int = 0
    """Answers that said: this was here already."""
    refused: dict[int, int] = field(default_factory=dict)
    given_up: int = 0
    retries: int = 0
    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

    def refuse(self, status: int) -> None:
        self.refused[status] = self.refused.get(status, 0) + 1

    def quantile_ms(self, share: float) -> float | None:
        ordered = sorted(self.latencies_s)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 2) if ordered else None

    def as_json(self) -> dict[str, Any]:
        return {
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "existing": self.repeated,
            "refused": {str(status): n for status, n in sorted(self.refused.items())},
            "given_up": self.given_up,
            "retries": self.retries,
            "seconds": round(self.seconds, 2),
            "accepted_per_s": round(self.acknowledged / self.seconds, 1) if self.seconds else 0.0,
            "p50_ms": self.quantile_ms(0.5),
            "p99_ms": self.quantile_ms(0.99),
        }
