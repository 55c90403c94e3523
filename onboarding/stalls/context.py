"""What the rules for stalls stand on, and how a rule states its case: a watch, which becomes a stall when
its time comes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from onboarding.dates.anchors import after, shift
from onboarding.model.case import Stall
from onboarding.model.schedule import Offset
from onboarding.model.vocabulary import CustomerRole, Side, VendorRole
from onboarding.review_context import ReviewContext

LOOK_AGAIN = timedelta(hours=1)
"""When to look again where the product's data are older than the silence they should prove. Ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One cause under watch: it counts from ``at``, and is critical from ``critical_at`` where that is
    given."""

    kind: str
    severity: str
    cause: str
    waiting_on: Side
    since: datetime
    next_step: str
    at: datetime
    critical_at: datetime | None = None
    proved_until: datetime | None = None
    """Up to where our data reach; a silence is not believed beyond (HS-8). None: nothing to prove."""

    def as_stall(self, now: datetime) -> Stall | None:
        """The stall, if its time has come and the data reach that far."""
        if self.at > now or self._unproved():
            return None
        critical = self.critical_at is not None and self.critical_at <= now
        return Stall(
            kind=self.kind,
            severity="critical" if critical else self.severity,
            cause=self.cause,
            waiting_on=self.waiting_on.value,
            since=self.since,
            next_step=self.next_step,
        )

    def next_at(self, now: datetime) -> datetime | None:
        """When time alone makes the stall appear or turn critical, after ``now``."""
        if self.at > now:
            return self.at
        if self._unproved():
            return now + LOOK_AGAIN
        if self.critical_at is not None and self.critical_at > now:
            return self.critical_at
        return None

    def _unproved(self) -> bool:
        return self.proved_until is not None and self.proved_until < self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What a rule says of one cause, before the playbook says after how long it counts."""

    text: str
    """The cause in a sentence."""
    waiting_on: Side
    anchor: datetime
    """The moment from which the playbook's rule counts."""
    since: datetime | None = None
    """Since when it is so, where that is not the anchor."""
    proved_until: datetime | None = None
    """Up to where our data reach, where a silence is to be proved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StallContext(ReviewContext):
    """What a rule for stalls looks at, with the names that a next step may say."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, context: ReviewContext) -> "StallContext":
        """Return the same context for the rules for stalls."""
        shared = {name.name: getattr(context, name.name) for name in fields(ReviewContext)}
        return cls(**shared, names=_names(context))

    def watch(self, kind: str, cause: Cause) -> tuple[Watch, ...]:
        """Return the watch that the playbook's rule for ``kind`` asks for; none without a rule."""
        rule = self.playbook.stalls.get(kind)
        if rule is None:
            return ()
        later = None if rule.critical_after is None else self.after(rule.critical_after, cause.anchor)
        found = Watch(
            kind=kind,
            severity=rule.severity,
            cause=cause.text,
            waiting_on=cause.waiting_on,
            since=cause.since or cause.anchor,
            next_step=fill_names(rule.next_step, self.names),
            at=self.after(rule.after, cause.anchor),
            critical_at=later,
            proved_until=cause.proved_until,
        )
        return (found,)

    def after(self, offset: Offset, anchor: datetime) -> datetime:
        """So long after a moment, moved by the holds in between as every date is."""
        return shift(after(anchor, offset, self.case), anchor, self.case.holds, self.now)


def _names(context: ReviewContext) -> Mapping[str, str]:
    def customer(role: CustomerRole, otherwise: str) -> str:
        people = context.standing.holders.get(role, ())
        return people[0].name if people else otherwise

    def ours(role: VendorRole, otherwise: str) -> str:
        owner = context.standing.team.get(role)
        return owner.name if owner else otherwise

    owner = context.standing.owner
    return {
        "account": context.case.account.name,
        "champion": customer(CustomerRole.CHAMPION, "the champion"),
        "sponsor": customer(CustomerRole.EXECUTIVE_SPONSOR, "the executive sponsor"),
        "technical_admin": customer(CustomerRole.TECHNICAL_ADMIN, "the technical administrator"),
        "owner": owner.name if owner else "the accountable owner",
        "seller": ours(VendorRole.ACCOUNT_EXECUTIVE, "the seller"),
        "manager": ours(VendorRole.CS_MANAGER, "the CS manager"),
    }


NEXT_STEP_NAMES = frozenset({"account", "champion", "sponsor", "technical_admin", "owner", "seller", "manager"})
"""What a playbook's ``next_step`` may name in braces."""


def fill_names(text: str, names: Mapping[str, str]) -> str:
    """Put names for ``{champion}`` and the like. Braces around anything else stay as they are, so that no
    value of a playbook can reach into our objects."""
    return re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], found[0]), text)
