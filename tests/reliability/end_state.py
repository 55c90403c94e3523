"""Everything that can be seen after a cycle, and how two such end states differ; the channels' contents come first."""

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path
from typing import Any

from integrations.mail.message import EFFECT_HEADER
from tasks.delivery.changed_mail import MAIL
from tests.reliability.house import House, rows_of

MAY_DIFFER = {
    # The number of tries and the leases: they differ by the crash itself.
    "effect": {
        "attempts",
        "crashes",
        "in_doubt",
        "first_try_at",
        "first_left_at",
        "departed_at",
        "lease_token",
        "lease_until",
    },
    "journal": {"id"},
    # The number of touches after sends: the effects that a worker died with leave one by one.
    "onboarding": {"version"},
    # Moments by the wall clock: of the last run, of a cursor, of an agreed row.
    "key_value": {"value"},
    "crm_row": {"at"},
}

CACHES = frozenset({"calendar"})
"""Tables that are computed again when they are missing."""


@dataclass(frozen=True)
class EndState:
    """The contents of the far sides, and of the database without what may differ."""

    mails: Counter[tuple[str, bytes]]
    posts: Counter[tuple[str, str, str, str]]
    crm: Mapping[str, Counter[str]]
    """Rows by file. Their order is that of arrival, and what a worker died with arrives in other batches."""
    rows: Mapping[str, Counter[str]]
    states: Mapping[str, str]
    """States by effect."""

    @property
    def arrived(self) -> Counter[str]:
        """Return how often each effect arrived by mail or Slack, by the channels' own records."""
        return Counter(key for key, _ in self.mails.elements()) + Counter(one[2] for one in self.posts.elements())


@dataclass
class Verdict:
    """Counts over all crashes of a matrix."""

    points: int = 0
    lost: int = 0
    dup: int = 0
    stuck: int = 0
    different: int = 0
    first: str = ""

    def judge(self, found: EndState, wanted: EndState, where: str) -> None:
        """Count one more crash."""
        self.points += 1
        lost = [key for key in wanted.arrived if key not in found.arrived]
        dup = [key for key, times in found.arrived.items() if times > wanted.arrived.get(key, 1)]
        stuck = [key for key, state in found.states.items() if state in ("leased", "sending")]
        self.lost += len(lost)
        self.dup += len(dup)
        self.stuck += len(stuck)
        told = difference(found, wanted)
        self.different += bool(told)
        if told and not self.first:
            self.first = f"killed {where}: {told}"

    def __add__(self, other: "Verdict") -> "Verdict":
        counts = {
            name: getattr(self, name) + getattr(other, name) for name in ("points", "lost", "dup", "stuck", "different")
        }
        return Verdict(**counts, first=self.first or other.first)

    def __str__(self) -> str:
        return f"points={self.points} lost={self.lost} dup={self.dup} stuck={self.stuck} different={self.different}"


OFFERED = "with times of its own that no other customer was offered"


def look(house: House) -> EndState:
    """Read everything, and check that the ledger agrees with the chat file and offers no hour to two customers.

    Which times a mail offers depends on which one was composed first, so only their number is compared.
    """
    home = house.home
    rows = {name: found for name, found in rows_of(house.context.database).items() if name not in CACHES}
    house.context.database.engine.dispose()
    offering = _offering(rows["effect"])
    mails: Counter[tuple[str, bytes]] = Counter()
    for part in ("new", "cur", "tmp"):
        folder = home / "mail" / part
        for path in folder.iterdir() if folder.is_dir() and part != "tmp" else ():
            content = path.read_bytes()
            key = str(message_from_bytes(content, policy=modern)[EFFECT_HEADER])
            mails[key, OFFERED.encode() if key in offering else content] += 1
    chat = home / "chat.jsonl"
    lines = [json.loads(line) for line in chat.read_text(encoding="utf-8").splitlines()] if chat.exists() else []
    keyed = [(line["metadata"]["event_payload"]["key"], line) for line in lines]
    stamps = {key: line["ts"] for key, line in keyed}
    for row in rows["effect"]:
        if row["channel"] == "slack" and row["state"] == "sent":
            assert row["provider_id"] == stamps.get(row["key"]), row["key"]
            row["provider_id"] = "its line in the file"
        # A stored message has this cycle's hour, but Slack's ids count up in the order of arrival.
        row["payload"] = _without_order(row["payload"])
    return EndState(
        mails=mails,
        posts=Counter((line["method"], line["channel"], key, line["text"]) for key, line in keyed),
        crm={path.name: _csv_rows(path) for path in sorted((home / "crm").glob("*.csv"))},
        rows={name: Counter(_told(name, row) for row in found) for name, found in rows.items()},
        states={row["key"]: row["state"] for row in rows["effect"]},
    )


def _offering(effects: Sequence[dict[str, Any]]) -> frozenset[str]:
    """Return the keys of those that offer times, whose rows then hold no more than their number."""
    taken: dict[tuple[str, str], set[str]] = {}
    found = set()
    for row in effects:
        if not row["offer"]:
            continue
        offer = row["offer"] if isinstance(row["offer"], Mapping) else json.loads(row["offer"])
        for at in offer["at"]:
            taken.setdefault((offer["by"], at), set()).add(row["onboarding_key"])
        found.add(row["key"])
        row |= {"offer": len(offer["at"]), "offered_until": OFFERED, "payload": json.dumps({OFFERED: ""})}
    assert all(len(customers) == 1 for customers in taken.values()), "an hour was offered to two customers"
    return frozenset(found)


def difference(found: EndState, wanted: EndState) -> str:
    """Return the differences in words; empty where there is none."""
    told = []
    for name in ("mails", "posts"):
        more, less = getattr(found, name) - getattr(wanted, name), getattr(wanted, name) - getattr(found, name)
        told += [f"{name} +{list(more)} -{list(less)}"] if more or less else []
    told += [f"{name} differs" for name in wanted.crm if found.crm.get(name) != wanted.crm[name]]
    for name, rows in wanted.rows.items():
        more, less = found.rows[name] - rows, rows - found.rows[name]
        told += [f"table {name}\n  + {list(more)[:3]}\n  - {list(less)[:3]}"] if more or less else []
    return "\n".join(told)


def _csv_rows(path: Path) -> Counter[str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return Counter(repr(row) for row in csv.DictReader(lines))


def _told(table: str, row: Mapping[str, Any]) -> str:
    differ = MAY_DIFFER.get(table, set())
    if row.get("name") == MAIL:
        differ = differ | {"at"}  # By the wall clock, as leases are.
    return repr([(name, value) for name, value in row.items() if name not in differ])


def _without_order(payload: str | None) -> str | None:
    if payload is None:
        return None
    found = json.loads(payload)
    return json.dumps({name: value for name, value in found.items() if name not in ("ts", "thread_ts")}, sort_keys=True)
