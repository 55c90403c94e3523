"""Adopting a version of the playbook, following it, and taking it back: one customer, everything real."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from database.outbox import planned as effects
from database.tables import EffectRow, EscalationRow
from onboarding.facts.tiers import PlaybookPolicy
from onboarding.model.effect import PlannedEffect
from onboarding.model.vocabulary import STAGES, Channel
from onboarding.own_tasks.plan import task_name
from onboarding.own_tasks.request import TaskRequest
from onboarding.playbook_changes.plan import Plan
from onboarding.playbook_changes.renames import OVERDUE
from tasks.commands import deliveries, onboardings
from tasks.commands.facts import record_meeting
from tasks.commands.own_tasks import record_task
from tasks.playbooks.adopting import Adopted, adopt, plan_adoption, set_policy
from tasks.playbooks.rolling_back import RolledBack, roll_back
from tasks.runtime.refusals import Refused
from tests.tasks.conftest import LivedOnce, Office, moment
from tests.tasks.delivery.test_calls import calls
from tests.tasks.playbooks.conftest import called, differing, rows, sooner, with_another, with_milestone, without

SATURDAY = "2026-03-07T10:00"
DEAL = "006-0001"
OWN = task_name("Answer it")


def planned(context: Any, order: Any, wanted: str | None = None, keys: Sequence[str] | None = None) -> Plan:
    return plan_adoption(context, order, keys, None, wanted)


def adopted(context: Any, order: Any, wanted: str | None = None, keys: Sequence[str] | None = None) -> Adopted:
    plan = planned(context, order, wanted, keys)
    return adopt(context, order, plan, exact=wanted is not None)


def rolled_back(context: Any, order: Any, keys: Sequence[str] | None = None) -> RolledBack:
    return roll_back(context, order, keys)


@pytest.fixture
def weekend(lived_once: LivedOnce) -> Office:
    return lived_once("weekend", sign_on_friday)


def sign_on_friday(office: Office) -> None:
    """One customer, signed on Friday and first seen on Saturday: its mails are planned for Monday."""
    office.customer(signed="2026-03-06")
    office.run(SATURDAY)
    assert office.mails == []
    assert set(office.states("kickoff_invitation")) == {"planned"}


@pytest.mark.slow
def test_a_change_is_adopted_as_planned_once_and_taken_back_whole(weekend, playbooks):
    version, before = weekend.status()["playbook"], rows(weekend)
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(sooner, with_milestone, without("kickoff_invitation"))))
    plan = weekend.order(planned, on=SATURDAY)
    assert rows(weekend) == before
    (change,) = plan.moving
    assert [(item.name, item.at.day) for item in change.appear] == [("data_cleaned", 26)]
    assert [gone.item.name for gone in change.vanish] == ["kickoff_invitation"]
    assert [(move.item.name, move.old.day, move.item.at.day) for move in change.move] == [("check_in_30", 6, 20)]

    done = weekend.order(adopted, plan.id, on=SATURDAY)
    assert [one.digest for one in done.done] == [change.digest]
    assert weekend.milestones()["data_cleaned"]["due_at"].day == 26
    assert set(weekend.states("kickoff_invitation")) == {"cancelled"}
    assert weekend.status()["playbook"] == change.new
    assert any("adopted by hand, from" in line for line in weekend.journal())
    after = rows(weekend)
    again = weekend.order(adopted, on=SATURDAY)
    assert (again.done, again.already, rows(weekend)) == ((), 1, after)

    back = weekend.order(rolled_back, on=SATURDAY, reason="too early")
    assert (back.done, back.failures) == (((DEAL, version),), ())
    assert rows(weekend) == before
    assert weekend.order(rolled_back, on=SATURDAY, reason="too early").done == ()
    weekend.run("2026-03-09T10:00")
    assert sorted(weekend.sent_kinds) == ["kickoff_invitation", "welcome"]


@pytest.mark.slow
@pytest.mark.postgres
def test_on_the_other_database_it_is_adopted_and_taken_back_as_whole(office, playbooks, new_database_url):
    office.setenv("FIRST90_DATABASE_URL", new_database_url("postgres"))
    office.customer(signed="2026-03-06")
    office.run(SATURDAY)
    office.order(set_policy, [DEAL], PlaybookPolicy.PIN, on=SATURDAY)
    before = rows(office)
    edits = (sooner, with_milestone, without("kickoff_invitation"), called("welcome", "hello"))
    office.setenv("FIRST90_PLAYBOOKS", str(playbooks(*edits)))
    done = office.order(adopted, office.order(planned, on=SATURDAY).id, on=SATURDAY)
    assert (len(done.done), done.failures) == (1, ())
    assert set(office.states("kickoff_invitation")) == {"cancelled"}
    assert set(office.states("hello")) == {"planned"}
    assert [key for key, _ in office.order(rolled_back, on=SATURDAY, reason="no").done] == [DEAL]
    assert differing(rows(office), before) == {}


@pytest.mark.slow
def test_what_was_sent_since_stays_sent_and_what_the_old_version_owes_comes_at_its_own_time(weekend, playbooks):
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(sooner, with_milestone, without("kickoff_invitation"))))
    weekend.order(adopted, on=SATURDAY)
    for day in ("2026-03-09", "2026-03-13", "2026-03-20"):
        weekend.run(f"{day}T10:00")
    assert sorted(weekend.sent_kinds) == ["check_in_30", "check_in_7", "welcome"]
    weekend.done("materials_prepared", on="2026-03-20T11:00")
    weekend.order(rolled_back, on="2026-03-20T12:00", reason="too early")
    assert "data_cleaned" not in weekend.milestones()
    assert weekend.milestones()["materials_prepared"]["status"] == "done"
    for day in ("2026-03-20T13:00", "2026-03-23T10:00", "2026-04-06T10:00", "2026-04-07T10:00"):
        weekend.run(day)
    # Two weeks late, the invitation is beyond its five days; check-in 30 was sent on day 14.
    assert sorted(weekend.sent_kinds).count("check_in_30") == 1
    assert "kickoff_invitation" not in weekend.sent_kinds


@pytest.mark.slow
def test_what_the_new_version_gave_up_as_too_late_comes_at_its_time_under_the_old_one(weekend, playbooks):
    def long_ago(text: str) -> str:
        return text.replace("{from: check_ins, days: 7, source: TH-2}", "{from: check_ins, days: -60, source: TH-2}")

    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(long_ago)))
    assert [gone.item.name for gone in weekend.order(planned, on=SATURDAY).moving[0].skipped] == ["check_in_7"]
    weekend.order(adopted, on=SATURDAY)
    weekend.run("2026-03-09T10:00")
    assert weekend.states("check_in_7") == []
    weekend.order(rolled_back, on="2026-03-09T11:00", reason="a slip of the pen")
    weekend.run("2026-03-13T10:00")
    assert weekend.states("check_in_7") == ["sent"]


@pytest.mark.slow
def test_a_step_that_is_called_something_else_has_sent_what_it_sent(weekend, playbooks):
    weekend.run("2026-03-09T10:00")
    before = rows(weekend)
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(called("kickoff_invitation", "ask_for_a_date"))))
    weekend.order(adopted, on="2026-03-09T11:00")
    weekend.run("2026-03-09T12:00")
    assert sorted(weekend.sent_kinds) == ["kickoff_invitation", "welcome"]
    assert set(weekend.states("ask_for_a_date")) == {"sent"}
    weekend.order(rolled_back, on="2026-03-09T12:00", reason="no")
    now = rows(weekend)
    assert [row for row in now["effect"] if "crm" not in row] == [row for row in before["effect"] if "crm" not in row]
    assert now["touchpoint"] == before["touchpoint"]


def check_in_renamed(text: str) -> str:
    """The check-in of day 7 has another name, also where its call is recorded, and so has the invitation to it."""
    text = called("check_in_7", "first_check_in")(called("check_in_7_call", "first_call")(text))
    return text.replace("meeting: check_in_7,", "meeting: first_check_in,")


@pytest.mark.slow
def test_the_call_of_a_renamed_check_in_is_the_same_entry_and_stays_off_once_it_is(weekend, playbooks):
    at = {day: datetime(2026, 3, day, 14, tzinfo=UTC) for day in (16, 17)}
    weekend.run("2026-03-09T10:00")
    weekend.report(record_meeting, "check_in_7", at[16], on="2026-03-09T11:00")
    weekend.run("2026-03-09T11:10")
    with weekend.context() as context, context.database.writing() as conn:
        own = PlannedEffect(
            key=f"{DEAL}:own_call:check_in_7.0-20260316T140000Z:mail:u",
            kind="own_call",
            occurrence="check_in_7.0-20260316T140000Z",
            channel=Channel.MAIL,
            person_id="u",
            recipient="u@vendor.example",
            role="csm",
            due_at=moment("2027-03-09T11:00"),
            because="test",
        )
        effects.plan(conn, [(DEAL, own)], moment("2026-03-09T11:00"))
    before = rows(weekend)
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(check_in_renamed)))
    weekend.order(adopted, on="2026-03-09T12:00")
    assert [one["occurrence"] for one in weekend.effects(kind="own_call")] == ["first_check_in.0-20260316T140000Z"]
    weekend.report(record_meeting, "first_check_in", at[17], on="2026-03-09T13:00")
    weekend.run("2026-03-09T13:10")
    assert calls(weekend) == [("REQUEST", 0, "03-16T14:00"), ("REQUEST", 1, "03-17T14:00")], "of one UID"
    weekend.order(rolled_back, on="2026-03-09T14:00", reason="no")
    named = {row[1]: row[3] for row in rows(weekend)["fact"]}
    assert all(named[row[1]] == row[3] for row in before["fact"])
    weekend.done("check_in_7", on="2026-03-09T15:00", undo=True)
    weekend.run("2026-03-09T15:10")
    weekend.order(adopted, on="2026-03-09T16:00")
    weekend.run("2026-03-09T16:10")
    assert calls(weekend)[2:] == [("CANCEL", 2, "03-17T14:00")]


@pytest.mark.slow
def test_a_name_under_which_a_message_left_is_not_given_to_another_one_two_versions_later(weekend, playbooks):
    """The message keeps the key of its first name, so that the new one would never leave."""
    weekend.run("2026-03-09T10:00")
    renamed = called("kickoff_invitation", "ask_for_a_date")
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(renamed)))
    weekend.order(adopted, on="2026-03-09T11:00")
    before = rows(weekend)
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(renamed, with_another("kickoff_invitation"))))
    (failure,) = weekend.order(adopted, on="2026-03-09T12:00").failures
    assert "called ask_for_a_date now; give the new step a name that no version had" in failure.error
    assert rows(weekend) == before
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(renamed, with_another("another_one"))))
    assert [one.key for one in weekend.order(adopted, on="2026-03-09T13:00").done] == [DEAL]


@pytest.mark.slow
def test_the_crm_row_of_a_milestone_that_is_gone_is_closed_and_opened_again_with_it(weekend, playbooks):
    def without_milestone(text: str) -> str:
        return re.sub(r"      - name: materials_prepared\n.*?source: ST-17\n", "", text, count=1, flags=re.DOTALL)

    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(without_milestone)))
    weekend.order(adopted, on=SATURDAY)
    assert weekend.run("2026-03-09T10:00").deals.set_aside == ()
    row = weekend.milestone_row("materials_prepared")
    assert (row["Status__c"], row["Reason__c"]) == ("Not applicable", "no longer in the playbook")
    assert weekend.run("2026-03-09T10:10").deals.set_aside == ()
    assert "materials_prepared" not in weekend.milestones()
    weekend.order(rolled_back, on="2026-03-09T11:00", reason="no")
    weekend.run("2026-03-09T12:00")
    assert weekend.milestone_row("materials_prepared")["Status__c"] == "Open"
    assert weekend.milestones()["materials_prepared"]["status"] == "open"


@pytest.mark.slow
def test_the_crm_row_of_a_milestone_with_another_name_is_closed_and_so_is_the_new_one_when_it_is_taken_back(
    weekend, playbooks
):
    def elsewhere(text: str) -> str:
        return text.replace("materials_prepared", "materials_ready")

    def states() -> tuple[str, str]:
        found = weekend.crm("Onboarding_Milestone__c")
        return tuple(found[f"{DEAL}:{name}"]["Status__c"] for name in ("materials_prepared", "materials_ready"))

    own = TaskRequest(title="Answer it", side="customer", owner="champion", due_on="2026-03-20")
    weekend.report(record_task, own, on=SATURDAY)
    weekend.run("2026-03-09T09:00")
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(elsewhere, with_milestone)))
    weekend.order(adopted, on="2026-03-09T10:00")
    weekend.run("2026-03-09T10:00")
    assert states() == ("Not applicable", "Open")
    assert weekend.milestone_row("data_cleaned")["Status__c"] == "Open"
    weekend.order(rolled_back, on="2026-03-09T11:00", reason="no")
    assert weekend.run("2026-03-09T11:00").deals.set_aside == ()
    assert states() == ("Open", "Not applicable")
    assert weekend.milestone_row(OWN)["Status__c"] == "Open", "no version has it, and none takes it away"
    assert weekend.milestone_row("data_cleaned")["Reason__c"] == "no longer in the playbook"
    assert weekend.run("2026-03-09T11:10").deals.set_aside == ()
    assert "data_cleaned" not in weekend.milestones()


@pytest.mark.slow
def test_a_stall_about_a_milestone_with_another_name_is_the_same_one_and_told_once(weekend, playbooks):
    """Who was told of it is not told that it is over and that another began."""

    def causes() -> list[tuple[str, Any]]:
        with weekend.context() as context, context.database.reading() as conn:
            found = conn.execute(select(EscalationRow.causes)).scalars()
            return [(one["about"], one["gone_at"]) for told in found for one in told if one["kind"] == OVERDUE]

    for day in ("2026-03-16", "2026-03-23", "2026-03-24"):
        weekend.run(f"{day}T10:00")
    ((name, gone_at),) = [one for one in causes() if one[1] is None]
    before, posts = causes(), len(weekend.posts)
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(lambda text: re.sub(rf"\b{name}\b", "called_so_now", text))))
    assert len(weekend.order(adopted, on="2026-03-24T10:00").done) == 1
    weekend.run("2026-03-24T10:00")
    assert causes() == [("called_so_now" if one == name else one, at) for one, at in before]
    assert len(weekend.posts) == posts
    weekend.order(rolled_back, on="2026-03-24T10:00", reason="no")
    assert (causes(), gone_at) == (before, None)


@pytest.mark.slow
def test_by_default_a_new_version_is_taken_only_when_asked_for(weekend, playbooks):
    before = weekend.status()["playbook"]
    weekend.run("2026-03-09T10:00", PLAYBOOKS=str(playbooks(sooner)))
    assert weekend.status()["playbook"] == before
    weekend.order(adopted, on="2026-03-09T11:00")
    assert weekend.status()["playbook"] != before


def test_a_plan_that_no_longer_holds_is_refused_and_changes_nothing(weekend, playbooks):
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(sooner)))
    plan = weekend.order(planned, on=SATURDAY)
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(sooner, with_milestone)))
    before = rows(weekend)
    with pytest.raises(Refused, match="the playbooks are not those"):
        weekend.order(adopted, plan.id, on=SATURDAY)
    assert rows(weekend) == before


def test_what_changes_between_plan_and_transaction_is_planned_anew_and_refused_where_the_plan_was_named(
    weekend, playbooks
):
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(sooner, without("kickoff_invitation"))))
    plan = weekend.order(planned, on=SATURDAY)
    weekend.done("kickoff_booked", on=SATURDAY)  # so the invitation is cancelled whatever the version

    def carried_out(context: Any, order: Any, *, exact: bool) -> Adopted:
        return adopt(context, order, plan, exact=exact)

    refused = weekend.order(carried_out, exact=True, on=SATURDAY)
    assert "something else would follow" in refused.failures[0].error
    done = weekend.order(carried_out, exact=False, on=SATURDAY)
    assert [gone.item.name for one in done.done for gone in one.vanish] == []


@pytest.mark.slow
def test_what_a_person_cancelled_or_closed_is_not_taken_back(weekend, playbooks):
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(sooner)))
    weekend.order(adopted, on=SATURDAY)
    (welcome,) = (line["key"] for line in weekend.effects(kind="welcome"))
    weekend.order(deliveries.cancel_effects, [welcome], on=SATURDAY, reason="called them")
    weekend.order(rolled_back, on=SATURDAY, reason="no")
    assert weekend.states("welcome") == ["cancelled"]
    weekend.order(adopted, on=SATURDAY)
    weekend.order(onboardings.close, "001-0001", "cancelled", on=SATURDAY, reason="gone")
    (failure,) = weekend.order(rolled_back, [DEAL], on=SATURDAY, reason="no").failures
    assert "only one in flight" in failure.error
    assert weekend.order(rolled_back, on=SATURDAY, reason="no") == RolledBack()


@pytest.mark.slow
def test_all_takes_back_the_newest_adoption_alone_and_then_the_one_before(weekend, playbooks):
    weekend.customer(2, signed="2026-03-06")
    weekend.run(SATURDAY)
    first, second = str(playbooks(sooner)), str(playbooks(sooner, with_milestone))
    before, another = weekend.status()["playbook"], "006-0002"
    weekend.setenv("FIRST90_PLAYBOOKS", first)
    weekend.order(adopted, on="2026-03-07T11:00")
    middle = weekend.status()["playbook"]
    weekend.setenv("FIRST90_PLAYBOOKS", second)
    weekend.order(adopted, None, [another], on="2026-03-07T12:00")
    assert weekend.order(rolled_back, on="2026-03-07T13:00", reason="no").done == ((another, middle),)
    assert weekend.order(rolled_back, on="2026-03-07T13:00", reason="no").done == ((DEAL, before), (another, before))


@pytest.mark.slow
def test_one_that_was_completed_since_stays_so_and_the_others_of_its_adoption_go_back(weekend, playbooks):
    weekend.customer(2, signed="2026-03-06")
    weekend.run(SATURDAY)
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(sooner)))
    weekend.order(adopted, on=SATURDAY)
    for _ in STAGES[1:]:
        weekend.order(onboardings.skip_stage, "001-0001", on="2026-03-07T11:00", reason="they know it all")
    completed = weekend.status()
    assert completed["status"] == "completed"
    back = weekend.order(rolled_back, on="2026-03-07T12:00", reason="no")
    assert ([key for key, _ in back.done], back.failures) == (["006-0002"], ())
    assert back.closed == ((DEAL, "completed"),)
    assert weekend.status() == completed
    (failure,) = weekend.order(rolled_back, [DEAL], on="2026-03-07T12:00", reason="no").failures
    assert "it is completed" in failure.error
    assert weekend.order(rolled_back, on="2026-03-07T12:00", reason="no") == RolledBack()


@pytest.mark.slow
def test_one_that_the_adoption_itself_completed_is_in_flight_again(weekend, playbooks):
    """Whoever takes the version back means this, too."""

    def last_stage_is_over(text: str) -> str:
        return re.sub(r"(  first_value:\n(?:.*\n)*?    exit: )\[.*?\]", r"\1[kickoff_booked]", text, count=1)

    for _ in STAGES[1:-1]:
        weekend.order(onboardings.skip_stage, "001-0001", on=SATURDAY, reason="they know it all")
    weekend.done("kickoff_booked", on=SATURDAY)
    assert weekend.status()["stage"] == "first_value"
    weekend.run(SATURDAY)
    before = rows(weekend)
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(last_stage_is_over)))
    weekend.order(adopted, on=SATURDAY)
    assert weekend.status()["status"] == "completed"
    assert [key for key, _ in weekend.order(rolled_back, on=SATURDAY, reason="no").done] == [DEAL]
    assert (weekend.status()["status"], weekend.status()["stage"]) == ("active", "first_value")
    assert rows(weekend)["touchpoint"] == before["touchpoint"]


def test_one_that_is_not_in_flight_is_refused(weekend, playbooks):
    weekend.order(onboardings.close, "001-0001", "cancelled", on=SATURDAY, reason="gone")
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(sooner)))
    with pytest.raises(Refused, match="not in flight"):
        weekend.order(adopted, None, [DEAL], on=SATURDAY)


def test_a_task_of_the_account_stays_as_it_was_when_a_version_is_adopted_and_taken_back(weekend, playbooks):
    asked = TaskRequest(title="Answer it", side="customer", owner="champion", due_on="2026-03-20", needed=True)
    weekend.report(record_task, asked, on=SATURDAY)
    weekend.run("2026-03-07T11:00")
    before = weekend.milestones()[OWN]
    weekend.setenv("FIRST90_PLAYBOOKS", str(playbooks(sooner, with_milestone)))
    on = "2026-03-07T13:00"
    plan = weekend.order(lambda context, order: plan_adoption(context, order, None, None, None), on=on)
    (change,) = plan.moving
    assert OWN in [one.name for one in change.kept]
    weekend.order(lambda context, order: adopt(context, order, plan, exact=False), on=on)
    assert {"data_cleaned", OWN} <= set(weekend.milestones())
    assert weekend.milestones()[OWN] == before
    weekend.order(lambda context, order: roll_back(context, order, None), on="2026-03-07T14:00", reason="too early")
    assert "data_cleaned" not in weekend.milestones()
    assert weekend.milestones()[OWN] == before
    weekend.run("2026-03-07T15:00")
    assert weekend.milestone_row(OWN)["Status__c"] == "Open"


@pytest.mark.slow
def test_what_conditions_gave_before_is_there_again_after_an_adoption_is_taken_back(office, playbooks):
    def only_in(country):
        owner = "        owner: champion\n        due: {from: signature, days: 20, source: ours}\n"
        return lambda text: text.replace(owner, f"        when: {{region: [{country}]}}\n{owner}")

    office.setenv("FIRST90_PLAYBOOKS", str(playbooks(with_milestone, only_in("DE"))))
    account = office.customer(signed="2026-03-06")
    office.change(account, BillingCountryCode="DE")
    office.run(SATURDAY)
    assert office.milestones()["data_cleaned"]["status"] == "open"
    office.change(account, BillingCountryCode="FR")
    office.run("2026-03-07T11:00")
    assert office.milestones()["data_cleaned"]["status"] == "not_applicable"
    before = rows(office)
    office.setenv("FIRST90_PLAYBOOKS", str(playbooks(with_milestone, only_in("PL"))))
    office.order(adopted, on="2026-03-07T11:00")
    assert office.milestones()["data_cleaned"]["status"] == "not_applicable"
    assert [key for key, _ in office.order(rolled_back, on="2026-03-07T11:00", reason="no").done] == [DEAL]
    assert differing(rows(office), before) == {}


@pytest.mark.slow
def test_a_catch_up_that_comes_with_the_version_is_sent_to_whom_nothing_has_reached(office: Office, playbooks) -> None:
    office.customer()
    office.setenv("FIRST90_PLAYBOOKS", str(playbooks(without("catch_up"))))
    office.run("2026-03-02T10:00")
    for number in (2, 3):
        office.contact(number, account=1, role=None)
        office.role(number, "Technical Admin")
    office.run("2026-03-03T10:00")
    with office.context() as context, context.database.writing() as conn:
        (line,) = conn.execute(select(EffectRow).where(EffectRow.kind == "welcome")).all()
        reached = line._asdict() | {"key": f"{DEAL}:kit:1:mail:003-0003", "kind": "kit", "person_id": "003-0003"}
        conn.execute(insert(EffectRow).values(reached | {"sent_at": moment("2026-03-04T10:00")}))
    before = rows(office)["touchpoint"]
    office.setenv("FIRST90_PLAYBOOKS", str(playbooks(sooner)))
    done = office.order(adopted, on="2026-03-05T10:00")
    assert [gone.item.occurrence for gone in done.done[0].skipped] == ["003-0003"]
    assert any("before this mail was in the playbook" in line for line in office.journal())
    assert office.order(rolled_back, on="2026-03-05T10:00", reason="too early").failures == ()
    assert rows(office)["touchpoint"] == before
    office.order(adopted, on="2026-03-05T10:10")
    office.run("2026-03-05T11:00")
    assert [(line["recipient"], line["state"]) for line in office.effects(kind="catch_up", channel="mail")] == [
        ("person2@customer1.example", "sent")
    ]
