"""Mailboxes, read from a real IMAP server: each mail once, none lost, none in the way of another."""

import grp
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient
from prometheus_client import CollectorRegistry

from chassis.call import Call
from chassis.errors import Conflict
from chassis.lease import Lease
from intake.adapters import channel_store, mailboxes
from intake.adapters.imap import FAILURES
from intake.app.mailbox.poll import Poll
from intake.app.mailbox.state import list_mailboxes
from intake.entrypoints.mailbox_worker import MailboxWorker
from intake.metrics import MailboxMetrics
from redress.intake.v1 import intake_pb2 as pb

CallAs = Callable[..., Call]
Visit = Callable[..., Awaitable[Counter[str]]]
_CONF = """base_dir = {d}/base
state_dir = {d}/state
log_path = {d}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {inner}
default_internal_group = {group}
default_login_user = {login}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
ssl = required
ssl_cert = <{d}/cert.pem
ssl_key = <{d}/key.pem
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={inner} gid={group} home={d}/mail/%u
}}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{d}/mail/%u
namespace inbox {{
  inbox = yes
}}
"""


@dataclass
class Dovecot:
    port: int
    ca: str

    def client(self, user: str) -> IMAPClient:
        client = IMAPClient("localhost", self.port, ssl_context=ssl.create_default_context(cafile=self.ca))
        client.login(user, "secret")
        return client

    def put(self, user: str, *mails: bytes) -> None:
        client = self.client(user)
        for mail in mails:
            client.append("INBOX", mail)
        client.logout()

    def flags(self, user: str, folder: str = "INBOX") -> list[set[bytes]]:
        client = self.client(user)
        client.select_folder(folder, readonly=True)
        found = client.fetch(client.search(), ["FLAGS"])
        client.logout()
        return [set(each[b"FLAGS"]) - {b"\\Recent"} for _, each in sorted(found.items())]


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    if not shutil.which("dovecot") or not shutil.which("doveconf"):
        pytest.skip("no dovecot is installed (tools/debian.sh): mailboxes are not read from a real IMAP server")
    # Not below pytest's own folder, which only its user may enter: dovecot's parts have users of their own.
    with tempfile.TemporaryDirectory(prefix="redress-imap-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - as said above
        yield from _serving(Path(folder))


def _serving(folder: Path) -> Iterator[Dovecot]:
    root = os.geteuid() == 0
    me, mine = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
    inner, group, login = ("dovecot", "dovecot", "dovenull") if root else (me, mine, me)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _certificate(folder)
    (folder / "mail").mkdir()
    if root:
        shutil.chown(folder / "mail", inner, group)
    conf = folder / "dovecot.conf"
    conf.write_text(_CONF.format(d=folder, port=port, inner=inner, group=group, login=login))
    server = subprocess.Popen([shutil.which("dovecot") or "", "-F", "-c", str(conf)])  # noqa: S603
    try:
        _wait_for(port, folder / "log")
        yield Dovecot(port, str(folder / "cert.pem"))
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int, log: Path) -> None:
    give_up = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > give_up:
                pytest.fail(f"dovecot does not serve: {log.read_text() if log.exists() else 'it left no log'}")
            time.sleep(0.05)


def _certificate(folder: Path) -> None:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(pem)


def letter(n: int, *headers: str, text: str = "充电时电池发烫。") -> bytes:
    head = [f"Message-ID: <{n}@home.example>", f"From: Ann <ann{n}@home.example>", "Subject: Battery", *headers]
    return ("\r\n".join(head) + f"\r\n\r\n{text}\r\n").encode()


@pytest.fixture
def mailbox(intake: Any, dovecot: Dovecot) -> Any:
    async def make(user: str, password: str | None = None, **options: Any) -> None:
        where = {"host": "localhost", "port": dovecot.port, "user": user}
        async with intake.db.tx() as tx:
            await channel_store.insert(
                tx,
                {
                    "channel_id": user,
                    "version": 1,
                    "kind": "imap",
                    "channel": "mail",
                    "label_zh": "",
                    "label_en": "",
                    "language": "",
                    "default_form": "",
                    "product_family": "Pump P7",
                    "mapping": {},
                    "enabled": True,
                    "options": where | options,
                    "created_at": tx.now,
                    "changed_at": tx.now,
                },
            )
            await channel_store.set_secret(tx, user, "password", password or "secret", "u1", timedelta())

    return make


@pytest.fixture
def visit(intake: Any, dovecot: Dovecot) -> Visit:
    """Every mailbox once; what became of the mails."""

    async def once() -> Counter[str]:
        outcomes = Counter[str]()

        def counted(outcome: str) -> None:
            outcomes[outcome] += 1

        async def held() -> bool:
            return True

        poll = Poll(intake.db, intake.receive_mail, counted, held, dovecot.ca)
        async with intake.db.read() as tx:
            found = await mailboxes.enabled(tx)
        for each in found:
            await poll(each)
        return outcomes

    return once


