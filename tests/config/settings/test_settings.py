"""Settings: defaults from nothing, one clear message for every mistake, secrets never repeated."""

import base64
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings.channels import CsvCrm, CsvSignals, HttpSignals, SlackChat
from config.settings.load import PROJECT, Settings, SettingsError, load_settings
from config.settings.mail_senders import SmtpMail
from config.settings.mail_webhooks import MailHooks
from config.settings.salesforce_login import ClientLogin, JwtLogin, PasswordLogin, SalesforceCrm, SessionLogin
from config.settings.variables import known_variables


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith("FIRST90_"):
            monkeypatch.delenv(name)


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"FIRST90_{name}", value)
    return load_settings(env_file=None)


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, **variables)
    return str(caught.value)


def test_without_any_setting_everything_is_embedded_in_the_projects_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(monkeypatch)
    assert settings.home == PROJECT / "var"
    assert settings.crm == CsvCrm(folder=PROJECT / "var" / "crm", is_sample=True)
    assert settings.database_url == f"sqlite:///{PROJECT / 'var' / 'first90.db'}"
    assert settings.mail.folder == PROJECT / "var" / "mail"
    assert settings.chat.path == PROJECT / "var" / "chat.jsonl"
    assert (settings.fresh_days, settings.crm_since, settings.only_accounts) == (7, None, None)
    assert (settings.mail_in_doubt, settings.mail_rate) == ("park", None)
    assert settings.playbooks == PROJECT / "config" / "playbooks"


def test_every_documented_variable_is_known() -> None:
    documented = """HOME DATABASE_URL CRM CRM_SINCE FRESH_DAYS ACCOUNTS MAIL_REDIRECT PUBLIC_URL LINK_SECRET
    MAIL MAIL_FROM MAIL_TOKEN MAIL_API_URL MAIL_IN_DOUBT CHAT SLACK_TOKEN SLACK_APP_TOKEN
    SLACK_SIGNING_SECRET SLACK_CHANNEL
    SLACK_API_URL SALESFORCE_INSTANCE_URL SALESFORCE_SESSION_ID SALESFORCE_USERNAME SALESFORCE_PASSWORD
    SALESFORCE_SECURITY_TOKEN SALESFORCE_CONSUMER_KEY SALESFORCE_CONSUMER_SECRET SALESFORCE_PRIVATEKEY_FILE
    SALESFORCE_DOMAIN SALESFORCE_API_VERSION SALESFORCE_LOGIN_URL SIGNALS PLAYBOOKS TEMPLATES TEAM
    MAIL_TOKEN_FILE SLACK_TOKEN_FILE LINK_SECRET_FILE SALESFORCE_PASSWORD_FILE DATABASE_URL_FILE"""
    assert {f"FIRST90_{name}" for name in documented.split()} <= known_variables()


def test_home_moves_everything_that_is_not_set_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(monkeypatch, HOME="here")
    assert settings.home == tmp_path / "here"
    assert settings.mail.folder == tmp_path / "here" / "mail"
    assert settings.crm.folder == tmp_path / "here" / "crm"


def test_a_relative_path_in_the_env_file_counts_from_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / ".env").write_text("FIRST90_CRM=csv:exports\nOTHER=1\n", "utf-8")
    monkeypatch.chdir("/")
    assert load_settings(tmp_path / ".env").crm == CsvCrm(folder=tmp_path / "exports")


def test_a_misspelt_variable_in_the_env_file_is_told_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FIRST90_MAIL_REDIRCT=ops@example.com\n", "utf-8")
    with pytest.raises(SettingsError, match="did you mean FIRST90_MAIL_REDIRECT"):
        load_settings(tmp_path / ".env")


def test_an_env_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"FIRST90_HOME=\xff\xfe")
    with pytest.raises(SettingsError, match="save it as UTF-8"):
        load_settings(tmp_path / ".env")


def test_the_environment_goes_before_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("FIRST90_FRESH_DAYS=3\nFIRST90_SLACK_CHANNEL=#cs\n", "utf-8")
    monkeypatch.setenv("FIRST90_FRESH_DAYS", "9")
    settings = load_settings(tmp_path / ".env")
    assert (settings.fresh_days, settings.slack_channel) == (9, "#cs")


def test_pilot_accounts_are_read_in_both_forms_of_their_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, ACCOUNTS="0015g00000AbCdE, 0015g00000AbCdFAAV;")
    assert settings.only_accounts == {"0015g00000AbCdEAAV", "0015g00000AbCdFAAV"}


