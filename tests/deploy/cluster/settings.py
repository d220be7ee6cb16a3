"""What the environment says about the cluster under test; README.md of this folder explains each."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).resolve().parents[3] / "deploy/helm/redress"
_PREFIX = "REDRESS_E2E_"


def said(name: str, default: str = "") -> str:
    return os.environ.get(_PREFIX + name) or default


def app_version() -> str:
    return str(yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"])


@dataclass(frozen=True)
class Settings:
    kubeconfig: Path
    image_prefix: str
    tag: str
    ctl_image: str
    postgres_image: str
    nats_image: str
    previous_chart: str
    previous_tag: str
    extra_values: dict[str, Any]
    timeout_s: int

    @staticmethod
    def from_environment(kubeconfig: Path) -> "Settings":
        bundled = yaml.safe_load((CHART / "values.yaml").read_text())["dev"]["bundled"]
        prefix, tag = said("IMAGE_PREFIX", "redress"), said("TAG", app_version())
        values = said("VALUES")
        return Settings(
            kubeconfig=kubeconfig,
            image_prefix=prefix,
            tag=tag,
            ctl_image=said("CTL_IMAGE", f"{prefix}-ctl:{tag}"),
            postgres_image=said("POSTGRES_IMAGE", bundled["postgresql"]["image"]),
            nats_image=said("NATS_IMAGE", bundled["nats"]["image"]),
            previous_chart=said("PREVIOUS_CHART"),
            previous_tag=said("PREVIOUS_TAG", tag),
            extra_values=yaml.safe_load(Path(values).read_text()) if values else {},
            timeout_s=int(said("TIMEOUT_S", "300")),
        )

    @property
    def python_image(self) -> str:
        """Any of ours has Python; the load and the probes need no more."""
        return f"{self.image_prefix}-gateway:{self.tag}"

    def image(self, tag: str) -> dict[str, str]:
        registry, _, repository = self.image_prefix.rpartition("/")
        return {"registry": registry, "repository": repository, "tag": tag, "pullPolicy": "IfNotPresent"}