async def test_each_mail_is_taken_once_and_marked_there(
    intake: Any, dovecot: Dovecot, mailbox: Any, visit: Visit
) -> None:
    await mailbox("once")
    dovecot.put("once", letter(1), letter(2, "Auto-Submitted: auto-replied"))
    assert await visit() == {"registered": 1, "auto_reply": 1}
    assert await visit() == {}
    dovecot.put("once", letter(3))
    assert await visit() == {"registered": 1}
    assert dovecot.flags("once") == [{b"\\Seen"}] * 3
    rows = await intake.fetch("SELECT channel, channel_id, product_family FROM complaints")
    assert {tuple(row) for row in rows} == {("mail", "once", "Pump P7")}


async def test_the_same_mail_in_two_mailboxes_is_one_submission(
    intake: Any, dovecot: Dovecot, mailbox: Any, visit: Visit
) -> None:
    await mailbox("desk")
    await mailbox("sales", processed="keep")
    dovecot.put("desk", letter(1, "Delivered-To: desk@acme.example"))
    dovecot.put("sales", letter(1, "Delivered-To: sales@acme.example"))
    assert await visit() == {"registered": 1, "existing": 1}
    assert await intake.count("submissions") == await intake.count("complaints") == 1
    assert dovecot.flags("sales") == [set()]


async def test_a_poller_that_died_before_its_mark_loses_and_doubles_nothing(
    intake: Any, dovecot: Dovecot, mailbox: Any, visit: Visit
) -> None:
    await mailbox("crash")
    dovecot.put("crash", letter(1), letter(2))
    await visit()
    async with intake.db.tx() as tx:
        await tx.execute("UPDATE mailbox_marks SET last_uid = 0")
    assert await visit() == {"existing": 2}
    assert await intake.count("complaints") == 2


async def test_a_mailbox_that_was_numbered_anew_is_read_from_its_start(
    intake: Any, dovecot: Dovecot, mailbox: Any, visit: Visit
) -> None:
    await mailbox("anew")
    dovecot.put("anew", letter(1))
    await visit()
    async with intake.db.tx() as tx:
        await tx.execute("UPDATE mailbox_marks SET uid_validity = uid_validity - 1, last_uid = 4000")
    dovecot.put("anew", letter(2))
    assert await visit() == {"existing": 1, "registered": 1}


async def test_what_is_too_large_is_parked_by_its_head_and_what_is_handled_can_be_moved(
    intake: Any, dovecot: Dovecot, mailbox: Any, visit: Visit, call_as: CallAs
) -> None:
    client = dovecot.client("large")
    client.create_folder("Done")
    client.logout()
    await mailbox("large", limit_bytes=100_000, processed="move", move_to="Done")
    dovecot.put("large", letter(1, text="x" * 200_000), letter(2))
    assert await visit() == {"too_large": 1, "registered": 1}
    assert (len(dovecot.flags("large")), len(dovecot.flags("large", "Done"))) == (0, 2)
    (row,) = await intake.fetch("SELECT size, detail FROM submissions WHERE reason = 'too_large'")
    assert row["size"] <= 64 * 1024
    assert "only its head" in row["detail"]


async def test_only_new_mails_are_read_where_the_old_ones_are_not_wanted(
    dovecot: Dovecot, mailbox: Any, visit: Visit
) -> None:
    await mailbox("new", begin="new")
    dovecot.put("new", letter(1))
    assert await visit() == {}
    dovecot.put("new", letter(2))
    assert await visit() == {"registered": 1}


async def test_a_mail_that_cannot_be_kept_stays_there_and_keeps_nobody_waiting(
    intake: Any, dovecot: Dovecot, mailbox: Any, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mailbox("stuck")
    dovecot.put("stuck", letter(1), letter(2))
    usual = intake.receive_mail.of

    async def failing(call: Call, raw: bytes, *more: Any, **named: Any) -> Any:
        if b"<1@" in raw:
            raise Conflict("concurrent_change", "again and again")
        return await usual(call, raw, *more, **named)

    monkeypatch.setattr(intake.receive_mail, "of", failing)
    assert await visit() == {"failed": 1, "registered": 1}
    assert dovecot.flags("stuck") == [set(), {b"\\Seen"}]


async def test_a_server_that_refuses_is_told_of_and_left_alone_for_a_while(
    intake: Any, dovecot: Dovecot, mailbox: Any, visit: Visit, call_as: CallAs
) -> None:
    await mailbox("locked", password="wrong")
    with pytest.raises(FAILURES):
        await visit()
    metrics = MailboxMetrics(CollectorRegistry())
    worker = MailboxWorker(intake.db, intake.receive_mail, Lease(intake.db, "mailboxes"), metrics, dovecot.ca)
    worker._holds = True
    await worker.once()
    await worker.once()
    reply = await intake.run(list_mailboxes, call_as("manager"), pb.ListMailboxesRequest())
    (state,) = reply.mailboxes
    assert (state.channel_id, state.HasField("failing_since"), state.HasField("polled_at")) == ("locked", True, False)
    assert "secret" not in state.error
    assert "wrong" not in state.error
    assert worker._failures == {"locked": 1}
