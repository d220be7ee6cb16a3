"""How a Prometheus on the same machine watches an embedded stack, labelled as on Kubernetes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def configuration(
    ops_urls: Mapping[str, Sequence[str]], *, namespace: str, rules: Iterable[str] = (), every_seconds: int = 5
) -> dict[str, Any]:
    """prometheus.yml as data. `ops_urls`: service -> address of each replica's operations port; `rules`: rule files,
    globs among them. Dashboards and rules of the chart work on what it scrapes."""
    return {
        "global": {
            "scrape_interval": f"{every_seconds}s",
            "scrape_timeout": f"{every_seconds}s",
            "evaluation_interval": f"{every_seconds}s",
        },
        "rule_files": list(rules),
        "scrape_configs": [_job(service, urls, namespace) for service, urls in ops_urls.items()],
    }


def _job(service: str, urls: Sequence[str], namespace: str) -> dict[str, Any]:
    """Each replica stands for a pod."""
    pods = [
        {
            "targets": [url.removeprefix("http://")],
            "labels": {"namespace": namespace, "service": service, "pod": f"{service}-{number}"},
        }
        for number, url in enumerate(urls)
    ]
    return {"job_name": service, "metrics_path": "/metrics", "static_configs": pods}
