"""Debian's Prometheus beside an installation, with the labels that a ServiceMonitor of the chart would add."""

import json
import math
import shutil
import time
from pathlib import Path
from typing import Any

import httpx

from redressctl.scraping import configuration
from stack.ports import LOOPBACK, free_port
from stack.process import ManagedProcess
from stack.stack import Stack
from stack.waiting import answers_ok, wait_ready
from tests.deploy.observability.shipped import write_rules

NAMESPACE = "redress-e2e"
_STEP_S = 2


class Prometheus:
    """Scrapes every service once a second and evaluates the rules that the chart ships."""

    def __init__(self, program: str, folder: Path, stack: Stack) -> None:
        port = free_port()
        self.url = f"http://{LOOPBACK}:{port}"
        self.since = time.time()
        self._http = httpx.Client(base_url=f"{self.url}/api/v1/", timeout=20, trust_env=False)
        rules = [str(file) for file in write_rules(folder / "rules")]
        described = configuration(stack.record().ops_urls, namespace=NAMESPACE, rules=rules, every_seconds=1)
        config = folder / "prometheus.yml"
        config.write_text(json.dumps(described))
        flags = [
            f"--config.file={config}",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address={LOOPBACK}:{port}",
        ]
        self._process = ManagedProcess("prometheus", [program, *flags, "--log.level=warn"], folder / "prometheus.log")
        self._process.start()
        wait_ready(self._process, lambda: answers_ok(f"{self.url}/-/ready"), 30)
        # Two looks at every target before anything happens: a rate does not see what was there at the first.
        wanted = sum(len(urls) for urls in stack.record().ops_urls.values())
        wait_ready(self._process, lambda: self._looked_twice() >= wanted, 30)

    def _looked_twice(self) -> int:
        found = self.ask("query", query="count(count_over_time(up[1m]) >= 2)")["result"]
        return int(found[0]["value"][1]) if found else 0

    def stop(self) -> None:
        self._http.close()
        self._process.stop()

    def ask(self, path: str, **query: Any) -> Any:
        """The data of an answer. AssertionError with what Prometheus says is wrong."""
        answer = self._http.get(path, params=query)
        assert answer.status_code == 200, f"{query.get('query')}: {answer.text}"
        return answer.json()["data"]

    def seen(self, expr: str) -> list[dict[str, Any]]:
        """Its series since the start."""
        found = self.ask("query_range", query=expr, start=self.since, end=time.time(), step=_STEP_S)
        return list(found["result"])

    def at_some_time(self, expr: str) -> list[float]:
        """Its values since the start that say something: neither 0 nor no number."""
        values = [float(value) for series in self.seen(expr) for _, value in series["values"]]
        return [value for value in values if value != 0 and not math.isnan(value)]


def installed() -> str | None:
    return shutil.which("prometheus")
