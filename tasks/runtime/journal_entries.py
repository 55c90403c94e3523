"""Stores facts that people report with their lines in the journal: from the command line, Slack or the CRM."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from database.onboardings import facts, openings
from onboarding.model import reports
from onboarding.model.case import Fact


def enter(conn: Connection, reported: Mapping[str, Sequence[Fact]], at: datetime) -> Mapping[str, tuple[Fact, ...]]:
    """Store the facts that are new, by onboarding key, each with a journal line under the reporter's name; return them.

    Safe to repeat: a fact that is known is neither stored nor noted again.
    """
    fresh = facts.add_all(conn, reported, at)
    lines: defaultdict[str, list[tuple[str | None, str, str, str]]] = defaultdict(list)
    for key, found in fresh.items():
        for fact in found:
            lines[fact.by].append((key, fact.kind.value, fact.name, reports.words(fact)))
    for by, mine in lines.items():
        openings.note(conn, mine, at=at, by=by)
    return fresh
