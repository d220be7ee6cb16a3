"""The life of a delivery: pending → sending → sent | failed | skipped, and back to pending for another try."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chassis.errors import IllegalTransition

State = Literal["pending", "sending", "sent", "failed", "skipped"]
Verdict = Literal["accepted", "temporary", "permanent", "postponed", "no_address"]


@dataclass(frozen=True)
class Answer:
    """How one try ended. `text` carries no address.

    temporary: refused for now (4xx) or the connection broke; counts as an attempt.
    postponed: not tried at all, because a server it needs is away; does not count, however long that lasts.
    """

    verdict: Verdict
    text: str

    @property
    def tried(self) -> bool:
        return self.verdict in ("accepted", "temporary", "permanent")


@dataclass(frozen=True)
class RetryPolicy:
    """Waits base, 2·base, 4·base … up to the cap; gives up with the attempt number `max_attempts`."""

    max_attempts: int
    base: timedelta
    cap: timedelta
    postponement: timedelta

    def delay(self, attempts: int) -> timedelta:
        """Wait after the `attempts`-th try, which is at least the first."""
        # The exponent is bounded: 2**1000 does not fit into a timedelta.
        return min(self.cap, self.base * (1 << min(attempts - 1, 32)))


@dataclass(frozen=True)
class Settlement:
    """Where a delivery stands after a try."""

    state: State
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    error: str


def settle(attempts: int, answer: Answer, now: datetime, policy: RetryPolicy) -> Settlement:
    """What becomes of a delivery that had `attempts` tries before this answer."""
    tries = attempts + answer.tried
    match answer.verdict:
        case "accepted":
            return Settlement("sent", tries, None, now, "")
        case "permanent":
            return Settlement("failed", tries, None, None, answer.text)
        case "no_address":
            return Settlement("skipped", tries, None, None, answer.text)
        case "postponed":
            return Settlement("pending", tries, now + policy.postponement, None, answer.text)
        case "temporary" if tries >= policy.max_attempts:
            return Settlement("failed", tries, None, None, answer.text)
        case _:
            return Settlement("pending", tries, now + policy.delay(tries), None, answer.text)


def retry(state: str, now: datetime) -> Settlement:
    """A person wants a given-up delivery tried again, with all its attempts anew. Raises IllegalTransition."""
    if state not in ("failed", "skipped"):
        raise IllegalTransition(f"a delivery that is {state} cannot be tried again", possible=[])
    return Settlement("pending", 0, now, None, "")
