"""The settings of CRM, mail, chat and product signals: typed values from their short texts."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import SecretStr

from config.settings.addresses import check_secret_web_address, local_path, read_web_address, repeated
from onboarding.values import dataclass

_FUNCTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)

if TYPE_CHECKING:
    from config.settings.salesforce_login import SalesforceCrm


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvCrm:
    """A folder of CSV files as CRM. ``is_sample``: the bundled portfolio, created there at first use."""

    folder: Path
    is_sample: bool = False
    web_address = None
    """A folder has no page for a browser."""

    @property
    def place(self) -> str:
        """Return the CRM in words."""
        return f"folder {self.folder}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChat:
    """A file of JSON lines in place of Slack."""

    path: Path
    has_buttons = False
    """A file has no buttons."""

    @property
    def place(self) -> str:
        """Return the chat in words."""
        return f"file {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackChat:
    """A Slack workspace, by a bot token."""

    token: SecretStr
    channel: str
    """For managers, and for messages to people without a Slack user."""
    app_token: SecretStr | None = None
    """For Socket Mode; without it buttons need ``first90 web`` and the signing secret."""
    signing_secret: SecretStr | None = None
    api_url: str | None = None

    @property
    def has_buttons(self) -> bool:
        """Return whether presses of buttons can be received; if not, messages have none."""
        return self.app_token is not None or self.signing_secret is not None

    @property
    def place(self) -> str:
        """Return the chat in words."""
        return f"Slack, channel {self.channel}"


SourceOf = Literal["usage", "tickets", "surveys"]
"""What a source of events tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvSignals:
    """A CSV file of product usage, support tickets or answers to surveys."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSignals:
    """A URL that returns the same as JSON lines. Secret, because it may contain a token."""

    url: SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonSignals:
    """A function of the operator's own that yields product usage."""

    function: str
    """``package.module:function``."""


SignalSource = CsvSignals | HttpSignals | PythonSignals


def read_crm(text: str, base: Path, given: Mapping[str, str]) -> "CsvCrm | SalesforceCrm":
    """Return the CRM of ``csv:DIR`` or ``salesforce``, with the login from ``given``. Raise ValueError with the
    remedy, like all readers here."""
    if text.casefold() == "salesforce":
        from config.settings.salesforce_login import read_salesforce

        return read_salesforce(given, base)
    folder = local_path(text, "csv", base)
    if folder is None:
        raise ValueError(
            f"{repeated(text)}is no CRM; use salesforce, or csv:DIR, a folder with Opportunity.csv and others"
        )
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}; create it or correct the path")
    return CsvCrm(folder=folder)


def read_chat(text: str, base: Path, given: Mapping[str, str]) -> FileChat | SlackChat:
    """Return the chat for ``file:PATH`` or ``slack``, with the tokens from ``given``."""
    if text.casefold() == "slack":
        return _slack(given)
    path = local_path(text, "file", base)
    if path is None:
        raise ValueError(f"{repeated(text)}is no chat; use slack, or file:PATH, a file that takes a JSON object a line")
    if path.is_dir():
        raise ValueError(f"{path} is a folder; name a file, which is made if it is missing")
    return FileChat(path=path)


def _slack(given: Mapping[str, str]) -> SlackChat:
    missing = [name for name in ("slack_token", "slack_channel") if name not in given]
    if missing:
        raise ValueError("slack needs " + " and ".join(f"FIRST90_{name.upper()}" for name in missing))
    if not re.fullmatch(r"#?[^\s:/@?&=]{1,80}", given["slack_channel"]):
        raise ValueError("FIRST90_SLACK_CHANNEL is no channel; give its id, which begins with C, or its name")
    token, app_token = given["slack_token"], given.get("slack_app_token")
    if not token.startswith(("xoxb-", "xoxe.")):
        raise ValueError("slack needs a bot token in FIRST90_SLACK_TOKEN; it begins with xoxb-")
    if app_token is not None and not app_token.startswith("xapp-"):
        raise ValueError("FIRST90_SLACK_APP_TOKEN is no app-level token; it begins with xapp-")
    secret = given.get("slack_signing_secret")
    return SlackChat(
        token=SecretStr(token),
        app_token=SecretStr(app_token) if app_token else None,
        signing_secret=SecretStr(secret) if secret else None,
        channel=given["slack_channel"],
        api_url=read_web_address(given["slack_api_url"]) if "slack_api_url" in given else None,
    )


def read_signals(text: str, base: Path) -> SignalSource | None:
    """Return the source for ``none``, ``csv:PATH``, ``python:MODULE:FUNCTION`` or an ``https://`` URL; ``http://`` for
    this machine only."""
    if text.casefold() == "none":
        return None
    scheme, _, function = text.partition(":")
    if scheme.casefold() == "python":
        if not _FUNCTION.fullmatch(function):
            raise ValueError("names no function; write it like python:package.module:function")
        return PythonSignals(function=function)
    if path := local_path(text, "csv", base):
        if not path.is_file():
            raise ValueError(f"there is no file {path}; create it, correct the path, or use none")
        return CsvSignals(path=path)
    if not text.casefold().startswith(("https://", "http://")):
        raise ValueError("is no source of signals; use none, csv:PATH, python:MODULE:FUNCTION or an https:// address")
    check_secret_web_address(text)
    return HttpSignals(url=SecretStr(text))
