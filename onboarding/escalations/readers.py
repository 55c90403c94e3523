"""Who is told on each rung of the ladder."""

from dataclasses import dataclass, replace
from datetime import datetime

from onboarding.dates.working_time import next_open
from onboarding.model.case import Case, Episode
from onboarding.model.parties import Owner
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Rung
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import VendorRole
from onboarding.review_context import ReviewContext

CHANNEL_ID = "channel"
"""Person id of the managers' channel, which is told of a stall if no person holds the role."""
CHANNEL = "#managers"


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
    """Return everyone up to the episode's level by id, each on the lowest rung that they hold."""
    held: dict[str, RungRecipient] = {}
    for number, rung in enumerate(context.playbook.ladder.rungs[: episode.level], start=1):
        found = replace(rung_recipient(rung, context.state), rung=number)
        held.setdefault(found.person_id, found)
    return held
