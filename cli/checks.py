"""What ``check`` looks at, one thing after the other; each is read as a run would read it, nothing is made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.opening import remembered
from cli.options import Unusable

if TYPE_CHECKING:
    from config.salesforce_login import SalesforceCrm
    from config.settings import Settings
    from database.stops import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of ``check``."""

    what: str
    ok: bool
    said: str


def findings() -> Iterator[Finding]:
    """Everything that a run needs, in the order in which it needs it. Raises SettingsError for unusable
    settings."""
    from config.salesforce_login import SalesforceCrm
    from config.settings import load_settings

    settings = load_settings()
    yield Finding(what="settings", ok=True, said=f"home {settings.home}")
    for what, look in (
        ("database", _database),
        ("playbooks", _playbooks),
        ("team", _team),
        ("CRM", _crm),
        ("signals", _signals),
        ("mail", _mail),
        ("Slack", _slack),
        ("Prefect", _prefect),
    ):
        if what == "CRM" and isinstance(settings.crm, SalesforceCrm):
            yield from _org(settings.crm)
        else:
            yield _looked(what, look, settings)


def known_stops() -> "tuple[Stop, ...]":
    """What is stopped, as far as there is a database that can be read; what is wrong with one is a finding. Raises
    SettingsError for unusable settings."""
    from config.settings import load_settings
    from database.engine import DatabaseProblem
    from database.stops import stops

    try:
        database = remembered(load_settings())
    except (DatabaseProblem, Unusable):
        return ()
    try:
        with database.reading() as conn:
            return stops(conn)
    finally:
        database.close()


def _looked(what: str, look: "Callable[[Settings], str]", settings: "Settings") -> Finding:
    try:
        return Finding(what=what, ok=True, said=look(settings))
    except Exception as error:
        return Finding(what=what, ok=False, said=_in_one_line(error))


def _in_one_line(error: Exception) -> str:
    from config.secret import without_secrets

    return without_secrets(" ".join(f"{error}".split())) or type(error).__name__


def _org(choice: "SalesforceCrm") -> Iterator[Finding]:
    from config.mapping import load_mapping
    from tasks.doors import inspect_crm

    try:
        for ok, said in inspect_crm(choice, load_mapping()):
            yield Finding(what="CRM", ok=ok, said=said)
    except Exception as error:
        yield Finding(what="CRM", ok=False, said=_in_one_line(error))


def _database(settings: "Settings") -> str:
    from database.engine import connect, open_database, sqlite_file

    asked = connect(settings.database_url)
    asked.close()
    file = sqlite_file(asked.engine.url)
    if file is not None and not file.exists():
        return f"none yet; the first run makes {file}"
    opened = open_database(settings.database_url, create=False)
    opened.close()
    return opened.place


def _playbooks(settings: "Settings") -> str:
    from config.mistakes import PlaybookError
    from config.playbook_check import check
    from config.templates import open_templates

    mistakes = check(settings.playbooks, open_templates(settings.templates))
    if mistakes:
        raise PlaybookError(mistakes)
    return f"{settings.playbooks}, templates {settings.templates}"


def _team(settings: "Settings") -> str:
    from config.team import load_team

    return f"{len(load_team(settings.team).members)} people in {settings.team}"


def _crm(settings: "Settings") -> str:
    from tasks.workplace import open_workplace

    with open_workplace(settings, dry=True) as place:
        batch = place.crm.read(None)
    won = sum(deal.won for deal in batch.deals)
    new = settings.sample is not None and not settings.sample.exists()
    made = " (the sample, made at the first run)" if new else ""
    aside = f", {len(batch.problems)} records to be set aside" if batch.problems else ""
    return f"{settings.crm.place}{made}: {won} won deals{aside}"


def _signals(settings: "Settings") -> str:
    from tasks.doors import open_signals

    with open_signals(settings.signals) as source:
        if source is None:
            return "no source of product usage"
        batch = source.read(None)
    aside = f", {len(batch.problems)} lines to be set aside" if batch.problems else ""
    return f"{len(batch.signals)} events{aside}"


def _mail(settings: "Settings") -> str:
    from tasks.doors import inspect_mail

    redirected = f"; every mail goes to {settings.mail_redirect} instead" if settings.mail_redirect else ""
    return f"{inspect_mail(settings)}, from {settings.mail_from}{redirected}"


def _slack(settings: "Settings") -> str:
    from tasks.doors import inspect_chat

    return inspect_chat(settings.chat)


def _prefect(settings: "Settings") -> str:
    from flows.engine.api import LOCK, configured_api, pages_of
    from flows.engine.turns import told_by_holder

    records = settings.home / "prefect"
    if api := configured_api():
        return _configured_prefect(api)
    if kept := told_by_holder(records / LOCK):
        return f"server {pages_of(kept)}, kept by `first90 up`"
    return f"started by `first90 run` and `first90 up`, as none is configured; its records: {records}"


def _configured_prefect(api: str) -> str:
    from flows.engine.api import pages_of
    from flows.engine.knocking import Door, door_of, unwelcome

    server, door = f"server {pages_of(api)}", door_of(api)
    if door is Door.OPEN:
        raise LookupError(
            f"{server} lets everybody in without a login: whoever reaches it, a web page in a browser here included, "
            "may start commands on its workers' machines. Start it with PREFECT_SERVER_API_AUTH_STRING=user:password "
            "and its own address in PREFECT_SERVER_CORS_ALLOWED_ORIGINS, and set PREFECT_API_AUTH_STRING here"
        )
    if door is Door.REFUSES_US:
        raise LookupError(unwelcome(api))
    if door is Door.SILENT:
        raise LookupError(f"{server} does not answer; start it, or correct PREFECT_API_URL")
    return f"{server}, which {door}"
