"""A Salesforce for tests: one server over real TLS for the session, and a new, empty org in it for every test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from config.settings.salesforce_login import ClientLogin, JwtLogin, Login, PasswordLogin, SalesforceCrm, SessionLogin
from sandbox.certificate import certificates, signing_key
from sandbox.org.call_log import CallLog
from sandbox.org.faults import Faults
from sandbox.org.org import Org, new_org
from sandbox.org.sessions import Secrets
from sandbox.rest.app import build
from sandbox.running import settings_for
from sandbox.schema.currencies import multi_currency
from sandbox.schema.fields import Schema, load_schema
from sandbox.server import serve
from tests.sandbox.others import Others

CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


class Stage:
    """Passes every call to the org of the test that runs."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@dataclass
class Sandbox:
    """The handle of a test on the org and on how it is reached.

    ``org`` holds everything; ``faults`` switch misbehaviour on, ``calls`` tell what was asked, ``others`` edit as
    other people do. ``at`` sets the org's clock, which else is the machine's.
    """

    url: str
    ca_file: Path
    key_file: Path
    org: Org
    moment: list[datetime] = field(default_factory=list)

    @property
    def faults(self) -> Faults:
        return self.org.faults

    @property
    def calls(self) -> CallLog:
        return self.org.calls

    @property
    def others(self) -> Others:
        return Others(self.org)

    def at(self, moment: datetime) -> None:
        """The org's clock stands here from now on."""
        self.moment[:] = [moment.astimezone(UTC)]

    def later(self, span: timedelta) -> None:
        """The org's clock goes on."""
        self.at(self.org.clock() + span)

    def login(self, way: Literal["session", "password", "client", "jwt"] = "jwt") -> Login:
        known = self.org.secrets
        match way:
            case "session":
                return SessionLogin(instance_url=self.url, session_id=SecretStr(self.org.sessions.open()))
            case "password":
                return PasswordLogin(
                    username=known.username,
                    password=SecretStr(known.password),
                    security_token=SecretStr(known.security_token),
                )
            case "client":
                return ClientLogin(
                    consumer_key=SecretStr(known.consumer_key), consumer_secret=SecretStr(known.consumer_secret)
                )
            case "jwt":
                return JwtLogin(
                    username=known.username, consumer_key=SecretStr(known.consumer_key), private_key_file=self.key_file
                )

    def choice(self, way: Literal["session", "password", "client", "jwt"] = "jwt", **others: Any) -> SalesforceCrm:
        """The setting that leads here."""
        return SalesforceCrm(login=self.login(way), **{"login_url": self.url, **others})

    def environment(self, home: Path) -> dict[str, str]:
        """The variables that lead a process here, by JWT."""
        return settings_for(self.org, self.url, self.ca_file, self.key_file, home)


@dataclass(frozen=True)
class _Running:
    url: str
    stage: Stage
    schema: Schema
    ca_file: Path
    key_file: Path
    public_key: str


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Running]:
    folder = tmp_path_factory.mktemp("sandbox")
    ca_file, server_file = certificates(folder)
    key_file, public_key = signing_key(folder)
    stage = Stage()
    with serve(stage, server_file) as url:
        yield _Running(url, stage, load_schema(), ca_file, key_file, public_key)


@pytest.fixture
def new_sandbox(running_sandbox: _Running, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Sandbox]:
    """Makes a new, empty org, with one currency or several, and puts it in the place of the one before."""
    for name in CA_VARIABLES:
        monkeypatch.setenv(name, str(running_sandbox.ca_file))

    def make(currencies: Literal["one", "fixed", "dated"] = "one") -> Sandbox:
        moment: list[datetime] = []
        schema = running_sandbox.schema
        org = new_org(
            schema if currencies == "one" else multi_currency(schema, dated=currencies == "dated"),
            Secrets(public_key=running_sandbox.public_key),
            lambda: moment[0] if moment else datetime.now(UTC),
        )
        running_sandbox.stage.app = build(org)
        return Sandbox(running_sandbox.url, running_sandbox.ca_file, running_sandbox.key_file, org, moment)

    return make


@pytest.fixture
def sandbox(new_sandbox: Callable[[], Sandbox]) -> Sandbox:
    """A Salesforce with the package installed, its integration user, and no records."""
    return new_sandbox()
