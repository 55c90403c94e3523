"""Calls to Slack's Web API: each returns a response or raises Trouble with what is known.

The library's own retries are off: it repeats a post whose connection broke, which may post the message twice. Repeats
are up to the ledger.
"""

import errno
import logging
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from pydantic import SecretStr

from integrations.far_clocks import hear
from integrations.slack.errors import Kind, Trouble, refused
from integrations.tls import trust

if TYPE_CHECKING:
    from slack_sdk import WebClient
    from slack_sdk.web import SlackResponse

API_URL = "https://slack.com/api"
TIMEOUT = 10
"""Seconds. A message takes up to three calls (user, channel, post): together at most the time of a send (30)."""
NOT_RECEIVED = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
"""Causes for which certainly no byte of the request was received."""
UNROUTABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH})


class Client:
    """Calls with one token. Thread-safe: each call has a connection of its own."""

    def __init__(self, token: SecretStr | None, api_url: str | None) -> None:
        self._token, self.api_url = token, (api_url or API_URL).rstrip("/") + "/"
        self._pauses, self._asked_for, self._message = 0, 0.0, threading.local()

    @cached_property
    def web(self) -> "WebClient":
        """The library's client, created at the first call, because the library takes a fifth of a second to load."""
        from slack_sdk import WebClient

        made = WebClient(
            token=self._token.get_secret_value() if self._token else None,
            base_url=self.api_url,
            timeout=TIMEOUT,
            ssl=trust(),
            retry_handlers=[],
            logger=disabled_logger(),
        )
        made.proxy = proxy_for(self.api_url, made.proxy)
        return made

    @contextmanager
    def one_message(self) -> Iterator[None]:
        """Group the calls of this thread as one message, of which no further call is made once Slack asks for a pause.
        A rate limit holds for the whole workspace and a message takes up to three calls, so all calls with this token
        pause."""
        self._message.began = self._pauses
        try:
            yield
        finally:
            self._message.began = None

    def post(self, method: str, body: Mapping[str, Any]) -> "SlackResponse":
        """Make a call that creates something. Raise Trouble, a ``doubt`` if it may have been carried out."""
        return self._call(method, json=dict(body))

    def put(self, method: str, body: Mapping[str, Any]) -> "SlackResponse":
        """Make a call that sets a complete state, so that a repeat is harmless. Raise Trouble, never a ``doubt``."""
        return self._harmless(method, json=dict(body))

    def ask(self, method: str, **params: Any) -> "SlackResponse":
        """Make a call that changes nothing. Raise Trouble, never a ``doubt``."""
        return self._harmless(method, params=params)

    def _harmless(self, method: str, **arguments: Any) -> "SlackResponse":
        try:
            return self._call(method, **arguments)
        except Trouble as trouble:
            if trouble.kind == "doubt":
                raise Trouble("busy", str(trouble)) from None
            raise

    def _opened(self) -> "WebClient":
        try:
            return self.web
        except OSError:
            raise Trouble("setting", "SSL_CERT_FILE or REQUESTS_CA_BUNDLE names no file of authorities") from None

    def _call(self, method: str, **arguments: Any) -> "SlackResponse":
        from slack_sdk.errors import SlackApiError

        web = self._opened()
        began = getattr(self._message, "began", None)
        if began is not None and began != self._pauses:
            raise Trouble("busy", f"Slack asked for time before {method}", self._asked_for)
        try:
            answer = web.api_call(method, **arguments)
        except SlackApiError as error:
            trouble = _refused(method, error.response)
            if trouble.rest:
                self._asked_for = trouble.retry_after or 0.0
                self._pauses += 1
            raise trouble from None
        except (OSError, HTTPException, ValueError) as error:
            raise _broken(method, error) from None
        hear("Slack", answer.headers)
        return answer


def disabled_logger() -> logging.Logger:
    """Return a disabled logger for the library, whose lines contain texts and recipients."""
    logger = logging.getLogger("first90.silent")
    logger.propagate, logger.disabled = False, True
    logger.setLevel(logging.CRITICAL)
    return logger


def proxy_for(url: str, proxy: str | None) -> str | None:
    """Return the environment's proxy, or None if NO_PROXY names the host, which the library does not check."""
    host = urlsplit(url).hostname or ""
    return None if host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(host) else proxy


def seconds(text: Any) -> float | None:
    """Return the seconds of a Retry-After in Slack's format, whole seconds; None for anything else."""
    return float(text) if re.fullmatch(r"\d{1,9}", str(text or "").strip()) else None


def _refused(method: str, response: "SlackResponse | Mapping[str, Any]") -> Trouble:
    status, data = getattr(response, "status_code", 200), getattr(response, "data", response)
    headers = {str(name).lower(): value for name, value in dict(getattr(response, "headers", None) or {}).items()}
    told = data if isinstance(data, Mapping) else {}
    code = str(told.get("error") or "no error code")
    if status == 429 or code in ("ratelimited", "rate_limited"):
        wait = seconds(headers.get("retry-after"))
        return Trouble("busy", f"Slack refused {method}: ratelimited", wait, rest=True)
    if status == 503:
        return Trouble("busy", f"Slack refused {method}: HTTP 503", seconds(headers.get("retry-after")))
    if not re.fullmatch(r"[a-z0-9_:.-]{1,80}", code):
        # A load balancer's page: it is unknown whether Slack itself had received the request.
        kind: Kind = "doubt" if status >= 500 or status == 200 else "busy"
        return Trouble(kind, f"{method}: HTTP {status}, and no answer of Slack's")
    return refused(method, code, str(told.get("needed") or "")[:120], seconds(headers.get("retry-after")))


def _broken(method: str, error: Exception) -> Trouble:
    reason = error.reason if isinstance(error, URLError) else None
    name = type(reason or error).__name__
    if isinstance(reason, NOT_RECEIVED) or getattr(reason, "errno", None) in UNROUTABLE:
        return Trouble("busy", f"Slack cannot be reached for {method}: {name}")
    return Trouble("doubt", f"the connection broke during {method}: {name}")
