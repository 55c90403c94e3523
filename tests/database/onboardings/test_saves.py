"""Saving: all of a batch or nothing of it, never over a newer version, and nothing where nothing changed."""

import json
import threading
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from database.engine import connect
from database.onboardings import cases, facts, openings, overview, saves
from database.outbox import planned
from database.tables import OnboardingRow
from onboarding.model.case import Episode, Fact, Touchpoint
from onboarding.model.review import Decision, EffectChange, Task
from onboarding.model.state import Goal
from onboarding.model.vocabulary import Channel, Concern, EffectState, FactKind, Stage, TouchpointOutcome
from tests.builders.lines import goal_lines, milestone_lines
from tests.builders.statements import watching


def everything(world, case):
    """Return a review that decides something of every kind."""
    now = world.now
    mail = world.effect(f"{case.key}:welcome:1:mail:003A", data={"n": 1}, expires_at=now + timedelta(days=3))
    episode = Episode(
        number=1,
        kind="stage_overdue",
        severity="warning",
        cause="the kickoff is not booked",
        waiting_on="customer",
        since=now,
        next_step="call",
        opened_at=now,
        level=1,
    )
    return world.reviewed(
        case,
        progress=replace(
            case.progress,
            stage=Stage.KICKOFF,
            stage_times={Stage.HANDOFF: world.signed, Stage.KICKOFF: now},
            crm_digests={case.key: (1, "d1")},
            health_history=(("2026-03-02", 80), ("2026-03-09", None)),
            unbalanced_at=now,
        ),
        decisions=(Decision(kind="stage_left", about="handoff", because="all of it is there"),),
        touchpoints=(
            Touchpoint(step="welcome", occurrence="1", outcome=TouchpointOutcome.PLANNED, at=now, because="new"),
        ),
        effects=(mail,),
        episodes=(episode,),
        goals=(Goal(metric="m", baseline=48, target=4, unit="h", due=date(2026, 4, 30), at=now),),
        tasks=(Task(role="csm", about="kickoff", text="book the kickoff"),),
    )


def save(database, world, *reviews):
    with database.writing() as conn:
        return saves.save(conn, reviews, as_of=world.now, by="ops@vendor.example")


def test_a_review_is_saved_with_all_that_follows_from_it(database, world, opened):
    (key,) = opened()
    before = world.case(database)
    assert save(database, world, everything(world, before)) == frozenset()

    after = world.case(database)
    assert after.version == before.version + 1
    assert after.progress.stage is Stage.KICKOFF
    assert after.progress.stage_times == {Stage.HANDOFF: world.signed, Stage.KICKOFF: world.now}
    assert after.progress.crm_digests == {key: (1, "d1")}
    assert after.progress.health_history == (("2026-03-02", 80), ("2026-03-09", None))
    assert after.progress.unbalanced_at == world.now
    assert after.touchpoints[0].outcome == "planned"
    assert after.episodes[0].cause == "the kickoff is not booked"
    with database.reading() as conn:
        (line,) = overview.effect_lines(conn, onboarding_key=key)
        (told,) = overview.journal_lines(conn, key)
        (status,) = overview.status_lines(conn)
        assert [row["name"] for row in milestone_lines(conn, key)] == ["kickoff_held"]
        assert [row["metric"] for row in goal_lines(conn, key)] == ["m"]
        assert cases.due_keys(conn, Concern.STAGES, world.now) == []
    assert (line["account_id"], line["deal_id"], line["state"]) == (before.account.id, key, "planned")
    assert (told["kind"], told["because"]) == ("stage_left", "all of it is there")
    assert (told["playbook"], told["by"], told["at"]) == ("abc123", "ops@vendor.example", world.now)
    assert status["account_name"] == "Ørsted & Søn 1"


def test_the_second_of_two_writers_saves_nothing_and_is_told(database, world, opened):
    opened(2)
    with database.reading() as conn:
        first, second = world.load(conn, world.key(1), world.key(2))
    stale = everything(world, first)
    save(database, world, world.reviewed(first, decisions=(Decision(kind="note", about="", because="b"),)))

    assert save(database, world, stale, everything(world, second)) == {first.key}

    with database.reading() as conn:
        assert not overview.effect_lines(conn, onboarding_key=first.key)
        assert overview.effect_lines(conn, onboarding_key=second.key)
    assert world.case(database, first.key).progress.stage is Stage.HANDOFF


def test_a_fact_that_comes_in_between_reading_and_saving_wins(database, world, opened):
    (key,) = opened()
    stale = everything(world, world.case(database))
    with database.writing() as conn:
        openings.touch(conn, [key], world.now)
    assert save(database, world, stale) == {key}


