"""The sandbox's certificate, from a certificate authority made for it, and the key pair for JWT logins."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from trustme import CA

HOSTS = ("localhost", "login.salesforce.com", "test.salesforce.com", "*.my.salesforce.com", "127.0.0.1", "::1")
LIFE = timedelta(days=365)
RENEW = timedelta(days=30)


def certificates(folder: Path) -> tuple[Path, Path]:
    """Return the CA file for clients and the file with the server's key and certificate.

    Both are made anew when one is missing or the certificate ends within thirty days.

    The CA's own key is never written, so that nothing else can be signed with it.
    """
    ca_file, server_file = folder / "ca.pem", folder / "server.pem"
    if ca_file.is_file() and server_file.is_file() and _lasts(server_file):
        return ca_file, server_file
    folder.mkdir(parents=True, exist_ok=True)
    ca = CA(organization_name="first90 sandbox")
    server = ca.issue_cert(*HOSTS, organization_name="first90 sandbox", not_after=datetime.now(UTC) + LIFE)
    _write(server_file, server.private_key_and_cert_chain_pem.bytes())
    _write(ca_file, ca.cert_pem.bytes())
    return ca_file, server_file


def signing_key(folder: Path) -> tuple[Path, str]:
    """Return the private key file for JWT logins and its public half as text; made when missing."""
    file = folder / "jwt-key.pem"
    if file.is_file():
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write(file, pem)
        key = made
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return file, public.decode()


def _lasts(file: Path) -> bool:
    found = x509.load_pem_x509_certificates(file.read_bytes())
    return found[0].not_valid_after_utc > datetime.now(UTC) + RENEW


def _write(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.chmod(0o600)  # an existing file keeps its mode with ``touch``
    file.write_bytes(content)
