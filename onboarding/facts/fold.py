"""Fold the facts of an onboarding into one ``OnboardingState``, independent of the order in which they came in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from onboarding import stages
from onboarding.conditions.added import with_time
from onboarding.conditions.fitting import appeared_at, calls_left_out
from onboarding.dates import anchors
from onboarding.dates.working_time import zone_of
from onboarding.facts import feedback, goal_values, goals, learnings, milestones, promises, tiers
from onboarding.facts.due_days import redated
from onboarding.facts.meetings import read_meetings
from onboarding.facts.milestones import Proof
from onboarding.model.case import Case, Fact
from onboarding.model.playbook import Playbook
from onboarding.model.reports import as_learned, known
from onboarding.model.state import Milestone, OnboardingState
from onboarding.model.vocabulary import STAGES, CustomerRole, FactKind, HandoffItem, TouchpointOutcome
from onboarding.model.written.proof import BY_GOALS
from onboarding.own_tasks.plan import playbook_of
from onboarding.people import absences, leading, owners, stakeholders
from onboarding.people.leading import BY_RECORDS
from onboarding.profiles.buy_in import read_positions
from onboarding.profiles.profile import read_profiles
from onboarding.stages import first_value, handoff, kickoff
from onboarding.values import replace


def fold_facts(case: Case, playbook: Playbook, now: datetime) -> OnboardingState:
    """Return the state of ``case`` at ``now`` (UTC) under this playbook."""
    return fold_and_advance(case, playbook, now).state


class Folded(NamedTuple):
    """The state, the result of the stage machine for it, and the playbook of the case by which both are."""

    state: OnboardingState
    moved: stages.Advance
    playbook: Playbook


def fold_and_advance(case: Case, playbook: Playbook, now: datetime) -> Folded:
    """Return the state at ``now`` (UTC), by the playbook as it is for the case.

    Pure, and the same for any order and repetition of the facts, so it is safe to repeat. Where reports replace
    each other, the one that happened last holds; a correction (undone, or declared not applicable) applies to what
    was known when it was learned.
    """
    facts = known(case.facts, now)
    playbook = playbook_of(case, playbook, now)
    learned = as_learned(facts)
    people = stakeholders.read_map(case, facts, now)
    advocates, lessons = learnings.read_advocates(facts), learnings.read_lessons(facts)
    items, item_times = handoff.read_items(case.deals, facts)
    stated, vague = goals.collect(_metric_texts(case, facts), facts)
    our_team = owners.team(case, facts)
    chosen = tiers.current(case, facts)
    booking, not_held = kickoff.read_booking(case, learned), calls_left_out(playbook)
    shown = {
        "handoff_complete": max(item_times.values()) if len(item_times) == len(HandoffItem) else None,
        "tier_set": max(case.signed_at, case.progress.opened_at) if chosen else None,
        "goal_measurable": min((one.goal.at for one in stated), default=None),
        "advocate_recorded": min((one.at for one in advocates if one.consent), default=None),
        "lesson_recorded": min((one.at for one in lessons), default=None),
    }
    records = milestones.MilestoneInputs(
        reports=learned,
        held=_named_roles(people),
        proofs=_proofs(case, playbook, shown, booking),
        not_applicable=owners.not_applicable(our_team),
    )
    rows = milestones.fold_facts(case, playbook, records, now)
    held_at = _done_at(rows, "kickoff_held")
    confirmed = goal_values.with_worth(goals.confirm(stated, facts, held_at), case.deals)
    agreed = goal_values.with_values(confirmed, case, facts, now)
    if any(plan.proof in BY_GOALS for plan in playbook.milestones()):
        by_goals = replace(records, proofs=goal_values.proofs(agreed, case, rows.get("activation")))
        rows |= milestones.fold_facts(case, playbook, by_goals, now, proven=BY_GOALS)
    moved_days = redated(case, facts)
    transition = leading.Transition(case=case, playbook=playbook, rows=rows, facts=facts, moved=moved_days, now=now)
    change = transition.of(our_team)
    rows = leading.settled(rows, playbook.transfer, change)
    acting, covers = absences.acting(leading.with_leader(our_team, change), case.owners, now)
    target_at = anchors.target(case, playbook, now)
    kickoff_at = held_at or (booking.meeting_at if booking else None)
    go_live_at = _done_at(rows, "go_live") or planned_go_live(case)
    first_at, last_at = _activity(case, now)
    answers = feedback.read_answers(facts)
    state = OnboardingState(
        tier=chosen[0] if chosen else playbook.tier,
        tier_because=chosen[1] or "chosen at opening" if chosen else "",
        milestones=rows,
        goals=agreed,
        vague_goals=vague,
        handoff=items,
        handoff_at=item_times,
        holders=people.holders,
        left=people.left,
        unreadable=people.unreadable,
        team=acting,
        covers=covers,
        transfer=change,
        stood_in=owners.stood_in(case, facts),
        owner=owners.accountable(acting),
        target_at=target_at,
        kickoff_at=kickoff_at,
        kickoff_booked_at=_done_at(rows, "kickoff_booked") or (booking.booked_at if booking else None),
        go_live_at=go_live_at,
        activated_at=_done_at(rows, "activation"),
        check_in_anchor_at=anchors.check_in_anchor(case, playbook, kickoff_at, go_live_at, target_at, now),
        first_activity_at=first_at,
        last_activity_at=last_at,
        meetings={name: one for name, one in read_meetings(learned, booking).items() if name not in not_held},
        profiles=read_profiles(case, facts, now),
        positions=read_positions(case, facts, answers),
        promises=promises.read_promises(case, facts),
        surveys=answers,
        tickets=feedback.read_tickets(facts),
        replies=feedback.read_replies(facts),
        advocates=advocates,
        lessons=lessons,
        effort_score=feedback.effort_of(answers),
    )
    moved = stages.advance(case, state, playbook, now)
    planned = {playbook.transfer: change.at} if change is not None and change.at is not None else {}
    dues = {**_dues(case, state, playbook, moved, now), **planned, **moved_days}
    dated = {name: row._replace(due_at=dues.get(name)) for name, row in rows.items()}
    return Folded(replace(state, milestones=dated), moved, playbook)


def next_change(case: Case, playbook: Playbook, state: OnboardingState, now: datetime) -> datetime | None:
    """Return when the passing of time alone will next change the state; None if it never will.

    Candidates are facts and usage with a future date, the end of a hold, the days on which one of the vendor's people
    goes away, comes back or hands over to the CSM, the day on which a contact leaves or the customer churns, and the
    moment from which check-ins count from the target.
    """
    ahead = [fact.at for fact in case.facts]
    ahead += [at for _, _, at, _ in goal_values.crm_lines(case)]
    ahead += [at for promise in state.promises for at in promises.due_from(promise, case) or ()]
    ahead += absences.changes_of(case.owners.values())
    ahead += [state.transfer.at] if state.transfer is not None and state.transfer.at is not None else []
    ahead += [at for use in case.usage.signals for at, _, _ in use.events]
    ahead += [case.usage.ahead_at] if case.usage.ahead_at is not None else []
    ahead += [hold.until for hold in case.holds if hold.until is not None and hold.ended_at is None]
    ahead += [
        datetime.combine(person.left_on, time.min, tzinfo=zone_of(person.zone)).astimezone(UTC)
        for person in case.people
        if person.left_on is not None
    ]
    if case.account.churned_on is not None:
        zone = zone_of(case.account.zone or "UTC")
        ahead.append(datetime.combine(case.account.churned_on, time.min, tzinfo=zone).astimezone(UTC))
    if playbook.check_in_anchor == "go_live" and state.go_live_at is None:
        # The rule needs a moment after this one; one second later is certain.
        ahead.append(anchors.check_ins_from_target(playbook, state.target_at) + timedelta(seconds=1))
    return min((at for at in ahead if at > now), default=None)


def _proofs(
    case: Case, playbook: Playbook, shown: Mapping[str, datetime | None], booking: kickoff.Booking | None
) -> Mapping[str, Proof]:
    """Return the proofs from ``shown`` and from sent messages, by the names that a playbook may give as proof."""
    times = {
        **shown,
        "welcome_sent": first_value.first_sent_at(case, ("welcome",)),
        "activation_told": first_value.both_sides_told_at(case),
        "check_ins_sent": _check_ins_sent_at(case, playbook),
    }
    found = {name: Proof(at=at, by=BY_RECORDS) for name, at in times.items() if at is not None}
    if booking is not None:
        found["kickoff_booked"] = Proof(at=booking.booked_at, by=booking.by, known_at=booking.known_at)
    return found


def _check_ins_sent_at(case: Case, playbook: Playbook) -> datetime | None:
    """Return when the last of the playbook's check-ins was sent or settled otherwise; None while one is open."""
    times: list[datetime] = []
    for step in playbook.steps:
        if step.name.startswith("check_in_"):
            settled = [
                point.at
                for point in case.touchpoints
                if point.step == step.name and point.outcome != TouchpointOutcome.PLANNED
            ]
            sent_at = first_value.first_sent_at(case, (step.name,))
            settled += [sent_at] if sent_at else []
            if not settled:
                return None
            times.append(min(settled))
    return max(times, default=None)


