from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ITEMS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


class EdgeMetrics:
    """What the public door exposes beside the chassis's metrics. Routes are templates, never paths."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.seconds = Histogram(
            "redress_http_seconds",
            "Public requests",
            ["method", "route", "status"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge("redress_http_in_flight", "Public requests under way", registry=registry)
        self.refused = Counter("redress_http_refused", "Refused for who asked", ["slug"], registry=registry)
        for slug in ("unauthenticated", "forbidden", "forged_actor"):
            self.refused.labels(slug)
        self.limited = Counter("redress_http_rate_limited", "Answered with 429", registry=registry)
        self.audit_overflow = Counter(
            "redress_access_audit_overflow", "Refusals counted here because too many kinds waited", registry=registry
        )
        self.batch_items = Histogram(
            "redress_batch_items", "Calls gathered into one RPC", ["rpc"], buckets=_ITEMS, registry=registry
        )
