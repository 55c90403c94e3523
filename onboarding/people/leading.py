"""Who leads an onboarding: where there is one, the onboarding specialist until the transfer, then the CSM (RO-3).

Until then the specialist acts in the CSM's role, as a cover does for an absent person: mails, alerts, work and records
follow. The transfer is the playbook's milestone with ``proof: same_owner``. Pure.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from onboarding.dates.anchors import shift
from onboarding.model.case import Case, Fact
from onboarding.model.parties import Owner, Transfer
from onboarding.model.phrases import day_words
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Specialist
from onboarding.model.state import Milestone, OnboardingState
from onboarding.model.vocabulary import FactKind, VendorRole
from onboarding.values import dataclass

_CSM, _SPECIALIST = VendorRole.CSM, VendorRole.ONBOARDING_SPECIALIST
BY_RECORDS = "first90"
"""Who proves a milestone that first90's own records show."""
_SAID = frozenset({FactKind.MILESTONE, FactKind.MILESTONE_UNDONE, FactKind.MILESTONE_WAIVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What decides on the moment of the transfer. What people said comes before the days of the playbook."""

    case: Case
    playbook: Playbook
    rows: Mapping[str, Milestone]
    facts: Sequence[Fact]
    """In the order of ``reports.known``."""
    moved: Mapping[str, datetime]
    """The due dates that people set, by milestone."""
    now: datetime

    def of(self, holders: Mapping[VendorRole, Owner]) -> Transfer | None:
        """Return the change of owner between the ``holders`` of the roles; None where the playbook has none, or where
        the same person goes on."""
        policy, row = self.playbook.specialist, self.rows.get(self.playbook.transfer)
        specialist, csm = holders.get(_SPECIALIST), holders.get(_CSM)
        if policy is None or row is None or specialist is None or specialist == csm:
            return None
        at, because = self._planned(policy, row.name)
        said = self._by_hand(row)
        if said is not None and (at is None or said[0] is None or said[0] < at):
            at, because = said
        over = at is not None and at <= self.now and csm is not None
        return Transfer(specialist=specialist, csm=csm, at=at, because=because, over=over)

    def _by_hand(self, row: Milestone) -> tuple[datetime | None, str] | None:
        """Return when people handed over, or None for the moment where they said that nobody does; None if neither."""
        named = [fact for fact in self.facts if fact.kind == FactKind.REASSIGN]
        times = [(row.done_at, f"{row.done_by} recorded it")] if row.done_at is not None else []
        leads = max((fact.at for fact in named if fact.name == _SPECIALIST), default=None)
        times += [
            (fact.at, f"{fact.by} handed over to the CSM")
            for fact in named
            if fact.name == _CSM and (leads is None or fact.at > leads)
        ]
        if times:
            return min(times)
        if row.waived_at is not None:
            return None, f"{row.done_by} said that nobody hands over: {row.reason}"
        return None

    def _planned(self, policy: Specialist, name: str) -> tuple[datetime | None, str]:
        """Return the day that people set, else the playbook's; none if people took it back since."""
        at, because = self._by_policy(policy)
        if name in self.moved:
            at, because = self.moved[name], f"people set {day_words(self.moved[name])} for it"
        said = [fact for fact in self.facts if fact.name == name and fact.kind in _SAID]
        last = max(said, key=lambda fact: (fact.learned_at, fact.key), default=None)
        if last is not None and last.kind == FactKind.MILESTONE_UNDONE and at <= last.learned_at:
            return None, f"{last.by} took it back; it waits for a person"
        return at, because

    def _by_policy(self, policy: Specialist) -> tuple[datetime, str]:
        earliest, latest = (self._day(days) for days in (policy.not_before_days, policy.at_latest_days))
        activation = self.rows.get("activation")
        reached = activation.done_at if activation is not None and policy.at_first_value else None
        if reached is None or reached >= latest:
            return latest, f"{policy.at_latest_days} days after the signature at the latest"
        if reached >= earliest:
            return reached, "first value is reached"
        return earliest, f"first value is reached, and not before {policy.not_before_days} days"

    def _day(self, days: int) -> datetime:
        signed_at = self.case.signed_at
        return shift(signed_at + timedelta(days=days), signed_at, self.case.holds, self.now)


def settled(rows: Mapping[str, Milestone], name: str, transfer: Transfer | None) -> dict[str, Milestone]:
    """Return the milestones with the one of this name done by the transfer, if it is over and nobody ticked it."""
    found = dict(rows)
    if transfer is not None and transfer.over and found[name].status == "open":
        found[name] = found[name]._replace(
            status="done", done_at=transfer.at, done_by=BY_RECORDS, reason=transfer.because
        )
    return found


def with_leader(holders: Mapping[VendorRole, Owner], transfer: Transfer | None) -> Mapping[VendorRole, Owner]:
    """Return the holders with the specialist in the CSM's role until the transfer is over."""
    return holders if transfer is None or transfer.over else {**holders, _CSM: transfer.specialist}


def leading_role(state: OnboardingState) -> VendorRole:
    """Return the role by which the accountable owner is it."""
    return _SPECIALIST if state.transfer is not None and not state.transfer.over else _CSM
