import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stack.part import Part

_LOOK_SECONDS, _AILING_SECONDS = 1.0, 5.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS, _CALM_SECONDS = 0.5, 15.0, 60.0


@dataclass
class _Patience:
    pause_seconds: float = _FIRST_PAUSE_SECONDS
    not_before: float = 0.0
    seen_down: bool = False


class Tender:
    """Starts again what has died, as a kubelet would: after half a second, and after pauses that double up to 15 s
    while it keeps dying. What says for five seconds on end that it ails is killed first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._patience: dict[str, _Patience] = {}
        self._look_at = 0.0
        self._ailing_since: dict[str, float] = {}
        self.restarts: dict[str, int] = {}

    def tend(self, parts: Iterable[Part]) -> list[str]:
        """Names those it started. Never blocks for readiness."""
        parts = list(parts)
        if self._clock() >= self._look_at:
            self._look_at = self._clock() + _LOOK_SECONDS
            self._end_ailing(parts)
        return [part.process.name for part in parts if part.process.crashed and self._restart_if_due(part)]

    def _end_ailing(self, parts: Iterable[Part]) -> None:
        for part in parts:
            name = part.process.name
            if not (part.process.alive and part.ailing()):
                self._ailing_since.pop(name, None)
            elif self._clock() - self._ailing_since.setdefault(name, self._clock()) >= _AILING_SECONDS:
                del self._ailing_since[name]
                part.kill()

    def _restart_if_due(self, part: Part) -> bool:
        name, now = part.process.name, self._clock()
        patience = self._patience.setdefault(name, _Patience())
        if not patience.seen_down:
            patience.seen_down = True
            if now - patience.not_before > _CALM_SECONDS:
                patience.pause_seconds = _FIRST_PAUSE_SECONDS
            patience.not_before = now + patience.pause_seconds
        if now < patience.not_before:
            return False
        part.launch()
        patience.seen_down = False
        patience.pause_seconds = min(patience.pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
        self.restarts[name] = self.restarts.get(name, 0) + 1
        return True
