"""What a company runs beside the chart, embedded: PostgreSQL, NATS with a user per service, a mail server."""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stack.binaries import nats_server
from stack.data_dir import DataDirLock
from stack.keys import new_sealing_key, new_signing_key
from stack.mail import MailSink
from stack.part import Part
from stack.ports import LOOPBACK, free_port
from stack.postgres import Postgres
from stack.process import ManagedProcess
from stack.secret_file import SecretFile, write_private
from stack.services import ALL_SERVICES
from stack.waiting import answers_ok
from tests.chassis.integration.authority import Authority, Shown
from tests.deploy.processes.encrypted import encrypted

CHART = Path(__file__).resolve().parents[3] / "deploy/helm/redress"
POSTGRES_HOST, NATS_HOST, MAIL_HOST = "postgresql.databases.svc", "nats.messaging.svc", "smtp.mail.svc"
_CA = "redress-ca"
_USERS = CHART / "files/nats/users.yaml"


@dataclass(frozen=True)
class Outside:
    """`secrets`: by name; `redress` holds the keys that the chart's README names, `redress-ca` who signed."""

    values: Mapping[str, Any]
    secrets: Mapping[str, Mapping[str, str]]
    hosts: Mapping[str, str]
    admin_key: str


class UsersNats(Part):
    """NATS with the permissions that the chart ships; a user without a password of ours cannot exist."""

    def __init__(self, folder: Path, passwords: Mapping[str, str], shown: Shown, log_dir: Path) -> None:
        self._tls = {"cert_file": str(shown.certificate), "key_file": str(shown.key)}
        self.port, self._monitor = free_port(), free_port()
        self._config = folder / "nats.conf"
        write_private(self._config, json.dumps(self._configuration(folder, passwords)))
        self.process = ManagedProcess("nats", [nats_server(), "-c", str(self._config)], log_dir / "nats.log")

    def ready(self) -> bool:
        return answers_ok(f"http://{LOOPBACK}:{self._monitor}/healthz")

    def _configuration(self, folder: Path, passwords: Mapping[str, str]) -> dict[str, Any]:
        users = [_user(one, passwords) for one in yaml.safe_load(_USERS.read_text())]
        return {
            "server_name": "outside",
            "listen": f"{LOOPBACK}:{self.port}",
            "http": f"{LOOPBACK}:{self._monitor}",
            "tls": self._tls,
            "accounts": {"REDRESS": {"jetstream": "enabled", "users": users}},
            "jetstream": {"store_dir": str(folder / "store"), "max_file_store": 2 << 30},
        }


def _user(known: Mapping[str, Any], passwords: Mapping[str, str]) -> dict[str, Any]:
    rights = {"publish": {"allow": known["publish"]}, "subscribe": {"allow": known["subscribe"]}}
    return {"user": known["user"], "password": passwords[f"{known['user']}-nats-password"], "permissions": rights}


@contextmanager
def outside(folder: Path) -> Iterator[Outside]:
    kept, logs = SecretFile(folder / "secrets.json"), folder / "logs"
    passwords = _passwords(kept)
    postgres = Postgres(folder / "postgres", free_port(), kept, logs, fast=True)
    authority = Authority(folder, "company")
    nats = UsersNats(folder / "nats", passwords, authority.show(NATS_HOST), logs)
    smtp_port = free_port()
    sink = MailSink(folder / "mail", smtp_port, free_port(), logs)
    with ExitStack() as on:
        on.callback(DataDirLock(folder).acquire().release)
        _start((nats, sink, postgres), on)
        postgres.databases.close_common_doors()
        for service in ALL_SERVICES:
            postgres.databases.create_service_database(service)
        front = on.enter_context(encrypted(authority.show(POSTGRES_HOST), postgres.server.port))
        yield Outside(
            values=_values(front.port, nats.port, smtp_port),
            secrets={"redress": passwords, _CA: {"ca.crt": authority.file.read_text()}},
            hosts=dict.fromkeys((POSTGRES_HOST, NATS_HOST, MAIL_HOST), LOOPBACK),
            admin_key=passwords["gateway-bootstrap-admin-key"],
        )


def _start(parts: Sequence[Part], on: ExitStack) -> None:
    for part in parts:
        on.callback(part.stop)
        part.launch()
    for part in parts:
        part.wait_ready()


def _passwords(kept: SecretFile) -> dict[str, str]:
    found = {f"{user}-nats-password": secrets.token_urlsafe(18) for user in (*ALL_SERVICES, "provisioner")}
    for service in ALL_SERVICES:
        found[f"{service}-db-password"] = kept.get(f"postgres.{service}")
        found[f"{service}-migrate-password"] = kept.get(f"postgres.{service}_owner")
        found[f"{service}-signing-key"] = new_signing_key()
    found["intake-sealing-key"] = new_sealing_key()
    keys = dict.fromkeys(("gateway-key-pepper", "gateway-bootstrap-admin-key"), "")
    return found | {name: secrets.token_urlsafe(24) for name in keys}


def _values(postgres_port: int, nats_port: int, smtp_port: int) -> dict[str, Any]:
    return {
        "secrets": {"existingSecret": "redress"},
        "organisation": {"publicUrl": "http://redress.example", "mailFrom": "Redress <no-reply@redress.example>"},
        "postgresql": {
            "host": POSTGRES_HOST,
            "port": postgres_port,
            "ca": {"existingSecret": _CA},
        },
        "nats": {"urls": [f"{NATS_HOST}:{nats_port}"], "tls": {"ca": {"existingSecret": _CA}}, "replicas": 1},
        "smtp": {"host": MAIL_HOST, "port": smtp_port, "startTls": False},
    }
