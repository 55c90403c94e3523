"""A certificate authority of this machine's own, and a certificate of it for the sandbox."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOSTS = ("localhost", "login.salesforce.com", "test.salesforce.com")
LIFE = timedelta(days=365)
RENEW = timedelta(days=30)


def certificates(folder: Path) -> tuple[Path, Path]:
    """The CA file for clients, and certificate with key for the server; made anew when missing or about to end.

    The CA's own key is never written, so that nothing else can be signed with it.
    """
    ca_file, server_file = folder / "ca.pem", folder / "server.pem"
    if ca_file.is_file() and server_file.is_file() and _lasts(server_file):
        return ca_file, server_file
    folder.mkdir(parents=True, exist_ok=True)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("first90 sandbox CA", ca_key, None, ca_key)
    server = _certificate("first90 sandbox", key, ca, ca_key)
    _write(server_file, _pem(key) + server.public_bytes(serialization.Encoding.PEM))
    _write(ca_file, ca.public_bytes(serialization.Encoding.PEM))
    return ca_file, server_file


def signing_key(folder: Path) -> tuple[Path, str]:
    """The private key file for JWT logins and its public half as text; made when missing."""
    file = folder / "jwt-key.pem"
    if file.is_file():
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _write(file, _pem(made))
        key = made
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return file, public.decode()


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate | None, signer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    is_ca, now = issuer is None, datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=0 if is_ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=is_ca,
                crl_sign=is_ca,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if not is_ca:
        names: list[x509.GeneralName] = [x509.DNSName(host) for host in HOSTS]
        names += [x509.DNSName("*.my.salesforce.com")]
        names += [x509.IPAddress(ipaddress.ip_address(one)) for one in ("127.0.0.1", "::1")]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
    return builder.sign(signer, hashes.SHA256())


def _lasts(file: Path) -> bool:
    found = x509.load_pem_x509_certificates(file.read_bytes())
    return found[0].not_valid_after_utc > datetime.now(UTC) + RENEW


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.chmod(0o600)  # it may have been there
    file.write_bytes(content)
