import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from redress.nats_users import PROVISIONER, inbox_prefix_of
from stack.databases import ServiceDsns
from stack.errors import StackError
from stack.keys import new_sealing_key, new_signing_key
from stack.ports import LOOPBACK, PortSource
from stack.secret_file import SecretFile

# service -> those it asks by gRPC; in the order in which they are started and listed.
ASKS: Mapping[str, tuple[str, ...]] = {
    "intake": (),
    "workflow": (),
    "capa": ("intake",),
    "notify": ("intake", "gateway"),
    "analytics": (),
    "gateway": ("intake", "workflow", "capa", "notify", "analytics"),
}
ALL_SERVICES = tuple(ASKS)
EVERY_SERVICE = "*"
ADMIN_KEY = "gateway.bootstrap_admin_key"
_MAIL_FROM = "Redress <no-reply@redress.example>"

Command = Callable[[str, str], list[str]]
EnvOverrides = Mapping[str, Mapping[str, str]]
Route = Callable[[str, str, int], int]
"""(who asks, which part it asks, that part's port) -> the port it is told: another one leads through a proxy."""


def service_command(service: str, verb: str) -> list[str]:
    """`verb` is serve, migrate or recover; of NATS it is provision."""
    return [sys.executable, "-m", *(("chassis.provision",) if verb == "provision" else (service, verb))]


def direct(_asking: str, _asked: str, port: int) -> int:
    return port


@dataclass(frozen=True)
class Replica:
    service: str
    index: int
    grpc_port: int
    ops_port: int
    public_port: int | None = None

    @property
    def name(self) -> str:
        return f"{self.service}-{self.index}"

    @property
    def ops_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ops_port}"


def plan_replicas(
    services: Iterable[str], counts: Mapping[str, int], public_port: int, next_port: PortSource
) -> dict[str, list[Replica]]:
    """Ports for every replica. The first gateway gets `public_port`, further ones ports of their own."""

    def plan(service: str, index: int) -> Replica:
        public = (next_port() if index else public_port) if service == "gateway" else None
        return Replica(service, index, next_port(), next_port(), public)

    if unknown := ({*services} | {*counts}) - ASKS.keys():
        raise StackError(f"there is no service {', '.join(sorted(unknown))}; there are {', '.join(ASKS)}")
    return {name: [plan(name, index) for index in range(counts.get(name, 1))] for name in ASKS if name in {*services}}


def grpc_target(replicas: Iterable[Replica], asking: str = "", route: Route = direct) -> str:
    addresses = [f"{LOOPBACK}:{route(asking, replica.name, replica.grpc_port)}" for replica in replicas]
    return addresses[0] if len(addresses) == 1 else "ipv4:" + ",".join(addresses)


@dataclass(frozen=True)
class Surroundings:
    """What services are told about each other and about the servers they use."""

    replicas: Mapping[str, list[Replica]]
    dsns: Mapping[str, ServiceDsns]
    nats_url: str
    smtp_port: int
    public_url: str
    secrets: SecretFile
    overrides: EnvOverrides
    log_level: str = "info"
    route: Route = direct
    objects_url: str = ""
    """Where files beside complaints lie."""
    nats_passwords: Mapping[str, str] = field(default_factory=dict)
    """User -> password, where each service is one of its own. Without it all are the one that `nats_url` names, which
    may make streams and consumers."""

    def way(self, asking: Replica, asked: str, url: str) -> str:
        """The URL with the port that `asking` is told."""
        parts = urlsplit(url)
        if parts.port is None or (port := self.route(asking.name, asked, parts.port)) == parts.port:
            return url
        return parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}").geturl()


def serve_env(replica: Replica, around: Surroundings) -> dict[str, str]:
    """The whole environment of one replica. REDRESS_ variables of the shell do not leak in."""
    return _inherited() | settings_of(replica, around)


def _inherited() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
    return inherited | {"PYTHONUNBUFFERED": "1"}


