"""Plans what a change of the playbooks means for the onboardings in flight. Reads only."""

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from config.company.calendars import calendar_of, years_around
from config.files.mistakes import PlaybookError
from config.playbook_library.library import PlaybookLibrary, from_content
from database import key_values
from database.onboardings import cases
from database.playbooks import adoptions
from database.playbooks.versions import Running, in_flight
from database.statements import chunks
from onboarding.facts.tiers import PlaybookPolicy
from onboarding.model.case import Case
from onboarding.model.vocabulary import Tier
from onboarding.playbook_changes.change import Change, Version, change_of
from onboarding.playbook_changes.plan import Plan
from onboarding.playbook_changes.renames import NameReused
from tasks.runtime.context import RunContext
from tasks.runtime.faults import kind_and_place

logger = logging.getLogger(__name__)

BATCH = 250
UNREADABLE = (
    "this program cannot read {}, the playbook version that it runs on; adopt with the first90 that began it, "
    "and update then"
)

NO_PLAYBOOK = (
    "there is no playbook of its tier {0} any more; add one with `tier: {0}`, or give it another tier with "
    "`first90 retier KEY --to TIER --reason WHY`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """The new playbooks, and what reading the onboardings needs."""

    library: PlaybookLibrary
    now: datetime
    pilot: frozenset[str] | None = None
    """The accounts to which messages may be sent; None for all."""

    def plan(self, conn: Connection, keys: Collection[str] | None = None, tier: Tier | None = None) -> Plan:
        """Return the plan for all onboardings in flight, or for those of ``keys`` or ``tier`` alone."""
        found = [one for one in in_flight(conn, keys) if one.tier and tier in (None, one.tier)]
        own = adoptions.policies(conn)
        versions = self._versions(conn, found)
        changes: list[Change] = []
        failures: list[tuple[str, str]] = []
        for part in chunks(found, BATCH):
            loaded = self.load(conn, [one.key for one in part])
            for one in part:
                if one.hash not in versions:
                    failures.append((one.key, UNREADABLE.format(one.hash)))
                    continue
                if one.key not in loaded:
                    continue
                if (of := versions[one.hash].playbook.tier) not in self.library:
                    failures.append((one.key, NO_PLAYBOOK.format(of)))
                    continue
                policy = self.policy_of(one.key, one.tier, own)
                try:
                    changes.append(self.change(loaded[one.key], versions[one.hash], policy))
                except NameReused as error:
                    failures.append((one.key, str(error)))
                except Exception as error:
                    logger.debug("onboarding %s", one.key, exc_info=True)
                    failures.append((one.key, f"{kind_and_place(error)}, in the rules"))
        return Plan(changes=tuple(changes), failures=tuple(failures))

    def load(self, conn: Connection, keys: Sequence[str]) -> Mapping[str, Case]:
        """Return the cases of these onboardings."""
        years = years_around(self.now)
        return cases.load(conn, keys, self.now, lambda country: calendar_of(country, years), self.pilot)

    def change(self, case: Case, old: Version, policy: PlaybookPolicy = PlaybookPolicy.PIN) -> Change:
        """Return what moving this case to the newest version of its tier's playbook means."""
        return change_of(case, old, self.newest(old.playbook.tier), self.now, policy)

    def newest(self, tier: Tier) -> Version:
        """Return the newest version for a tier."""
        return Version(hash=self.library[tier].hash, playbook=self.library[tier].playbook)

    def version(self, conn: Connection, content_hash: str) -> Version:
        """Return a kept version. Raises PlaybookError where it cannot be read."""
        content = key_values.kept_playbooks(conn, [content_hash])[content_hash]
        return Version(hash=content_hash, playbook=from_content(content))

    def policy_of(self, key: str, tier: str | None, own: Mapping[str, str]) -> PlaybookPolicy:
        """Return the policy of an onboarding: its own (``own``, by key), else its tier's."""
        if key in own:
            return PlaybookPolicy(own[key])
        return self.library.tiers.on_playbook_change.get(Tier(tier), PlaybookPolicy.PIN) if tier else PlaybookPolicy.PIN

    def _versions(self, conn: Connection, found: Sequence[Running]) -> Mapping[str, Version]:
        """Return the versions that these run on, by hash; a kept one that cannot be read is left out."""
        newest = {one.hash: self.newest(tier) for tier, one in self.library.playbook_versions.items()}
        others = sorted({one.hash for one in found} - newest.keys())
        for one, content in key_values.kept_playbooks(conn, others).items():
            with suppress(PlaybookError):
                newest[one] = Version(hash=one, playbook=from_content(content))
        return newest


def planner_of(context: RunContext, now: datetime) -> Planner:
    """Return the planner of a run context."""
    return Planner(library=context.library, now=now, pilot=context.settings.only_accounts)
