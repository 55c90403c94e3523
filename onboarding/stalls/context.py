"""The context of the rules for stalls, and watches: causes that become stalls when their time comes."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta

from onboarding.dates.anchors import after, shift
from onboarding.model.case import Stall
from onboarding.model.schedule import Offset
from onboarding.model.vocabulary import CustomerRole, Severity, Side, VendorRole
from onboarding.review_context import ReviewContext
from onboarding.sentences.sentence import Sentence, of_playbook, sentence
from onboarding.values import dataclass

LOOK_AGAIN = timedelta(hours=1)
"""When to check again at the earliest if the usage data are older than the silence they should prove. This project's
choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A watched cause: it counts as a stall from ``at``, and as critical from ``critical_at`` if given."""

    kind: str
    severity: Severity
    cause: str
    waiting_on: Side
    since: datetime
    next_step: str
    about: str = ""
    owner_role: str = ""
    at: datetime
    critical_at: datetime | None = None
    proved_until: datetime | None = None
    """The end of the usage data, beyond which a silence is not assumed (HS-8). None: no silence to prove."""

    def as_stall(self, now: datetime) -> Stall | None:
        """Return the stall, if it is due and proved; None otherwise."""
        if self.at > now or self._unproved():
            return None
        critical = self.critical_at is not None and self.critical_at <= now
        return Stall(
            kind=self.kind,
            severity=Severity.CRITICAL if critical else self.severity,
            cause=self.cause,
            waiting_on=self.waiting_on.value,
            since=self.since,
            next_step=self.next_step,
            about=self.about,
            owner_role=self.owner_role,
        )

    def next_at(self, now: datetime) -> datetime | None:
        """Return when the passing of time makes the stall appear or turn critical, after ``now``; None if it does
        not."""
        if self.at > now:
            return self.at
        if self._unproved():
            # The longer nothing has arrived, the more seldom: all accounts wait then.
            return now + max(LOOK_AGAIN, (now - self.at) / 240)
        if self.critical_at is not None and self.critical_at > now:
            return self.critical_at
        return None

    def _unproved(self) -> bool:
        return self.proved_until is not None and self.proved_until < self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What a rule finds about one cause, before the playbook says after how long it counts."""

    text: str
    """The cause in a sentence."""
    waiting_on: Side
    owner_role: str
    """The role that owes it, as in ``Stall``."""
    anchor: datetime
    """The moment from which the playbook's rule counts."""
    about: str = ""
    """As in ``Stall``."""
    since: datetime | None = None
    """Since when it holds, if not since the anchor."""
    proved_until: datetime | None = None
    """The end of the usage data, if a silence has to be proved."""
    next_step: str = ""
    """What to do about it, in place of what the playbook's rule says for all causes of its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StallContext(ReviewContext):
    """The review's context, with the names that a next step may mention."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, context: ReviewContext) -> "StallContext":
        """Return the same context for the rules for stalls."""
        shared = {name.name: getattr(context, name.name) for name in fields(ReviewContext)}
        return cls(**shared, names=_names(context))

    def watch(self, kind: str, cause: Cause) -> tuple[Watch, ...]:
        """Return the watch by the playbook's rule for ``kind``; none without a rule."""
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
            next_step=self._named(cause.next_step or rule.next_step),
            about=cause.about,
            owner_role=cause.owner_role,
            at=self.after(rule.after, cause.anchor),
            critical_at=later,
            proved_until=cause.proved_until,
        )
        return (found,)

    def _named(self, next_step: str) -> str:
        """Return a next step with the names that it mentions: a phrase of ours, or a text of the playbook."""
        return next_step if isinstance(next_step, Sentence) else of_playbook(next_step, **self.names)

    def after(self, offset: Offset, anchor: datetime) -> datetime:
        """Return the moment ``offset`` after ``anchor``, moved by the holds in between."""
        return shift(after(anchor, offset, self.case), anchor, self.case.holds, self.now)


def _names(context: ReviewContext) -> Mapping[str, str]:
    def customer(role: CustomerRole, otherwise: str) -> str:
        people = context.state.holders.get(role, ())
        return people[0].name if people else otherwise

    def ours(role: VendorRole, otherwise: str) -> str:
        owner = context.state.team.get(role)
        return owner.name if owner else otherwise

    owner = context.state.owner
    return {
        "account": context.case.account.name,
        "champion": customer(CustomerRole.CHAMPION, sentence("terms.the_champion")),
        "sponsor": customer(CustomerRole.EXECUTIVE_SPONSOR, sentence("terms.the_sponsor")),
        "technical_admin": customer(CustomerRole.TECHNICAL_ADMIN, sentence("terms.the_technical_admin")),
        "owner": owner.name if owner else sentence("terms.the_owner"),
        "seller": ours(VendorRole.ACCOUNT_EXECUTIVE, sentence("terms.the_seller")),
        "manager": ours(VendorRole.CS_MANAGER, sentence("terms.the_manager")),
    }


NEXT_STEP_NAMES = frozenset({"account", "champion", "sponsor", "technical_admin", "owner", "seller", "manager"})
"""The names that a playbook's ``next_step`` may mention in braces."""
