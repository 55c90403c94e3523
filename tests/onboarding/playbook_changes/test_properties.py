"""Random edits of a playbook for an onboarding at a random position: what is planned is what then happens."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.model.case import Case
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import ON_ITS_WAY, STAGES, Channel, Stage
from onboarding.playbook_changes.adoption import moved
from onboarding.playbook_changes.agenda import Item, Place, agenda, sends
from onboarding.playbook_changes.change import Change, Version, change_of
from onboarding.review_case import review
from onboarding.review_context import ALL_CONCERNS
from onboarding.simulation.apply import decided
from tests.builders.case import CASE, SIGNED
from tests.builders.changed import with_milestone, with_step, without_milestone, without_step
from tests.builders.facts import build_done
from tests.builders.playbook import build_playbook
from tests.examples import examples
from tests.onboarding.playbook_changes.test_change import DAYS, lived

BOOK = build_playbook()
TICKED = ("kickoff_held", "cadence_agreed", "plan_agreed", "security_review", "access_configured", "resources_shared")
Message = PlannedEffect | EffectLine


def edited(playbook: Playbook, data: st.DataObject, number: int) -> Playbook:
    """The playbook with one random edit; unchanged where the edit would make no valid playbook."""
    what = data.draw(st.sampled_from(["delay", "drop", "rename", "add", "window", "readers"]), label="edit")
    step = data.draw(st.sampled_from(playbook.steps), label="step")
    days = data.draw(st.integers(0, 60), label="days")
    try:
        if data.draw(st.booleans(), label="of a milestone"):
            return _milestone_edited(playbook, data, what, days, number)
        if what == "delay":
            return with_step(playbook, replace(step, due=replace(step.due, working_days=0, hours=0, days=days)))
        if what == "drop":
            return without_step(playbook, step.name)
        if what == "rename":
            return with_step(without_step(playbook, step.name), replace(step, name=f"renamed_{number}"))
        if what == "window":
            return with_step(playbook, replace(step, late=replace(step.late, send_for_hours=days * 24)))
        if what == "readers" and step.mail is not None:
            to = replace(step.mail.to, roles=tuple(reversed((*step.mail.to.roles, *step.mail.to.otherwise))))
            return with_step(playbook, replace(step, mail=replace(step.mail, to=to)))
        fresh = replace(step, name=f"added_{number}", due=replace(step.due, working_days=0, hours=0, days=days))
        mail = fresh.mail and replace(fresh.mail, template=f"added_{number}")
        return with_step(playbook, replace(fresh, mail=mail)) if fresh.calendar is None else playbook
    except ValueError:
        return playbook


def _milestone_edited(playbook: Playbook, data: st.DataObject, what: str, days: int, number: int) -> Playbook:
    stage = data.draw(st.sampled_from(STAGES), label="stage")
    plan = data.draw(st.sampled_from(playbook.stages[stage].milestones), label="milestone")
    if what == "drop":
        return without_milestone(playbook, plan.name)
    if what == "rename":
        return with_milestone(without_milestone(playbook, plan.name), replace(plan, name=f"renamed_{number}"), stage)
    if what == "add":
        return with_milestone(playbook, replace(plan, name=f"added_{number}", title="New", proof=None), Stage.SETUP)
    return with_milestone(playbook, replace(plan, due=replace(plan.due, working_days=0, hours=0, days=days)), stage)


def somewhere(data: st.DataObject) -> tuple[Case, datetime]:
    """An onboarding after some runs, some work done in between."""
    days = sorted(data.draw(st.lists(st.integers(0, 100), min_size=1, max_size=4), label="runs"))
    done = data.draw(st.lists(st.sampled_from(TICKED), unique=True), label="done")
    on = data.draw(st.integers(0, 60), label="done on day")
    case = replace(CASE, facts=build_done(*done, at=SIGNED + on * DAYS))
    now = SIGNED + days[-1] * DAYS + timedelta(hours=data.draw(st.integers(0, 30), label="hours later"))
    return lived(case, [SIGNED + day * DAYS for day in days], BOOK), now


def version(playbook: Playbook, name: str) -> Version:
    return Version(hash=name, playbook=playbook)


def will_be(change: Change, before: dict[Place, Item]) -> dict[Place, datetime | None]:
    """The dates that the plan promises: those of before with what appears, vanishes and moves."""
    known = {"step": change.renames.steps, "milestone": change.renames.milestones, "date": {}}
    found = {(kind, known[kind].get(name, name), number): item.at for (kind, name, number), item in before.items()}
    for gone in change.vanish:
        del found[gone.item.place]
    for item in change.appear:
        assert item.place not in found
        found[item.place] = item.at
    for move in change.move:
        assert found[move.item.place] == move.old
        found[move.item.place] = move.item.at
    return found


def place_of(line: Message) -> tuple[str, str, str, str]:
    return line.kind, line.occurrence, line.channel.value, line.person_id


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=examples(100))
def test_what_is_planned_is_what_adopting_does_and_what_the_next_run_then_sends(data: st.DataObject) -> None:
    new = BOOK
    for number in range(data.draw(st.integers(1, 4), label="edits")):
        new = edited(new, data, number)
    case, now = somewhere(data)
    old_version, new_version = version(BOOK, "old"), version(new, "new")
    change = change_of(case, old_version, new_version, now)

    adoption = moved(case, new_version, change, now)
    after = decided(adoption.case, adoption.review)
    told = [effect for effect in adoption.review.effects if effect.channel is not Channel.CRM]
    assert told == [], "adopting plans no message by itself"
    assert change_of(after, new_version, new_version, now).differs is False

    control, run = review(case, BOOK, now, ALL_CONCERNS), review(after, new, now, ALL_CONCERNS)
    usual, then = sends(control), {**sends(adoption), **sends(run)}
    assert {one.key for one in change.send_now} <= then.keys() - usual.keys()
    extra = {key for key in then if key not in usual} - {one.key for one in change.send_now}
    assert all(then[key][0].kind in change.renames.steps.values() for key in extra), "planned, and not told"

    promised = will_be(change, dict(agenda(control, now)))
    found = {place: item.at for place, item in agenda(run, now).items()}
    settled = {(m.name) for m in run.review.milestones if m.status != "open"}
    assert promised.keys() == found.keys()
    assert {p: at for p, at in promised.items() if p[1] not in settled} == {
        p: at for p, at in found.items() if p[1] not in settled
    }

    gone_out = [place_of(line) for line in after.effects if line.state in ON_ITS_WAY]
    assert not {place_of(effect) for effect in run.review.effects} & set(gone_out), "sent once, under any name"
    assert len(gone_out) == len([line for line in case.effects if line.state in ON_ITS_WAY])
