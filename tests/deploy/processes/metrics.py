"""/metrics of a pod, asked at its own address."""

from urllib.request import urlopen

from tests.deploy.double.store import Json

OPS_PORT = 7080


def samples(pod: Json, name: str) -> dict[str, float]:
    """By labels as they are written; empty where the pod does not show this metric."""
    with urlopen(f"http://{pod['status']['podIP']}:{OPS_PORT}/metrics", timeout=10) as reply:
        lines = [line.rsplit(" ", 1) for line in reply.read().decode().splitlines() if line.startswith(name)]
    return {labels.removeprefix(name): float(value) for labels, value in lines if labels.partition("{")[0] == name}


def total(pod: Json, name: str) -> float:
    return sum(samples(pod, name).values())