def _named_roles(people: stakeholders.RoleHolders) -> frozenset[CustomerRole]:
    """Return the roles for which a person is named, also if the record cannot be read: their work remains."""
    return frozenset(people.holders) | {role for _, role in people.unreadable if role is not None}


def _dues(
    case: Case, state: OnboardingState, playbook: Playbook, moved: stages.Advance, now: datetime
) -> Mapping[str, datetime]:
    """Return the due date of each milestone by the playbook; those whose anchor has no date yet are missing."""
    known_dates, found = anchors.dates(case, state), {}
    for stage in STAGES:
        here = anchors.deadlines(case, known_dates, stage, moved.stage_times)
        for plan in playbook.stages[stage].milestones:
            anchor_at = here.get(plan.due.anchor)
            if plan.due.anchor == "stage" and anchor_at is not None:
                # What appears while its stage is under way has its time from then on.
                anchor_at = max(anchor_at, appeared_at(playbook, plan) or anchor_at)
            due_at = anchors.moment(plan.due, anchor_at, case, now)
            if due_at is not None:
                found[plan.name] = with_time(due_at, plan, case, now)
    return found


def _metric_texts(case: Case, facts: Sequence[Fact]) -> list[tuple[str, datetime]]:
    """Return the success metrics as sales or others wrote them, and since when each text is known."""
    item = HandoffItem.SUCCESS_METRICS
    texts = [(deal.handoff.get(item, ""), deal.handoff_seen_at or deal.signed_at) for deal in case.deals]
    texts += [
        (str(fact.value.get("text", "")), fact.at)
        for fact in facts
        if fact.kind == FactKind.HANDOFF and fact.name == item
    ]
    return [(text, at) for text, at in texts if handoff.is_answer(text)]


def planned_go_live(case: Case) -> datetime | None:
    """Return the last go-live day planned in a won deal, as the start of that day in the account's zone."""
    days = [deal.go_live_on for deal in case.deals if deal.won and deal.go_live_on is not None]
    if not days:
        return None
    return datetime.combine(max(days), time.min, tzinfo=zone_of(case.account.zone or "UTC")).astimezone(UTC)


def _activity(case: Case, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last use of the product by ``now``."""
    times = [at for use in case.usage.signals for at, _, _ in use.events if at <= now]
    times += [at for use in case.usage.signals for at in (use.first_at, use.last_at) if at <= now]
    return min(times, default=None), max(times, default=None)


def _done_at(rows: Mapping[str, Milestone], name: str) -> datetime | None:
    milestone = rows.get(name)
    return milestone.done_at if milestone and milestone.status == "done" else None
