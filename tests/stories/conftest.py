"""One plain cycle over the bundled sample, run once; every story then reads what people see of it.

All parts are real: the CSV folder, SQLite, the Maildir and the chat file, through the functions of the command line.
"""

import csv
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlalchemy import Connection

from cli.pages.picture import take_picture
from config.sample_portfolio.export import COMPANY_DOMAIN, account_id, address, deal_id
from config.sample_portfolio.sample import make_sample
from config.sample_portfolio.stories import Story, our_people, stories
from config.settings.load import Settings, load_settings
from database.onboardings.overview import effect_lines, journal_lines, status_lines
from database.opening import open_database
from flows.cycle import Cycle, run_cycle
from flows.reports import CycleReport
from onboarding.explain.explanation import explain
from onboarding.explain.touchpoint_fate import explain_touchpoint
from tasks.runtime.context import RunContext, open_run_context
from tests.conftest import MadeOnce
from web.app import build

A_SUNDAY = datetime(2026, 3, 8, 21, 0, tzinfo=UTC)


@dataclass
class Aftermath:
    """The results of cycles as CSMs, customers and the CRM see them."""

    home: Path
    as_of: datetime
    cycles: list[CycleReport] = field(default_factory=list)

    def run(self, as_of: datetime | None = None) -> CycleReport:
        """Run one more plain cycle, at the sample's moment or a later one."""
        with self._at_home() as settings, open_run_context(settings) as context:
            report = run_cycle(context, Cycle(as_of=as_of or self.as_of, plain=True), lambda _: None)
        self.cycles.append(report)
        for name in ("lines", "effects", "mails", "posts"):
            self.__dict__.pop(name, None)
        return report

    def line(self, name: str) -> Mapping[str, Any] | None:
        """Return the line of ``status`` for a story's customer."""
        return next((line for line in self.lines if line["account_id"] == account_id(told(name))), None)

    def owed(self, name: str, channel: str = "mail", state: str | None = None) -> list[Mapping[str, Any]]:
        """Return what ``effects`` lists of a story on a channel."""
        return [
            one
            for one in self.effects
            if one["account_id"] == account_id(told(name))
            and one["channel"] == channel
            and (state is None or one["state"] == state)
        ]

    def kinds(self, name: str, state: str | None = None) -> set[str]:
        """Return the steps of a story's mails, those in one state or all of them."""
        return {one["kind"] for one in self.owed(name, state=state)}

    def inbox(self, name: str) -> list[EmailMessage]:
        """Return the mails in the Maildir for a story's people."""
        domain = told(name).account.domain
        return [mail for mail in self.mails if str(mail["To"]).lower().rstrip(">").endswith("@" + domain)]

    def slack(self, handle: str, containing: str = "") -> list[Mapping[str, Any]]:
        """Return the Slack messages to a person or channel that contain a text."""
        person = next((one for one in our_people() if one.handle == handle), None)
        channel = address(person.name, COMPANY_DOMAIN) if person else handle
        return [
            post
            for post in self.posts
            if post["channel"] == channel and containing in json.dumps(post, ensure_ascii=False)
        ]

    def crm(self, name: str, crm_object: str = "Onboarding__c") -> list[Mapping[str, str]]:
        """Return the rows of a story in the CRM folder."""
        path = self.home / "crm" / f"{crm_object}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if row["First90_Key__c"].startswith(deal_id(told(name)))]

    def milestone(self, name: str, milestone: str) -> Mapping[str, str]:
        """Return a milestone of a story in the CRM folder."""
        rows = self.crm(name, "Onboarding_Milestone__c")
        return next(row for row in rows if row["First90_Key__c"].endswith(f":{milestone}"))

    def journal(self, name: str) -> str:
        """Return the journal of a story."""
        with self._reading() as conn:
            return "\n".join(
                f"{line['kind']} {line['about']}: {line['because']}"
                for line in journal_lines(conn, deal_id(told(name)))
            )

    def explained(self, name: str, touchpoint: str | None = None) -> str:
        """Return what ``explain`` prints."""
        with self._at_home():
            seen = take_picture(account_id(told(name)), self.as_of)
        if touchpoint is None:
            return "\n".join(explain(seen.case, seen.review, seen.playbook, seen.now).lines)
        return "\n".join(explain_touchpoint(seen.case, seen.review, seen.playbook, touchpoint, seen.now).lines)

    def files(self) -> dict[str, bytes]:
        """Return everything that was sent or written outside, by path."""
        found = [
            path
            for part in ("mail", "crm", "chat.jsonl")
            for path in [self.home / part, *(self.home / part).rglob("*")]
        ]
        return {str(path): path.read_bytes() for path in found if path.is_file() and ".lock" not in path.name}

    @cached_property
    def lines(self) -> list[Mapping[str, Any]]:
        with self._reading() as conn:
            return list(status_lines(conn))

    @cached_property
    def effects(self) -> list[Mapping[str, Any]]:
        with self._reading() as conn:
            return list(effect_lines(conn))

    @cached_property
    def mails(self) -> list[EmailMessage]:
        paths = sorted((self.home / "mail" / "new").iterdir())
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]  # type: ignore[misc]

    @cached_property
    def posts(self) -> list[Mapping[str, Any]]:
        lines = (self.home / "chat.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    @contextmanager
    def _at_home(self) -> Iterator[Settings]:
        with pytest.MonkeyPatch.context() as env:
            env.setenv("FIRST90_HOME", str(self.home))
            yield load_settings(env_file=None)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._at_home() as settings:
            database = open_database(settings.database_url, create=False)
        try:
            with database.reading() as conn:
                yield conn
        finally:
            database.close()


def told(name: str) -> Story:
    """Return the story of this name."""
    return next(story for story in stories() if story.story == name)


def begin(home: Path, today: datetime) -> Aftermath:
    """Make a home of its own with the sample of a day, and run one cycle."""
    found = Aftermath(home=home, as_of=make_sample(home / "crm", today))
    found.run()
    return found


@pytest.fixture(scope="session")
def seen(made_once: MadeOnce) -> Aftermath:
    """Return the results of one cycle over the sample of a Sunday in March. Only read, never run again."""
    found: Aftermath = made_once("stories", lambda home: begin(home, A_SUNDAY))
    return found


@pytest.fixture
def begun(tmp_path: Path) -> Callable[[datetime], Aftermath]:
    """Return a function that makes further homes, for the stories that go on."""
    return lambda today: begin(tmp_path / f"{today:%Y%m%d}", today)


@pytest.fixture(scope="module")
def context(seen: Aftermath, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunContext]:
    """The sample after its first cycle, in a home of its own that a public address leads to."""
    home = tmp_path_factory.mktemp("board") / "home"
    shutil.copytree(seen.home, home)
    with pytest.MonkeyPatch.context() as env:
        env.setenv("FIRST90_HOME", str(home))
        env.setenv("FIRST90_PUBLIC_URL", "https://first90.northbeam.example/onboarding")
        env.setenv("FIRST90_LINK_SECRET", "s" * 40)
        env.setenv("FIRST90_BOARD_LOGIN_HEADER", "X-Forwarded-Email")
        with open_run_context(load_settings(env_file=None), create=False) as opened:
            yield opened


@pytest.fixture(scope="module")
def served(context: RunContext) -> Iterator[str]:
    """The pages over that home, served as ``first90 web`` does."""
    server = uvicorn.Server(
        uvicorn.Config(build(context), port=0, access_log=False, log_level="warning", lifespan="off")
    )
    with server.config.bind_socket() as listening:
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)
