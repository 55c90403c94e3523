"""Reads the portfolio for a report, batch by batch; each onboarding is measured as it was known at the moment."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection

from config.company.calendars import calendar_of_code, years_around
from config.playbook_library.kept import put_together
from database import key_values
from database.bulk import collector_resting
from database.engine import Database
from database.onboardings import cases
from database.reporting.deals import historic_deals, usage_is_known
from database.reporting.history import journals, opened_by
from database.reporting.users import active_up_to, users
from onboarding.audit import Audit, audit
from onboarding.metrics.compute import Portfolio, compute
from onboarding.metrics.figures import AccountFigures
from onboarding.metrics.known import Noted
from onboarding.metrics.measure import Subject, health_at, measure
from onboarding.metrics.usage import AccountUse, key_actions
from onboarding.model.case import Calendar, Case
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import LIVE, Stage, Tier

BATCH = 100
"""Onboardings read and measured at once, with all their users: some megabytes."""
BEFORE = timedelta(days=30)
"""Health is shown beside its value so long before. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The parameters of a report. Moments are in UTC."""

    as_of: datetime
    since: datetime | None = None
    """Deals signed before this moment do not count."""
    tier: Tier | None = None
    accounts: frozenset[str] | None = None
    """Only these account ids; None: all."""


def read_portfolio(database: Database, question: Question) -> Portfolio:
    """Return the metrics and the accounts behind them, all from one snapshot of the database. Reads only."""
    with database.reading() as conn:
        return compute(list(figures(conn, question)), question.as_of, question.since)


def read_audit(database: Database, question: Question) -> Audit | None:
    """Return what the CRM's history shows of all won deals; None for a report of one tier or of some accounts, which
    the history does not tell apart. Reads only."""
    if question.tier is not None or question.accounts is not None:
        return None
    with database.reading() as conn:
        deals = historic_deals(conn, question.as_of, question.since)
        return audit(deals, question.as_of, usage_known=usage_is_known(conn))


def figures(conn: Connection, question: Question) -> Iterator[AccountFigures]:
    """Yield what each onboarding contributes. Memory holds one batch of cases, and the small figures of all."""
    reading = _Reading(conn, question.as_of)
    keys = opened_by(conn, question.as_of, question.since)
    for start in range(0, len(keys), BATCH):
        for one in reading.measured(keys[start : start + BATCH]):
            if question.tier in (None, one.tier) and (question.accounts is None or one.account_id in question.accounts):
                yield one


class _Reading:
    """One snapshot of the database at one moment."""

    def __init__(self, conn: Connection, as_of: datetime) -> None:
        self.conn, self.as_of = conn, as_of
        years = years_around(as_of)
        self.calendars: Callable[[str | None], Calendar] = lambda code: calendar_of_code(code, years)
        self.playbook = cache(self._playbook)

    @collector_resting()
    def measured(self, keys: Sequence[str]) -> list[AccountFigures]:
        """Return these onboardings measured, with the health score of those under way some weeks before."""
        subjects = self._subjects(keys, self.as_of)
        found = {key: measure(one, self.as_of) for key, one in subjects.items()}
        earlier = self.as_of - BEFORE
        live = [key for key, one in found.items() if one.status in LIVE]
        before = self._loaded([key for key in live if subjects[key].case.progress.opened_at <= earlier], earlier)
        for key, case in before.items():
            then = Subject(case=case, playbook=subjects[key].playbook, journal=subjects[key].journal)
            found[key] = replace(found[key], health_before=health_at(then, earlier))
        return list(found.values())

    def _subjects(self, keys: Sequence[str], at: datetime) -> dict[str, Subject]:
        found, noted = self._loaded(keys, at), journals(self.conn, keys)
        playbooks = {key: self.playbook(case.progress.playbook) for key, case in found.items()}
        use = self._use(found, playbooks)
        return {
            key: Subject(case=case, playbook=playbooks[key], journal=_lines(noted, key), use=use.get(key))
            for key, case in found.items()
        }

    def _loaded(self, keys: Sequence[str], at: datetime) -> Mapping[str, Case]:
        return cases.load(self.conn, keys, at, self.calendars)

    def _use(self, found: Mapping[str, Case], playbooks: Mapping[str, Playbook]) -> Mapping[str, AccountUse]:
        """Return by onboarding who used the product; empty where no source of usage is connected."""
        used: dict[str, AccountUse] = {}
        done = {key: case.progress.stage_times.get(Stage.DONE) for key, case in found.items()}
        at_end = active_up_to(self.conn, {key: at for key, at in done.items() if at is not None and at <= self.as_of})
        for playbook in set(playbooks.values()):
            mine = [key for key, one in playbooks.items() if one == playbook]
            people = users(self.conn, mine, key_actions(playbook), self.as_of)
            if people is not None:
                used |= {key: AccountUse(users=people.get(key, ()), at_end=at_end.get(key)) for key in mine}
        return used

    def _playbook(self, content_hash: str) -> Playbook:
        return put_together(key_values.kept_playbooks(self.conn, [content_hash])[content_hash])


def _lines(noted: Mapping[str, tuple[Noted, ...]], key: str) -> tuple[Noted, ...]:
    return noted.get(key, ())
