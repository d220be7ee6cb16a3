"""Everybody on and around the network of an installation, and who needs whom (ARCHITECTURE §2, not the chart)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.deploy.chart.network import Place
from tests.deploy.chart.pods import Pod, pods, program
from tests.deploy.chart.release import Release

GRPC, OPS, HTTP, POSTGRES, NATS, SMTP, DNS, WEB = 7000, 7080, 8080, 5432, 4222, 587, 53, 443
S3, CLAMD, IMAPS = 9000, 3310, 993
PORTS = (GRPC, OPS, HTTP, POSTGRES, NATS, SMTP, DNS, WEB, S3, CLAMD, IMAPS, 8222)
SERVICES = ("intake", "workflow", "capa", "notify", "analytics", "gateway")

# Who asks -> whom, by gRPC.
ASKS = {
    "capa": {"intake"},
    "notify": {"intake", "gateway"},
    "gateway": {"intake", "workflow", "capa", "notify", "analytics"},
}

_KUBE = "kubernetes.io/metadata.name"
OUTSIDE = (
    Place("dns", "kube-system", {"k8s-app": "kube-dns"}, {"dns": 53}, "10.96.0.10", {_KUBE: "kube-system"}),
    Place("scraper", "monitoring", {"app": "prometheus"}, {}, "10.0.1.1", {_KUBE: "monitoring"}),
    Place("ingress", "ingress-nginx", {"app": "nginx"}, {}, "10.0.1.2", {_KUBE: "ingress-nginx"}),
    Place("stranger elsewhere", "elsewhere", {"app": "other"}, {}, "10.0.1.3", {_KUBE: "elsewhere"}),
    Place("internet", address="203.0.113.9"),
)
POSTGRES_SERVER = Place("postgres", "databases", {"cnpg.io/cluster": "pg"}, {}, "10.0.2.1", {_KUBE: "databases"})
NATS_SERVER = Place("nats", "nats", {"app.kubernetes.io/name": "nats"}, {}, "10.0.2.2", {_KUBE: "nats"})
MAIL_SERVER = Place("smtp", address="198.51.100.7")
OBJECT_STORE = Place("objects", address="198.51.100.8")
SCANNER = Place("scanner", address="198.51.100.9")
MAILBOXES = Place("mailboxes", address="198.51.100.10")
SERVERS = (POSTGRES_SERVER, NATS_SERVER, MAIL_SERVER, OBJECT_STORE, SCANNER, MAILBOXES)


_OTHERS = {"test": "smoke", "dev-postgresql": "postgres", "dev-nats": "nats"}


def of_the_release(release: Release) -> Iterator[Place]:
    """One place per workload, and a pod of the release that no policy was written for: nothing may pass there."""
    labels = {_KUBE: release.home}
    for pod in pods(release):
        yield Place(place_name(pod), release.home, dict(pod.labels), pod.ports, "", labels)
    selector = {"app.kubernetes.io/name": "redress", "app.kubernetes.io/instance": release.name}
    yield Place("unforeseen", release.home, {**selector, "app.kubernetes.io/component": "later"}, {}, "", labels)


def place_name(pod: Pod) -> str:
    """intake, intake-worker, intake migrate, provision, smoke, definitions, postgres, nats."""
    for container in pod.containers:
        if found := program(container):
            if found.verb == "serve":
                return f"{found.module}-{found.only}" if found.only else found.module
            if found.verb == "migrate":
                return f"{found.module} {'upkeep' if pod.owner['kind'] == 'CronJob' else 'migrate'}"
            if found.verb == "recover":
                return f"{found.module} recover"
            return {"chassis.provision": "provision", "redressctl": "definitions"}[found.module]
    return _OTHERS.get(pod.component, pod.component)


def stranger_in(release: Release) -> Place:
    return Place("stranger here", release.home, {"app": "other"}, {}, "10.0.1.4", {_KUBE: release.home})


def roles(places: Iterable[Place], service: str) -> set[str]:
    """The workloads a service runs as: itself, or api and worker apart."""
    return {p.name for p in places if p.name in (service, f"{service}-api", f"{service}-worker")}


def needed(places: list[Place], values: Mapping[str, Any]) -> set[tuple[str, str, int]]:
    """(sender, receiver, port) of everything that must pass; nothing else may."""
    names = {place.name for place in places}
    edges: set[tuple[str, str, int]] = set()
    for service in SERVICES:
        for role in roles(places, service):
            edges |= {(role, "postgres", POSTGRES), (role, "nats", NATS), ("scraper", role, OPS)}
        for asked in ASKS.get(service, ()):
            edges |= _asking(places, service, asked)
    edges |= {(job, "postgres", POSTGRES) for job in names if job.endswith((" migrate", " upkeep"))}
    for job in (name for name in names if name.endswith(" recover")):
        edges |= {(job, "postgres", POSTGRES), (job, "nats", NATS)}
    edges |= {("provision", "nats", NATS)} if "provision" in names else set()
    edges |= _servers_of_some(places, values)
    edges |= {(caller, door, HTTP) for caller in ("ingress", "smoke", "definitions") for door in _doors(places)}
    edges |= {("smoke", role, OPS) for role in _answering(places, "analytics")}
    edges |= {(name, "dns", DNS) for name in names - {p.name for p in OUTSIDE} - _WITHOUT_NAMES}
    return {edge for edge in edges if {edge[0], edge[1]} <= names}


_WITHOUT_NAMES = {*(place.name for place in SERVERS), "stranger here", "unforeseen"}


def _servers_of_some(places: list[Place], values: Mapping[str, Any]) -> set[tuple[str, str, int]]:
    """Only the worker sends and fetches mail; files come and go through both."""
    intake = roles(places, "intake")
    edges: set[tuple[str, str, int]] = set()
    if values["smtp"]["host"]:
        edges |= {(role, "smtp", SMTP) for role in roles(places, "notify") if not role.endswith("-api")}
    if values["objects"]["url"]:
        edges |= {(role, "objects", values["objects"]["port"]) for role in intake}
    if values["virusScan"]["host"]:
        edges |= {(role, "scanner", CLAMD) for role in intake}
    if values["networkPolicy"]["mailboxes"]["enabled"]:
        edges |= {(role, "mailboxes", IMAPS) for role in intake if not role.endswith("-api")}
    return edges


def _asking(places: list[Place], asker: str, asked: str) -> set[tuple[str, str, int]]:
    """The call, and the asked one's question for the asker's public keys; only what answers calls asks for keys."""
    calls = {(role, api, GRPC) for role in roles(places, asker) for api in _answering(places, asked)}
    keys = {(api, source, OPS) for api in _answering(places, asked) for source in _answering(places, asker)}
    return calls | keys


def _answering(places: list[Place], service: str) -> set[str]:
    return {role for role in roles(places, service) if not role.endswith("-worker")}


def _doors(places: list[Place]) -> set[str]:
    return _answering(places, "gateway")
