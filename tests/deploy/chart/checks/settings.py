"""The chart and the code agree: names of settings, ports, addresses of each other."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import ValidationError
from pydantic_settings import SettingsError

from tests.deploy.chart import environment as env
from tests.deploy.chart.pods import Pod, Program, containers, program
from tests.deploy.chart.release import CHART, Document, Release

# ARCHITECTURE §2, column "asks by gRPC".
ASKS = {
    "intake": set[str](),
    "workflow": set[str](),
    "capa": {"intake"},
    "notify": {"intake", "gateway"},
    "analytics": set[str](),
    "gateway": {"intake", "workflow", "capa", "notify", "analytics"},
}
# The gateway opens links that notify signed, though notify's calls are not all that it trusts it for.
TRUSTS = {service: {asker for asker in ASKS if service in ASKS[asker]} for service in ASKS}


def programs(release: Release) -> Iterator[tuple[str, Pod, Document, Program]]:
    for where, pod, container in containers(release):
        if found := program(container):
            yield where, pod, container, found


def settings_are_known(release: Release) -> Iterator[str]:
    """A REDRESS_ variable that no program reads is a misspelt one; a required one that is missing stops the pod."""
    for where, _pod, container, found in programs(release):
        if found.module == "redressctl":
            continue
        given, kind = {n for n in env.names(release, container) if n.startswith(env.PREFIX)}, env.settings_class(found)
        yield from (f"{where}: {found.module} reads no {name}" for name in sorted(given - env.known_names(kind)))
        yield from (f"{where}: {name} is missing" for name in sorted(env.required_names(kind) - given))


def settings_are_given_once(release: Release) -> Iterator[str]:
    for where, _pod, container in containers(release):
        given = list(env.names(release, container))
        yield from (f"{where}: {name} is given twice" for name in sorted({n for n in given if given.count(n) > 1}))


def settings_parse(release: Release) -> Iterator[str]:
    """Every program starts with what it is given: its own Settings class takes the values."""
    for where, pod, container, found in programs(release):
        if found.module == "redressctl":
            continue
        try:
            env.settings_of(env.environment(release, pod, container), found)
        except (ValidationError, SettingsError) as error:
            yield f"{where}: {error}"


def no_secret_in_the_open(release: Release) -> Iterator[str]:
    """Secrets come by reference alone; no address carries a password."""
    for where, pod, container, found in programs(release):
        if found.module == "redressctl":
            continue
        open_ones = {name for name in env.names(release, container) if name not in env.names_by_reference(container)}
        doubled = set(env.names(release, {"envFrom": container.get("envFrom", [])}))
        secret = env.secret_names(env.settings_class(found))
        yield from (f"{where}: {name} stands in the open" for name in sorted((open_ones | doubled) & secret))
        for name, value in env.environment(release, pod, container).items():
            if re.search(r"://[^/@\s]*:[^/@\s]+@", value):
                yield f"{where}: {name} carries a password"


def ports_are_those_of_the_code(release: Release) -> Iterator[str]:
    """The named ports are where the program listens, on every address of the pod."""
    for where, pod, container, found in programs(release):
        if found.verb != "serve":
            continue
        given = env.environment(release, pod, container)
        binds = {"grpc": given.get("REDRESS_GRPC_BIND", ""), "ops": given.get("REDRESS_OPS_BIND", "")}
        if found.module == "gateway":
            binds["http"] = given.get("REDRESS_PUBLIC_BIND", "")
        listening = {name: int(bind.rpartition(":")[2] or 0) for name, bind in binds.items()}
        own = {port["name"]: port["containerPort"] for port in container["ports"]}
        unheard = {"grpc", "http"} if found.only == "worker" else set()
        wanted = {name: port for name, port in listening.items() if name not in unheard}
        if {n: p for n, p in own.items() if n not in unheard} != wanted:
            yield f"{where}: ports {own}, listens on {listening}"
        yield from (f"{where}: listens on {b}" for b in binds.values() if not b.startswith(("[::]:", "0.0.0.0:")))


def services_find_each_other(release: Release) -> Iterator[str]:
    """Targets and keys lead to a Service and port of this release, for exactly those that the architecture joins."""
    for where, pod, container, found in programs(release):
        if found.verb != "serve":
            continue
        settings = env.settings_of(env.environment(release, pod, container), found)
        rendered = {s for s in ASKS if any(p.component == s for _, p, _, q in programs(release) if q.verb == "serve")}
        wanted, trusted = ASKS[found.module] & rendered, TRUSTS[found.module] & rendered
        if set(settings.trusted_issuers) != trusted:
            yield f"{where}: trusts {sorted(settings.trusted_issuers)}, is asked by {sorted(trusted)}"
        for asked in wanted:
            yield from _leads(release, where, asked, getattr(settings, f"{asked}_target"), "grpc")
        for issuer, url in settings.trusted_issuers.items():
            parts = urlsplit(url)
            yield from _leads(release, where, issuer, parts.netloc, "ops")
            if (parts.scheme, parts.path) != ("http", "/.well-known/jwks.json"):
                yield f"{where}: asks {url} for keys"


def _leads(release: Release, where: str, asked: str, address: str, port_name: str) -> Iterator[str]:
    host, _, port = address.removeprefix("dns:///").rpartition(":")
    name, _, rest = host.partition(".")
    service: dict[str, Any] | None = release.find("Service", name)
    if service is None:
        yield f"{where}: there is no Service for {address}"
        return
    ports = {p["name"]: p["port"] for p in service["spec"]["ports"]}
    if service["spec"]["selector"].get("app.kubernetes.io/component") != asked or ports.get(port_name) != int(port):
        yield f"{where}: {address} is not the {port_name} port of {asked}"
    if not rest.startswith(f"{service['metadata'].get('namespace', release.home)}.svc"):
        yield f"{where}: {address} is in another namespace"
    if port_name == "grpc" and service["spec"].get("clusterIP") != "None":
        yield f"{where}: {address} is one address for all replicas; gRPC would keep to one of them"


def databases_are_verified(release: Release) -> Iterator[str]:
    """Every connection to PostgreSQL says how it is encrypted, and a mode that verifies says by whose authority."""
    for where, pod, container, _found in programs(release):
        for name, value in env.environment(release, pod, container).items():
            if not name.endswith("DSN") or not value:
                continue
            options = parse_qs(urlsplit(value).query)
            mode = options.get("sslmode", [""])[0]
            if not mode:
                yield f"{where}: {name} does not say sslmode"
            path = options.get("sslrootcert", [""])[0]
            if mode.startswith("verify") and path not in ("", "system") and not _mounted(pod, container, path):
                yield f"{where}: {name} names {path}, which nothing mounts"


def files_are_mounted(release: Release) -> Iterator[str]:
    """A setting that names a file names one that is there."""
    for where, pod, container, _found in programs(release):
        for name, value in env.environment(release, pod, container).items():
            if name.endswith(("_FILE", "_RULES")) and value and not _mounted(pod, container, value):
                yield f"{where}: {name} names {value}, which nothing mounts"


def _mounted(pod: Pod, container: Document, path: str) -> bool:
    mounts = [mount for mount in container.get("volumeMounts", []) if f"{path}/".startswith(f"{mount['mountPath']}/")]
    volumes = {volume["name"] for volume in pod.spec.get("volumes", [])}
    return any(mount["name"] in volumes for mount in mounts)


def images_are_of_the_service(release: Release) -> Iterator[str]:
    """A container that runs a service's module runs that service's image."""
    for where, _pod, container, found in programs(release):
        if found.module in ASKS and found.module not in container["image"].rpartition("/")[2]:
            yield f"{where}: runs {found.module} in {container['image']}"


def provisioned_from_outside(release: Release) -> Iterator[str]:
    """A service's NATS user may not make streams; it must not try, and waits for its own inbox only."""
    for where, pod, container, found in programs(release):
        if found.verb != "serve":
            continue
        settings = env.settings_of(env.environment(release, pod, container), found)
        if settings.nats_provision:
            yield f"{where}: makes its own streams"
        if settings.nats_inbox_prefix != f"_INBOX_{found.module}":
            yield f"{where}: listens on {settings.nats_inbox_prefix}"


def globbed_in(template: str) -> list[tuple[str, str]]:
    """(Glob or Get, pattern) as the template says them literally."""
    return re.findall(r'\.Files\.(Glob|Get|Lines|AsConfig|AsSecrets)\s+"([^"]+)"', template)


def every_template() -> list[str]:
    return [path.read_text() for path in sorted((CHART / "templates").rglob("*")) if path.is_file()]
