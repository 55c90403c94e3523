"""The connections to Salesforce: a time-out on every call, certificates as usual, and another login host where set."""

import logging
import os
import ssl
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from integrations.salesforce.api.codes import Kind

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
"""Seconds. What leaves under a lease has to be answered within it, 60 s."""
CONNECTIONS = 10
_NEVER_LEFT = frozenset({"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"})


def open_wire(*, connect: float = CONNECT_TIMEOUT, read: float = READ_TIMEOUT) -> requests.Session:
    """A session of requests that never waits for ever, follows no redirect, and takes no password from ``.netrc``."""
    # At DEBUG it repeats whole addresses, and with them what stands in a query.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    wire = requests.Session()
    wire.mount("https://", _Patient((connect, read)))
    wire.mount("http://", _Refusing())
    wire.max_redirects = 0  # a redirected login would hand the password on
    wire.auth = _as_it_is
    # requests knows REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE, which go before this.
    wire.verify = os.environ.get("SSL_CERT_FILE") or True
    return wire


def route(wire: requests.Session, prefix: str, host: str) -> None:
    """Send what goes to ``prefix`` to ``host``: simple-salesforce makes login addresses by itself."""
    patient = wire.get_adapter("https://")
    assert isinstance(patient, _Patient)
    wire.mount(prefix, _Routed(patient.timeout, prefix, host))


def failure(error: requests.RequestException) -> Kind:
    """What a request that failed without an answer means: whether it can have reached the far side."""
    if isinstance(error, ValueError | requests.exceptions.InvalidJSONError):
        return "org"  # no address, or a body or header that cannot be sent
    return "transient" if _never_left(error) else "doubt"


def _never_left(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.exceptions.SSLError):
        # A certificate is looked at before anything is sent; other faults of TLS may come in the middle of an answer.
        return any(isinstance(inner, ssl.SSLCertVerificationError) for inner in getattr(reason, "args", ()))
    return type(reason).__name__ in _NEVER_LEFT


class _Patient(HTTPAdapter):
    """Calls with a time-out of their own. It repeats nothing by itself."""

    def __init__(self, timeout: tuple[float, float]) -> None:
        self.timeout = timeout
        super().__init__(pool_maxsize=CONNECTIONS, max_retries=0)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        options["timeout"] = options.get("timeout") or self.timeout
        return super().send(request, **options)


class _Routed(_Patient):
    """Calls to one host that go to another."""

    def __init__(self, timeout: tuple[float, float], prefix: str, host: str) -> None:
        super().__init__(timeout)
        self._prefix, self._host = prefix, host.rstrip("/")

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        request.url = self._host + (request.url or "").removeprefix(self._prefix)
        options["proxies"] = requests.utils.get_environ_proxies(request.url)
        return super().send(request, **options)


class _Refusing(HTTPAdapter):
    """A token never leaves in the clear."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        raise requests.exceptions.InvalidSchema("Salesforce is spoken to over https alone")


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
