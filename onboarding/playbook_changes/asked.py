"""The moves of a plan that one person asks for and another one confirms, each with what was to follow."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from onboarding.playbook_changes.change import Change
from onboarding.playbook_changes.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMove:
    """What was asked for one onboarding: the version, and the digest of what was to follow from it."""

    key: str
    new: str
    digest: str

    def why_not(self, change: Change | None) -> str | None:
        """Return why ``change``, what would follow now, is not what was asked for; None where it is."""
        if change is None:
            return "it is not in flight any more"
        if change.new != self.new:
            return "its newest playbook is not the one that was asked for; ask for it again"
        if change.digest != self.digest:
            return "something else would follow now than when it was asked for; look at the plan and ask again"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class StillAsked:
    """What is left of a request."""

    plan: Plan
    """The moves of which the same follows as when they were asked for."""
    already: int = 0
    """How many run on the version that was asked for."""
    left: tuple[tuple[str, str], ...] = ()
    """Onboardings that stay on their version, each with the reason."""


def as_text(plan: Plan) -> str:
    """Return the moves of the plan as a request keeps them."""
    return json.dumps([[one.key, one.new, one.digest] for one in plan.moving])


def from_text(text: str) -> tuple[AskedMove, ...]:
    """Return the moves that a request keeps."""
    return tuple(AskedMove(key=key, new=new, digest=digest) for key, new, digest in json.loads(text))


def still_asked(asked: tuple[AskedMove, ...], plan: Plan) -> StillAsked:
    """Return what of the request still holds under ``plan``, the one of this moment. An onboarding that the request
    does not name is no part of it."""
    by_key, failed = {one.key: one for one in plan.changes}, dict(plan.failures)
    done = {one.key for one in asked if one.key in by_key and by_key[one.key].old == one.new}
    left = dict(_left([one for one in asked if one.key not in done], by_key, failed))
    kept = tuple(by_key[one.key] for one in asked if one.key not in done and one.key not in left)
    return StillAsked(plan=replace(plan, changes=kept, failures=()), already=len(done), left=tuple(left.items()))


def _left(asked: list[AskedMove], by_key: dict[str, Change], failed: dict[str, str]) -> Iterator[tuple[str, str]]:
    for one in asked:
        if because := failed.get(one.key) or one.why_not(by_key.get(one.key)):
            yield one.key, because
