"""A whole cycle over Salesforce has the same results as over a CSV folder with the same records; a second one does
nothing."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from config.sample_portfolio.sample import make_sample
from config.settings.load import load_settings
from database.onboardings.overview import status_lines
from onboarding.crm.drift import same
from sandbox.org.loading import load_folder
from tasks.intake.reconcile import reconcile
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.scope import Scope
from tests.salesforce_fixtures import Sandbox
from tests.tasks.conftest import Round, cycle

DAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
NOT_WON = "0065fQw00000270ABA:welcome_sent"
"""The key of a ticked milestone of a deal that is not won."""
DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@dataclass
class Outside:
    """The results of first90 that others see."""

    lines: list[Mapping[str, Any]]
    mails: list[tuple[str, ...]]
    posts: list[str]
    rows: dict[str, Mapping[str, str]]


@pytest.fixture
def sample(tmp_path: Path) -> tuple[Path, datetime]:
    folder = tmp_path / "export"
    return folder, make_sample(folder, DAY)


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Open a run context with a home of its own and these settings."""
    for name in [name for name in os.environ if name.startswith("FIRST90_")]:
        monkeypatch.delenv(name)

    @contextmanager
    def open_it(name: str, **settings: str) -> Iterator[RunContext]:
        home = tmp_path / name
        monkeypatch.setenv("FIRST90_HOME", str(home))
        for variable, value in settings.items():
            monkeypatch.setenv(variable, value)
        with open_run_context(load_settings(env_file=None)) as context:
            yield context

    return open_it


def outside(context: RunContext) -> Outside:
    home = context.settings.home
    with context.database.reading() as conn:
        lines = [dict(line) for line in status_lines(conn)]
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in home.glob("mail/new/*")]
    posts = (home / "chat.jsonl").read_text("utf-8").splitlines()
    return Outside(
        lines=lines,
        mails=sorted(
            (str(mail["To"]), str(mail["From"]), str(mail["Subject"]), mail.get_body(("plain",)).get_content())
            for mail in mails
        ),
        posts=sorted(json.dumps({**json.loads(line), "ts": ""}, sort_keys=True) for line in posts),
        rows={row.key: row.fields for row in context.crm.held_rows()},
    )


def alike(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Return whether two rows are equal, each in the spelling of its CRM."""
    return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)


def run(context: RunContext, at: datetime) -> Round:
    return cycle(context, at, Scope())


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sample_in_salesforce_ends_as_the_sample_in_files(
    dialect: str,
    sample: tuple[Path, datetime],
    sandbox: Sandbox,
    working: Callable[..., Any],
    new_database_url: Callable[[str], str],
    tmp_path: Path,
) -> None:
    folder, at = sample
    load_folder(sandbox.org, folder)
    sandbox.at(at)
    with working("files", FIRST90_CRM=f"csv:{folder}", FIRST90_SIGNALS="none") as context:
        run(context, at)
        files = outside(context)
    settings = sandbox.environment(tmp_path / "salesforce") | {
        "FIRST90_DATABASE_URL": new_database_url(dialect),
        "FIRST90_SIGNALS": "none",
        "FIRST90_CRM_SINCE": "2025-09-01",
    }
    with working("salesforce", **settings) as context:
        first = run(context, at)
        assert first.failures == []
        there = outside(context)
        assert there.lines == files.lines
        assert there.mails == files.mails
        assert there.posts == [post for post in files.posts if "could not be read" not in post]
        assert there.rows.keys() == files.rows.keys()
        assert [key for key, row in there.rows.items() if key != NOT_WON and not alike(row, files.rows[key])] == []
        assert [(one.kind, one.key) for one in reconcile(context, at).differences] == [("foreign", NOT_WON)]
        sandbox.calls.clear()
        second = run(context, at)
        assert (second.planned, second.sent, second.failures) == (0, 0, [])
        assert sandbox.calls.count("write_collection", "write_record", "record", "bulk_create") == 0
