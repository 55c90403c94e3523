"""Five deals in a CRM folder, chosen so that one cycle does everything once: opens, adopts, mails, escalates, digests,
writes CRM rows and sets a row aside; and what people and the product change in it until the next day."""

import csv
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.sample import best_moment
from config.sample_export import account_id, deal_id, stamp, tables
from config.stories import Story, our_people, stories

AS_OF = best_moment(datetime(2026, 3, 8, 21, tzinfo=UTC))
NEXT_DAY = AS_OF + timedelta(days=1, hours=1)
STORIES = (
    "fresh_signature",
    "kickoff_not_booked",
    "setup_overdue",
    "activated_today",
    "unreadable_row",
)


def write_portfolio(folder: Path) -> None:
    """The folder as the CRM exported it at ``AS_OF``."""
    folder.mkdir(parents=True)
    for name, rows in tables(our_people(), _chosen(), AS_OF).items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def live_a_day(folder: Path) -> None:
    """What happens until ``NEXT_DAY``: a kickoff is agreed, milestones are ticked, the product is used."""
    late, fresh, setup = (deal_id(_story(name)) for name in ("kickoff_not_booked", "fresh_signature", "setup_overdue"))
    agreed = {"First90_Kickoff_At__c": stamp(NEXT_DAY + timedelta(days=2))}
    _change(folder / "Opportunity.csv", {late: agreed}, lambda row: row["Id"])
    done = {"Status__c": "Done", "Completed_At__c": stamp(NEXT_DAY - timedelta(hours=2)), "Completed_By__c": "a person"}
    _change(
        folder / "Onboarding_Milestone__c.csv",
        {
            f"{fresh}:kickoff_held": done,
            f"{fresh}:cadence_agreed": done,
            f"{setup}:security_review": done,
            f"{setup}:integrations_connected": {"Due_On__c": "2026-04-01"},
        },
        lambda row: row["First90_Key__c"],
    )
    with (folder / "signals.csv").open("a", encoding="utf-8", newline="") as file:
        columns = {"account_id": account_id(_story("setup_overdue")), "signal": "login", "user": "new"}
        at = {"at": stamp(NEXT_DAY - timedelta(hours=3)), "count": "1", "id": "next-day-1"}
        csv.DictWriter(
            file, ("account_id", "domain", "signal", "at", "user", "count", "id"), lineterminator="\n"
        ).writerow(columns | at)


def key_of(name: str) -> str:
    """The onboarding of a story."""
    return deal_id(_story(name))


def account_of(name: str) -> str:
    """Its account."""
    return account_id(_story(name))


def _chosen() -> list[Story]:
    return [story for story in stories() if story.story in STORIES]


def _story(name: str) -> Story:
    return next(story for story in stories() if story.story == name)


def _change(path: Path, changes: Mapping[str, Mapping[str, str]], key: Callable[[Mapping[str, str]], str]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert set(changes) <= {key(row) for row in rows}, path
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | changes.get(key(row), {}) for row in rows)
