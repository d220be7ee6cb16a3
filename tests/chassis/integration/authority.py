"""A certificate authority of the test's own, and servers that show what it signed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from stack.ports import LOOPBACK

_LIFE = timedelta(days=1)


@dataclass(frozen=True)
class Shown:
    """What a server shows: its certificate and the key of it, as files."""

    certificate: Path
    key: Path


class Authority:
    def __init__(self, directory: Path, name: str) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        basic = x509.BasicConstraints(ca=True, path_length=0)
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = self._builder(self._name, self._key).add_extension(basic, critical=True)
        self._certificate = certificate.add_extension(usage, critical=True)
        self.file = directory / f"{name}.crt"
        self.file.write_bytes(self._sign(self._certificate))

    def show(self, *names: str) -> Shown:
        """For a server that is called by `names`; an address among them is one."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        found = [x509.IPAddress(ip_address(n)) if n == LOOPBACK else x509.DNSName(n) for n in names]
        certificate = self._builder(subject, key).add_extension(x509.SubjectAlternativeName(found), critical=False)
        shown = Shown(self._directory / f"{names[0]}.crt", self._directory / f"{names[0]}.key")
        shown.certificate.write_bytes(self._sign(certificate))
        shown.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        shown.key.chmod(0o600)
        return shown

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        # Python 3.13 holds certificates to RFC 5280: without these two it takes none.
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return builder.add_extension(issuer, False).not_valid_before(now - _LIFE).not_valid_after(now + _LIFE)

    def _sign(self, builder: x509.CertificateBuilder) -> bytes:
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)
