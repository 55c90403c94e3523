"""Inputs of the health score beyond work and use: depth of use, goals, support tickets, the sponsor (HS-1, HS-2)."""

from datetime import UTC, datetime, time, timedelta

from onboarding.health.part import Part
from onboarding.model.case import Case
from onboarding.model.parties import BuyIn
from onboarding.model.state import Goal, OnboardingState
from onboarding.model.vocabulary import CustomerRole
from onboarding.profiles.buy_in import buy_in_of

RECENT = timedelta(days=28)
"""Age up to which tickets count. This project's choice."""
FEW, MANY = 5, 15
"""Tickets in that time: up to FEW are healthy, more than MANY are not; published by GitLab for a month."""
ENGAGED = timedelta(days=60)
"""Age up to which an answer of the sponsor counts. This project's choice."""
SIGN_IN = "login"


def depth(case: Case, state: OnboardingState, now: datetime) -> Part:
    """Return the part for depth of use: users who do more than sign in; unknown before go-live and without users."""
    live = state.go_live_at is not None and state.go_live_at <= now
    users = max((use.users for use in case.usage.signals), default=0)
    if not case.usage.known or not live or not users:
        return Part(name="depth", score=None, why="not live yet" if not live else "no user is known")
    doing = max((use.users for use in case.usage.signals if use.name != SIGN_IN), default=0)
    if not doing:
        return Part(name="depth", score=None, why="nothing but signing in is reported")
    return Part(name="depth", score=round(100 * doing / users), why=f"{doing} of {users} users do more than sign in")


def goal_progress(state: OnboardingState, now: datetime) -> Part:
    """Return the part for the goals: progress compared with the expected progress; unknown without a value."""
    known = [goal for goal in state.goals if goal.progress is not None]
    if not known:
        return Part(name="goals", score=None, why="nobody has said where a goal stands")
    worth = [_on_the_way(goal, now) for goal in known]
    reached = sum(goal.reached for goal in known)
    why = f"{reached} of {len(known)} goals reached, {len(state.goals) - len(known)} without a value"
    return Part(name="goals", score=round(100 * sum(worth) / len(worth)), why=why)


def ticket_mood(state: OnboardingState, now: datetime) -> Part:
    """Return the part for volume and sentiment of recent support tickets; unknown without tickets."""
    recent = [ticket for ticket in state.tickets if now - RECENT < ticket.at <= now]
    if not recent:
        return Part(name="tickets", score=None, why="no ticket in four weeks")
    score = 100 if len(recent) <= FEW else 60 if len(recent) <= MANY else 20
    moods = [ticket.sentiment for ticket in recent if ticket.sentiment is not None]
    why = f"{len(recent)} ticket{'s' if len(recent) > 1 else ''} in four weeks"
    if moods:
        mood = sum(moods) / len(moods)
        score, why = round((score + 50 + 50 * mood) / 2), f"{why}, mood {mood:+.1f}"
    return Part(name="tickets", score=score, why=why)


def sponsor(state: OnboardingState, now: datetime) -> Part:
    """Return the part for the executive sponsor's last answer, and for where they stand where that is known; unknown
    without a sponsor or answers. Not to know where they stand adds nothing."""
    against = _against(state)
    if against is not None:
        return against
    heard = [(reply.at, reply.person) for reply in state.replies]
    heard += [(answer.at, answer.person) for answer in state.surveys]
    people = {person.id for person in state.holders.get(CustomerRole.EXECUTIVE_SPONSOR, ())}
    heard += [(one.at, person) for person, one in state.positions.items() if not one.derived]
    if not heard or not people:
        return Part(name="sponsor", score=None, why="no sponsor is named" if not people else "no reply is recorded")
    last = max((at for at, person in heard if person in people), default=None)
    if last is None or now - last > ENGAGED:
        return Part(name="sponsor", score=0, why="others answered, the sponsor did not")
    why, stands = f"heard from {(now - last).days} days ago", {buy_in_of(state, person) for person in people}
    if BuyIn.NEUTRAL in stands:
        return Part(name="sponsor", score=50, why=f"{why}, neutral")
    return Part(name="sponsor", score=100, why=why)


def _against(state: OnboardingState) -> Part | None:
    for person in state.holders.get(CustomerRole.EXECUTIVE_SPONSOR, ()):
        if buy_in_of(state, person.id) is BuyIn.OPPOSED:
            return Part(name="sponsor", score=0, why="the sponsor is against it")
    return None


def _on_the_way(goal: Goal, now: datetime) -> float:
    """Return from 0 to 1 the goal's progress, relative to linear progress from the day it was set to its due date."""
    if goal.reached:
        return 1.0
    end = datetime.combine(goal.due, time(), tzinfo=UTC)
    gone = (now - goal.at) / (end - goal.at) if end > goal.at else 1.0
    return min(max((goal.progress or 0.0) / min(max(gone, 0.1), 1.0), 0.0), 1.0)
