"""Load from inside the cluster, through the gateway's Service, as other systems of a company would make it."""

import json
from dataclasses import dataclass

from tests.deploy.cluster import tools
from tests.deploy.cluster.installation import Installation
from tests.deploy.cluster.kube import until

_POD = "e2e-load"
_MOST_ACKS = 4_000
"""What fits into the ConfigMap that takes them to the verification."""


@dataclass
class Load:
    """Failures are collected, not raised: each test says what it allows."""

    installed: Installation

    def __enter__(self) -> "Load":
        env = [{"name": "LOAD_URL", "value": self.installed.gateway_url}, self.installed.key_as("LOAD_KEY")]
        image = self.installed.settings.python_image
        command = ["python", "/files/load.py"]
        tools.start(self.installed.kube, _POD, image, command, files=tools.script("load.py"), env=env)
        self.goes_on(20)
        return self

    def __exit__(self, *_: object) -> None:
        tools.remove(self.installed.kube, _POD)

    def goes_on(self, count: int = 10, within_s: float = 90) -> None:
        """So many more are acknowledged. Raises AssertionError."""
        wanted = len(self.acknowledged) + count
        until(lambda: len(self.acknowledged) >= wanted, f"{count} more complaints to be acknowledged", within_s)

    @property
    def acknowledged(self) -> list[list[str]]:
        return [line.split()[1:] for line in self._lines() if line.startswith("ACK ") and len(line.split()) == 5]

    @property
    def failures(self) -> list[str]:
        return [line for line in self._lines() if line.startswith("FAILED ")]

    def acks(self) -> str:
        """As `redressctl verify --acks` reads them."""
        named = [dict(zip(("key", "complaint_id", "number", "at"), one, strict=True)) for one in self.acknowledged]
        return "\n".join(map(json.dumps, named[-_MOST_ACKS:])) + "\n"

    def _lines(self) -> list[str]:
        pod = self.installed.kube.get("pods", _POD)
        started = pod is not None and (pod.get("status") or {}).get("phase") not in (None, "Pending")
        return self.installed.kube.log(_POD).splitlines() if started else []
