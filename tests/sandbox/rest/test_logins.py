"""Logins as simple-salesforce makes them: it builds the addresses itself, so its session is redirected here."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from tests.salesforce_fixtures import Sandbox

MY_DOMAIN = "acme.my"
Login = Callable[..., Salesforce]


class ToSandbox(HTTPAdapter):
    """Sends requests for hosts of Salesforce to the sandbox; the header still names the host."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        host, _, path = (request.url or "").removeprefix("https://").partition("/")
        request.headers["Host"] = host
        request.url = f"{self.url}/{path}"
        answer = super().send(request, **options)
        # Salesforce returns the org's own host; here that is the sandbox's address.
        answer._content = answer.content.replace(host.encode(), self.url.removeprefix("https://").encode())
        return answer


@pytest.fixture
def login(sandbox: Sandbox) -> Iterator[Login]:
    """Return a function that logs in with the sandbox's credentials, or with others."""
    known = sandbox.org.secrets
    ways: dict[str, dict[str, Any]] = {
        "password": {
            "username": known.username,
            "password": known.password,
            "security_token": known.security_token.replace("&", "&amp;"),
        },
        "oauth_password": {
            "username": known.username,
            "password": known.password + known.security_token,
            "consumer_key": known.consumer_key,
            "consumer_secret": known.consumer_secret,
        },
        "client": {
            "consumer_key": known.consumer_key,
            "consumer_secret": known.consumer_secret,
            "domain": MY_DOMAIN,
        },
        "jwt": {
            "username": known.username,
            "consumer_key": known.consumer_key,
            "privatekey_file": str(sandbox.key_file),
        },
    }
    with requests.Session() as wire:
        for host in ("login", "test", MY_DOMAIN):
            wire.mount(f"https://{host}.salesforce.com", ToSandbox(sandbox.url))
        yield lambda way, **others: Salesforce(session=wire, **{"version": "62.0", **ways[way], **others})


UNAPPROVED = pytest.mark.filterwarnings(r"ignore:[\s\S]*self-authorize:UserWarning")
"""simple-salesforce also warns about it."""


@pytest.mark.parametrize("way", ["password", "oauth_password", "client", "jwt"])
def test_the_right_secrets_open_a_session(login: Login, sandbox: Sandbox, way: str) -> None:
    client = login(way)
    assert client.query("SELECT Id FROM User")["totalSize"] == 1
    assert sandbox.calls.logins() == 1


@UNAPPROVED
@pytest.mark.parametrize(
    ("way", "others", "code"),
    [
        ("password", {"password": "wrong"}, "INVALID_LOGIN"),
        ("password", {"security_token": ""}, "INVALID_LOGIN"),
        ("password", {"username": "nobody@first90-sandbox.example"}, "INVALID_LOGIN"),
        ("password", {"version": "65.0"}, "INVALID_OPERATION"),
        ("oauth_password", {"password": "wrong"}, "invalid_grant"),
        ("client", {"consumer_secret": "wrong"}, "invalid_client"),
        ("client", {"consumer_key": "wrong"}, "invalid_client_id"),
        ("jwt", {"consumer_key": "wrong"}, "invalid_client_id"),
        ("jwt", {"username": "nobody@first90-sandbox.example"}, "invalid_grant"),
    ],
)
def test_wrong_secrets_do_not(login: Login, way: str, others: dict[str, str], code: str) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        login(way, **others)
    assert str(refused.value.code).endswith(code)


@UNAPPROVED
@pytest.mark.parametrize(
    ("way", "part"),
    [
        ("password", "SOAP API login() is disabled by default in this org."),
        ("jwt", "user hasn't approved this consumer"),
        ("client", "no client credentials user enabled"),
    ],
)
def test_what_an_org_can_have_switched_off(login: Login, sandbox: Sandbox, way: str, part: str) -> None:
    sessions = sandbox.org.sessions
    sessions.soap_login = sessions.preauthorised = sessions.run_as = False
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        login(way)
    assert part in str(refused.value.content)


def test_client_credentials_are_refused_at_the_login_host(sandbox: Sandbox) -> None:
    known = sandbox.org.secrets
    form = {
        "grant_type": "client_credentials",
        "client_id": known.consumer_key,
        "client_secret": known.consumer_secret,
    }
    url = f"{sandbox.url}/services/oauth2/token"
    assert requests.post(url, form, timeout=10).status_code == 200
    refused = requests.post(url, form, headers={"Host": "login.salesforce.com"}, timeout=10)
    assert refused.json() == {"error": "invalid_grant", "error_description": "request not supported on this domain"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"aud": "https://test.salesforce.com"}, None),
        ({"aud": "https://acme.my.salesforce.com"}, None),
        ({"aud": "https://evil.example"}, "audience is invalid"),
        ({"exp": -1}, "invalid assertion"),
        ({"exp": 3600}, "invalid assertion"),
        ({"sub": "nobody"}, "user hasn't approved this consumer"),
        ({"iss": "nobody"}, "client identifier invalid"),
        ({"key": "other"}, "invalid assertion"),
        ({"algorithm": "HS256"}, "invalid assertion"),
        ({"assertion": "nonsense"}, "invalid assertion"),
    ],
)
def test_an_assertion_is_really_verified(sandbox: Sandbox, change: dict[str, Any], said: str | None) -> None:
    known = sandbox.org.secrets
    key = sandbox.key_file.read_text()
    if change.get("key"):
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)  # type: ignore[assignment]
    claims = {"iss": known.consumer_key, "sub": known.username, "aud": "https://login.salesforce.com"}
    claims |= {name: change[name] for name in claims if name in change}
    until = str(int(time.time()) + change.get("exp", 180))
    if change.get("algorithm"):
        assertion = jwt.encode({**claims, "exp": until}, "s" * 64, algorithm="HS256")
    else:
        assertion = jwt.encode({**claims, "exp": until}, key, algorithm="RS256")
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": change.get("assertion", assertion),
    }
    answer = requests.post(f"{sandbox.url}/services/oauth2/token", form, timeout=10)
    assert (answer.status_code, answer.json().get("error_description")) == (400 if said else 200, said)


def test_a_clock_that_goes_wrong_keeps_one_out(login: Login, sandbox: Sandbox) -> None:
    sandbox.org.sessions.skew = timedelta(minutes=10)
    with pytest.raises(SalesforceAuthenticationFailed):
        login("jwt")
    sandbox.org.sessions.skew = timedelta(minutes=2)
    login("jwt")


def test_a_session_ends_by_disuse_or_at_once(login: Login, sandbox: Sandbox) -> None:
    sandbox.org.sessions.life = timedelta(hours=2)
    client = login("jwt")
    for _ in range(3):
        sandbox.later(timedelta(hours=1))
        client.limits()
    assert sandbox.calls.logins() == 1
    sandbox.later(timedelta(hours=3))
    client.limits()
    assert sandbox.calls.logins() == 2
    sandbox.org.sessions.end_all()
    client.limits()
    assert sandbox.calls.logins() == 3


def test_when_every_session_is_refused_the_client_logs_in_again_and_again(login: Login, sandbox: Sandbox) -> None:
    """Integrations have to prevent this: three more logins for one call (``Salesforce``), many for the other class."""
    client = login("jwt")
    sandbox.org.sessions.refuse_all = True
    with pytest.raises(SalesforceExpiredSession):
        client.limits()
    assert sandbox.calls.logins() > 2


def test_tls_is_real(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name)
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{sandbox.url}/services/data", timeout=10)
