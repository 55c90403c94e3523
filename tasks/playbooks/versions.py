"""Finds the playbook versions that a person means: a folder, a hash, or what the onboardings in flight run on."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from config.playbook_library.library import PlaybookVersion, from_content, load_library, tiers_from
from config.playbook_library.tiers import read_tier_file
from database import key_values
from database.playbooks.versions import in_flight, kept_tiers, kept_versions, newest_of
from onboarding.facts.tiers import TierRules
from onboarding.model.vocabulary import Tier
from onboarding.playbook_changes.differences import Difference, differences
from onboarding.playbook_changes.tier_differences import tier_differences
from tasks.runtime.refusals import Refused

LEAST_OF_HASH = 4
"""How many signs of a hash must be given, so that a mistyped folder is not taken for one. This project's choice."""
Versions = Mapping[Tier, tuple[PlaybookVersion, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions of one tier's playbook, or of ``tiers.yaml``, and what differs."""

    tier: Tier | None
    """None for ``tiers.yaml``, which has no hash."""
    old: str
    new: str
    onboardings: int
    """How many onboardings in flight run on the old one."""
    differences: tuple[Difference, ...]


def newest_versions(folder: Path) -> Versions:
    """Return the playbooks of a folder. Raises PlaybookError."""
    return {tier: (version,) for tier, version in load_library(folder).playbook_versions.items()}


def named_versions(conn: Connection | None, wanted: str) -> Versions:
    """Return the playbooks of a folder, or the kept version whose hash begins so. Raises PlaybookError, Refused.

    ``conn`` is None where there is no database yet.
    """
    if Path(wanted).is_dir():
        return newest_versions(Path(wanted))
    known = kept_versions(conn) if conn is not None else ()
    found = [one for one in known if len(wanted) >= LEAST_OF_HASH and one.hash.startswith(wanted.lower())]
    if conn is None or len(found) != 1:
        named = ", ".join(f"{one.hash} ({one.tier})" for one in (found or known)) or "none yet"
        what = "begins several versions" if found else "is no folder, and no version kept begins so"
        raise Refused(f"{wanted!r} {what}; versions kept: {named}")
    return {Tier(found[0].tier): (_version(conn, found[0].hash),)}


def versions_in_use(conn: Connection, to: Versions) -> Versions:
    """Return by tier the versions that onboardings in flight run on; where there are none, the last one kept that is
    not in ``to``."""
    new = {version.hash for versions in to.values() for version in versions}
    kept = [one for one in kept_versions(conn) if one.hash not in new]
    used = {one.hash for one in in_flight(conn)}
    found: dict[Tier, tuple[PlaybookVersion, ...]] = {}
    for tier in to:
        mine = [one.hash for one in kept if one.tier == tier]
        chosen = [one for one in mine if one in used] or ([] if used & new else mine[:1])
        found[tier] = tuple(_version(conn, one) for one in chosen)
    return found


def compare(conn: Connection | None, old: Versions, new: Versions) -> Iterator[Comparison]:
    """Yield the comparison of every old version with the new one of its tier, where both are known."""
    running = Counter(one.hash for one in in_flight(conn)) if conn is not None else Counter[str]()
    for tier in new:
        for before in old.get(tier, ()):
            for after in new[tier]:
                yield Comparison(
                    tier=tier,
                    old=before.hash,
                    new=after.hash,
                    onboardings=running[before.hash],
                    differences=differences(before.playbook, after.playbook),
                )


def unpaired(old: Versions, new: Versions) -> Iterator[Comparison]:
    """Yield each tier that only one of two folders has, with the hash of its playbook and nothing to compare."""
    for tier in new:
        if tier not in old:
            yield Comparison(tier=tier, old="", new=new[tier][0].hash, onboardings=0, differences=())
    for tier in old:
        if tier not in new:
            yield Comparison(tier=tier, old=old[tier][0].hash, new="", onboardings=0, differences=())


def unpaired_in_use(conn: Connection, to: Versions) -> Iterator[Comparison]:
    """Yield each tier that is new since the last run, and each one of that run, or of an onboarding in flight, that
    ``to`` does not have. Nothing is new before the first run."""
    last, running = newest_of(conn), [one for one in in_flight(conn) if one.tier]
    known = {one.tier for one in kept_versions(conn)}
    for tier in to:
        if last and tier not in {*last, *known}:
            yield Comparison(tier=tier, old="", new=to[tier][0].hash, onboardings=0, differences=())
    gone = {**{str(one.tier): one.hash for one in running}, **last}
    for name in sorted(gone.keys() - {*to}):
        number = sum(one.tier == name for one in running)
        yield Comparison(tier=Tier(name), old=gone[name], new="", onboardings=number, differences=())


def compare_tiers(old: TierRules | None, new: TierRules) -> Iterator[Comparison]:
    """Yield what differs between two tables of tiers; nothing where nothing does, or the old one is not known."""
    if old is not None and (found := tier_differences(old, new)):
        yield Comparison(tier=None, old="", new="", onboardings=0, differences=found)


def tiers_in_use(conn: Connection, folder: Path) -> TierRules | None:
    """Return the tier rules of the last run; where none kept them, those of the folder of playbooks in use. Raises
    PlaybookError."""
    content = kept_tiers(conn)
    return read_tier_file(folder).rules if content is None else tiers_from(content)


def _version(conn: Connection, content_hash: str) -> PlaybookVersion:
    content = key_values.kept_playbooks(conn, [content_hash])[content_hash]
    return PlaybookVersion(playbook=from_content(content), content=content, hash=content_hash)
