"""A customer of the tech tier of the sample, from won to transition, with no act of ours (TI-L, SX-2).

All parts are real: cycles over the CSV folder with its product usage, the mails in the Maildir, and the plan page that
their links open, pressed by the customer.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from config.sample_portfolio.export import COMPANY_DOMAIN, account_id, address
from config.sample_portfolio.sample import make_sample
from config.sample_portfolio.stories import our_people
from config.settings.load import load_settings
from database.onboardings.overview import effect_lines
from database.tables import FactRow, JournalRow
from tasks.runtime.context import RunContext, open_run_context
from tests.stories.conftest import Aftermath, told
from web.app import build

pytestmark = pytest.mark.slow

A_TUESDAY = datetime(2026, 3, 3, 21, 0, tzinfo=UTC)
STORY = "two_roles"
"""Fifteen seats, signed yesterday; one person is champion and administrator, another one uses the product."""
OURS = {address(one.name, COMPANY_DOMAIN) for one in our_people()}
CSM_ADDRESS = next(address(one.name, COMPANY_DOMAIN) for one in our_people() if one.handle == "siobhan")


@dataclass
class Customer:
    """The home of first90 with this one customer, and what the customer's people do."""

    seen: Aftermath
    now: datetime

    def later(self, **span: float) -> None:
        """Let time pass, with a cycle at its end."""
        self.now += timedelta(**span)
        self.seen.run(self.now)

    def uses(self, *signals: str, user: str) -> None:
        """Do something in the product, now."""
        path = self.seen.home / "crm" / "signals.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        with path.open("a", encoding="utf-8", newline="") as file:
            for number, signal in enumerate(signals):
                at = self.now + timedelta(seconds=number + 1)
                row = {"account_id": account_id(told(STORY)), "signal": signal, "at": at.isoformat(), "user": user}
                csv.DictWriter(file, header).writerow(row)
        self.now += timedelta(minutes=1)

    def presses(self, what: str, **given: str) -> str:
        """Open the plan by the link of the newest mail, follow a link on it and send the form; return what is said."""
        with self.context() as context, TestClient(build(context)) as browser:
            plan = browser.get(self.plan)
            assert f'/{what}"' in plan.text, f"the plan offers no {what}"
            form = browser.get(f"{self.plan}/{what}")
            token = re.search(r'name="form" value="([^"]+)"', form.text)
            assert token, form.text
            to = f"{self.plan}/{what.partition('.')[0]}"
            said = browser.post(to, data={"form": unescape(token[1]), **given})
        assert said.status_code == 200, said.text
        return str(said.text)

    def offered(self) -> str:
        """Return the first time for the kickoff that the plan offers, as its form names it; empty if it offers none."""
        with self.context() as context, TestClient(build(context)) as browser:
            found = re.search(r'/call/(kickoff_booked\.\w+)"', browser.get(self.plan).text)
        return found[1] if found else ""

    @property
    def plan(self) -> str:
        """Return the path of the plan page, as the customer's mails have it."""
        bodies = [str(mail.get_body(("plain",)).get_content()) for mail in self.seen.inbox(STORY)]  # type: ignore[union-attr]
        urls = [url for body in bodies for url in re.findall(r"https://\S+?/p/[\w.~-]+", body)]
        return urlsplit(urls[-1]).path.removeprefix("/onboarding")

    @contextmanager
    def context(self) -> Iterator[RunContext]:
        """Open the run context of this home, in which it is this customer's now."""
        with open_run_context(load_settings(env_file=None)) as context:
            yield replace(context, wall_clock=lambda: self.now)

    def ours(self) -> list[str]:
        """Return what a person of ours did: facts and entries of the journal under a name of ours."""
        with self.context() as context, context.database.reading() as conn:
            facts = [(one.by, one.kind, one.name) for one in conn.execute(select(FactRow))]
            journal = [(one.by, one.kind, one.because) for one in conn.execute(select(JournalRow))]
        return [str(one) for one in (*facts, *journal) if one[0] in OURS]

    def told_to_the_csm(self) -> set[str]:
        """Return the kinds of what was sent to the CSM: news and records, or a stall, a digest with tasks ..."""
        with self.context() as context, context.database.reading() as conn:
            lines = effect_lines(conn)
        return {str(one["kind"]) for one in lines if one["recipient"] == CSM_ADDRESS and one["channel"] == "slack"}

    def line(self) -> Mapping[str, Any]:
        found = self.seen.line(STORY)
        assert found is not None
        return found


@pytest.fixture
def customer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Customer:
    monkeypatch.setenv("FIRST90_HOME", str(tmp_path))
    monkeypatch.setenv("FIRST90_ACCOUNTS", account_id(told(STORY)))
    monkeypatch.setenv("FIRST90_PUBLIC_URL", "https://first90.northbeam.example/onboarding")
    monkeypatch.setenv("FIRST90_LINK_SECRET", "s" * 40)
    as_of = make_sample(tmp_path / "crm", A_TUESDAY)
    found = Customer(Aftermath(home=tmp_path, as_of=as_of), as_of)
    found.seen.run()
    return found


