"""The release under test: its values, where it is reached, whether its books agree."""

import json
from dataclasses import dataclass
from typing import Any

import helm_python as helm
import yaml

from tests.deploy.cluster import tools
from tests.deploy.cluster.kube import Json, Kube, is_ready, until
from tests.deploy.cluster.settings import CHART, Settings

RELEASE = "redress"
SELECTOR = f"app.kubernetes.io/instance={RELEASE}"
_SECRET, _KEY = "redress-dev-secrets", "gateway-bootstrap-admin-key"
_VERIFY = "e2e-verify"


@dataclass(frozen=True)
class Installation:
    settings: Settings
    kube: Kube
    helm: helm.Config
    persistent: bool
    """Whether the bundled servers keep their data when their pods go."""

    @property
    def gateway_url(self) -> str:
        return f"http://redress-gateway-http.{self.kube.namespace}.svc:8080"

    def host(self, service: str) -> str:
        return f"redress-{service}.{self.kube.namespace}.svc"

    def key_as(self, variable: str) -> Json:
        return {"name": variable, "valueFrom": {"secretKeyRef": {"name": _SECRET, "key": _KEY}}}

    def values(self, *, tag: str = "", round_: str = "1", **more: Any) -> Json:
        """The chart's profile for a trial, with two replicas of each service; `round_` changes every pod's template."""
        profile = yaml.safe_load((CHART / "ci/dev-bundled-values.yaml").read_text())
        bundled = {
            "postgresql": {"image": self.settings.postgres_image},
            "nats": {"image": self.settings.nats_image},
            "persistence": {"enabled": self.persistent},
        }
        ours = {
            "image": self.settings.image(tag or self.settings.tag),
            "dev": {"bundled": bundled},
            "defaults": {"replicas": 2, "podAnnotations": {"redress.io/e2e-round": round_}},
            "networkPolicy": {"extraGatewayFrom": [{"podSelector": {"matchLabels": tools.CLIENT}}]},
        }
        return merged(merged(merged(profile, ours), self.settings.extra_values), more)

    def pods(self) -> list[Json]:
        """Of services and bundled servers, not of Jobs that have ended."""
        found = self.kube.pods(SELECTOR)
        return [pod for pod in found if pod["spec"].get("restartPolicy", "Always") == "Always"]

    def settle(self, count: int) -> None:
        """So many pods, and all of them ready."""

        def calm() -> bool:
            pods = self.pods()
            return len(pods) == count and all(map(is_ready, pods))

        until(calm, f"{count} ready pods", self.settings.timeout_s)

    def verify(self, acks: str) -> Json:
        """`redressctl verify` inside the cluster. Raises AssertionError with what differs."""
        env = [{"name": "REDRESS_URL", "value": self.gateway_url}, self.key_as("REDRESS_KEY")]
        command = ["python", "-m", "redressctl", "verify", "--acks", "/files/acks.jsonl", "--wait", "120"]
        tools.start(self.kube, _VERIFY, self.settings.ctl_image, command, files={"acks.jsonl": acks}, env=env)
        clean, log = tools.finished(self.kube, _VERIFY, 300)
        assert clean, log
        tools.remove(self.kube, _VERIFY)
        return dict(json.loads(log.strip().splitlines()[-1]))


def merged(base: Json, over: Json) -> Json:
    result = dict(base)
    for name, value in over.items():
        known = result.get(name)
        result[name] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result
