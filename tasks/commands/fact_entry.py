"""Entry of one fact by hand: the case it is about, its key, and the checks before it is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from database.onboardings import cases, saves
from database.onboardings.lookup import find_onboarding
from onboarding.model.case import Case, Fact
from onboarding.model.identity import mail_address
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import FactKind
from onboarding.orders import FactReport
from onboarding.own_tasks.plan import playbook_of
from onboarding.sentences.sentence import sentence
from tasks.runtime.context import RunContext
from tasks.runtime.journal_entries import enter
from tasks.runtime.refusals import Refused, refuse_far

SOURCE = "person"


@dataclass(frozen=True, slots=True)
class FactEntry:
    """One fact on its way into the database."""

    context: RunContext
    conn: Connection
    case: Case
    report: FactReport

    @property
    def playbook(self) -> Playbook:
        """Return the playbook version that the onboarding runs on, as it is for this account."""
        return playbook_of(self.case, self.context.playbook_version(self.case.progress.playbook), self.report.now)

    def fact(self, kind: FactKind, name: str, value: Mapping[str, Any]) -> Fact:
        """Return the fact as it would be stored."""
        # The count of withdrawals is part of the key: after one, the same report is a new fact.
        report = self.report
        undone = sum(1 for fact in self.case.facts if fact.kind == FactKind.MILESTONE_UNDONE and fact.name == name)
        said = json.dumps([report.happened_at.isoformat(), undone, dict(value)], sort_keys=True, default=str)
        key = f"{SOURCE}:{kind}:{name}:{sha256(said.encode()).hexdigest()[:20]}"
        return Fact(
            key=key,
            kind=kind,
            name=name,
            at=report.happened_at,
            learned_at=report.now,
            source=SOURCE,
            by=report.by,
            value=value,
        )

    def keep(self, kind: FactKind, name: str, value: Mapping[str, Any]) -> bool:
        """Store the fact; return False where the same was reported before and still holds."""
        return bool(enter(self.conn, {self.case.key: [self.fact(kind, name, value)]}, self.report.now))


def open_entry(context: RunContext, conn: Connection, report: FactReport, wanted: str) -> FactEntry:
    """Return the entry for the onboarding that is meant, which nobody else changes before this transaction ends. Raises
    NotFound, and what the report's guard raises."""
    key, now = find_onboarding(conn, wanted), report.now
    saves.lock(conn, key)
    report.guard(conn, key)
    case = cases.load(conn, [key], now, context.calendars(now), context.settings.only_accounts)[key]
    return FactEntry(context, conn, case, report)


def said_once(fresh: bool, said: str) -> str:
    """Return the sentence for the person, marked as known where the same was reported before."""
    return said if fresh else sentence("replies.known", said=said)


def refuse_ahead(report: FactReport) -> None:
    """Raise Refused for a time of happening that lies ahead or outside the limits of dates."""
    at, now = report.at, report.now
    refuse_far(at, "--at")
    if at is not None and at > now:
        raise Refused(f"--at {at:%Y-%m-%d %H:%M}Z lies ahead of {now:%Y-%m-%d %H:%M}Z; a fact has happened")


def need_address(text: str) -> str:
    """Return the mail address in its canonical spelling. Raises Refused for anything else."""
    try:
        return mail_address(text)
    except ValueError:
        raise Refused("this is not one mail address; write it like ana@acme.example") from None
