"""Reads the portfolio for a report, batch by batch; each onboarding is measured as it was known at the moment."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection

from config.company.calendars import calendar_of_code, years_around
from config.files.tier_names import tier_named
from config.playbook_library.kept import put_together
from config.playbook_library.library import PlaybookLibrary
from database import key_values
from database.bulk import collector_resting
from database.engine import Database
from database.onboardings import cases, counts
from database.reporting.deals import further_deals, historic_deals, usage_is_known
from database.reporting.history import as_used_at, journals, opened_by
from database.reporting.users import active_up_to, trial_users, users
from onboarding.audit import Audit, audit
from onboarding.metrics.compute import Portfolio, compute
from onboarding.metrics.figures import AccountFigures
from onboarding.metrics.known import Noted
from onboarding.metrics.measure import Subject, health_at, measure
from onboarding.metrics.usage import AccountUse
from onboarding.model.case import Calendar, Case
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import LIVE, Stage, Tier
from onboarding.usage.key_actions import SignalNames, signal_names

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


def asked_tier(database: Database, text: str, library: PlaybookLibrary) -> Tier:
    """Return the tier of this name: one with a playbook, or one that onboardings have from earlier playbooks. Raise
    UnknownTier, which says what may have been meant."""
    with database.reading() as conn:
        known = [*library.playbook_versions, *map(Tier, sorted(counts.count_by_tier(conn)))]
    return tier_named(text, list(dict.fromkeys(known)))


def read_portfolio(database: Database, question: Question) -> Portfolio:
    """Return the metrics and the accounts behind them, all from one snapshot of the database. Reads only."""
    return read_portfolios(database, question)[0]


def read_portfolios(database: Database, question: Question, *earlier: datetime) -> tuple[Portfolio, ...]:
    """Return the same at ``question.as_of`` and at each ``earlier`` moment (UTC), from one snapshot in which every
    onboarding is read once. The health some weeks before is known for the first only. Reads only."""
    moments = (question.as_of, *earlier)
    with database.reading() as conn:
        found = _Reading(conn, question, moments).figures()
        return tuple(compute(found[at], at, question.since) for at in moments)


def read_audit(database: Database, question: Question) -> Audit | None:
    """Return what the CRM's history shows of all won deals; None for a report of one tier or of some accounts, which
    the history does not tell apart. Reads only."""
    if question.tier is not None or question.accounts is not None:
        return None
    with database.reading() as conn:
        deals = historic_deals(conn, question.as_of, question.since)
        return audit(deals, question.as_of, usage_known=usage_is_known(conn))


class _Reading:
    """One snapshot of the database, measured at several moments, the last one first."""

    def __init__(self, conn: Connection, question: Question, moments: Sequence[datetime]) -> None:
        self.conn, self.question, self.moments = conn, question, moments
        self.opened = {at: frozenset(opened_by(conn, at, question.since)) for at in moments}
        years = years_around(question.as_of)
        self.calendars: Callable[[str | None], Calendar] = lambda code: calendar_of_code(code, years)
        self.playbook = cache(self._playbook)

    def figures(self) -> Mapping[datetime, list[AccountFigures]]:
        """Return by moment what each onboarding contributes. Memory holds one batch of cases, and the small figures of
        all."""
        found: dict[datetime, list[AccountFigures]] = {at: [] for at in self.moments}
        keys = sorted(frozenset[str]().union(*self.opened.values()))
        for start in range(0, len(keys), BATCH):
            for at, measured in self._measured(keys[start : start + BATCH]).items():
                found[at] += filter(self._asked_for, measured)
        return found

    def _asked_for(self, one: AccountFigures) -> bool:
        accounts = self.question.accounts
        return self.question.tier in (None, one.tier) and (accounts is None or one.account_id in accounts)

    @collector_resting()
    def _measured(self, keys: Sequence[str]) -> dict[datetime, list[AccountFigures]]:
        """Return these onboardings measured at each moment, with the health at the first some weeks before."""
        last = self.question.as_of
        before = last - BEFORE
        batch = _Batch(
            loaded=cases.load(self.conn, keys, last, self.calendars),
            journal=journals(self.conn, keys),
            use_at=lambda found, at: as_used_at(self.conn, found, at) if at != last else found,
        )
        found = {}
        for at in self.moments:
            subjects = self._subjects(batch, [key for key in keys if key in self.opened[at]], at)
            found[at] = {key: measure(one, at) for key, one in subjects.items()}
        live = [
            key
            for key, one in found[last].items()
            if one.status in LIVE and batch.loaded[key].progress.opened_at <= before
        ]
        for key, case in batch.at(before, live).items():
            then = Subject(
                case=case, playbook=self.playbook(case.progress.playbook), journal=batch.journal.get(key, ())
            )
            found[last][key] = replace(found[last][key], health_before=health_at(then, before))
        return {at: list(some.values()) for at, some in found.items()}

    def _subjects(self, batch: "_Batch", keys: Sequence[str], at: datetime) -> dict[str, Subject]:
        found = batch.at(at, keys)
        playbooks = {key: self.playbook(case.progress.playbook) for key, case in found.items()}
        use, further = self._use(found, playbooks, at), further_deals(self.conn, list(found), at)
        return {
            key: Subject(
                case=case,
                playbook=playbooks[key],
                journal=batch.journal.get(key, ()),
                use=use.get(key),
                further=further.get(key, ()),
            )
            for key, case in found.items()
        }

    def _use(
        self, found: Mapping[str, Case], playbooks: Mapping[str, Playbook], at: datetime
    ) -> Mapping[str, AccountUse]:
        """Return by onboarding who used the product; empty where no source of usage is connected."""
        used: dict[str, AccountUse] = {}
        done = {key: case.progress.stage_times.get(Stage.DONE) for key, case in found.items()}
        at_end = active_up_to(self.conn, {key: end for key, end in done.items() if end is not None and end <= at})
        by_names: defaultdict[SignalNames, list[str]] = defaultdict(list)
        for key, case in found.items():
            by_names[signal_names(playbooks[key], case)].append(key)
        for names, mine in by_names.items():
            people = users(self.conn, mine, names, at)
            if people is None:
                continue
            tried = trial_users(self.conn, mine, names, at)
            used |= {
                key: AccountUse(users=people.get(key, ()), trial=tried.get(key, ()), at_end=at_end.get(key))
                for key in mine
            }
        return used

    def _playbook(self, content_hash: str) -> Playbook:
        return put_together(key_values.kept_playbooks(self.conn, [content_hash])[content_hash])


class _Batch:
    """Some onboardings, loaded once for the last moment, and as they were used by an earlier one."""

    def __init__(
        self,
        loaded: Mapping[str, Case],
        journal: Mapping[str, tuple[Noted, ...]],
        use_at: Callable[[Mapping[str, Case], datetime], Mapping[str, Case]],
    ) -> None:
        self.loaded, self.journal = loaded, journal
        self._use_at = cache(lambda at: use_at(loaded, at))

    def at(self, at: datetime, keys: Sequence[str]) -> Mapping[str, Case]:
        """Return these onboardings with their usage up to that moment, which is read once."""
        found = self._use_at(at) if keys else {}
        return {key: found[key] for key in keys if key in found}
