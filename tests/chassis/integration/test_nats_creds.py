"""A NATS whose operator signs accounts and users (JWT): a credentials file is who we are."""

import json
import time
from base64 import b32encode, urlsafe_b64encode
from binascii import crc_hqx
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis import nats_client
from chassis.nats_settings import NatsSettings
from stack.binaries import nats_server
from stack.ports import LOOPBACK, free_port
from stack.process import ManagedProcess
from stack.waiting import answers_ok

_OPERATOR, _ACCOUNT, _USER, _SEED = 14 << 3, 0, 20 << 3, 18 << 3


@dataclass(frozen=True)
class NKey:
    """github.com/nats-io/nkeys: a prefix that tells the kind, the key, a checksum; in base32."""

    kind: int
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> str:
        return _written(bytes([self.kind]) + self.private.public_key().public_bytes_raw())

    @property
    def seed(self) -> str:
        prefix = bytes([_SEED | self.kind >> 5, (self.kind & 31) << 3])
        return _written(prefix + self.private.private_bytes_raw())

    def sign(self, subject: "NKey", **claims: Any) -> str:
        about = {"jti": "1", "iat": int(time.time()), "iss": self.public, "sub": subject.public, "name": "test"}
        parts = ({"typ": "JWT", "alg": "ed25519-nkey"}, about | {"nats": claims | {"version": 2}})
        text = b".".join(_b64(json.dumps(part).encode()) for part in parts)
        return (text + b"." + _b64(self.private.sign(text))).decode()


def _written(raw: bytes) -> str:
    return b32encode(raw + crc_hqx(raw, 0).to_bytes(2, "little")).rstrip(b"=").decode()


def _b64(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def creds(account: NKey, folder: Path) -> Path:
    user = NKey(_USER)
    unlimited = {"subs": -1, "data": -1, "payload": -1}
    token = account.sign(user, type="user", pub={}, sub={}, **unlimited)
    path = folder / "intake.creds"
    path.write_text(
        f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
        f"************************* IMPORTANT *************************\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n"
    )
    return path


@pytest.fixture
def account() -> NKey:
    return NKey(_ACCOUNT)


@pytest.fixture
def url(account: NKey, tmp_path: Path) -> Iterator[str]:
    operator, port, monitor = NKey(_OPERATOR), free_port(), free_port()
    limits = dict.fromkeys(("subs", "conn", "leaf", "imports", "exports", "data", "payload"), -1)
    known = {account.public: operator.sign(account, type="account", limits=limits | {"wildcards": True})}
    config = {
        "listen": f"{LOOPBACK}:{port}",
        "http": f"{LOOPBACK}:{monitor}",
        "operator": operator.sign(operator, type="operator"),
        "resolver": "MEMORY",
        "resolver_preload": known,
    }
    (tmp_path / "nats.conf").write_text(json.dumps(config))
    server = ManagedProcess("nats", [nats_server(), "-c", str(tmp_path / "nats.conf")], tmp_path / "nats.log")
    server.start()
    while not answers_ok(f"http://{LOOPBACK}:{monitor}/healthz"):
        assert server.alive, server.log_tail()
        time.sleep(0.05)
    yield f"nats://{LOOPBACK}:{port}"
    server.stop()


async def test_a_credentials_file_is_who_we_are_and_a_renewed_one_is_read_at_the_next_connection(
    url: str, account: NKey, tmp_path: Path
) -> None:
    settings = NatsSettings(nats_url=url, nats_creds_file=str(creds(account, tmp_path)))
    for _ in range(2):
        client = await nats_client.connect(settings, allow_reconnect=False, connect_timeout=5)
        await client.publish("redress.test", b"")
        await client.flush()
        await client.close()
        creds(account, tmp_path)


async def test_credentials_of_another_account_are_refused(url: str, tmp_path: Path) -> None:
    settings = NatsSettings(nats_url=url, nats_creds_file=str(creds(NKey(_ACCOUNT), tmp_path)))
    with pytest.raises(Exception, match="Authorization"):
        await nats_client.connect(settings, allow_reconnect=False, connect_timeout=5, error_cb=quiet)


async def quiet(_error: Exception) -> None:
    """nats-py would print it."""


def test_a_file_that_holds_no_credentials_says_so_and_shows_nothing_of_itself(tmp_path: Path) -> None:
    (tmp_path / "x.creds").write_text("-----BEGIN NATS USER JWT-----\nhidden\n------END NATS USER JWT------\n")
    with pytest.raises(ValueError, match="USER NKEY SEED") as wrong:
        NatsSettings(nats_url="nats://a", nats_creds_file=str(tmp_path / "x.creds"))
    assert "hidden" not in str(wrong.value)
