"""For operators: rate, errors and duration of every service, and what services stand on."""

from tools.dashboards.model import Dashboard, Panel, Query, Row
from tools.dashboards.parts import (
    DATASOURCE,
    HERE,
    NAMESPACE,
    SERVICE,
    SERVICES,
    lines,
    quantile,
    rate,
    stat,
    steps,
)

_FAILED = f'{HERE},status=~"5.."'
_BROKEN = f'{SERVICES},code=~"INTERNAL|UNKNOWN|UNAVAILABLE"'

_NOW = Row(
    "Now",
    (
        stat("Ready replicas", "Replicas that say yes to /readyz", "none", f"sum(redress_ready{{{SERVICES}}})"),
        stat("Requests", "Public requests a second", "reqps", rate("redress_http_seconds_count", "")),
        stat(
            "Errors of ours",
            "5xx of public requests; 0.1 % is what 30 days may spend",
            "percentunit",
            f"{rate('redress_http_seconds_count', '', _FAILED)} / {rate('redress_http_seconds_count', '')}",
            steps((0.001, "orange"), (0.01, "red")),
        ),
        stat(
            "P95",
            "95 % of public requests are faster",
            "s",
            quantile(0.95, "redress_http_seconds", ""),
            steps((0.5, "orange"), (1, "red")),
        ),
        stat(
            "Failing calls",
            "gRPC calls a second that failed by the callee's fault",
            "reqps",
            rate("redress_rpc_seconds_count", "", _BROKEN),
            steps((0.1, "orange")),
        ),
        stat(
            "Restarts, 1 h",
            "Processes that were started again under the same pod",
            "none",
            f"sum(changes(process_start_time_seconds{{{SERVICES}}}[1h]))",
            steps((1, "orange"), (5, "red")),
        ),
    ),
)
_DOOR = Row(
    "The door: HTTP",
    (
        lines(
            "Requests by status",
            "4xx: the caller's, 5xx: ours",
            "reqps",
            Query(rate("redress_http_seconds_count", "status"), "{{status}}"),
            stacked=True,
        ),
        lines(
            "Errors by route",
            "5xx; which owner fails says the row below",
            "reqps",
            Query(rate("redress_http_seconds_count", "route, status", _FAILED), "{{route}} {{status}}"),
        ),
        lines(
            "Duration",
            "P50, P95, P99 of public requests",
            "s",
            Query(quantile(0.5, "redress_http_seconds", ""), "P50"),
            Query(quantile(0.95, "redress_http_seconds", ""), "P95"),
            Query(quantile(0.99, "redress_http_seconds", ""), "P99"),
        ),
        lines(
            "In flight",
            "Requests under way, by replica of the gateway",
            "none",
            Query(f"redress_http_in_flight{{{HERE}}}", "{{pod}}"),
        ),
        lines(
            "Busiest routes",
            "The ten with the most requests",
            "reqps",
            Query(f"topk(10, {rate('redress_http_seconds_count', 'method, route')})", "{{method}} {{route}}"),
        ),
        lines(
            "Slowest routes",
            "P95 of the ten slowest",
            "s",
            Query(f"topk(10, {quantile(0.95, 'redress_http_seconds', 'route')})", "{{route}}"),
        ),
    ),
)
_CALLS = Row(
    "Between services: gRPC",
    (
        lines(
            "Calls",
            "Served by each service",
            "reqps",
            Query(rate("redress_rpc_seconds_count", "service", SERVICES), "{{service}}"),
        ),
        lines(
            "Codes that are not OK",
            "INTERNAL, UNKNOWN, UNAVAILABLE: the callee's fault; others tell the caller something",
            "reqps",
            Query(rate("redress_rpc_seconds_count", "service, code", f'{SERVICES},code!="OK"'), "{{service}} {{code}}"),
        ),
        lines(
            "Duration",
            "P95 by service",
            "s",
            Query(quantile(0.95, "redress_rpc_seconds", "service", SERVICES), "{{service}}"),
        ),
    ),
)
_GROUND = Row(
    "What they stand on",
    (
        lines(
            "PostgreSQL connections",
            "In use, and the pool's size; equal for minutes: slow statements",
            "none",
            Query(f"max by (service) (redress_db_pool_used{{{SERVICES}}})", "{{service}}"),
            Query(f"max(redress_db_pool_size{{{SERVICES}}})", "size"),
        ),
        lines(
            "Reachable",
            "1 while every replica reaches PostgreSQL and stands on a schema of its version",
            "none",
            Query(f"min by (service) (redress_database_up{{{SERVICES}}})", "database {{service}}"),
            Query(f"min by (service) (redress_schema_current{{{SERVICES}}})", "schema {{service}}"),
        ),
        lines(
            "Event loop late",
            "P99; beyond 0.1 s a replica gets too little CPU or something blocks",
            "s",
            Query(quantile(0.99, "redress_event_loop_late_seconds", "service, pod", SERVICES), "{{pod}}"),
        ),
        lines(
            "CPU",
            "Cores used, by replica",
            "none",
            Query(f"rate(process_cpu_seconds_total{{{SERVICES}}}[$__rate_interval])", "{{pod}}"),
        ),
        lines(
            "Memory", "Resident, by replica", "bytes", Query(f"process_resident_memory_bytes{{{SERVICES}}}", "{{pod}}")
        ),
        lines(
            "Clock",
            "Ahead of PostgreSQL's (negative: behind); deadlines follow PostgreSQL",
            "s",
            Query(f"abs(redress_clock_ahead_seconds{{{SERVICES}}})", "{{pod}}"),
        ),
        lines(
            "Open files",
            "Connections included, by replica",
            "none",
            Query(f"process_open_fds{{{SERVICES}}}", "{{pod}}"),
        ),
        lines(
            "Duties",
            "Since a recurring duty last ended well; its figures are as old",
            "s",
            Query(
                f"time() - max by (service, duty) (redress_duty_done_timestamp_seconds{{{SERVICES}}} > 0)",
                "{{service}}: {{duty}}",
            ),
        ),
        Panel(
            "Versions",
            "Replicas by version; two for longer than a rollout: finish it",
            "none",
            (Query(f"count by (service, version) (redress_build_info{{{SERVICES}}})", instant=True),),
            kind="table",
            width=8,
        ),
    ),
)
PLATFORM = Dashboard(
    "redress-platform",
    "Redress / 平台 / Platform",
    "各服务的请求、错误、耗时与资源 / Rate, errors and duration of every service, pools, memory, clocks",
    (DATASOURCE, NAMESPACE, SERVICE),
    (_NOW, _DOOR, _CALLS, _GROUND),
)
