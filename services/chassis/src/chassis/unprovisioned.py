"""What of a service's streams and consumers is not there yet: told once in the log, and in /readyz and a metric."""

from collections.abc import Sequence

from chassis import logs
from chassis.metrics import Metrics

_LOG = logs.get("provisioning")


class Unprovisioned:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._lacking: dict[str, str] = {}

    def note(self, stream: str, what: str, missing: Sequence[str]) -> None:
        """`what` is in one word what `stream` lacks; an empty `missing` takes back what was noted before."""
        self._metrics.unprovisioned.labels(stream).set(len(missing))
        said = f"{stream}: {what} {', '.join(missing)}" if missing else ""
        if said == self._lacking.get(stream, ""):
            return
        self._lacking[stream] = said
        if missing:
            _LOG.warning("not provisioned", stream=stream, lacks=what, missing=list(missing), do="provision NATS anew")
        else:
            _LOG.info("provisioned now", stream=stream)

    def __str__(self) -> str:
        """Empty when all is there."""
        return "; ".join(said for said in self._lacking.values() if said)
