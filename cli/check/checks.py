"""The checks in order; each part is read as a run would read it, and nothing is made."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.check.brand import brand
from cli.check.crm import look_at_crm
from cli.check.database import database
from cli.check.findings import Finding, in_one_line
from cli.check.languages import spoken
from cli.check.named import Known, our_people, pilot
from cli.check.plan_pages import plan_pages
from cli.check.playbooks import playbooks
from cli.check.roles import roles
from cli.check.unheld import unheld
from cli.opening import existing_database
from cli.options import Unusable
from cli.printing import counted

if TYPE_CHECKING:
    from config.settings.channels import SignalSource, SourceOf
    from config.settings.load import Settings
    from database.channels.stops import Stop
    from onboarding.model.usage import SignalBatch
    from onboarding.model.vocabulary import Tier


def findings() -> Iterator[Finding]:
    """Yield findings on everything that a run needs, in that order; a fault that several parts would meet is reported
    once. Raises SettingsError for unusable settings."""
    from config.settings.load import load_settings

    settings = load_settings()
    yield Finding(what="settings", ok=True, said=f"home {settings.home}")
    faults = _faults(settings)
    if "home" in faults:
        yield Finding(what="home", ok=False, said=faults["home"])
    known: Known | None = None
    for what, look in (
        ("database", database),
        ("playbooks", playbooks),
        ("CRM", None),
        ("team", None),
        ("signals", _signals),
        ("tickets", _tickets),
        ("surveys", _surveys),
        ("mail", _mail),
        ("brand", None),
        ("Slack", _slack),
        ("Prefect", _prefect),
    ):
        if what in faults:
            if faults[what]:
                yield Finding(what=what, ok=False, said=faults[what])
        elif look is not None:
            yield _checked(what, look, settings)
        elif what == "CRM":
            found, known = look_at_crm(settings)
            yield from found
        elif what == "team":
            yield from _named(settings, known)
        else:
            yield from brand(settings)
            yield from plan_pages(settings)


def _faults(settings: "Settings") -> dict[str, str]:
    """Return by line of ``check`` what cannot be written; an empty text where another line reports it already."""
    from cli.check.places import obstacle, places, told

    seen: set[Path] = set()
    found: dict[str, str] = {}
    for place in places(settings):
        if (fault := obstacle(place)) is not None:
            found.setdefault(place.what, "" if fault.at in seen else told(place, fault))
            seen.add(fault.at)
    return found


def _named(settings: "Settings", known: Known | None) -> Iterator[Finding]:
    from config.company.team import load_team

    try:
        team = load_team(settings.team, _tiers(settings))
    except Exception as error:
        yield Finding(what="team", ok=False, said=in_one_line(error))
    else:
        yield our_people(settings, team, known)
        yield roles(settings, team)
        yield unheld(settings, team)
        yield from spoken(settings, team)
    yield from pilot(settings, known)


def _tiers(settings: "Settings") -> "Collection[Tier] | None":
    """Return the tiers with a playbook; None where the playbooks cannot be read, which is a finding of its own."""
    from config.files.mistakes import PlaybookError
    from config.playbook_library.library import load_library

    try:
        return load_library(settings.playbooks).playbook_versions
    except PlaybookError:
        return None


def known_stops() -> "tuple[Stop, ...]":
    """Return the stops in force; empty where there is no readable database, which is a finding of its own. Raises
    SettingsError for unusable settings."""
    from config.settings.load import load_settings
    from database.channels.stops import stops
    from database.engine import DatabaseProblem

    try:
        database = existing_database(load_settings())
    except (DatabaseProblem, Unusable):
        return ()
    try:
        with database.reading() as conn:
            return stops(conn)
    finally:
        database.close()


def _checked(what: str, look: "Callable[[Settings], str]", settings: "Settings") -> Finding:
    try:
        return Finding(what=what, ok=True, said=look(settings))
    except Exception as error:
        return Finding(what=what, ok=False, said=in_one_line(error))


def _signals(settings: "Settings") -> str:
    from tasks.runtime.adapters import open_signals

    with open_signals(settings.signals, _wall_clock) as source:
        if source is None:
            return "no source of product usage"
        last: dict[str, datetime] = {}
        return _counted(_remembered(source.read(None), last), "events") + _arriving(last)


def _tickets(settings: "Settings") -> str:
    return _told(settings.tickets, "tickets", "no source of support tickets", "tickets")


def _surveys(settings: "Settings") -> str:
    hooked = ", and /hooks/surveys" if settings.survey_hook_secret else ""
    return _told(settings.surveys, "surveys", "no file or address of answers to surveys", "answers") + hooked


def _told(choice: "SignalSource | None", of: "SourceOf", none: str, noun: str) -> str:
    from tasks.runtime.adapters import open_signals

    with open_signals(choice, _wall_clock, of) as source:
        return none if source is None else _counted(source.read(None), noun)


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def _remembered(parts: "Iterable[SignalBatch]", last: dict[str, datetime]) -> "Iterator[SignalBatch]":
    """Yield the parts, and keep each account's last event in ``last``; those dated ahead are no sign of life."""
    now = _wall_clock()
    for part in parts:
        for one in part.signals:
            if one.at <= now:
                last[one.account] = max(one.at, last.get(one.account, one.at))
        yield part


