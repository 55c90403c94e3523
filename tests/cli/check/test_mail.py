"""The mail line of ``check``: it connects, sends nothing, and prints no secret."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.mail.http_providers import TOKEN, http_provider
from tests.integrations.mail.smtp_server import mail_server

First90 = Callable[..., Any]


def mail_line(first90: First90) -> tuple[bool, str]:
    (found,) = [one for one in first90("check", "--json").json if one["what"] == "mail"]
    return found["ok"], found["said"]


@pytest.mark.parametrize(("password", "ok"), [("s3cret", True), ("wr0ng", False)])
def test_a_mail_server_is_logged_in_to(
    empty_home: Path, first90: First90, monkeypatch: pytest.MonkeyPatch, password: str, ok: bool
) -> None:
    with mail_server(users={"first90": "s3cret"}) as server:
        place = f"127.0.0.1:{server.port}"
        monkeypatch.setenv("FIRST90_MAIL", f"smtp://first90:{password}@{place}?starttls=never")
        found, said = mail_line(first90)
    assert found is ok
    assert password not in said
    assert ("lets us in" in said) is ok
    assert server.mails == []
    assert not [line for line in server.said if line.startswith(b"MAIL")]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["postmark", "resend", "sendgrid"])
@pytest.mark.parametrize("token", [TOKEN, "wr0ng"])
def test_a_providers_token_is_tried(
    empty_home: Path, first90: First90, monkeypatch: pytest.MonkeyPatch, name: Any, token: str
) -> None:
    with http_provider(name) as there:
        for variable, value in (("", name), ("_TOKEN", token), ("_API_URL", there.url)):
            monkeypatch.setenv(f"FIRST90_MAIL{variable}", value)
        found, said = mail_line(first90)
    assert found is (token == TOKEN)
    assert token not in said
    assert ("check FIRST90_MAIL_TOKEN" in said) is (token != TOKEN)
    assert there.mails == []
