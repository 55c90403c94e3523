"""docs/limits.md says what the code does: each number in it is a constant."""

import re
from pathlib import Path

from config.settings.mail_senders import CONNECTIONS
from database.channels import breakers
from database.engine import BUSY_SECONDS, connect
from database.outbox import ledger
from integrations.mail import http_sender
from integrations.mail.smtp import connection
from integrations.mail.smtp import pool as lines
from integrations.salesforce.api import http as salesforce_http
from integrations.salesforce.org import SalesforceOrg
from integrations.signals import http, records, spool
from integrations.slack import client
from integrations.slack.workspace import SlackWorkspace
from tasks.delivery import channel_loop

PAGE = (Path(__file__).parent.parent / "docs" / "limits.md").read_text(encoding="utf-8")


def row(service: str) -> list[str]:
    """The cells of one line of the table."""
    (found,) = [text for text in PAGE.splitlines() if text.startswith(f"| {service}")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"(?<![A-Za-z0-9])\d+(?![A-Za-z0-9])", text.replace("FIRST90", ""))]


def test_mail_servers() -> None:
    _, connections, timeouts, *_ = row("mail server")
    assert numbers(connections) == [CONNECTIONS, connection.MAILS_PER_CONNECTION, lines.FRESH_SECONDS]
    assert numbers(timeouts) == [connection.SEND_SECONDS]


def test_mail_providers() -> None:
    _, connections, timeouts, *_ = row("Postmark, Resend, SendGrid")
    assert numbers(connections) == [CONNECTIONS, http_sender.REST_SECONDS]
    spans = http_sender.TIMEOUT
    assert numbers(timeouts) == [spans.connect, spans.write, spans.read, spans.pool]


def test_slack_and_salesforce() -> None:
    assert numbers(row("Slack")[1]) == [SlackWorkspace.slots]
    assert numbers(row("Slack")[2]) == [client.TIMEOUT]
    assert numbers(row("Salesforce")[1]) == [SalesforceOrg.slots]
    assert numbers(row("Salesforce")[2]) == [salesforce_http.CONNECT_TIMEOUT, salesforce_http.READ_TIMEOUT]


def test_product_signals() -> None:
    assert numbers(row("product signals")[2]) == [http.TIMEOUT.connect, http.TIMEOUT.read]


def test_databases() -> None:
    assert numbers(row("SQLite")[2]) == [BUSY_SECONDS]
    database = connect("postgresql+psycopg://nobody@127.0.0.1/none")
    pool = database.engine.pool
    database.close()
    assert numbers(row("PostgreSQL")[1]) == [pool.size() + pool._max_overflow]  # type: ignore[attr-defined]


def test_breaker_and_leases() -> None:
    breaker, lease = (text for text in PAGE.split("\n\n") if text.startswith(("**The breaker", "**One send")))
    rest, long_rest = breakers.REST.total_seconds(), breakers.LONG_REST.total_seconds()
    assert numbers(breaker) == [breakers.MOST_FAILURES, rest, long_rest]
    assert numbers(lease) == [
        ledger.TIMEOUT_SECONDS,
        ledger.LEASE_SECONDS,
        ledger.GRACE_SECONDS,
        channel_loop.PATIENCE,
        ledger.LEASE_SECONDS,
    ]
    assert ledger.TIMEOUT_SECONDS < ledger.GRACE_SECONDS < ledger.LEASE_SECONDS
    assert connection.SEND_SECONDS <= ledger.TIMEOUT_SECONDS


def test_usage_that_is_too_much() -> None:
    said = PAGE.partition("**Too much usage.**")[2].partition("\n\n")[0]
    assert [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", said.replace("FIRST90", ""))] == [
        records.MOST_BYTES >> 20,
        spool.MOST_LINES,
        spool.MOST_LINE >> 10,
        records.MOST_TOLD,
    ]