def _arriving(last: dict[str, datetime]) -> str:
    from onboarding.model.phrases import day_words
    from onboarding.usage.arrival import heard_at, stopped

    if not last:
        return ""
    said = stopped(None, heard_at(list(last.values())), _wall_clock())
    told = f", the last on {day_words(max(last.values()))}"
    return f"{told}. {said} Stalls by usage wait for some" if said else told


def _counted(parts: "Iterable[SignalBatch]", what: str) -> str:
    number = wrong = 0
    for part in parts:
        number, wrong = number + len(part.signals), wrong + len(part.problems)
    return f"{number} {what}" + (f", {counted(wrong, 'line')} to be set aside" if wrong else "")


def _mail(settings: "Settings") -> str:
    from tasks.runtime.adapters import inspect_mail

    redirected = f"; every mail goes to {settings.mail_redirect} instead" if settings.mail_redirect else ""
    return f"{inspect_mail(settings)}, from {settings.mail_from}{redirected}"


def _slack(settings: "Settings") -> str:
    from tasks.runtime.adapters import inspect_chat

    return inspect_chat(settings.chat)


def _prefect(settings: "Settings") -> str:
    from supervisor.api import LOCK, configured_api, pages_of
    from supervisor.lock import note_of_holder

    records = settings.home / "prefect"
    if api := configured_api():
        return _configured_prefect(api)
    if kept := note_of_holder(records / LOCK):
        return f"server {pages_of(kept)}, kept by `first90 up`"
    return f"started by `first90 run` and `first90 up`, as none is configured; its records: {records}"


def _configured_prefect(api: str) -> str:
    from supervisor.api import pages_of
    from supervisor.probe import ServerAccess, access_of, login_problem, silence

    server, access = f"server {pages_of(api)}", access_of(api)
    if access is ServerAccess.OPEN:
        raise LookupError(
            f"{server} lets everybody in without a login: whoever reaches it, a web page in a browser here included, "
            "may start commands on its workers' machines. Start it with PREFECT_SERVER_API_AUTH_STRING=user:password "
            "and its own address in PREFECT_SERVER_CORS_ALLOWED_ORIGINS, and set PREFECT_API_AUTH_STRING here"
        )
    if access is ServerAccess.REFUSES_US:
        raise LookupError(login_problem(api))
    if access is ServerAccess.SILENT:
        raise LookupError(f"{silence(api)}; start it, or correct PREFECT_API_URL there")
    return f"{server}, which {access}"