def test_values_come_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        CRM_SINCE="2026-01-31",
        MAIL_REDIRECT="rehearsal@Example.COM",
        DATABASE_URL="postgres://ops:hush@db.example.com/first90",
        SIGNALS="https://usage.example.com/events?token=hush",
    )
    assert settings.crm_since == date(2026, 1, 31)
    assert settings.mail_redirect == "rehearsal@example.com"
    assert settings.database_url == "postgresql+psycopg://ops:hush@db.example.com/first90"
    assert isinstance(settings.signals, HttpSignals)
    assert "hush" not in repr(settings)


def test_signals_default_to_the_file_in_the_crm_folder_once_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(monkeypatch, CRM=f"csv:{tmp_path}")
    assert settings.signals is None
    (tmp_path / "signals.csv").write_text("", "utf-8")
    assert settings.signals == CsvSignals(path=tmp_path / "signals.csv")
    assert load(monkeypatch, CRM=f"csv:{tmp_path}", SIGNALS="none").signals is None


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("CRM", "salesforce", "salesforce needs a login, each name after FIRST90_SALESFORCE_: INSTANCE_URL and"),
        ("CRM", "hubspot", "'hubspot' is no CRM; use salesforce, or csv:DIR"),
        ("CRM", "csv:/no/such/folder", "there is no folder /no/such/folder; create it"),
        ("MAIL", "smtp://user:hush@mail.example.com?starttls=never", "would send the password unprotected"),
        ("MAIL", "smtp://user@mail.example.com", "needs both a user and a password, or neither"),
        ("MAIL", "smtp://mail.example.com?tls=hush", "may only be followed by ?starttls=require"),
        ("MAIL", "smtp://:hush@", "is no address of a mail server; use smtp://user:password@host:587"),
        ("MAIL", "postmark", "postmark needs its token in FIRST90_MAIL_TOKEN"),
        ("MAIL", "pigeon:hush", "is no way to send mail; use maildir:DIR, smtp://host:port"),
        ("MAIL_FROM", "nobody", "is not one mail address"),
        ("MAIL_REDIRECT", "a@example.com, b@example.com", "is not one mail address"),
        ("MAIL_IN_DOUBT", "maybe", "'maybe' is neither park (show it to a person) nor resend"),
        ("CHAT", "slack", "slack needs FIRST90_SLACK_TOKEN and FIRST90_SLACK_CHANNEL"),
        ("SIGNALS", "http://usage.example.com/", "would travel unprotected; use https://"),
        ("SIGNALS", "csv:/no/such.csv", "there is no file /no/such.csv"),
        ("FRESH_DAYS", "-1", "'-1' is no number of days"),
        ("CRM_SINCE", "31.1.2026", "'31.1.2026' is no date; write it like 2026-03-02"),
        ("CRM_SINCE", "2026-02-30", "is no day of the calendar"),
        ("ACCOUNTS", "one:two", "'one:two' is not an id"),
        ("ACCOUNTS", "1.23E+15", "'1.23E+15' is a number that a spreadsheet made of an id"),
        ("ACCOUNTS", "0015g00000000019AA", "its last three characters do not fit the others"),
        ("DATABASE_URL", "sqlite://", "a database in memory forgets everything"),
        ("DATABASE_URL", "mysql://user:hush@host/db", "is no database URL that first90 knows"),
        ("TEAM", "/no/team.yaml", "there is no file /no/team.yaml"),
        ("PLAYBOOKS", "/no/playbooks", "there is no folder /no/playbooks"),
        (
            "PUBLIC_URL",
            "https://first90.example.com",
            "FIRST90_LINK_SECRET: one does nothing without the other",
        ),
        ("LINK_SECRET", "short", "is too short to sign links with"),
        ("MAIL_REDIRCT", "ops@example.com", "is no setting; did you mean FIRST90_MAIL_REDIRECT?"),
    ],
)
def test_a_mistake_names_the_variable_and_the_mend_and_no_secret(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = refusal(monkeypatch, **{variable: value})
    assert f"FIRST90_{variable}" in message
    assert said in message
    assert "hush" not in message


def test_real_channels_are_read_with_what_belongs_to_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        CRM="salesforce",
        SALESFORCE_INSTANCE_URL="https://acme.my.salesforce.com/",
        SALESFORCE_SESSION_ID="hush",
        MAIL="smtps://ops:hu%40sh@mail.example.com",
        CHAT="slack",
        SLACK_TOKEN="xoxb-hush",
        SLACK_CHANNEL="C0123",
    )
    assert settings.crm == SalesforceCrm(
        login=SessionLogin(instance_url="https://acme.my.salesforce.com", session_id=SecretStr("hush"))
    )
    mail = SmtpMail(
        host="mail.example.com", port=465, tls="implicit", user="ops", password=SecretStr("hu@sh"), connections=20
    )
    assert settings.mail == mail
    assert settings.chat == SlackChat(token=SecretStr("xoxb-hush"), channel="C0123")
    assert settings.signals is None
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "login"),
    [
        ({"USERNAME": "u", "PASSWORD": "p", "SECURITY_TOKEN": "t"}, PasswordLogin),
        ({"CONSUMER_KEY": "k", "CONSUMER_SECRET": "s", "DOMAIN": "acme.my"}, ClientLogin),
        ({"CONSUMER_KEY": "k", "CONSUMER_SECRET": "s", "LOGIN_URL": "https://localhost:8443"}, ClientLogin),
        ({"USERNAME": "u", "CONSUMER_KEY": "k", "PRIVATEKEY_FILE": __file__}, JwtLogin),
    ],
)
def test_each_login_of_salesforce_is_known_by_what_is_given(
    given: dict[str, str], login: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(monkeypatch, CRM="salesforce", **{f"SALESFORCE_{name}": value for name, value in given.items()})
    assert isinstance(settings.crm, SalesforceCrm)
    assert isinstance(settings.crm.login, login)


def test_client_credentials_need_the_org_s_own_host(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal(monkeypatch, CRM="salesforce", SALESFORCE_CONSUMER_KEY="k", SALESFORCE_CONSUMER_SECRET="hush")
    assert "set FIRST90_SALESFORCE_DOMAIN to your My Domain" in said
    assert "hush" not in said


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(refusal(monkeypatch, CRM="hubspot", FRESH_DAYS="soon", CHAT="irc").splitlines()) == 3


def test_a_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("x" * 40 + "\n", "utf-8")
    settings = load(monkeypatch, LINK_SECRET_FILE=str(tmp_path / "secret"), PUBLIC_URL="https://first90.example.com/")
    assert settings.link_secret is not None
    assert settings.link_secret.get_secret_value() == "x" * 40
    assert settings.public_url == "https://first90.example.com"


def test_a_secret_file_that_cannot_be_used_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "FIRST90_MAIL_TOKEN_FILE: /no/file cannot be read" in refusal(monkeypatch, MAIL_TOKEN_FILE="/no/file")
    (tmp_path / "empty").touch()
    assert "is empty; write the secret" in refusal(monkeypatch, MAIL_TOKEN_FILE=str(tmp_path / "empty"))
    both = refusal(monkeypatch, MAIL_TOKEN_FILE=str(tmp_path / "empty"), MAIL_TOKEN="hush")
    assert "FIRST90_MAIL_TOKEN is set as well" in both
    assert "hush" not in both


def test_nothing_is_read_at_import() -> None:
    code = "import config.settings.load, sys; assert 'sqlalchemy' not in sys.modules and 'httpx' not in sys.modules"
    environment = os.environ | {"FIRST90_CRM": "nonsense"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=PROJECT)


def test_a_provider_with_a_low_rate_gets_few_mails_a_second_unless_set_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load(monkeypatch, MAIL="resend", MAIL_TOKEN="re_1").mail_rate == 2
    assert load(monkeypatch, MAIL_RATE="12.5").mail_rate == 12.5
    assert load(monkeypatch, MAIL="maildir:mail").mail_rate == 12.5
    for wrong in ("0", "-1", "fast", "1e9"):
        assert "FIRST90_MAIL_RATE" in refusal(monkeypatch, MAIL_RATE=wrong)


def test_webhooks_are_proved_by_what_each_provider_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).mail_hooks == MailHooks()
    key, secret = base64.b64encode(b"k" * 91).decode(), "whsec_" + base64.b64encode(b"s" * 24).decode()
    settings = load(
        monkeypatch,
        POSTMARK_HOOK_LOGIN="first90:long-enough-to-guess",
        SENDGRID_HOOK_KEY=key,
        RESEND_HOOK_SECRET=secret,
    )
    assert settings.mail_hooks.resend is not None
    assert settings.mail_hooks.resend.get_secret_value() == secret
    for hidden in ("long-enough", key, secret):
        assert hidden not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("POSTMARK_HOOK_LOGIN", "hush", "is no login; write user:password with a password of at least 16"),
        ("POSTMARK_HOOK_LOGIN", "first90:hush", "is no login"),
        ("SENDGRID_HOOK_KEY", "hush!", "is no verification key"),
        ("RESEND_HOOK_SECRET", "hush", "is no signing secret"),
        ("LINK_SECRET", "x" * 40 + ",hush", "is too short to sign links with"),
    ],
)
def test_a_proof_of_a_webhook_that_proves_nothing_is_refused(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = refusal(monkeypatch, **{variable: value})
    assert f"FIRST90_{variable}" in message
    assert said in message
    assert "hush" not in message


def test_relative_paths_count_from_where_up_was_started_whatever_the_folder_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    settings = load(monkeypatch, CRM="csv:export", HOME="home", STARTED_IN=str(tmp_path))
    assert settings.crm == CsvCrm(folder=tmp_path / "export")
    assert settings.home == tmp_path / "home"
