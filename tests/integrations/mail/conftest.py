"""Mails to send, and servers to send them to."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.ports import OutgoingMessage
from integrations.tls import _context
from tests.integrations.mail.certificates import Authority, authority

PAYLOAD: dict[str, Any] = {
    "to": "ann.lee@acme.example",
    "to_name": "Ann Lee",
    "sender": "onboarding@northbeam.example",
    "sender_name": "Léa Fontaine",
    "reply_to": "lea.fontaine@northbeam.example",
    "reply_to_name": "Léa Fontaine",
    "subject": "Welcome, Ann",
    "text": "Hello Ann,\n\nwelcome.\n",
    "html": "<p>Hello Ann, <b>welcome</b>.</p>",
    "date": "2026-03-02T09:00:00+01:00",
    "purpose": "service",
}
SECRET = "tok-3n-of-n0body"


@pytest.fixture(scope="session")
def outgoing() -> Callable[..., OutgoingMessage]:
    """Makes a mail; differences from the usual one are given by name."""
    return lambda number=1, **more: OutgoingMessage(
        key=f"0065g00000AAAA1AAP:welcome:{number}:mail:003", payload=PAYLOAD | more
    )


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that ``trusting`` trusts."""
    return authority(tmp_path_factory.mktemp("good"), "good")


@pytest.fixture
def trusting(good: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Makes this process trust the good authority by ``SSL_CERT_FILE``, until the test ends: whom to trust is read once
    for a process."""
    monkeypatch.setenv("SSL_CERT_FILE", str(good.file))
    _context.cache_clear()
    yield good
    _context.cache_clear()


@pytest.fixture(scope="session")
def protect(good: Authority, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ssl.SSLContext]:
    """A server's TLS context: ``good``, or with a certificate that must not be accepted."""
    folder: Path = tmp_path_factory.mktemp("servers")
    stranger = authority(folder, "stranger")

    def make(kind: str) -> ssl.SSLContext:
        file = {
            "good": lambda: good.signs(folder),
            "stranger": lambda: stranger.signs(tmp_path_factory.mktemp("strange")),
            "another host": lambda: good.signs(folder, "mail.elsewhere.example"),
            "expired": lambda: good.signs(folder, expired=True),
        }[kind]()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    return make