def test_days_of_steps_end_in_the_transition(customer: Customer) -> None:
    assert (customer.line()["tier"], customer.line()["stage"]) == ("tech", "kickoff")
    assert customer.seen.kinds(STORY, "sent") == {"welcome", "kickoff_invitation"}
    customer.later(hours=2)
    customer.presses("goal/0")
    customer.later(minutes=10)
    assert customer.line()["stage"] == "setup"
    customer.later(hours=20)
    customer.presses("done/integrations_connected")
    customer.presses("done/access_configured")
    customer.uses("login", "validation_passed", user="wanjiru")
    customer.later(minutes=10)
    assert customer.line()["stage"] == "training"
    customer.later(hours=4)
    customer.uses("login", "task_completed", "task_completed", "task_completed", user="otieno")
    customer.later(minutes=10)
    customer.later(days=1)
    customer.uses("project_completed", user="otieno")
    customer.later(minutes=10)
    customer.presses("value/0", value="75")
    customer.later(hours=20)  # the mails of this day are sent: the one on the result waits for the next
    assert (customer.line()["stage"], customer.line()["status"]) == ("done", "completed")
    customer.later(days=3, hours=4)  # over the weekend
    mails = {"kickoff_recap", "technical_pack", "champion_kit", "training_end_users", "activation", "transition"}
    assert customer.seen.kinds(STORY, "sent") >= mails
    assert "visits made on the agreed day" in customer.seen.crm(STORY)[0]["Account_Plan__c"]
    assert customer.seen.milestone(STORY, "account_plan_recorded")["Status__c"] == "Done"
    assert customer.ours() == []
    assert customer.told_to_the_csm() == {"plan_answers", "activation", "account_plan"}


def test_one_session_is_enough(customer: Customer) -> None:
    began = customer.now
    customer.later(minutes=10)
    customer.presses("goal/0")
    customer.later(minutes=10)
    customer.presses("done/integrations_connected")
    customer.presses("done/access_configured")
    customer.uses("login", "validation_passed", user="wanjiru")
    customer.later(minutes=10)
    customer.uses("task_completed", "task_completed", "task_completed", "project_completed", user="wanjiru")
    customer.later(minutes=10)
    customer.presses("value/0", value="64")
    customer.later(minutes=10)
    assert (customer.line()["stage"], customer.line()["status"]) == ("done", "completed")
    assert customer.now - began < timedelta(hours=1)
    customer.later(days=1)
    assert customer.seen.kinds(STORY, "sent") == {"welcome", "kickoff_invitation", "activation", "transition"}
    assert customer.ours() == []
    assert customer.told_to_the_csm() == {"plan_answers", "activation", "account_plan"}


def test_a_call_is_a_wish_that_the_stage_does_not_wait_for(customer: Customer) -> None:
    assert "kickoff_held" not in {row["Milestone__c"] for row in customer.seen.crm(STORY, "Onboarding_Milestone__c")}
    time = customer.offered()
    assert time, "the plan offers no time for a call"
    customer.presses(f"call/{time}", at=time.partition(".")[2])
    customer.later(minutes=10)
    assert "appears kickoff_held" in customer.seen.journal(STORY)
    assert customer.seen.milestone(STORY, "kickoff_booked")["Status__c"] == "Done"
    assert "kickoff_call" in customer.seen.kinds(STORY, "sent"), "the invitation to the calendar"
    customer.presses("goal/0")
    customer.later(minutes=10)
    assert customer.line()["stage"] == "setup"
    assert customer.seen.milestone(STORY, "kickoff_held")["Status__c"] == "Open"


def test_a_call_that_was_booked_and_cancelled_is_offered_again(customer: Customer) -> None:
    time = customer.offered()
    assert time, "the plan offers no time for a call"
    customer.presses(f"call/{time}", at=time.partition(".")[2])
    customer.later(minutes=10)
    customer.presses("off/kickoff_booked", comment="Somebody is ill")
    customer.later(minutes=10)
    assert customer.seen.milestone(STORY, "kickoff_held")["Status__c"] == "Not applicable"
    assert customer.offered(), "the plan offers no other time"


def test_the_crm_says_who_confirmed_the_goals(customer: Customer) -> None:
    customer.presses("goal/0")
    customer.later(minutes=10)
    shown = customer.seen.milestone(STORY, "goals_confirmed")
    assert (shown["Status__c"], shown["Completed_By__c"]) == ("Done", "Wanjirũ Kamau on their plan page")


def test_the_security_pack_answers_who_has_no_it_security(customer: Customer) -> None:
    customer.presses("goal/0")
    customer.later(days=1)
    assert "security_pack" in customer.seen.kinds(STORY, "sent")
