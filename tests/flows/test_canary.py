"""No personal data leaks: every name, address and secret of a whole portfolio goes through all parts, with failures,
and is searched for in all that first90 writes about itself: logs, Prefect's database, errors, output."""

import csv
import logging
import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.sample_portfolio.sample import make_sample
from config.settings.load import load_settings
from database.opening import open_database
from database.tables import EffectRow
from flows.deliver import deliver
from flows.escalate_stalled import escalate_stalled
from flows.onboard_accounts import onboard_accounts
from flows.options import DeliveryOptions, FlowOptions
from flows.reports import FlowReport
from flows.send_check_ins import send_check_ins
from flows.sync_crm import sync_crm
from sandbox.org.loading import load_folder
from tests.flows.conftest import SAMPLE_DAY
from tests.integrations.mail.smtp_server import MailServer, mail_server
from tests.integrations.slack.far_slack import BOT_TOKEN, MANAGERS, FarSlack, far_slack
from tests.salesforce_fixtures import Sandbox

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.slow,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
]

MAIL_USER, MAIL_PASSWORD = "canary-login", "canary-pass-word-7f3a"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server(users={MAIL_USER: MAIL_PASSWORD}) as server:
        yield server


@pytest.fixture
def slack() -> Iterator[FarSlack]:
    with far_slack() as there:
        yield there


@pytest.fixture
def moment(
    sandbox: Sandbox, mail: MailServer, slack: FarSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> datetime:
    """Load the sample portfolio into an org, with real senders; return its moment."""
    for name in [name for name in os.environ if name.startswith("FIRST90_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    found = make_sample(tmp_path / "crm", SAMPLE_DAY)
    load_folder(sandbox.org, tmp_path / "crm")
    for row in rows(tmp_path / "crm" / "User.csv")[1:]:
        slack.person(row["Name"], row["Email"])
    given = sandbox.environment(tmp_path / "home") | {
        "FIRST90_MAIL": f"smtp://{MAIL_USER}:{MAIL_PASSWORD}@127.0.0.1:{mail.port}?starttls=never",
        "FIRST90_MAIL_FROM": "onboarding@vendor.example",
        "FIRST90_CHAT": "slack",
        "FIRST90_SLACK_TOKEN": BOT_TOKEN,
        "FIRST90_SLACK_CHANNEL": MANAGERS,
        "FIRST90_SLACK_API_URL": slack.api_url,
        "FIRST90_SIGNALS": f"csv:{tmp_path / 'crm' / 'signals.csv'}",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return found


def rows(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def canaries(folder: Path, sandbox: Sandbox) -> frozenset[str]:
    """Return the texts that must not be found: names and addresses of people, names of customers, secrets."""
    found = {MAIL_PASSWORD, BOT_TOKEN, sandbox.org.secrets.consumer_key}
    for name in ("Contact.csv", "User.csv"):
        for row in rows(folder / name):
            found |= {row["Name"], row["Email"]}
    found |= {row["Name"] for row in rows(folder / "Account.csv")}
    return frozenset(text for text in found if len(text) > 5)


def sweep(as_of: datetime) -> list[FlowReport]:
    """Run all flows once, each as a run on the Prefect server."""
    reports = []
    for flow in (onboard_accounts, send_check_ins, escalate_stalled, deliver, sync_crm):
        options = (DeliveryOptions if flow is deliver else FlowOptions)(as_of=as_of)
        state: Any = flow(options, return_state=True)
        reports.append(state.result(raise_on_failure=False))
    return reports


def prefect_records() -> str:
    """Return everything in the Prefect server's database: runs, states, logs, artifacts, events."""
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL

    url = PREFECT_API_DATABASE_CONNECTION_URL.value()
    path = Path(str(getattr(url, "get_secret_value", lambda: url)()).partition(":///")[2])
    parts = [path, path.with_name(path.name + "-wal")]
    return "".join(part.read_bytes().decode("utf-8", "ignore") for part in parts if part.exists())


def test_no_name_address_or_secret_is_met_in_logs_prefect_or_errors(
    moment: datetime,
    sandbox: Sandbox,
    mail: MailServer,
    slack: FarSlack,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    names = canaries(tmp_path / "crm", sandbox)
    quoted = sorted(names)[0]
    # In the first hours everything fails, and the far sides quote recipients in their errors.
    mail.trouble = "rcpt 450"
    slack.mood = lambda method, number: "error internal_error" if number % 3 == 0 else "accept"
    sandbox.faults.spoil("FIELD_CUSTOM_VALIDATION_EXCEPTION", message=f"{quoted} may not do this", times=3)
    sandbox.faults.refuse("MALFORMED_QUERY", "query", message=f"Name = '{quoted}' ERROR at Row:1", times=1)
    reports = sweep(moment)
    mail.trouble = "delivered reset"
    reports += sweep(moment + timedelta(minutes=50))
    mail.trouble = "auth 535"
    reports += sweep(moment + timedelta(minutes=70))
    mail.trouble, slack.mood = None, lambda method, number: "accept"
    sandbox.faults.clear()
    for hours in (3, 24, 24 * 8):
        reports += sweep(moment + timedelta(hours=hours))
    assert len(mail.mails) > 10
    assert len(slack.messages) > 5
    assert any(report.failures for report in reports), "the refused query was told"

    printed = capfd.readouterr()
    with open_database(load_settings().database_url, create=False).reading() as conn:
        errors = [text or "" for text in conn.execute(select(EffectRow.error)).scalars()]
    assert any(errors)
    kept = prefect_records()
    assert "onboard-accounts" in kept, "the search looks at what Prefect keeps"
    said = {
        "logs": "\n".join(f"{record.getMessage()}\n{record.exc_text or ''}" for record in caplog.records),
        "output": printed.out + printed.err,
        "Prefect": kept,
        "errors": "\n".join(errors),
        "reports": "\n".join(map(repr, reports)),
    }
    met = {(context, name) for context, text in said.items() for name in names if name in text}
    assert met == set()
