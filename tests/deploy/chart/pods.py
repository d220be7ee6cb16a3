"""Pod templates, whichever object makes pods of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.deploy.chart.release import Document, Release

STANDING = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(frozen=True)
class Pod:
    owner: Document
    template: Document

    @property
    def where(self) -> str:
        return f"{self.owner['kind']}/{self.owner['metadata']['name']}"

    @property
    def spec(self) -> Document:
        return self.template["spec"]  # type: ignore[no-any-return]

    @property
    def labels(self) -> Mapping[str, str]:
        return self.template.get("metadata", {}).get("labels", {})  # type: ignore[no-any-return]

    @property
    def annotations(self) -> Mapping[str, str]:
        return self.template.get("metadata", {}).get("annotations", {})  # type: ignore[no-any-return]

    @property
    def component(self) -> str:
        return self.labels.get("app.kubernetes.io/component", "")

    @property
    def containers(self) -> list[Document]:
        """All that ever run in it."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def ports(self) -> dict[str, int]:
        return {p["name"]: p["containerPort"] for c in self.containers for p in c.get("ports", []) if "name" in p}

    @property
    def stands(self) -> bool:
        return self.owner["kind"] in STANDING


def pods(release: Release) -> list[Pod]:
    return [Pod(owner, template) for owner in release.documents if (template := _template(owner)) is not None]


def standing(release: Release) -> list[Pod]:
    return [pod for pod in pods(release) if pod.stands]


def containers(release: Release) -> Iterator[tuple[str, Pod, Document]]:
    """(where it is, its pod, the container)."""
    for pod in pods(release):
        for container in pod.containers:
            yield f"{pod.where} {container['name']}", pod, container


def _template(owner: Document) -> Document | None:
    match owner["kind"]:
        case "Pod":
            return owner
        case "CronJob":
            return owner["spec"]["jobTemplate"]["spec"]["template"]  # type: ignore[no-any-return]
        case "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job":
            return owner["spec"]["template"]  # type: ignore[no-any-return]
    return None


@dataclass(frozen=True)
class Program:
    """What a container runs: `python -m intake serve --only api`."""

    module: str
    verb: str = ""
    only: str = ""


def program(container: Document) -> Program | None:
    """None for what is not a Python module of ours."""
    line = [*container.get("command", []), *container.get("args", [])]
    if line[:2] != ["python", "-m"]:
        return None
    only = line[line.index("--only") + 1] if "--only" in line else ""
    return Program(line[2], line[3] if len(line) > 3 else "", only)


def selects(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """A label selector with matchLabels and matchExpressions. An empty one selects everything, None nothing."""
    if selector is None:
        return False
    same = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return same and all(_fits(term, labels) for term in selector.get("matchExpressions", []))


def _fits(term: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, among = labels.get(term["key"]), term.get("values", [])
    return {
        "In": value in among,
        "NotIn": value not in among,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }[term["operator"]]
