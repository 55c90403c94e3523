"""The mail transports of the settings: a Maildir, a mail server, or a provider's HTTP API."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, unquote

from pydantic import SecretStr

from config.settings.addresses import LOOPBACK, local_path, read_web_address, split
from onboarding.values import dataclass

Tls = Literal["starttls", "implicit", "never"]
Provider = Literal["postmark", "resend", "sendgrid"]
PORTS: Mapping[Tls, int] = {"starttls": 587, "implicit": 465, "never": 25}
PROVIDERS: tuple[Provider, ...] = ("postmark", "resend", "sendgrid")
RATES: Mapping[Provider, float] = {"resend": 2.0}
"""Requests a second of providers with a low default limit, by their documentation; FIRST90_MAIL_RATE overrides it."""
CONNECTIONS = 20
"""Mails sent at once: 80 a second to a server 20 ms away (P5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaildirMail:
    """A Maildir as transport."""

    folder: Path

    @property
    def place(self) -> str:
        """Return the transport in words."""
        return f"Maildir {self.folder}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMail:
    """A mail server. ``tls``: ``starttls`` must succeed, ``implicit`` from the first byte, ``never``."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: SecretStr | None = None
    connections: int = CONNECTIONS

    @property
    def place(self) -> str:
        """Return the transport in words."""
        return f"mail server {self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpMail:
    """A mail provider. ``api_url``: another base URL than the provider's own."""

    provider: Provider
    token: SecretStr
    api_url: str | None = None
    connections: int = CONNECTIONS

    @property
    def place(self) -> str:
        """Return the transport in words."""
        return self.provider.capitalize()


MailTransport = MaildirMail | SmtpMail | HttpMail


def read_mail(text: str, base: Path, given: Mapping[str, str]) -> MailTransport:
    """Return the transport for ``maildir:DIR``, ``smtp://…``, ``smtps://…`` or a provider's name with its token in
    ``given``.

    A refused text is not repeated, because it may contain a password. Raise ValueError with the remedy.
    """
    connections = _connections(given)
    name = next((name for name in PROVIDERS if name == text.casefold()), None)
    if name is not None:
        if "mail_token" not in given:
            raise ValueError(f"{name} needs its token in FIRST90_MAIL_TOKEN")
        api_url = read_web_address(given["mail_api_url"]) if "mail_api_url" in given else None
        token = SecretStr(given["mail_token"])
        return HttpMail(provider=name, token=token, api_url=api_url, connections=connections)
    if text.casefold().startswith(("smtp://", "smtps://")):
        return _server(text, connections)
    folder = local_path(text, "maildir", base)
    if folder is None:
        raise ValueError("is no way to send mail; use maildir:DIR, smtp://host:port, postmark, resend or sendgrid")
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; name a folder, which is made if it is missing")
    return MaildirMail(folder=folder)


def _server(text: str, connections: int) -> SmtpMail:
    try:
        parts = split(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is no address of a mail server; use smtp://user:password@host:587") from None
    if not host or parts.path not in ("", "/") or "#" in text:
        raise ValueError("is no address of a mail server; use smtp://user:password@host:587")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    starttls = options.pop("starttls", "require")
    if options or starttls not in ("require", "never") or (parts.scheme == "smtps" and parts.query):
        raise ValueError("may only be followed by ?starttls=require or ?starttls=never (smtp:// alone)")
    tls: Tls = "implicit" if parts.scheme == "smtps" else "never" if starttls == "never" else "starttls"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("needs both a user and a password, or neither: smtp://user:password@host:587")
    if user and tls == "never" and host not in LOOPBACK:
        raise ValueError("would send the password unprotected; leave out ?starttls=never")
    return SmtpMail(
        host=host,
        port=port or PORTS[tls],
        tls=tls,
        user=user or None,
        password=SecretStr(password) if password else None,
        connections=connections,
    )


def _connections(given: Mapping[str, str]) -> int:
    text = given.get("mail_connections", str(CONNECTIONS))
    if not text.isdecimal() or not 1 <= int(text) <= 50:
        raise ValueError("FIRST90_MAIL_CONNECTIONS is a number from 1 to 50")
    return int(text)
