"""Which answers are worth another try with the same Idempotency-Key, and when."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

RETRIED = frozenset({408, 425, 429, 502, 503, 504})
CONNECTION_LOST = 0
_LONGEST_S = 5.0


@dataclass(frozen=True)
class Patience:
    """How long one request may be tried in all, and how the pauses between tries grow."""

    total_s: float = 60.0
    first_s: float = 0.1

    def pause(self, status: int, headers: Mapping[str, str], attempt: int, spent_s: float) -> float | None:
        """Seconds to wait before try `attempt` + 1, or None when this answer stands.

        `status`: of the answer, CONNECTION_LOST without one. Retry-After (whole seconds, RFC 9110 10.2.3) is a
        minimum. A pause that would end after `total_s` is not begun.
        """
        if status != CONNECTION_LOST and status not in RETRIED:
            return None
        grown = min(self.first_s * 2 ** (attempt - 1), _LONGEST_S)
        wait = max(grown, _seconds(headers.get("retry-after"))) * random.uniform(1.0, 1.25)
        return wait if spent_s + wait <= self.total_s else None


def _seconds(header: str | None) -> float:
    try:
        return max(0.0, float(header or 0))
    except ValueError:  # the other form, a date: then our own pauses do
        return 0.0
