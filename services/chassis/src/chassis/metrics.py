"""Platform metrics, the same in every service. Business figures are computed from the store, in analytics."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LATE = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_LAG = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)


class Metrics:
    """One registry per process, made at start: nothing is registered at import."""

    def __init__(self, service: str, version: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        build = Gauge("redress_build_info", "Version that runs", ["service", "version"], registry=self.registry)
        build.labels(service, version).set(1)
        self.rpc_seconds = Histogram(
            "redress_rpc_seconds", "gRPC calls served", ["method", "code"], buckets=_FAST, registry=self.registry
        )
        self.events_published = Counter(
            "redress_events_published", "Events acknowledged by NATS", ["type"], registry=self.registry
        )
        self.events_handled = Counter("redress_events_handled", "Events handled once", ["type"], registry=self.registry)
        self.events_duplicate = Counter(
            "redress_events_duplicate", "Deliveries recognised as known", ["owner"], registry=self.registry
        )
        self.event_retries = Counter(
            "redress_event_retries", "Reactions that failed and will be retried", ["type"], registry=self.registry
        )
        self.event_lag = Histogram(
            "redress_event_lag_seconds",
            "From the event's time until its reaction is committed",
            ["owner"],
            buckets=_LAG,
            registry=self.registry,
        )
        self.dead_letters = Gauge(
            "redress_dead_letters", "Parked events, neither replayed nor discarded", registry=self.registry
        )
        self.outbox_pending = Gauge("redress_outbox_pending", "Events not yet sent", registry=self.registry)
        self.outbox_age = Gauge(
            "redress_outbox_oldest_age_seconds", "Age of the oldest unsent event", registry=self.registry
        )
        self.default_partition_rows = Gauge(
            "redress_default_partition_rows",
            "Outbox rows in the DEFAULT partition: migrate has not made partitions in time",
            registry=self.registry,
        )
        self.relay_holder = Gauge(
            "redress_relay_holder", "1 where this replica holds the relay's lease", registry=self.registry
        )
        self.relay_rewinds = Counter(
            "redress_relay_rewinds", "Times the stream was behind the outbox", registry=self.registry
        )
        self.relay_resent = Counter("redress_relay_resent", "Events sent again by a rewind", registry=self.registry)
        self.consumer_pending = Gauge(
            "redress_consumer_pending", "Messages not yet delivered to us", ["owner"], registry=self.registry
        )
        self.consumer_ack_pending = Gauge(
            "redress_consumer_ack_pending", "Messages in hand, not yet acknowledged", ["owner"], registry=self.registry
        )
        self.stream_bytes = Gauge("redress_stream_bytes", "Size of the own stream in NATS", registry=self.registry)
        self.stream_limit_bytes = Gauge(
            "redress_stream_limit_bytes",
            "What the own stream may grow to; 0: no limit of its own",
            registry=self.registry,
        )
        self.nats_connected = Gauge("redress_nats_connected", "1 while NATS is connected", registry=self.registry)
        self.nats_errors = Counter("redress_nats_errors", "Errors NATS told us", ["kind"], registry=self.registry)
        self.unprovisioned = Gauge(
            "redress_nats_unprovisioned",
            "Event types a stream does not deliver to us though we react to them; our own stream: 1 while missing",
            ["stream"],
            registry=self.registry,
        )
        self.pool_used = Gauge("redress_db_pool_used", "Connections in use", registry=self.registry)
        self.pool_size = Gauge("redress_db_pool_size", "Connections at most", registry=self.registry)
        self.clock_ahead = Gauge(
            "redress_clock_ahead_seconds",
            "How far this host's clock is ahead of PostgreSQL's; negative when behind",
            registry=self.registry,
        )
        self.database_up = Gauge("redress_database_up", "1 while PostgreSQL answers", registry=self.registry)
        self.schema_current = Gauge(
            "redress_schema_current", "0 while the schema is behind this version", registry=self.registry
        )
        self.ready = Gauge("redress_ready", "1 while /readyz says yes", registry=self.registry)
        self.loop_late = Histogram(
            "redress_event_loop_late_seconds",
            "How much later than asked the event loop woke, measured once a second",
            buckets=_LATE,
            registry=self.registry,
        )
        self.duty_done = Gauge(
            "redress_duty_done_timestamp_seconds",
            "When a recurring duty of this process last ended well",
            ["duty"],
            registry=self.registry,
        )

    def expect(self, published: Iterable[str], handled: Iterable[str]) -> None:
        """Types of events at 0 before their first: rate() does not see the step from nothing to 1."""
        self.nats_errors.labels("permissions")
        for kind in published:
            self.events_published.labels(kind)
        for kind in handled:
            self.events_duplicate.labels(kind.split(".")[1])
            self.events_handled.labels(kind)
            self.event_retries.labels(kind)
