"""The run context: everything that a task works with, opened once for a run and passed down."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from config.company.brand import load_brand, load_resources
from config.company.calendars import calendar_of, years_around
from config.company.mapping import CrmMapping, load_mapping
from config.company.team import load_team
from config.files.private import close_home, keep_private
from config.mail_templates.render import Templates, open_templates
from config.playbook_library.library import PlaybookLibrary, from_content, load_library
from config.sample_portfolio.sample import make_sample
from config.settings.channels import CsvCrm
from config.settings.load import Settings
from config.settings.salesforce_login import SalesforceCrm
from database import key_values
from database.engine import Database
from database.opening import open_database
from database.shared_clock import machine_clock, shared_clock
from database.snapshot import scratch
from integrations.ports import Crm, Sender, Signals
from integrations.recording import Recording, RecordingCrm
from onboarding.booking.diary import Diary
from onboarding.brand.company import Brand
from onboarding.brand.resources import Resources
from onboarding.model.case import Calendar
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Hours
from onboarding.model.vocabulary import Channel
from onboarding.people.team import Team
from tasks.runtime.adapters import open_chat, open_crm, open_mail, open_signals
from tasks.runtime.first_day import first_day
from tasks.runtime.kept_reviews import KeptReviews


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """Settings, database, adapters and playbooks of one run. ``wall_clock`` is for leases, rate limits and breakers;
    decisions take the run's ``as_of``, which is the wall clock's where a person gives none."""

    settings: Settings
    database: Database
    crm: Crm
    mail: Sender
    chat: Sender
    signals: Signals | None
    tickets: Signals | None
    surveys: Signals | None
    library: PlaybookLibrary
    team: Team
    mapping: CrmMapping
    templates: Templates
    resources: Resources
    wall_clock: Callable[[], datetime]
    clock_ahead: timedelta = timedelta()
    """How far this machine's clock was ahead of that one when the run context was opened."""
    pause: Callable[[float], None] = time.sleep
    """Wait so many seconds of the wall clock."""
    dry: bool = False
    playbook_versions: dict[str, Playbook] = field(default_factory=dict)
    """Playbook versions by hash, as far as they were needed in this run."""
    calendars_kept: set[tuple[str, Sequence[int]]] = field(default_factory=set)
    """Countries and years whose calendar this run has stored in the database."""
    diaries: dict[datetime, Diary] = field(default_factory=dict)
    """What is taken of our people's time, by the moment for which this run has read it."""
    reviews: KeptReviews = field(default_factory=KeptReviews)
    """What this run has reviewed and saved."""

    def sender(self, channel: Channel) -> Sender:
        """Return the sender of a channel."""
        return {Channel.MAIL: self.mail, Channel.SLACK: self.chat, Channel.CRM: self.crm}[channel]

    @property
    def brand(self) -> Brand:
        """Return the company in whose name mails and pages speak."""
        return self.templates.brand

    def playbook_version(self, content_hash: str) -> Playbook:
        """Return the playbook version with this hash: the library's if it is the newest, else the database's."""
        if content_hash not in self.playbook_versions:
            self.playbook_versions.update(
                {
                    playbook_version.hash: playbook_version.playbook
                    for playbook_version in self.library.playbook_versions.values()
                }
            )
        if content_hash not in self.playbook_versions:
            with self.database.reading() as conn:
                content = key_values.kept_playbooks(conn, [content_hash])[content_hash]
            self.playbook_versions[content_hash] = from_content(content)
        return self.playbook_versions[content_hash]

    def calendars(self, as_of: datetime) -> Callable[[str | None], Calendar]:
        """Return a function from country code to that country's working calendar around a moment."""
        years = years_around(as_of)
        return lambda country: calendar_of(country, years)

    @property
    def office_hours(self) -> tuple[Hours, ...]:
        """Return the working hours for what belongs to no onboarding: those of the first playbook."""
        return next(iter(self.library.playbook_versions.values())).playbook.pace.hours


@contextmanager
def open_run_context(settings: Settings, *, create: bool = True, dry: bool = False) -> Iterator[RunContext]:
    """Open everything that a run needs, and close it at the end.

    ``create`` makes and migrates the embedded database on first use. A ``dry`` run context has a scratch copy of
    the database and senders that only record: nothing leaves. The bundled sample is made where it is the CRM and
    does not exist yet, also for a dry run (in a folder of its own, which is removed again).
    Raises SettingsError, PlaybookError, DocumentError or DatabaseProblem, each with the place and the mend.
    """
    # The operator's files are read first: an error in them must not leave even an empty database behind.
    library = load_library(settings.playbooks)
    team, mapping = (
        load_team(settings.team, library.playbook_versions),
        load_mapping().for_tiers(library.playbook_versions),
    )
    brand, resources = load_brand(settings.brand), load_resources(settings.resources)
    keep_private()
    if not dry:
        close_home(settings.home, sample=settings.sample is not None)
    database = scratch(settings.database_url) if dry else open_database(settings.database_url, create=create)
    try:
        with crm_folder(settings, dry) as settings, ExitStack() as adapters:
            wall_clock, ahead = shared_clock(database)
            crm = adapters.enter_context(open_crm(settings.crm, mapping, _first_day(settings, database)))
            yield RunContext(
                settings=settings,
                database=database,
                crm=RecordingCrm(crm) if dry else crm,
                mail=Recording() if dry else adapters.enter_context(open_mail(settings)),
                chat=Recording() if dry else adapters.enter_context(open_chat(settings.chat, database)),
                signals=adapters.enter_context(open_signals(settings.signals, wall_clock)),
                tickets=adapters.enter_context(open_signals(settings.tickets, wall_clock, "tickets")),
                surveys=adapters.enter_context(open_signals(settings.surveys, wall_clock, "surveys")),
                library=library,
                team=team,
                mapping=mapping,
                templates=open_templates(settings.templates, brand),
                resources=resources,
                wall_clock=wall_clock,
                clock_ahead=ahead,
                dry=dry,
            )
    finally:
        database.close()


def _first_day(settings: Settings, database: Database) -> date | None:
    """Return the first close date of an org's deals that are read; None for a folder, which is read whole."""
    if not isinstance(settings.crm, SalesforceCrm):
        return None
    with database.reading() as conn:
        return first_day(conn, settings, machine_clock())


@contextmanager
def crm_folder(settings: Settings, dry: bool) -> Iterator[Settings]:
    """Yield the settings with a CRM folder that exists: the sample is made at first use."""
    if (sample := settings.sample) is None:
        yield settings
        return
    if not dry or sample.exists():
        make_sample(sample, machine_clock())
        yield settings
        return
    with TemporaryDirectory(prefix="first90-sample-") as scratch_folder:
        folder = Path(scratch_folder) / "crm"
        make_sample(folder, machine_clock())
        yield replace(settings, crm=CsvCrm(folder=folder, is_sample=True))
