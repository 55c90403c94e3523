"""HTTP connections to Salesforce: timeouts, certificates, and a route to another login host if one is set."""

import logging
import os
import ssl
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from integrations.salesforce.api.codes import Kind

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
"""Seconds. What is sent under a lease has to be answered within it, 60 s."""
CONNECTIONS = 10
_NOT_SENT = frozenset({"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"})


def open_http(*, connect: float = CONNECT_TIMEOUT, read: float = READ_TIMEOUT) -> requests.Session:
    """Return an HTTP session with timeouts, without redirects, and without passwords from ``.netrc``."""
    # At DEBUG urllib3 logs whole URLs, and with them the values in a query.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    http = requests.Session()
    http.mount("https://", _TimeoutAdapter((connect, read)))
    http.mount("http://", _HttpsOnlyAdapter())
    http.max_redirects = 0  # a redirected login would pass the password on
    http.auth = _no_auth
    # requests honours REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE, which take precedence.
    http.verify = os.environ.get("SSL_CERT_FILE") or True
    return http


def route(http: requests.Session, prefix: str, host: str) -> None:
    """Send requests for ``prefix`` to ``host``, because simple-salesforce builds login URLs itself."""
    adapter = http.get_adapter("https://")
    assert isinstance(adapter, _TimeoutAdapter)
    http.mount(prefix, _RoutedAdapter(adapter.timeout, prefix, host))


def failure(error: requests.RequestException) -> Kind:
    """Return the kind of a request that failed without a response: whether it can have reached the far side."""
    if isinstance(error, ValueError | requests.exceptions.InvalidJSONError):
        return "org"  # an invalid URL, or a body or header that cannot be sent
    return "transient" if _was_not_sent(error) else "doubt"


def _was_not_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.exceptions.SSLError):
        # Certificates are checked before anything is sent; other TLS errors may come in the middle of a response.
        return any(isinstance(inner, ssl.SSLCertVerificationError) for inner in getattr(reason, "args", ()))
    return type(reason).__name__ in _NOT_SENT


class _TimeoutAdapter(HTTPAdapter):
    """An adapter with a timeout and without retries."""

    def __init__(self, timeout: tuple[float, float]) -> None:
        self.timeout = timeout
        super().__init__(pool_maxsize=CONNECTIONS, max_retries=0)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        options["timeout"] = options.get("timeout") or self.timeout
        return super().send(request, **options)


class _RoutedAdapter(_TimeoutAdapter):
    """An adapter that sends requests for one host to another."""

    def __init__(self, timeout: tuple[float, float], prefix: str, host: str) -> None:
        super().__init__(timeout)
        self._prefix, self._host = prefix, host.rstrip("/")

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        request.url = self._host + (request.url or "").removeprefix(self._prefix)
        options["proxies"] = requests.utils.get_environ_proxies(request.url)
        return super().send(request, **options)


class _HttpsOnlyAdapter(HTTPAdapter):
    """An adapter that refuses plain HTTP, so that a token is never sent unencrypted."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        raise requests.exceptions.InvalidSchema("Salesforce is spoken to over https alone")


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
