"""One onboarding on a page: what ``show`` prints, and the same as JSON."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cli.pages.value import goal_json, goal_rows, promise_rows, ticket_rows
from cli.printing import day, print_lines
from cli.tables import Table, print_table, table, when
from onboarding.clashes.clash import read_clashes
from onboarding.conditions.fitting import NOT_FOR, left_out
from onboarding.escalations.episodes import merged
from onboarding.facts.goal_words import aim_sentences
from onboarding.facts.milestones import IN_TRIAL
from onboarding.facts.ticket_topics import topics
from onboarding.metrics.clocks import clock_of
from onboarding.model.parties import BuyIn, ItemSaid, Person, ProfileItem
from onboarding.model.reports import known
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import CustomerRole, Side, Stage, VendorRole
from onboarding.own_tasks.plan import PREFIX
from onboarding.people.recipients import unwritten
from onboarding.profiles.buy_in_words import person_sentences
from onboarding.profiles.words import in_order
from onboarding.usage.by_role import role_sentences
from onboarding.usage.product_users import ProductUser
from tasks.views.picture import Picture

EMPTY = "nothing yet"
MOST_USERS = 25
"""Users that are printed. This project's choice."""


def as_json(seen: Picture) -> dict[str, Any]:
    """Return the onboarding as plain values: the line of ``status``, and everything behind it."""
    state = seen.review.state
    return {
        **seen.summary.as_json(),
        "as_of": seen.now,
        "explanation": seen.explained().as_json(),
        "forecast": seen.forecast.as_json() if seen.forecast else None,
        "clock": _clock(seen),
        "criteria": seen.review.criteria,
        "milestones": [one._asdict() for one in seen.review.milestones],
        "not_for_account": [
            {"part": part, "name": name, "because": because}
            for (part, name), because in left_out(seen.playbook).items()
        ],
        "goals": [goal_json(goal) for goal in state.goals],
        "vague_goals": state.vague_goals,
        "promises": state.promises,
        "clashes": read_clashes(seen.case.facts, seen.now),
        "surveys": [one._asdict() for one in state.surveys],
        "tickets": [one._asdict() for one in state.tickets],
        "replies": [one._asdict() for one in state.replies],
        "handoff": {item.value: said for item, said in state.handoff.items()},
        "people": _people(seen),
        "users": seen.users,
        "activation_by_role": seen.roles,
        "team": {role.value: owner for role, owner in state.team.items()},
        "covers": {role.value: cover._asdict() for role, cover in state.covers.items()},
        "transfer": state.transfer._asdict() if state.transfer else None,
        "deals": seen.case.deals,
        "holds": seen.case.holds,
        "touchpoints": (*seen.case.touchpoints, *seen.review.touchpoints),
        "upcoming": seen.review.upcoming,
        "tasks": seen.review.tasks,
        "escalations": merged(seen.case.episodes, seen.review.episodes),
        "effects": seen.effects,
        "journal": seen.journal,
        "conflicts": seen.conflicts,
        "problems": seen.problems,
    }


def _clock(seen: Picture) -> dict[str, dict[str, float]]:
    """Return the working hours of each stage by the side whose move it was."""
    clock = clock_of(seen.case, seen.review, seen.playbook, seen.now)
    return {
        stage.value: {side.value: round(spent.get(side, 0.0), 2) for side in Side} for stage, spent in clock.items()
    }


def print_picture(seen: Picture) -> None:
    """Print the onboarding for a person, in sections that fit 80 columns."""
    print_lines(replace(seen.explained(), goals=()).lines)  # the goals have a table of their own
    for made in _sections(seen):
        print_lines([""])
        print_table(made)
    print_lines(role_sentences(seen.roles))
    for aside in seen.problems:
        place = " ".join(part for part in (aside.source, aside.record, aside.field) if part)
        print_lines([f"In the CRM, {place}: {aside.problem}"])
    for one in seen.conflicts:
        print_lines([f"The CRM and first90 disagree about {one['key']}: {one['conflict']}"])


