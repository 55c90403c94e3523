"""The doors to the outside, opened as the settings choose. A vendor's library is imported where it is chosen."""

from collections.abc import Iterator
from contextlib import contextmanager

from config.channels import CsvCrm, CsvSignals, FileChat, HttpSignals, SlackChat
from config.mail_ways import MaildirMail
from config.mapping import CrmMapping
from config.salesforce_login import SalesforceCrm
from config.settings import Settings
from integrations.ports import Crm, Sender, Signals


@contextmanager
def open_crm(choice: CsvCrm | SalesforceCrm, mapping: CrmMapping) -> Iterator[Crm]:
    """The system of record."""
    match choice:
        case CsvCrm(folder=folder):
            from integrations.csv_crm.folder import CsvFolder

            yield CsvFolder(folder, mapping)
        case SalesforceCrm():
            raise NotImplementedError


@contextmanager
def open_mail(settings: Settings) -> Iterator[Sender]:
    """The way out for mail."""
    match settings.mail:
        case MaildirMail(folder=folder):
            from integrations.maildir import Maildir

            yield Maildir(folder)
        case _:
            raise NotImplementedError


@contextmanager
def open_chat(choice: FileChat | SlackChat) -> Iterator[Sender]:
    """The way out for Slack messages."""
    match choice:
        case FileChat(path=path):
            from integrations.chat_file import ChatFile

            yield ChatFile(path)
        case SlackChat():
            raise NotImplementedError


def open_signals(choice: CsvSignals | HttpSignals | None) -> Signals | None:
    """The source of product usage that is set, or None."""
    match choice:
        case CsvSignals(path=path):
            from integrations.signals_csv import SignalFile

            return SignalFile(path)
        case HttpSignals(url=url):
            from integrations.signals_http import SignalAddress

            return SignalAddress(url)
        case _:
            return None
