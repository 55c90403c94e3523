"""Base of the mail providers: one HTTP client, one mail a request, and the result by status and time of failure."""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from config.settings.mail_senders import HttpMail
from integrations.far_clocks import hear
from integrations.mail.parts import Letter, Notice, PayloadError, read_letter
from integrations.mail.retry_after import seconds_to_wait
from integrations.ports import Guarantee, OutgoingMessage, Unreachable
from integrations.tls import trust
from onboarding.effects.send_result import ResultState, SendResult

TIMEOUT = httpx.Timeout(connect=5, write=5, read=15, pool=5)
"""Together less than the lease for one send: 30 s of 60."""
REST_SECONDS = 15.0
"""A connection idle for longer is not reused: the far side may be about to close it."""
UNTRUSTED = "its certificate is not trusted"
MOST_BYTES = 1_000_000
"""The limit of a response; a provider's has a few hundred bytes."""


class Provider(ABC):
    """A mail provider; subclasses define how it accepts a mail and what its responses mean.

    Thread-safe: the client keeps a connection for each of ``slots`` requests. It never retries, and follows no
    redirect, which would carry mail and token to another host.
    """

    name: str
    home: str
    """The provider's own base URL."""
    path: str
    """The path to which a single mail is posted."""
    guarantee: Guarantee = Guarantee.PLAIN
    embedded = False
    batch = 1
    key_life: timedelta | None = None

    def __init__(self, choice: HttpMail) -> None:
        self.slots = choice.connections
        self._free = threading.BoundedSemaphore(choice.connections)
        self._client = httpx.Client(
            base_url=choice.api_url or self.home,
            headers={"Accept": "application/json", **self.credentials(choice.token.get_secret_value())},
            timeout=TIMEOUT,
            verify=trust(),
            follow_redirects=False,
            event_hooks={"response": [lambda answer: hear(self.name, answer.headers)]},
            # httpx's own limits may close a connection just given to another thread; the semaphore limits them.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=REST_SECONDS),
        )

    def close(self) -> None:
        """Close the connections. Safe to repeat."""
        self._client.close()

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Send the mails one after another; for the payload see ``integrations.mail.parts.read_letter``."""
        return [self._send(outgoing) for outgoing in messages]

    def find(self, key: str) -> str | None:
        """Return the provider's id of an effect that arrived, or None. Raise Unreachable if that cannot be looked
        up."""
        raise Unreachable(f"{self.name} cannot be asked what became of a mail")

    @abstractmethod
    def check(self) -> str:
        """Return words on a valid token, by a request that changes nothing. Raise Unreachable with the remedy."""

    @abstractmethod
    def credentials(self, token: str) -> Mapping[str, str]:
        """Return the headers that authenticate first90."""

    @abstractmethod
    def body(self, letter: Letter) -> Mapping[str, Any]:
        """Return the mail in this provider's JSON; None values are left out. Raise PayloadError."""

    @abstractmethod
    def notice(self, notice: Notice) -> Mapping[str, Any]:
        """Return a mail of plain text in this provider's JSON, for a program that fills it in and posts it itself."""

    def headers(self, letter: Letter) -> Mapping[str, str]:
        """Return further headers of the request."""
        return {}

    @abstractmethod
    def accepted(self, answer: httpx.Response, said: Mapping[str, Any]) -> SendResult:
        """Return the result of a 2xx response."""

    def refused(self, status: int, said: Mapping[str, Any]) -> SendResult | None:
        """Return the result of a response specific to this provider; None for the common meaning."""
        return None

    def ask(self, path: str, **query: str) -> httpx.Response:
        """Return the response to a request that changes nothing. Raise Unreachable if none comes."""
        try:
            return self._client.get(path, params=query)
        except (httpx.HTTPError, OSError) as error:
            raise Unreachable(f"{self.name} does not answer ({_why(error)})") from None

    def _send(self, outgoing: OutgoingMessage) -> SendResult:
        try:
            letter = read_letter({**outgoing.payload, "key": outgoing.key})
            body = {name: value for name, value in self.body(letter).items() if value is not None}
            # Serialised the same at every try, because a provider with idempotency keys compares the bodies.
            content = json.dumps(body, sort_keys=True, separators=(",", ":")).encode("ascii")
        except PayloadError as error:
            return SendResult(state=ResultState.PERMANENT, error=f"the mail cannot be built: {error}")
        trace = _RequestTrace()
        request = self._client.build_request(
            "POST",
            self.path,
            content=content,
            headers={"Content-Type": "application/json", **self.headers(letter)},
            extensions={"trace": trace},
        )
        try:
            with self._free:
                answer = self._client.send(request)
        except (httpx.HTTPError, OSError) as error:
            return self._broken(trace, error)
        return self._read(answer)

    def _broken(self, trace: "_RequestTrace", error: Exception) -> SendResult:
        why = _why(error)
        if why == UNTRUSTED:
            return SendResult(
                state=ResultState.TRANSIENT, error=f"{self.name}: {why}; nothing was sent", channel_down=True
            )
        if trace.whole:
            said = f"{self.name} was lost after it had the mail ({why}): it may have been delivered"
            return SendResult(state=ResultState.UNKNOWN, error=said)
        return SendResult(state=ResultState.TRANSIENT, error=f"{self.name} was lost before it had the mail ({why})")

    def _read(self, answer: httpx.Response) -> SendResult:
        status, said = answer.status_code, _object(answer)
        if 200 <= status < 300:
            return self.accepted(answer, said)
        own = self.refused(status, said)
        wait = seconds_to_wait(answer.headers)
        if own is not None:
            return replace(own, retry_after=wait, rest=status == 429)
        error = f"{self.name} {_WORDS.get(status, _WORDS.get(status // 100, 'refuses it'))} ({status})"
        if status in (400, 413, 422):
            return SendResult(state=ResultState.PERMANENT, error=error)
        if status >= 500 and status != 503:
            # A gateway's 502 or 504 and a crash's 500 may occur after the mail was accepted.
            return SendResult(state=ResultState.UNKNOWN, error=error, retry_after=wait)
        # A wrong token, missing right or wrong URL affects every mail.
        down = status not in (408, 429, 503)
        return SendResult(
            state=ResultState.TRANSIENT, error=error, retry_after=wait, rest=status == 429, channel_down=down
        )


_WORDS = {
    3: "answers with a redirect, which is not followed: check FIRST90_MAIL_API_URL",
    400: "does not take the mail as it is",
    401: "refuses the token: check FIRST90_MAIL_TOKEN",
    403: "does not allow it: check the rights of FIRST90_MAIL_TOKEN and that FIRST90_MAIL_FROM is verified",
    404: "has no such place: check FIRST90_MAIL_API_URL",
    405: "has no such place: check FIRST90_MAIL_API_URL",
    413: "finds the mail too big",
    422: "does not take the mail as it is",
    429: "asks for a pause",
    5: "had a fault of its own, and the mail may have been taken",
    503: "is not there for the moment",
}
"""By status, else by its class. The provider's own message is not repeated, because it often contains the address."""


class _RequestTrace:
    """Traces a request to know whether its last byte was written: only then can the mail have been accepted."""

    def __init__(self) -> None:
        self.whole = False

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("send_request_body.complete"):
            self.whole = True


def _why(error: Exception) -> str:
    return UNTRUSTED if "CERTIFICATE_VERIFY" in str(error) else type(error).__name__


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    """Return the response's JSON object; empty if it holds none, as with error pages of gateways."""
    try:
        said = json.loads(answer.content[:MOST_BYTES])
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
