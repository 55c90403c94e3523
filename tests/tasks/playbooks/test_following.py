"""Onboardings that follow new versions of their playbook by themselves."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from config.settings.load import PROJECT
from database import key_values
from database.tables import OnboardingRow
from onboarding.facts.tiers import PlaybookPolicy
from tasks.commands import onboardings
from tasks.playbooks.adopting import set_policy
from tests.tasks.conftest import LivedOnce, Office, moment
from tests.tasks.playbooks.conftest import sooner
from tests.tasks.playbooks.test_adopting import planned, rolled_back

DEAL = "006-0001"


@pytest.fixture
def opened(lived_once: LivedOnce) -> Office:
    return lived_once("two welcomed", welcome_two)


def welcome_two(office: Office) -> None:
    """Two customers, welcomed on Monday, in kickoff."""
    office.customer()
    office.customer(2)
    office.run()


def with_tier_policy(folder: Path, policy: PlaybookPolicy) -> Path:
    """Let the tier mid have a policy in the folder's own tiers.yaml."""
    text = (PROJECT / "config" / "tiers.yaml").read_text("utf-8")
    (folder / "tiers.yaml").write_text(text.replace("mid: pin", f"mid: {policy}"), "utf-8")
    return folder


@pytest.mark.slow
def test_one_that_follows_moves_with_the_next_run_and_the_journal_says_so(opened, playbooks):
    before = opened.status()["playbook"]
    opened.order(set_policy, [DEAL], PlaybookPolicy.FOLLOW, on="2026-03-02T12:00", reason="new customer")
    opened.run("2026-03-03T10:00", PLAYBOOKS=str(playbooks(sooner)))
    assert opened.status()["playbook"] != before
    assert opened.status(2)["playbook"] == before
    assert any(line.startswith("playbook ") and "followed, as its policy says" in line for line in opened.journal())
    assert any("playbook_policy follow: new customer" in line for line in opened.journal())
    assert [one.policy for one in opened.order(planned, on="2026-03-03T11:00").moving] == [PlaybookPolicy.PIN]


@pytest.mark.slow
def test_a_tier_follows_and_one_of_its_accounts_is_pinned(opened, playbooks):
    before = opened.status()["playbook"]
    opened.order(set_policy, [DEAL], PlaybookPolicy.PIN, on="2026-03-02T12:00")
    opened.run("2026-03-03T10:00", PLAYBOOKS=str(with_tier_policy(playbooks(sooner), PlaybookPolicy.FOLLOW)))
    assert opened.status()["playbook"] == before
    assert opened.status(2)["playbook"] != before
    opened.order(set_policy, [DEAL], None, on="2026-03-03T12:00")
    opened.run("2026-03-03T13:00")
    assert opened.status()["playbook"] == opened.status(2)["playbook"] != before


@pytest.mark.slow
def test_one_that_follows_from_the_next_stage_moves_once_it_is_there(opened, playbooks: Callable[..., Path]):
    before = opened.status()["playbook"]
    folder = with_tier_policy(playbooks(sooner), PlaybookPolicy.FOLLOW_NEXT_STAGE)
    opened.run("2026-03-03T10:00", PLAYBOOKS=str(folder))
    assert opened.status()["playbook"] == before
    for name in ("kickoff_held", "cadence_agreed", "plan_agreed"):
        opened.done(name, on="2026-03-04T10:00")
    for at in ("11:00", "11:10"):
        opened.run(f"2026-03-04T{at}")
    assert opened.status()["stage"] == "setup"
    assert opened.status()["playbook"] != before
    assert opened.status(2)["playbook"] == before


