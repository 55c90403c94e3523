"""Five deals in a CRM folder, chosen so that one cycle does everything once: opens, adopts, mails, escalates, digests,
writes CRM rows and sets a row aside; and what people and the product change in it until the next day."""

import csv
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from os import SEEK_END
from pathlib import Path

from config.sample_portfolio.export import account_id, deal_id, stamp, tables
from config.sample_portfolio.sample import best_moment
from config.sample_portfolio.stories import Story, our_people, stories

AS_OF = best_moment(datetime(2026, 3, 8, 21, tzinfo=UTC))
NEXT_DAY = AS_OF + timedelta(days=1, hours=1)
BACK = AS_OF + timedelta(days=90)
STORIES = (
    "fresh_signature",
    "kickoff_not_booked",
    "setup_overdue",
    "activated_today",
    "unreadable_row",
)


def write_portfolio(folder: Path) -> None:
    """Write the folder as the CRM exported it at ``AS_OF``."""
    folder.mkdir(parents=True)
    for name, rows in tables(our_people(), _chosen(), AS_OF).items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def live_a_day(folder: Path) -> None:
    """Make the changes until ``NEXT_DAY``: a kickoff is agreed, milestones are ticked, the product is used."""
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


def live_until_back(folder: Path) -> None:
    """Make the changes until ``BACK`` while nothing runs: some customers do everything on its day, others all of it in
    the last nine days, and all other stories of the sample sign."""
    with (folder / "Onboarding_Milestone__c.csv").open(encoding="utf-8", newline="") as file:
        agreed = {row["First90_Key__c"]: row["Due_On__c"] for row in csv.DictReader(file) if row["Due_On__c"]}
    done = {}
    for key, text in agreed.items():
        due = date.fromisoformat(text)
        if AS_OF.date() <= due < BACK.date():
            at = due if key.startswith(key_of("fresh_signature")) else BACK.date() - (BACK.date() - due) / 10
            done[key] = {
                "Status__c": "Done",
                "Due_On__c": "",
                "Completed_At__c": f"{at}T15:00:00.000Z",
                "Completed_By__c": "a person",
            }
    _change(folder / "Onboarding_Milestone__c.csv", done, lambda row: row["First90_Key__c"])
    for name, rows in tables(our_people(), [one for one in stories() if one.story not in STORIES], BACK).items():
        if name == "User.csv":
            continue
        with (folder / name).open("r+", encoding="utf-8", newline="") as file:
            columns = next(csv.reader(file))
            file.seek(0, SEEK_END)
            csv.DictWriter(file, columns, lineterminator="\n").writerows(rows)


def key_of(name: str) -> str:
    """Return the onboarding of a story."""
    return deal_id(_story(name))


def account_of(name: str) -> str:
    """Return the account of a story."""
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
