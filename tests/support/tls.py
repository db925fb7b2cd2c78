"""A certificate for servers of this machine, in the forms that Python and Java read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

PASSWORD = "trusted"
"""Of the file for Java, which reads none without."""


@dataclass(frozen=True)
class Certificate:
    """Files of a certificate that vouches for itself: PEM, its private key, and a trust store of Java."""

    file: Path
    key: Path
    java: Path

    @classmethod
    def made(cls, folder: Path) -> Certificate:
        """Write a certificate for 127.0.0.1, good for a day."""
        made = cls(folder / "server.pem", folder / "server.key", folder / "trusted.p12")
        key = ec.generate_private_key(ec.SECP256R1())
        signed = _signed(key)
        made.file.write_bytes(signed.public_bytes(Encoding.PEM))
        made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        trusted = [pkcs12.PKCS12Certificate(signed, b"server")]
        encryption = BestAvailableEncryption(PASSWORD.encode())
        made.java.write_bytes(pkcs12.serialize_java_truststore(trusted, encryption))
        return made


def _signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    places = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(places, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.sign(key, hashes.SHA256())