@pytest.mark.slow
def test_a_version_that_returns_is_the_newest_from_then_on(opened, playbooks: Callable[..., Path]):
    """The stage that it entered under the version between is not its next one."""
    first = opened.status()["playbook"]
    policy = PlaybookPolicy.FOLLOW_NEXT_STAGE
    between = str(with_tier_policy(playbooks(sooner), PlaybookPolicy.FOLLOW))
    opened.run("2026-03-03T10:00", PLAYBOOKS=between)
    second = opened.status()["playbook"]
    for name in ("kickoff_held", "cadence_agreed", "plan_agreed"):
        opened.done(name, on="2026-03-04T10:00")
    opened.run("2026-03-04T11:00")
    assert (opened.status()["stage"], second != first) == ("setup", True)
    again = str(with_tier_policy(playbooks(), policy))
    for at in ("2026-03-05T10:00", "2026-03-06T10:00"):
        opened.run(at, PLAYBOOKS=again)
        assert opened.status()["playbook"] == second
    opened.order(onboardings.skip_stage, "001-0001", on="2026-03-09T10:00", reason="they know it")
    opened.run("2026-03-09T11:00")
    assert (opened.status()["playbook"], opened.status(2)["playbook"]) == (first, second)


@pytest.mark.slow
def test_another_version_of_one_tier_is_no_newer_version_of_the_others(opened, playbooks: Callable[..., Path]):
    before = opened.status()["playbook"]
    folder = with_tier_policy(playbooks(sooner), PlaybookPolicy.FOLLOW_NEXT_STAGE)
    opened.run("2026-03-03T10:00", PLAYBOOKS=str(folder))
    opened.order(onboardings.skip_stage, "001-0001", on="2026-03-04T10:00", reason="they know it")
    high = folder / "high.yaml"
    high.write_text(f"{high.read_text('utf-8')}\n# another\n".replace("days: 112", "days: 111"), "utf-8")
    opened.shut()
    opened.run("2026-03-04T11:00")
    assert opened.status()["playbook"] != before


@pytest.mark.slow
def test_one_that_was_taken_back_would_follow_again_unless_it_is_pinned(opened, playbooks):
    before = opened.status()["playbook"]
    folder = with_tier_policy(playbooks(sooner), PlaybookPolicy.FOLLOW)
    opened.run("2026-03-03T10:00", PLAYBOOKS=str(folder))
    opened.order(rolled_back, on="2026-03-03T11:00", reason="too early")
    opened.run("2026-03-03T12:00")
    assert opened.status()["playbook"] == before
    assert any("playbook_policy pin" in line for line in opened.journal())


def test_one_whose_version_cannot_be_read_is_told_and_the_others_follow(opened, playbooks):
    with opened.context() as context, context.database.writing() as conn:
        key_values.keep_playbook(conn, "f00d", "mid", "nonsense", moment("2026-03-02T12:00"))
        conn.execute(update(OnboardingRow).where(OnboardingRow.key == "006-0002").values(playbook="f00d"))
    before = opened.status()["playbook"]
    plan = opened.order(planned, on="2026-03-02T13:00")
    assert [key for key, _ in plan.failures] == ["006-0002"]
    done = opened.run("2026-03-03T10:00", PLAYBOOKS=str(with_tier_policy(playbooks(sooner), PlaybookPolicy.FOLLOW)))
    assert opened.status()["playbook"] != before
    assert not any("followed" in line for line in opened.journal(2))
    told = next(one for one in done.deals.failures if one.where == "006-0002")
    assert "this program cannot read f00d" in told.error
    assert "adopt with the first90 that began it" in told.error


def test_one_that_follows_stays_where_a_name_means_another_message(opened, playbooks):
    def reused(text: str) -> str:
        step = text[text.index("  - name: check_in_30\n") :]
        step = step[: step.index("\n\n") + 1]
        again = step.replace("name: check_in_30", "name: month_one")
        return text.replace(step, f"{again}\n{step.replace('template: check_in_30', 'template: check_in_7')}")

    before = opened.status()["playbook"]
    opened.order(set_policy, [DEAL], PlaybookPolicy.FOLLOW, on="2026-03-02T12:00")
    opened.run("2026-03-03T10:00", PLAYBOOKS=str(playbooks(reused)))
    assert opened.status()["playbook"] == before
    plan = opened.order(planned, on="2026-03-03T11:00")
    assert {key for key, _ in plan.failures} == {DEAL, "006-0002"}
    assert "give the new one a name of its own" in plan.failures[0][1]
