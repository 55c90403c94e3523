"""Two hundred accounts at random positions, a delay shorter, a milestone more, a step fewer: what is planned is what
adopting does and what the next run then sends; taken back, everything is as before but for the journal and what was
sent; killed at any moment, each is on one version or on the other."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from database.onboardings import facts
from onboarding.model.case import Fact
from onboarding.model.vocabulary import Channel, FactKind
from onboarding.playbook_changes.plan import Plan
from onboarding.touchpoints.pending import STALL
from tasks.runtime.scope import Scope
from tests.reliability.killing import Boundaries, Boundary, Killed, forked
from tests.tasks.conftest import MONDAY, Office, furnish, ident, moment
from tests.tasks.playbooks.conftest import Rows, differing, rows, sooner, with_milestone, without
from tests.tasks.playbooks.test_adopting import adopted, planned, rolled_back

pytestmark = pytest.mark.slow
MANY = 200
EARLIER, NOW, NEXT = MONDAY - timedelta(days=14), MONDAY, MONDAY + timedelta(days=1)
TICKED = ("kickoff_held", "cadence_agreed", "plan_agreed", "requirements_documented", "security_review")
TICKED += ("integrations_connected", "access_configured", "validation_passed", "resources_shared", "activation")
Furnish = Callable[[str, int], Office]


@pytest.fixture
def furnished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> Iterator[Furnish]:
    """Makes a vendor with so many customers at random positions, after two runs."""
    made: list[Office] = []

    def make(name: str, many: int) -> Office:
        chance = Random(13)
        office = furnish(Office(tmp_path / name / "crm", tmp_path / name / "home", monkeypatch.setenv), sqlite_template)
        made.append(office)
        office.setenv("FIRST90_FRESH_DAYS", "400")
        ages = {number: chance.randrange(-13, 60) for number in range(1, many + 1)}
        for number, age in ages.items():
            office.customer(number, signed=f"{EARLIER - timedelta(days=age):%Y-%m-%d}")
        office.run(EARLIER)
        with office.context() as context, context.database.writing() as conn:
            for number in (number for number, age in ages.items() if age > 0):
                key = ident("006", number)
                done = chance.randrange(len(TICKED) + 1)
                told = [_ticked(name, EARLIER - timedelta(days=chance.randrange(9))) for name in TICKED[:done]]
                facts.add(conn, key, told, EARLIER)
        office.run(NOW)
        return office

    (tmp_path / "many").mkdir()
    (tmp_path / "few").mkdir()
    yield make
    for one in made:
        one.shut()


def _ticked(name: str, at: datetime) -> Fact:
    return Fact(key=name, kind=FactKind.MILESTONE, name=name, at=at, learned_at=EARLIER, source="person", by="jo")


def edition(playbooks: Callable[..., Path]) -> str:
    return str(playbooks(sooner, with_milestone, without("status_update")))


def copied(office: Office, name: str = "kept") -> Path:
    """Keep the home beside it, to go back to it."""
    office.shut()
    kept = office.home.with_name(name)
    shutil.copytree(office.home, kept)
    return kept


def put_back(office: Office, kept: Path) -> None:
    office.shut()
    shutil.rmtree(office.home)
    shutil.copytree(kept, office.home)


def messages(office: Office) -> Mapping[str, str]:
    """The state of every mail and post by key."""
    return {line["key"]: line["state"] for line in office.effects() if line["channel"] != Channel.CRM}


def owed(found: Rows) -> list[tuple[Any, ...]]:
    """What was settled and what is planned of the steps, without what was sent."""
    return [row for row in found["touchpoint"] if row[1] != "check_in_30"]


@pytest.mark.long
def test_the_plan_is_what_adopting_does_and_what_the_next_run_sends(furnished: Furnish, playbooks, proof) -> None:
    office = furnished("many", MANY)
    kept, before = copied(office, "kept"), rows(office)
    office.run(NEXT)
    control = messages(office)
    everyone = Scope(accounts=frozenset(ident("001", number) for number in range(1, MANY + 1)))
    for _ in range(2):  # nothing is left that the passing of time alone would change
        office.run(NEXT, everyone)
    usually, lived = rows(office), copied(office, "lived")
    put_back(office, kept)

    office.setenv("FIRST90_PLAYBOOKS", edition(playbooks))
    plan: Plan = office.order(planned, on=NEXT)
    assert rows(office) == before
    assert len(plan.moving) == len(plan.changes) > MANY * 3 / 4
    done = office.order(adopted, plan.id, on=NEXT)
    assert (len(done.done), done.failures) == (len(plan.moving), ())
    for change in plan.moving[::10]:
        found = office.milestones(int(change.key[-4:]))
        assert "data_cleaned" in found
        for item in change.appear:
            assert item.kind != "milestone" or found[item.name]["due_at"] == item.at
    after = rows(office)
    assert office.order(adopted, on=NEXT).done == ()
    assert rows(office) == after

    told = messages(office)
    assert not {line["key"] for line in office.effects(kind="status_update", state="planned")}
    office.run(NEXT)
    then = messages(office)
    at_once = {one.key for change in plan.moving for one in change.send_now if one.name != STALL}
    assert {key for key in then if key not in told and key not in control and f":{STALL}:" not in key} == at_once
    assert all(then[key] == told[key] for key in told if told[key] == "sent")
    assert 0 < len(at_once) < MANY / 2, "what is late is not sent"
    late = sum(len(change.skipped) for change in plan.moving)
    assert late > 0
    proof(f"PLAN {len(plan.moving)} moved, {len(at_once)} sent at once, {late} too late, plan {plan.id}")

    put_back(office, lived)
    moved = office.order(adopted, on=NEXT).done
    assert rows(office)["milestone"] != usually["milestone"]
    taken = office.order(rolled_back, on=NEXT, reason="too early")
    assert (len(taken.done), taken.failures) == (len(moved), ())
    assert differing(rows(office), usually) == {}


def test_taken_back_after_runs_nothing_is_sent_twice_and_the_rest_is_owed_as_before(
    furnished: Furnish, playbooks
) -> None:
    office = furnished("many", MANY // 5)
    later = [NOW + timedelta(days=day) for day in (2, 3, 4)]
    kept = copied(office)
    for at in later:
        office.run(at)
    control = rows(office)
    put_back(office, kept)

    office.setenv("FIRST90_PLAYBOOKS", edition(playbooks))
    office.order(adopted, on=NEXT)
    office.run(later[0])
    sent = {key for key, state in messages(office).items() if state == "sent"}
    office.order(rolled_back, on=later[0], reason="too early")
    for at in later:
        office.run(at)
    keys = [str(mail["X-First90-Effect"]) for mail in office.mails]
    assert len(keys) == len(set(keys))
    assert {key for key, state in messages(office).items() if state == "sent"} >= sent
    assert rows(office)["milestone"] == control["milestone"]
    places = [{(row[0], row[1], row[2], row[3]) for row in owed(found)} for found in (rows(office), control)]
    assert places[0] == places[1]


def test_killed_at_any_moment_each_is_on_one_version_or_on_the_other(furnished: Furnish, playbooks) -> None:
    office = furnished("few", 2)
    before = rows(office)
    office.setenv("FIRST90_PLAYBOOKS", edition(playbooks))
    kept = copied(office)

    def work(kill_at: int) -> list[Boundary]:
        with office.context() as context:
            boundaries = Boundaries(kill_at)
            boundaries.watch(context.database.engine, office.home)
            office.order(adopted, on=NEXT)
            return boundaries.passed

    passed = forked(lambda: work(0))
    whole = rows(office)
    seen: set[str] = set()
    for point in [one for one in passed if "COMMIT" in one.name or "INSERT" in one.name or "UPDATE" in one.name]:
        put_back(office, kept)
        with pytest.raises(Killed):
            forked(lambda number=point.number: work(number))
        found = rows(office)
        for table in ("onboarding", "effect", "touchpoint", "milestone", "fact"):
            for key in (ident("006", 1), ident("006", 2)):
                mine = [[row for row in one[table] if key in row] for one in (found, before, whole)]
                assert mine[0] in mine[1:], f"killed {point}: {table} of {key} is neither"
                if table == "onboarding":
                    seen.add("before" if mine[0] == mine[1] else "after")
        office.order(adopted, on=moment(NEXT))
        assert rows(office) == whole, f"killed {point}: not finished by the next try"
    assert seen == {"before", "after"}
