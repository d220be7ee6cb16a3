"""For operators: from a committed change to its effects in other services."""

from tools.dashboards.model import Dashboard, Query, Row
from tools.dashboards.parts import (
    DATASOURCE,
    GOOD_ONE,
    GOOD_ZERO,
    NAMESPACE,
    SERVICE,
    SERVICES,
    lines,
    quantile,
    rate,
    stat,
    steps,
)


def _per_service(metric: str, how: str = "max") -> Query:
    return Query(f"{how} by (service) ({metric}{{{SERVICES}}})", "{{service}}")


def _rate(metric: str, by: str = "service") -> Query:
    return Query(rate(metric, by, SERVICES), " ".join(f"{{{{{label}}}}}" for label in by.split(", ")))


_NOW = Row(
    "Now",
    (
        stat(
            "Dead letters",
            "死信 / Events parked with their error. Each waits for a person: runbook, RedressDeadLetters",
            "none",
            f"sum(max by (service) (redress_dead_letters{{{SERVICES}}}))",
            GOOD_ZERO,
        ),
        stat(
            "Oldest unsent event",
            "Beyond a minute NATS is away, or nobody holds a relay's lease",
            "s",
            f"max(redress_outbox_oldest_age_seconds{{{SERVICES}}})",
            steps((60, "orange"), (300, "red")),
        ),
        stat(
            "Waiting in outboxes",
            "Events committed and not yet acknowledged by NATS",
            "none",
            f"sum(max by (service) (redress_outbox_pending{{{SERVICES}}}))",
            steps((1000, "orange")),
        ),
        stat(
            "Waiting for consumers",
            "Messages not yet delivered, all consumers together",
            "none",
            f"sum(max by (service, owner) (redress_consumer_pending{{{SERVICES}}}))",
            steps((1000, "orange")),
        ),
        stat(
            "NATS connected",
            "Share of replicas that are connected to NATS",
            "percentunit",
            f"avg(redress_nats_connected{{{SERVICES}}})",
            GOOD_ONE,
        ),
        stat(
            "Relays held",
            "Services whose relay has a holder; each owner of events needs exactly one",
            "none",
            f"count(sum by (service) (redress_relay_holder{{{SERVICES}}}) > 0)",
        ),
    ),
)
_OUT = Row(
    "Out: outbox and relay",
    (
        lines("Published", "Events acknowledged by NATS, by owner", "ops", _rate("redress_events_published_total")),
        lines("Outbox pending", "Near 0; rises while NATS is away", "none", _per_service("redress_outbox_pending")),
        lines("Oldest unsent", "Below a second", "s", _per_service("redress_outbox_oldest_age_seconds")),
        lines(
            "Relay holder",
            "Exactly one replica of each owner of events; analytics owns none",
            "none",
            Query(f"max by (service, pod) (redress_relay_holder{{{SERVICES}}})", "{{service}} {{pod}}"),
            stacked=True,
        ),
        lines(
            "Sent again",
            "Rewinds and what they resent: NATS had lost its tail or its store",
            "none",
            Query(
                f"sum by (service) (increase(redress_relay_rewinds_total{{{SERVICES}}}[$__rate_interval]))",
                "rewinds {{service}}",
            ),
            Query(
                f"sum by (service) (increase(redress_relay_resent_total{{{SERVICES}}}[$__rate_interval]))",
                "events {{service}}",
            ),
        ),
        lines(
            "Streams",
            "Size of each owner's stream, by the relay's holder; old events age out",
            "bytes",
            _per_service("redress_stream_bytes"),
        ),
    ),
)
_IN = Row(
    "In: consumers",
    (
        lines("Handled", "Events handled once, by service", "ops", _rate("redress_events_handled_total")),
        lines(
            "Consumer lag",
            "Messages waiting, by service and the owner it listens to",
            "none",
            Query(f"max by (service, owner) (redress_consumer_pending{{{SERVICES}}})", "{{service}} ← {{owner}}"),
        ),
        lines(
            "In hand",
            "Delivered and not yet acknowledged; at 5000 NATS gives no more",
            "none",
            Query(f"max by (service, owner) (redress_consumer_ack_pending{{{SERVICES}}})", "{{service}} ← {{owner}}"),
        ),
        lines(
            "From the change to its effect",
            "From the event's time until the reaction is committed, P50 and P99",
            "s",
            Query(quantile(0.5, "redress_event_lag_seconds", "service", SERVICES), "P50 {{service}}"),
            Query(quantile(0.99, "redress_event_lag_seconds", "service", SERVICES), "P99 {{service}}"),
        ),
        lines(
            "Failed reactions",
            "Tried again; after five an event becomes a dead letter",
            "ops",
            _rate("redress_event_retries_total", "service, type"),
        ),
        lines(
            "Duplicates",
            "Deliveries recognised as known; jumps after an outage are normal",
            "ops",
            _rate("redress_events_duplicate_total"),
        ),
        lines("Dead letters", "Parked, neither replayed nor discarded", "none", _per_service("redress_dead_letters")),
        lines(
            "Errors of NATS",
            "permissions: its user may not what the service tries",
            "ops",
            _rate("redress_nats_errors_total", "service, kind"),
        ),
        lines(
            "Connected", "1 while a replica is connected to NATS", "none", _per_service("redress_nats_connected", "min")
        ),
    ),
)
EVENTS = Dashboard(
    "redress-events",
    "Redress / 事件 / Events",
    "事件从发件箱经 NATS 到各服务 / Outbox, relay, NATS, consumers, dead letters",
    (DATASOURCE, NAMESPACE, SERVICE),
    (_NOW, _OUT, _IN),
)
