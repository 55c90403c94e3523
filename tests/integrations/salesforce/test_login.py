"""The four logins and all their refusals: one line with the remedy, and never the secret."""

import logging
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings.salesforce_login import ClientLogin, JwtLogin, Login, PasswordLogin
from integrations.salesforce.api.errors import RequestRefused
from sandbox.certificate import signing_key
from tests.integrations.salesforce.conftest import OpenSession
from tests.salesforce_fixtures import Sandbox

CANARY = "canary4711"
WAYS = ["session", "password", "client", "jwt"]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_leads_in_at_the_first_call(sandbox: Sandbox, open_session: OpenSession, way: str) -> None:
    session = open_session(way)
    assert sandbox.calls.calls == []
    assert session.get("limits").status == 200
    assert session.get("limits").status == 200
    assert sandbox.calls.logins() == (0 if way == "session" else 1)


def _wrong(sandbox: Sandbox, folder: Path) -> dict[str, Login]:
    password, client, jwt = (sandbox.login(way) for way in ("password", "client", "jwt"))
    assert isinstance(password, PasswordLogin)
    assert isinstance(client, ClientLogin)
    assert isinstance(jwt, JwtLogin)
    secret = SecretStr(CANARY)
    no_key = folder / "no-key.pem"
    no_key.write_text(CANARY)
    return {
        "password": replace(password, password=secret),
        "token": replace(password, security_token=secret),
        "key": replace(client, consumer_key=secret),
        "secret": replace(client, consumer_secret=secret),
        "jwt key": replace(jwt, consumer_key=secret),
        "another's private key": replace(jwt, private_key_file=signing_key(folder)[0]),
        "no private key": replace(jwt, private_key_file=no_key),
    }


WRONG = ["password", "token", "key", "secret", "jwt key", "another's private key", "no private key"]


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_secret_is_one_line_without_the_secret_and_is_not_tried_again(
    sandbox: Sandbox, open_session: OpenSession, tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    caplog.set_level(logging.DEBUG)
    login = _wrong(sandbox, tmp_path)[what]
    session = open_session(choice={"login": login})
    for _ in range(3):
        with pytest.raises(RequestRefused) as refused:
            session.get("limits")
        said = _everything(refused.value)
        assert refused.value.kind == "permanent"
        assert "\n" not in str(refused.value)
        assert "FIRST90_SALESFORCE" in said or "_PRIVATEKEY_FILE" in said
        for secret in (CANARY, sandbox.org.secrets.password, sandbox.org.secrets.consumer_secret):
            assert secret not in said + caplog.text
    assert sandbox.calls.logins() == (0 if what == "no private key" else 1)


def _everything(error: BaseException) -> str:
    """Everything that a log, a report or a debugger could show of an exception."""
    shown = [str(error), repr(error), repr(error.args), repr(vars(error)), "".join(traceback.format_exception(error))]
    shown += [repr(error.__cause__), repr(error.__context__)]
    return "\n".join(shown)


def test_an_org_without_login_by_password_says_what_to_use_instead(sandbox: Sandbox, open_session: OpenSession) -> None:
    sandbox.org.sessions.soap_login = False
    with pytest.raises(RequestRefused, match=r"INVALID_OPERATION.*_PRIVATEKEY_FILE or _CONSUMER_SECRET"):
        open_session("password").get("limits")


def test_a_user_who_is_not_pre_authorised_is_told_without_the_consumer_key(
    sandbox: Sandbox, open_session: OpenSession
) -> None:
    # The library's warning contains the key; a warning is an error in this suite.
    sandbox.org.sessions.preauthorised = False
    with pytest.raises(RequestRefused, match=r"invalid_grant.*pre-authorised") as refused:
        open_session("jwt").get("limits")
    assert sandbox.org.secrets.consumer_key not in _everything(refused.value)


def test_a_password_with_signs_of_xml_is_the_password(sandbox: Sandbox, open_session: OpenSession) -> None:
    assert {"&", "<", ">"} <= set(sandbox.org.secrets.password)
    sandbox.org.secrets = replace(sandbox.org.secrets, security_token="R&D<1>")
    assert open_session("password").get("limits").status == 200


@pytest.mark.parametrize("way", ["password", "client", "jwt"])
@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_login_host_in_trouble_is_tried_again_at_the_next_call(
    sandbox: Sandbox, open_session: OpenSession, way: str, status: int
) -> None:
    sandbox.faults.outage(status, "login", times=3)
    session = open_session(way)
    with pytest.raises(RequestRefused) as refused:
        session.post("sobjects/Account", {})
    assert refused.value.kind in ("transient", "doubt")
    sandbox.faults.clear()
    assert session.get("limits").status == 200


@pytest.mark.parametrize("way", ["password", "client", "jwt"])
def test_a_login_host_that_is_not_there_is_named_by_its_setting(open_session: OpenSession, way: str) -> None:
    with pytest.raises(RequestRefused, match=r"ConnectionError.*FIRST90_SALESFORCE_DOMAIN and _LOGIN_URL") as refused:
        open_session(way, choice={"login_url": "https://localhost:9"}).get("limits")
    assert refused.value.kind == "transient"


def test_what_is_asked_of_salesforce_s_own_login_host_goes_to_the_other(
    sandbox: Sandbox, open_session: OpenSession
) -> None:
    asked: list[Any] = []
    session = open_session("jwt")
    session._http.hooks["response"].append(lambda answer, **_: asked.append(answer.url))
    session.get("limits")
    assert [url.startswith(sandbox.url) for url in asked] == [True, True]