def test_the_same_outcome_again_moves_only_the_next_moments(database, world, opened):
    (key,) = opened()
    save(database, world, world.reviewed(world.case(database)))
    case = world.case(database)
    later = {concern: world.now + timedelta(days=1) for concern in Concern}
    heard: list[str] = []
    with watching(database, heard.append):
        save(database, world, world.reviewed(case, next_at=later))
    written = [sql.split()[:2] for sql in heard if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written == [["UPDATE", "onboarding"]]
    assert world.case(database) == case, "not even the version moved"
    with database.reading() as conn:
        assert cases.due_keys(conn, Concern.STAGES, world.now + timedelta(hours=2)) == []
        assert cases.due_keys(conn, Concern.STAGES, world.now + timedelta(days=1)) == [key]


def test_a_moment_that_nothing_waits_for_is_never_due(database, world, opened):
    opened()
    save(database, world, world.reviewed(world.case(database), next_at={}))
    with database.reading() as conn:
        assert cases.due_keys(conn, Concern.STAGES, world.now + timedelta(days=10_000)) == []


@pytest.mark.parametrize("boundary", range(2, 14))
def test_a_crash_before_any_statement_leaves_nothing_behind(database, world, opened, boundary):
    opened()
    case = world.case(database)
    told = 0

    class Killed(Exception):
        pass

    def kill(sql: str) -> None:
        nonlocal told
        told += 1
        if told == boundary and sql != "ROLLBACK":
            raise Killed

    try:
        with watching(database, kill):
            save(database, world, everything(world, case))
        crashed = False
    except Killed:
        crashed = True
    assert crashed == (boundary <= told)
    if crashed:
        again = connect(database.url)
        assert world.case(again) == case
        with again.reading() as conn:
            assert not overview.effect_lines(conn)
            assert not overview.journal_lines(conn)
        again.close()
    assert save(database, world, everything(world, world.case(database))) == frozenset()


def test_a_full_disk_saves_nothing_and_the_next_try_all(new_database_url, world):
    database = connect(new_database_url("sqlite"))
    keys = world.fill(database, range(1, 60))
    with database.reading() as conn:
        reviews = [everything(world, case) for case in world.load(conn, *keys)]

    def save_all(pages):
        with database.writing() as conn:
            conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            return saves.save(conn, reviews, as_of=world.now, by="ops")

    with pytest.raises(OperationalError, match="disk is full"):
        save_all(1)
    with database.reading() as conn:
        assert not overview.effect_lines(conn)
        assert not overview.journal_lines(conn)
    assert save_all(1_000_000) == frozenset()
    database.close()


def test_a_writer_waits_for_another_one(database, world, opened):
    (key,) = opened()
    holding, done = threading.Event(), []

    def other() -> None:
        with database.writing() as conn:
            openings.touch(conn, [key], world.now)
            holding.set()
            time.sleep(0.5)
            done.append("first")

    thread = threading.Thread(target=other)
    thread.start()
    assert holding.wait(10)
    with database.writing() as conn:
        openings.touch(conn, [key], world.now)
        done.append("second")
    thread.join()
    assert done == ["first", "second"]


def test_one_key_is_one_effect_whichever_review_plans_it(database, world, opened):
    (key,) = opened()
    save(database, world, everything(world, world.case(database)))
    again = everything(world, world.case(database))
    save(database, world, again)
    with database.reading() as conn:
        assert len(overview.effect_lines(conn, onboarding_key=key)) == 1


def test_two_people_with_one_address_get_one_mail_of_a_step(database, world, opened):
    (key,) = opened()
    with database.writing() as conn:
        mails = [
            world.effect(f"{key}:welcome:1:mail:{person}", recipient=address)
            for person, address in (("003A", "team@x.example"), ("003B", "Team@X.example"))
        ]
        assert planned.plan(conn, [(key, mail) for mail in mails], world.now) == 1
        other_step = world.effect(f"{key}:recap:1:mail:003B", recipient="team@x.example")
        assert planned.plan(conn, [(key, other_step)], world.now) == 1
        planned.change(conn, [EffectChange(key=mails[0].key, state=EffectState.CANCELLED, because="left")])
        assert planned.plan(conn, [(key, mails[1])], world.now) == 1, "who was cancelled is no obstacle"


def test_a_corrected_address_that_another_mail_of_the_step_has_is_given_up(database, world, opened):
    (key,) = opened()
    one = world.effect(f"{key}:welcome:1:mail:003A", recipient="wrong@x.example")
    two = world.effect(f"{key}:welcome:1:mail:003B", recipient="team@x.example")
    with database.writing() as conn:
        planned.plan(conn, [(key, one), (key, two)], world.now)
        to_other = {"state": EffectState.PLANNED, "because": "corrected", "recipient": "Team@x.example"}
        planned.change(conn, [EffectChange(key=one.key, **to_other)])
        states = {line["key"]: line["state"] for line in overview.effect_lines(conn)}
    assert states == {one.key: "cancelled", two.key: "planned"}


def test_only_unsent_effects_can_be_changed(database, world, opened):
    (key,) = opened()
    effects = [
        world.effect(f"{key}:step_{state.value}:1:slack:005CSM", state=state, channel=Channel.SLACK)
        for state in EffectState
    ]
    due_at = world.now + timedelta(days=2)
    with database.writing() as conn:
        planned.plan(conn, [(key, effect) for effect in effects], world.now)
        withhold = [
            EffectChange(key=effect.key, state=EffectState.WITHHELD, because="on hold", due_at=due_at)
            for effect in effects
        ]
        planned.change(conn, withhold)
        lines = {line["kind"]: line for line in overview.effect_lines(conn)}
    changed = {kind for kind, line in lines.items() if line["because"] == "on hold"}
    assert changed == {"step_planned", "step_withheld"}
    assert lines["step_planned"]["state"] == "withheld"
    assert lines["step_planned"]["due_at"] == due_at


def test_milestones_follow_the_review_and_vanish_with_the_playbook(database, world, opened):
    (key,) = opened()

    def saved(*stones):
        save(database, world, world.reviewed(world.case(database), milestones=stones))
        with database.reading() as conn:
            return {row["name"]: row["status"] for row in milestone_lines(conn, key)}

    assert saved(world.milestone("a"), world.milestone("b")) == {"a": "open", "b": "open"}
    assert saved(world.milestone("a", status="done"), world.milestone("b")) == {"a": "done", "b": "open"}
    assert saved(world.milestone("b")) == {"b": "open"}


def test_a_digest_looks_four_days_ahead_and_a_person_may_look_further(database, world, opened):
    (key,) = opened()
    for days, near in ((3, True), (6, False)):
        due = world.now + timedelta(days=days)
        save(database, world, world.reviewed(world.case(database), milestones=[world.milestone(due_at=due)]))
        with database.reading() as conn:
            assert (overview.with_digest_content(conn, world.now) == [key]) == near, days
            assert overview.with_digest_content(conn, world.now, timedelta(days=7)) == [key]


def test_the_most_urgent_stands_first_in_the_status(database, world, opened):
    opened(3)
    with database.reading() as conn:
        calm, stalled, gone = world.load(conn, *(world.key(n) for n in (1, 2, 3)))
    from onboarding.model.vocabulary import Status

    save(
        database,
        world,
        world.reviewed(gone, summary={"status": Status.CHURNED, "stall_severity": "critical"}),
        world.reviewed(calm, summary={"health": 80}),
        world.reviewed(stalled, summary={"stall_severity": "warning", "health": 90}),
    )
    with database.reading() as conn:
        lines = overview.status_lines(conn)
    assert [line["deal_id"] for line in lines] == [stalled.key, calm.key, gone.key]
    assert json.dumps(lines)


def test_a_batch_is_written_with_at_most_two_statements_a_table(database, world, opened):
    keys = opened(30)
    with database.reading() as conn:
        reviews = [everything(world, case) for case in world.load(conn, *keys)]
    heard: list[str] = []
    with watching(database, heard.append):
        save(database, world, *reviews)
    touched: dict[str, int] = {}
    for sql in heard:
        words = " ".join(sql.split()).replace("DELETE FROM", "DELETE").split()
        if words[0] in ("INSERT", "UPDATE", "DELETE", "SELECT"):
            at = words.index("FROM") + 1 if words[0] == "SELECT" else (2 if words[0] == "INSERT" else 1)
            touched[words[at]] = touched.get(words[at], 0) + 1
    assert max(touched.values()) <= 2, touched
    assert len(heard) <= 16, heard


def test_what_one_onboarding_learns_of_a_person_marks_the_others_of_the_account_for_review(database, opened, world):
    first, second, other = opened(3)
    with database.writing() as conn:
        account = select(OnboardingRow.account_id).where(OnboardingRow.key == first).scalar_subquery()
        conn.execute(update(OnboardingRow).where(OnboardingRow.key == second).values(account_id=account))
    keys = [first, second, other]
    for kind, marked in ((FactKind.PROFILE, {first, second}), (FactKind.BUY_IN, {first})):
        fact = Fact(
            key=kind, kind=kind, name="concerns", at=world.now, learned_at=world.now, source="cli", by="jo", value={}
        )
        with database.writing() as conn:
            before = saves.versions(conn, keys)
            facts.add(conn, first, [fact], world.now)
            after = saves.versions(conn, keys)
        assert {key for key in keys if after[key] != before[key]} == marked
