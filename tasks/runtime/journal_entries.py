"""What people report stands in the journal too, whichever way it came: command line, Slack, a tick in the CRM."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from database.onboardings import facts, openings
from onboarding.model import reports
from onboarding.model.case import Fact


def enter(conn: Connection, reported: Mapping[str, Sequence[Fact]], at: datetime) -> Mapping[str, tuple[Fact, ...]]:
    """Keep the reports that are new, by onboarding key, each with its line in the journal under the name of who made
    it; answers them. Safe to repeat: a report that is known is neither kept nor told again."""
    fresh = facts.add_all(conn, reported, at)
    lines: defaultdict[str, list[tuple[str | None, str, str, str]]] = defaultdict(list)
    for key, found in fresh.items():
        for fact in found:
            lines[fact.by].append((key, fact.kind, fact.name, reports.words(fact)))
    for by, mine in lines.items():
        openings.note(conn, mine, at=at, by=by)
    return fresh