def _sections(seen: Picture) -> Iterable[Table]:
    state, progress = seen.review.state, seen.review.progress
    entered = [(stage, when(at)) for stage in Stage if (at := progress.stage_times.get(stage))]
    yield table("Stages", ("stage", "entered"), entered)
    yield table("Milestones (* needed to leave the stage)", ("stage", "milestone", "whose", "state"), _milestones(seen))
    if without := left_out(seen.playbook):
        named = [(part, name, because.removeprefix(NOT_FOR)) for (part, name), because in without.items()]
        yield table("Not for this account", ("part", "name", "because"), named, because=1)
    yield table(
        "Goals",
        ("goal", "way", "stands"),
        goal_rows(state, aim_sentences(known(seen.case.facts, seen.now))) or [(EMPTY, "", "")],
        goal=3,
        stands=2,
    )
    if state.promises:
        promised = promise_rows(state.promises)
        yield table("Promises", ("id", "promise", "due", "state"), promised, promise=3, state=2)
    if state.tickets:
        yield table(
            "Support tickets",
            ("topic", "by week", "mood", "earlier"),
            ticket_rows(topics(((seen.case.key, one) for one in state.tickets), seen.now)),
            topic=1,
        )
    yield table(
        "People",
        ("who", "role", "address"),
        [row for person in _people(seen) for row in _person_rows(person)],
        role=1,
        address=2,
    )
    told = [
        (person["name"] if not number else "", said)
        for person in _people(seen)
        for number, said in enumerate(person_sentences(state, person["id"]))
    ]
    if told:
        yield table("Where they stand and what matters to them", ("who", "what"), told, what=1)
    if seen.users:
        shown = seen.users[:MOST_USERS]
        used = [(one.name or one.user, ", ".join(one.roles) or "-", one.use.value, _timeline(one)) for one in shown]
        if more := len(seen.users) - len(shown):
            used.append((f"and {more} more", "", "", "--json lists them all"))
        yield table("Users of the product", ("who", "role", "use", "so far"), used, who=1, so_far=2)
    yield table(
        "Our team",
        ("role", "who", "address"),
        [(role, f"{one.name}{_for(state, role)}", one.email) for role, one in state.team.items()],
    )
    messages = [_effect(line) for line in _messages(seen)]
    yield table("Messages", ("due or sent", "step", "by", "to", "state"), messages or [("", EMPTY, "", "", "")], to=1)
    ahead = [(when(one.due_at), one.step, ", ".join(one.to)) for one in seen.review.upcoming if one.due_at > seen.now]
    yield table("Ahead", ("due", "step", "to"), ahead or [("", EMPTY, "")], to=1)
    episodes = merged(seen.case.episodes, seen.review.episodes)
    if episodes:
        rows = [
            (one.number, day(one.since), one.level, day(one.closed_at), f"{one.waiting_on}: {one.cause}")
            for one in episodes
        ]
        yield table("Escalations", ("no", "since", "level", "closed", "cause"), rows, cause=1)
    journal = [(when(line["at"]), _entry(line)) for line in seen.journal]
    yield table("Journal", ("at", "entry"), journal or [("", EMPTY)], entry=1)


def _for(state: OnboardingState, role: VendorRole) -> str:
    cover = state.covers.get(role)
    return f" for {cover.absent.name} until {day(cover.back)}" if cover and cover.by else ""


def _timeline(one: ProductUser) -> str:
    """Return the user's moments in their order, each on a line, and what comes next."""
    moments = (
        ("in the trial from", one.trial_since),
        ("signed up", one.signed_up_at),
        ("first use", one.first_use_at),
        ("first success in the trial" if one.success_in_trial else "first success", one.first_success_at),
        ("last use", one.last_use_at),
    )
    said = [f"{what} {day(at)}" for what, at in moments if at is not None]
    said += [f"{one.minutes} min in 30 days"] if one.minutes else []
    return "\n".join([*said, *([f"next: {one.misses}"] if one.misses else [])])


def _milestones(seen: Picture) -> Iterable[tuple[object, ...]]:
    before = None
    for one in seen.review.milestones:
        state = f"done {day(one.done_at)}" if one.status == "done" else one.status.replace("_", " ")
        state = f"{state}, {IN_TRIAL}" if one.reason == IN_TRIAL else state
        if one.status == "open" and one.due_at is not None:
            state = f"due {day(one.due_at)}"
        # The name of a task of this account says nothing of what it is.
        state = f"{one.title}, {state}" if one.name.startswith(PREFIX) else state
        yield one.stage if one.stage is not before else "", one.name + (" *" if one.exit else ""), one.side, state
        before = one.stage


def _person_rows(row: dict[str, Any]) -> Iterable[tuple[str, str, str]]:
    yield row["name"], ", ".join(row["roles"]) or "-", row["email"] or "no address"
    if row["left"]:
        yield "", "", "has left"
    elif row["unwritten"]:
        yield "", "", f"not written to: {row['unwritten']}"


def _people(seen: Picture) -> list[dict[str, Any]]:
    """Return the account's people, and people who are known from facts only."""
    reported = [person for people in seen.review.state.holders.values() for person in people]
    people = {person.id: person for person in (*seen.case.people, *reported)}
    kept = {one.id: one.because for one in unwritten(seen.case, seen.review.state, people.values())}
    return [_person(seen, person, kept.get(person.id)) for person in people.values()]


def _person(seen: Picture, person: Person, kept: str | None) -> dict[str, Any]:
    held = [role for role in CustomerRole if person in seen.review.state.holders.get(role, ())]
    position = seen.review.state.positions.get(person.id)
    gone = any(person.id == left.id for left, _ in seen.review.state.left)
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "roles": [role.value for role in held],
        "left": gone,
        "opted_out": person.opted_out,
        "unwritten": kept,
        "buy_in": position._asdict() if position else {"buy_in": BuyIn.UNKNOWN},
        "profile": {item.value: said._asdict() for item, said in _profile_of(seen, person)},
        "zone": person.zone,
        "country": person.country,
    }


def _profile_of(seen: Picture, person: Person) -> tuple[tuple[ProfileItem, ItemSaid], ...]:
    return in_order(seen.review.state.profiles.get(person.id, {}))


def _messages(seen: Picture) -> Iterable[Any]:
    return (line for line in seen.effects if line["channel"] != "crm")


def _entry(line: Any) -> str:
    """Return what was done, and on a line of its own by whom and why: addresses are too long for a column."""
    known = f" ({line['known']})" if line["known"] else ""
    return f"{line['kind']} {line['about']}".strip() + f"\nby {line['by']}: {line['because']}".rstrip(" :") + known


def _effect(line: Any) -> tuple[Any, ...]:
    at = line["sent_at"] or line["due_at"]
    return when(at), line["kind"], line["channel"], line["recipient"], line["state"]
