"""Passwords in an address are never shown, whether the address is refused or used, or the far side quotes it."""

import logging
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from cli.check.checks import findings
from cli.logs import Short
from config.settings.load import Settings, SettingsError, load_settings
from config.settings.redaction import without_secrets
from database.engine import DatabaseProblem
from database.opening import open_database
from supervisor.api import pages_of
from tasks.runtime.refusals import Refused
from tests.examples import examples

SECRET = "hUsH7secret"
WITH_SLACK = {"CHAT": "slack", "SLACK_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C1"}
WITH_SALESFORCE = {"CRM": "salesforce", "SALESFORCE_USERNAME": "a@b.example", "SALESFORCE_SECURITY_TOKEN": "t"}
ADDRESSES = {
    "DATABASE_URL": {},
    "MAIL": {},
    "SIGNALS": {},
    "CRM": {},
    "CHAT": {},
    "HOME": {},
    "TEAM": {},
    "PLAYBOOKS": {},
    "PUBLIC_URL": {"LINK_SECRET": "x" * 40},
    "MAIL_API_URL": {"MAIL": "postmark", "MAIL_TOKEN": "t"},
    "SLACK_API_URL": WITH_SLACK,
    "SLACK_CHANNEL": WITH_SLACK,
    "SALESFORCE_LOGIN_URL": WITH_SALESFORCE | {"SALESFORCE_PASSWORD": "p"},
    "SALESFORCE_DOMAIN": WITH_SALESFORCE | {"SALESFORCE_PASSWORD": "p"},
    "SALESFORCE_INSTANCE_URL": {"CRM": "salesforce", "SALESFORCE_SESSION_ID": "s"},
    "MAIL_TOKEN_FILE": {"MAIL": "postmark"},
}
"""The settings into which an address may be written, rightly or wrongly, and what each needs besides."""

PATHS = ("HOME", "TEAM", "PLAYBOOKS", "CRM", "CHAT", "SIGNALS", "MAIL_TOKEN_FILE")
"""Without ``://`` the text is a path, as it seems."""
SCHEMES = ("https", "http", "postgresql", "postgresql+psycopg", "sqlite", "smtp", "smtps", "mysql", "csv:https", "")
ODD = st.text("/?#@:[]%\\&=;, \tx1é", max_size=3)
PLACES = (
    "{scheme}://user:{secret}@host.example/x",
    "{scheme}://user:{secret}@127.0.0.1:1/x",
    "{scheme}://{secret}@host.example:x/",
    "{scheme}://user:{secret}@[::1/x",
    "{scheme}://user:@host:{secret}/x",
    "{scheme}://127.0.0.1:1/x?password={secret}",
    "{scheme}://127.0.0.1:1/x?token={secret}&sslmode=require",
    "{scheme}://127.0.0.1:1/x?sslmode={secret}",
    "{scheme}://user@127.0.0.1:1/x?sslpassword={secret}",
    "{scheme}:///x?host=127.0.0.1&password={secret}",
    "{scheme}://host.example/#{secret}",
    "{scheme}:user:{secret}@host.example",
    "user:{secret}@host.example",
)


def told_by(settings: Settings) -> str:
    """All that is shown of valid settings."""
    parts = [repr(settings), settings.crm.place, settings.mail.place, settings.chat.place]
    try:
        opened = open_database(settings.database_url, create=False)
        parts += [opened.place, repr(opened)]
        opened.close()
    except DatabaseProblem as problem:
        parts.append(str(problem))
    return "\n".join(parts)


@pytest.mark.parametrize("name", ADDRESSES)
@example(scheme="postgresql", place=PLACES[0], before="p@", after="")
@example(scheme="postgresql", place=PLACES[0], before="p", after="@1/")
@example(scheme="smtp", place=PLACES[0], before="1#", after="")
@example(scheme="postgresql", place=PLACES[5], before="&", after="=1")
@example(scheme="https", place=PLACES[0], before="1/", after="")
@example(scheme="https", place=PLACES[0], before="1?", after="")
@given(scheme=st.sampled_from(SCHEMES), place=st.sampled_from(PLACES), before=ODD, after=ODD)
@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_password_in_an_odd_address_is_never_told(
    name: str, scheme: str, place: str, before: str, after: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = place.format(scheme=scheme, secret=f"{before}{SECRET}{after}")
    assume("://" in text or name not in PATHS)
    with monkeypatch.context() as patch:
        for known in [known for known in os.environ if known.startswith("FIRST90_")]:
            patch.delenv(known)
        patch.setenv("FIRST90_HOME", str(tmp_path))
        for other, value in ADDRESSES[name].items():
            patch.setenv(f"FIRST90_{other}", value)
        patch.setenv(f"FIRST90_{name}", text)
        try:
            told = told_by(load_settings(None))
        except SettingsError as refused:
            told = f"{refused}{refused.__cause__!r}{refused.__context__!r}"
    assert SECRET not in told, (name, text, told)


@pytest.mark.parametrize("place", PLACES)
@given(before=ODD, after=ODD)
@settings(max_examples=examples(40))
def test_the_address_of_a_prefect_server_is_shown_without_its_password(place: str, before: str, after: str) -> None:
    text = place.format(scheme="https", secret=f"{before}{SECRET}{after}")
    try:
        told = pages_of(text)
    except Refused as refused:
        told = str(refused)
    assert SECRET not in told, text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "no connection to postgresql://u:hush@host/db?sslpassword=hush now",
            "no connection to postgresql://***@host/db?*** now",
        ),
        ("GET https://x.example/a?token=hush 401", "GET https://x.example/a?*** 401"),
        ("GET https://u:p@hu/sh@x.example/a", "GET https://***@x.example/a"),
        ("password=hush user=u sslpassword='hush' token = hush", "password=*** user=u sslpassword='***' token = ***"),
        ("use smtp://user:password@host:587", "use smtp://user:password@host:587"),
        ("see https://docs.example/page", "see https://docs.example/page"),
    ],
)
def test_words_of_others_lose_their_secrets_and_nothing_else(said: str, told: str) -> None:
    assert without_secrets(said) == told
    record = logging.LogRecord("x", logging.ERROR, "x", 1, said, (), None)
    assert "hush" not in Short().format(record)


@pytest.mark.slow
def test_check_tells_no_password_of_a_database_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("FIRST90_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FIRST90_HOME", str(tmp_path / "home"))
    for query in (f"password={SECRET}", f"sslmode={SECRET}", f"nonsense={SECRET}", f"sslpassword={SECRET}"):
        monkeypatch.setenv("FIRST90_DATABASE_URL", f"postgresql://user@127.0.0.1:1/db?{query}")
        found = {one.what: one for one in findings()}
        assert not found["database"].ok
        assert "postgresql+psycopg://user@127.0.0.1:1/db" in found["database"].said
        assert SECRET not in "".join(one.said for one in found.values())
