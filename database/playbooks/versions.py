"""Which playbook versions are kept, and which onboardings in flight run on which."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from database import key_values
from database.statements import chunks
from database.tables import OnboardingRow, PlaybookRow
from onboarding.model.vocabulary import LIVE, Stage
from onboarding.values import dataclass

NEWEST = "newest_playbooks"
"""The name under which the hash of each tier's playbook in use is stored, as JSON, by the last run that read them."""
NEWEST_SINCE = "newest_playbooks_since"
"""The name under which is stored, as JSON, since when each tier's playbook in use has been the newest (ISO 8601)."""
TIERS = "newest_tiers"
"""The name under which the content of ``tiers.yaml`` is stored by the last run that read another one."""
_LIVE = sorted(status.value for status in LIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVersion:
    """A version whose content is kept."""

    hash: str
    tier: str
    at: datetime
    """When it was first kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An onboarding in flight with the version that it runs on."""

    key: str
    tier: str | None
    hash: str
    entered_at: datetime | None
    """When it entered its present stage."""


def kept_versions(conn: Connection, prefix: str = "") -> tuple[KeptVersion, ...]:
    """Return the kept versions whose hash begins with ``prefix``, the newest first."""
    query = select(PlaybookRow.hash, PlaybookRow.tier, PlaybookRow.at)
    query = query.where(PlaybookRow.hash.startswith(prefix, autoescape=True))
    rows = conn.execute(query.order_by(PlaybookRow.at.desc(), PlaybookRow.hash))
    return tuple(KeptVersion(hash=row.hash, tier=row.tier, at=row.at) for row in rows)


def note_newest(conn: Connection, newest: Mapping[str, str], as_of: datetime) -> bool:
    """Store the hash of each tier's playbook in use, and since when it has been: also where an earlier one is used
    again. Return whether any is another than before. Safe to repeat."""
    told, known = json.dumps(newest, sort_keys=True), key_values.read(conn, NEWEST)
    if known is not None and known.value == told:
        return False
    before, since = json.loads(known.value) if known else {}, newest_since(conn)
    now = {tier: since.get(tier, as_of) if before.get(tier) == one else as_of for tier, one in newest.items()}
    moments = {tier: at.isoformat() for tier, at in now.items()}
    key_values.write(conn, NEWEST, told, as_of)
    key_values.write(conn, NEWEST_SINCE, json.dumps(moments, sort_keys=True), as_of)
    return True


def note_tiers(conn: Connection, content: str, as_of: datetime) -> None:
    """Store the tier rules in use. Safe to repeat."""
    if kept_tiers(conn) != content:
        key_values.write(conn, TIERS, content, as_of)


def kept_tiers(conn: Connection) -> str | None:
    """Return the tier rules of the last run; None where none stored them yet."""
    known = key_values.read(conn, TIERS)
    return known.value if known else None


def newest_of(conn: Connection) -> Mapping[str, str]:
    """Return by tier the hash of the playbook that the last run used; empty before the first run."""
    known = key_values.read(conn, NEWEST)
    found: dict[str, str] = json.loads(known.value) if known else {}
    return found


def newest_since(conn: Connection) -> Mapping[str, datetime]:
    """Return by tier since when its playbook in use has been the newest: of a database that did not store it yet, when
    the version was first kept."""
    known = key_values.read_all(conn, [NEWEST, NEWEST_SINCE])
    if NEWEST_SINCE in known:
        return {tier: datetime.fromisoformat(at) for tier, at in json.loads(known[NEWEST_SINCE].value).items()}
    newest = json.loads(known[NEWEST].value) if NEWEST in known else {}
    kept = {one.hash: one.at for one in kept_versions(conn)}
    return {tier: kept[one] for tier, one in newest.items() if one in kept}


def older(conn: Connection, lines: Iterable[Mapping[str, Any]]) -> int:
    """Return how many of these ``status`` lines are of onboardings in flight on an older version of their playbook."""
    newest = newest_of(conn)
    return sum(
        1 for one in lines if one["status"] in _LIVE and newest.get(one["tier"], one["playbook"]) != one["playbook"]
    )


def in_flight(
    conn: Connection, keys: Collection[str] | None = None, newest: Collection[str] = ()
) -> tuple[Running, ...]:
    """Return the onboardings in flight (of ``keys`` alone, where given), by key; without those on one of ``newest``."""
    query = select(
        OnboardingRow.key, OnboardingRow.tier, OnboardingRow.playbook, OnboardingRow.stage, OnboardingRow.stage_times
    ).where(OnboardingRow.status.in_(_LIVE), OnboardingRow.playbook.not_in(list(newest)))
    parts = [None] if keys is None else list(chunks(sorted(keys)))
    found = []
    for part in parts:
        narrowed = query if part is None else query.where(OnboardingRow.key.in_(part))
        for row in conn.execute(narrowed):
            entered = row.stage_times.get(Stage(row.stage).value)
            at = datetime.fromisoformat(entered) if entered else None
            found.append(Running(key=row.key, tier=row.tier, hash=row.playbook, entered_at=at))
    return tuple(sorted(found, key=lambda one: one.key))
