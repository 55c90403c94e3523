"""Who is told on each rung of the ladder."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from onboarding.dates.working_time import next_open
from onboarding.escalations.causes import is_ours
from onboarding.model.case import Case, Episode
from onboarding.model.effect import EffectLine
from onboarding.model.parties import Owner
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Rung
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import UNSENT, VendorRole
from onboarding.review_context import ReviewContext
from onboarding.values import dataclass, replace

CHANNEL_ID = "channel"
"""Person id of the managers' channel, which is told of a stall if no person holds the role."""
CHANNEL = "#managers"
ON_LADDERS = frozenset({VendorRole.CSM.value, VendorRole.CS_MANAGER.value, VendorRole.EXECUTIVE_SPONSOR.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class RungRecipient:
    """A recipient on a rung: one of the vendor's people, or the managers' channel, with the owner whose hours count."""

    person_id: str
    recipient: str
    role: str
    name: str
    owner: Owner | None
    rung: int = 1
    """The lowest rung that they hold."""
    owes: frozenset[str] | None = None
    """Of a colleague who holds no rung: their roles. They hear only of the causes that one of these owes, on the first
    rung; None for whoever holds a rung."""

    def next_open(self, at: datetime, case: Case, playbook: Playbook) -> datetime:
        """Return their first working moment at or after ``at`` (UTC)."""
        zone, country = (self.owner.zone, self.owner.country) if self.owner else ("UTC", None)
        return next_open(at, zone, case.calendar(country), playbook.pace.hours)


def rung_recipient(rung: Rung, state: OnboardingState) -> RungRecipient:
    """Return the recipient on this rung: for the CSM's the accountable owner, else the manager; the managers' channel
    if there is no person."""
    owner = state.owner if rung.to is VendorRole.CSM else state.team.get(rung.to)
    if owner is None and rung.to is VendorRole.CSM:
        owner = state.team.get(VendorRole.CS_MANAGER)
    if owner is None:
        return RungRecipient(
            person_id=CHANNEL_ID,
            recipient=CHANNEL,
            role=rung.to.value,
            name="the managers' channel",
            owner=state.owner,
        )
    return RungRecipient(person_id=owner.id, recipient=owner.email, role=rung.to.value, name=owner.name, owner=owner)


def rung_of(playbook: Playbook, role: str) -> int:
    """Return the lowest rung of this role; the first if it has none."""
    return next((number for number, rung in enumerate(playbook.ladder.rungs, start=1) if rung.to == role), 1)


def readers(context: ReviewContext, episode: Episode) -> dict[str, RungRecipient]:
    """Return everyone up to the episode's level by id, each on the lowest rung that they hold, and the colleagues who
    owe one of its causes, or owed it and have to be told that they no longer do."""
    held: dict[str, RungRecipient] = {}
    for number, rung in enumerate(context.playbook.ladder.rungs[: episode.level], start=1):
        found = replace(rung_recipient(rung, context.state), rung=number)
        held.setdefault(found.person_id, found)
    former = dict.fromkeys(one.was_owed_by for one in episode.news)
    for colleague in (
        *colleagues(context.state, context.playbook, episode),
        *_holders(context.state, context.playbook, former),
    ):
        held.setdefault(colleague.person_id, colleague)
    return held


def colleagues(state: OnboardingState, playbook: Playbook, episode: Episode) -> Iterator[RungRecipient]:
    """Return who else of ours is told: each person who holds a role that owes a cause which climbed. Who stands on the
    ladder by that role, and the accountable owner, are told there."""
    owing = dict.fromkeys(cause.owner_role for cause in episode.causes if cause.level and is_ours(cause))
    return _holders(state, playbook, owing)


def _holders(state: OnboardingState, playbook: Playbook, roles: Iterable[str]) -> Iterator[RungRecipient]:
    for role in roles:
        if role in _rungs(playbook) or role not in set(VendorRole):
            continue
        owner = state.team.get(VendorRole(role))
        if owner is not None and owner != state.owner:
            yield RungRecipient(
                person_id=owner.id,
                recipient=owner.email,
                role=role,
                name=owner.name,
                owner=owner,
                owes=owed_roles(state, playbook, owner.id, role),
            )


def owed_roles(state: OnboardingState, playbook: Playbook, person_id: str, role: str) -> frozenset[str] | None:
    """Return the roles by which a person who was told as ``role`` owes causes; None where that is a rung of the
    ladder."""
    rungs = _rungs(playbook)
    if role in rungs:
        return None
    return frozenset({role, *(held.value for held, owner in state.team.items() if owner.id == person_id)}) - rungs


def _rungs(playbook: Playbook) -> frozenset[str]:
    """Return the roles that are told by the ladder, those of other playbooks' ladders included."""
    return ON_LADDERS.union(rung.to.value for rung in playbook.ladder.rungs)


def former(context: ReviewContext, person_id: str, parent: EffectLine | None) -> RungRecipient | None:
    """Return the recipient of a thread whose first message is ``parent`` and was sent; None if they are no longer
    active."""
    owner = context.case.owners.get(person_id)
    if parent is None or parent.state in UNSENT:
        return None
    if (owner is None and person_id != CHANNEL_ID) or (owner is not None and not owner.active):
        return None
    return RungRecipient(
        person_id=person_id,
        recipient=parent.recipient,
        role=parent.role,
        name=parent.recipient,
        owner=owner,
        rung=rung_of(context.playbook, parent.role),
        owes=owed_roles(context.state, context.playbook, person_id, parent.role),
    )
