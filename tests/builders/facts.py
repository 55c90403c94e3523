"""Reports and product usage, as the rules read them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from onboarding.model.case import Fact
from onboarding.model.usage import SignalUse
from onboarding.model.vocabulary import FactKind
from tests.builders.case import SIGNED


def build_fact(
    kind: str,
    name: str = "",
    at: datetime = SIGNED,
    *,
    learned_at: datetime | None = None,
    value: Mapping[str, object] | None = None,
    by: str = "cleo@vendor.test",
) -> Fact:
    """A report by Cleo, learned when it happened unless said otherwise; its key is its content."""
    told = dict(value or {})
    return Fact(
        kind=FactKind(kind),
        name=name,
        at=at,
        learned_at=learned_at or at,
        source="record",
        by=by,
        key=f"{kind}:{name}:{at.isoformat()}:{sorted(told.items())}",
        value=told,
    )


def build_done(*names: str, at: datetime = SIGNED + timedelta(days=1)) -> tuple[Fact, ...]:
    """A done report for each named milestone, all at one moment."""
    return tuple(build_fact("milestone", name, at) for name in names)


def build_use(name: str, *events: tuple[datetime, str]) -> SignalUse:
    """What a signal has shown: each event a moment and a user."""
    ordered = sorted(events)
    return SignalUse(
        name=name,
        total=len(ordered),
        users=len({user for _, user in ordered}),
        first_at=ordered[0][0],
        last_at=ordered[-1][0],
        events=tuple((at, user, 1) for at, user in ordered),
    )