def migrate_env(replica: Replica, around: Surroundings) -> dict[str, str]:
    return {"REDRESS_MIGRATE_DSN": around.dsns[replica.service].migrate} | serve_env(replica, around)


def recover_env(replica: Replica, around: Surroundings) -> dict[str, str]:
    return migrate_env(replica, around) | _login(PROVISIONER, around)


def provision_env(around: Surroundings) -> dict[str, str]:
    return _inherited() | {"REDRESS_NATS_URL": around.nats_url} | _login(PROVISIONER, around)


def settings_of(replica: Replica, around: Surroundings) -> dict[str, str]:
    """The REDRESS_ variables of one replica; overrides win: for all, for its service, for the replica itself."""
    found = {**_common(replica, around), **_login(replica.service, around), **_particular(replica, around)}
    for name in (EVERY_SERVICE, replica.service, replica.name):
        found.update(around.overrides.get(name, {}))
    return found


def _common(replica: Replica, around: Surroundings) -> dict[str, str]:
    dsn = around.way(replica, "postgres", around.dsns[replica.service].runtime)
    return {
        "REDRESS_DSN": dsn,
        "REDRESS_DIRECT_DSN": dsn,
        "REDRESS_NATS_URL": around.way(replica, "nats", around.nats_url),
        "REDRESS_GRPC_BIND": f"{LOOPBACK}:{replica.grpc_port}",
        "REDRESS_OPS_BIND": f"{LOOPBACK}:{replica.ops_port}",
        "REDRESS_SIGNING_KEY": around.secrets.get(f"signing_key.{replica.service}", new_signing_key),
        "REDRESS_TRUSTED_ISSUERS": json.dumps(_trusted_issuers(around)),
        "REDRESS_LOG_LEVEL": around.log_level,
        "REDRESS_REPLICA": replica.name,
    }


def _login(user: str, around: Surroundings) -> dict[str, str]:
    if user not in around.nats_passwords:
        return {}
    return {
        "REDRESS_NATS_USER": user,
        "REDRESS_NATS_PASSWORD": around.nats_passwords[user],
        "REDRESS_NATS_INBOX_PREFIX": inbox_prefix_of(user),
        "REDRESS_NATS_PROVISION": "false",
    }


def _particular(replica: Replica, around: Surroundings) -> dict[str, str]:
    asked = [name for name in ASKS[replica.service] if name in around.replicas]
    targets = {f"REDRESS_{name.upper()}_TARGET": _target(replica, around.replicas[name], around) for name in asked}
    if replica.service == "gateway":
        return targets | {
            "REDRESS_PUBLIC_BIND": f"{LOOPBACK}:{replica.public_port}",
            "REDRESS_PUBLIC_URL": around.public_url,
            "REDRESS_KEY_PEPPER": around.secrets.get("gateway.key_pepper"),
            "REDRESS_BOOTSTRAP_ADMIN_KEY": around.secrets.get(ADMIN_KEY),
        }
    if replica.service == "notify":
        return targets | {
            "REDRESS_SMTP_HOST": LOOPBACK,
            "REDRESS_SMTP_PORT": str(around.smtp_port),
            "REDRESS_MAIL_FROM": _MAIL_FROM,
            "REDRESS_PUBLIC_URL": around.public_url,
        }
    if replica.service == "intake":
        return targets | {
            "REDRESS_MAIL_FROM": _MAIL_FROM,
            "REDRESS_SEALING_KEY": around.secrets.get("intake.sealing_key", new_sealing_key),
            "REDRESS_OBJECTS_URL": around.objects_url,
            "REDRESS_PUBLIC_URL": around.public_url,
        }
    return targets


def _target(asking: Replica, asked: Iterable[Replica], around: Surroundings) -> str:
    return grpc_target(asked, asking.name, around.route)


def _trusted_issuers(around: Surroundings) -> dict[str, str]:
    return {name: f"{replicas[0].ops_url}/.well-known/jwks.json" for name, replicas in around.replicas.items()}
