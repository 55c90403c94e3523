"""Opens the adapters that the settings choose: CRM, mail, Slack, signals. A vendor's library is imported only then."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from config.company.mapping import CrmMapping
from config.settings.channels import (
    CsvCrm,
    CsvSignals,
    FileChat,
    HttpSignals,
    PythonSignals,
    SignalSource,
    SlackChat,
    SourceOf,
)
from config.settings.load import Settings
from config.settings.mail_senders import HttpMail, MaildirMail, SmtpMail
from config.settings.salesforce_login import SalesforceCrm
from database.engine import Database
from database.outbox.leased import kept_payload
from integrations.ports import Crm, Sender, Signals, Unreachable, UnusableSource

if TYPE_CHECKING:
    from integrations.slack.socket_mode import Receiver


@contextmanager
def open_crm(choice: CsvCrm | SalesforceCrm, mapping: CrmMapping, first_day: date | None = None) -> Iterator[Crm]:
    """Open the CRM. ``first_day``: deals closed long before it need not be read. Nothing is requested before the first
    call."""
    match choice:
        case CsvCrm(folder=folder):
            from integrations.csv_crm.folder import CsvFolder

            yield CsvFolder(folder, mapping)
        case SalesforceCrm():
            from integrations.salesforce.api.session import Session
            from integrations.salesforce.org import SalesforceOrg

            with closing(SalesforceOrg(Session(choice), mapping, first_day)) as org:
                yield org


def check_input(settings: Settings) -> None:
    """Raise UnusableSource for a CRM folder whose files cannot be used at all, before a run begins.

    An org is not asked. A folder that is being written, or lacks rights, may be well by then: the run reports it.
    """
    made_at_first_use = settings.sample is not None and not settings.sample.exists()
    if isinstance(settings.crm, CsvCrm) and not made_at_first_use:
        from integrations.csv_crm.files import check_folder

        try:
            check_folder(settings.crm.folder)
        except UnusableSource:
            raise
        except Unreachable:
            return


def inspect_crm(choice: SalesforceCrm, mapping: CrmMapping) -> Iterator[tuple[bool, str]]:
    """Return what an org offers in a few lines, each with whether it suffices; nothing is changed there."""
    from integrations.salesforce.inspection import inspect

    return ((line.ok, line.said) for line in inspect(choice, mapping))


def accounts_in_org(choice: SalesforceCrm, accounts: Collection[str]) -> frozenset[str]:
    """Return which of these account ids an org has, also those without a won deal. Raises Refused."""
    from integrations.salesforce.api.session import Session
    from integrations.salesforce.inspection import known_accounts

    with closing(Session(choice)) as session:
        return known_accounts(session, accounts)


@contextmanager
def open_mail(settings: Settings) -> Iterator[Sender]:
    """Open the mail sender that is set."""
    match settings.mail:
        case MaildirMail(folder=folder):
            from integrations.mail.maildir import Maildir

            yield Maildir(folder)
        case SmtpMail() as server:
            from integrations.mail.smtp.sender import SmtpSender

            with closing(SmtpSender(server)) as sender:
                yield sender
        case HttpMail() as choice:
            from integrations.mail.providers import open_provider

            with closing(open_provider(choice)) as provider:
                yield provider


def inspect_mail(settings: Settings) -> str:
    """Return the mail sender in a line: a server is logged in to, a provider's token is tried, and no mail is sent.

    Raises Unreachable with what is wrong and the mend.
    """
    with open_mail(settings) as sender:
        check = getattr(sender, "check", None)
        return f"{settings.mail.place}: {check()}" if check else settings.mail.place


@contextmanager
def open_chat(choice: FileChat | SlackChat, database: Database) -> Iterator[Sender]:
    """Open the sender of Slack messages. A doubt is settled with the payload that the database kept."""
    match choice:
        case FileChat(path=path):
            from integrations.slack.file import ChatFile

            yield ChatFile(path)
        case SlackChat():
            from integrations.slack.workspace import SlackWorkspace

            def kept(key: str) -> Mapping[str, Any] | None:
                with database.reading() as conn:
                    return kept_payload(conn, key)

            yield SlackWorkspace(choice, kept)


@contextmanager
def open_button_socket(choice: SlackChat, receiver: "Receiver") -> Iterator[None]:
    """Pass what people do in Slack to ``receiver`` over Socket Mode while open. Raises Unreachable, with the mend."""
    from integrations.slack.socket_mode import listening

    assert choice.app_token is not None
    with listening(choice.app_token, choice.api_url, receiver):
        yield


def inspect_chat(choice: FileChat | SlackChat) -> str:
    """Return the Slack connection in a line; no message is sent. Raises Unreachable with what is missing."""
    match choice:
        case FileChat():
            return choice.place
        case SlackChat():
            from integrations.slack.inspection import inspect

            return inspect(choice)


@contextmanager
def open_signals(
    choice: SignalSource | None, clock: Callable[[], datetime], of: SourceOf = "usage"
) -> Iterator[Signals | None]:
    """Open the source that is set, of product usage or of what customers tell; None where none is. ``clock`` tells
    which events of a function are dated ahead."""
    from integrations.signals.records import LAYOUTS

    layout = LAYOUTS[of]
    match choice:
        case CsvSignals(path=path):
            from integrations.signals.csv_file import SignalFile

            yield SignalFile(path, layout)
        case HttpSignals(url=url):
            from integrations.signals.http import SignalAddress

            with closing(SignalAddress(url, layout)) as address:
                yield address
        case PythonSignals(function=function):
            from integrations.signals.function import SignalFunction

            yield SignalFunction(function, clock, layout)
        case None:
            yield None
