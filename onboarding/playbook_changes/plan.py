"""The plan of a playbook change: what it means for every onboarding in flight, with an id that names exactly this."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from onboarding.playbook_changes.change import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The changes of all onboardings in flight, by key."""

    changes: tuple[Change, ...]
    failures: tuple[tuple[str, str], ...] = ()
    """Onboardings that cannot be reviewed, each with the error."""

    @property
    def moving(self) -> tuple[Change, ...]:
        """Return the changes of those that run on another version than the newest."""
        return tuple(one for one in self.changes if one.moves)

    @property
    def id(self) -> str:
        """Return the plan's id, in three parts: the versions, the onboardings, and what happens to them."""
        versions = sorted({f"{one.old}>{one.new}" for one in self.moving})
        keys = [one.key for one in self.moving]
        return f"{_hash(versions, 4)}-{_hash(keys, 4)}-{_hash((one.digest for one in self.moving), 8)}"

    def why_not(self, wanted: str) -> str | None:
        """Return in words why a plan with another id no longer holds; None if it is this one."""
        if wanted == self.id:
            return None
        parts = (
            "the playbooks are not those it was made for, or an onboarding has moved to another version since",
            "not the same onboardings are in flight on older versions",
            "something has happened to them, or time has passed, so that something else would follow",
        )
        mine, theirs = self.id.split("-"), wanted.split("-")
        if len(theirs) != len(mine):
            return f"{wanted!r} is no id of a plan; `first90 playbook plan` prints it"
        said = next(text for text, one, other in zip(parts, mine, theirs, strict=True) if one != other)
        return f"plan {wanted} no longer holds: {said}. The plan is {self.id} now; look at it before you adopt it"


def _hash(parts: Iterable[str], length: int) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:length]
