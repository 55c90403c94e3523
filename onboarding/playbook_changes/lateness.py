"""Milestones that a change of the playbook would make late at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from onboarding.model.playbook import Playbook
from onboarding.playbook_changes.agenda import Item, ItemKind, Place
from onboarding.playbook_changes.renames import Renames


class Lateness(NamedTuple):
    """Milestones of the new version by their dates at the moment of the move."""

    added: tuple[str, ...] = ()
    """All that the old version does not have, under any name."""
    counted_anew: tuple[str, ...] = ()
    """Those of them that would be overdue at once, or within two working days: they count from the move."""
    overdue: tuple[str, ...] = ()
    """Those of both versions that are open and overdue at once by their new date."""


NOTHING_LATE = Lateness()


def added(old: Playbook, new: Playbook, names: Renames) -> tuple[str, ...]:
    """Return the milestones that the old version does not have, under any name."""
    known = {names.milestones.get(plan.name, plan.name) for plan in old.milestones()}
    return tuple(plan.name for plan in new.milestones() if plan.name not in known)


def counted_anew(plain: Mapping[Place, Item], will: Mapping[Place, Item]) -> tuple[str, ...]:
    """Return the open milestones that have another date than the playbook by itself gives them (``plain``)."""
    return tuple(one.name for place, one in will.items() if _is_open(one) and one.at != plain[place].at)


def overdue(was: Mapping[Place, Item], will: Mapping[Place, Item], now: datetime) -> tuple[str, ...]:
    """Return the open milestones of both versions that are overdue at ``now`` (UTC) by their new date alone."""
    both = ((one, was[place].at) for place, one in will.items() if place in was and _is_open(one))
    return tuple(one.name for one, old in both if one.at and one.at <= now and (old is None or old > now))


def _is_open(item: Item) -> bool:
    return item.kind is ItemKind.MILESTONE and not item.settled
