"""STARTTLS and a login, against a server with a certificate of its own."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chassis.clock import utc_now
from notify.adapters.smtp import Access, Mail, MailServer
from notify.domain.delivery import Answer

MAIL = Mail("d1", "z@example.com", b"Subject: x\r\n\r\ny\r\n")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-signed for 127.0.0.1; key and certificate in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
async def secure_sink(sink: Any, certificate: Path) -> AsyncIterator[Any]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def check(server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
        return AuthResult(success=login == LoginPassword(b"redress", b"right"), handled=False)

    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(sink, hostname="sink.invalid", tls_context=context, auth_required=True, authenticator=check),
        "127.0.0.1",
        0,
    )
    sink.port = server.sockets[0].getsockname()[1]
    yield sink
    server.close()


async def answer_of(port: int, password: str, ca_file: str | None) -> Answer:
    access = Access("127.0.0.1", port, "a@acme.example", "acme.example", "redress", password, True, 10.0, ca_file)
    server = MailServer(access, 1, lambda seconds: None)
    tried = await server.send([MAIL], until=time.monotonic() + 30)
    await server.close()
    return tried["d1"].answer


async def test_a_mail_goes_out_over_starttls_with_a_login(secure_sink: Any, certificate: Path) -> None:
    answer = await answer_of(secure_sink.port, "right", str(certificate))
    assert answer.verdict == "accepted"
    assert secure_sink.recipients == ["z@example.com"]


async def test_a_refused_login_is_not_the_mails_fault(secure_sink: Any, certificate: Path) -> None:
    answer = await answer_of(secure_sink.port, "wrong", str(certificate))
    assert answer.verdict == "temporary"
    assert answer.text.startswith("535")


async def test_a_certificate_nobody_vouches_for_is_not_spoken_to(secure_sink: Any) -> None:
    answer = await answer_of(secure_sink.port, "right", None)
    assert (answer.verdict, secure_sink.raw) == ("temporary", [])
