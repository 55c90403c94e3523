"""The settings as frozen values, from the environment and the project's ``.env``.

Read on demand, never at import; all mistakes are reported in one message before anything happens.
"""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import SecretStr

from config.settings.addresses import read_web_address
from config.settings.channels import (
    CsvCrm,
    CsvSignals,
    FileChat,
    SignalSource,
    SlackChat,
    read_chat,
    read_crm,
    read_signals,
)
from config.settings.locations import BUNDLED, PROJECT
from config.settings.mail_senders import RATES, HttpMail, MaildirMail, MailTransport, read_mail
from config.settings.mail_webhooks import MailHooks, read_hooks
from config.settings.readings import (
    LogFormat,
    MailInDoubt,
    read_accounts,
    read_database,
    read_day,
    read_days,
    read_file,
    read_folder,
    read_header_name,
    read_in_doubt,
    read_link_secret,
    read_log_format,
    read_new_folder,
    read_rate,
    read_switch,
    read_token,
)
from config.settings.variables import read_variables, variable
from onboarding.model.identity import mail_address
from onboarding.values import dataclass

if TYPE_CHECKING:
    from config.settings.salesforce_login import SalesforceCrm

MAIL_FROM = "first90@localhost"
FRESH_DAYS = 7

Value = TypeVar("Value")
Default = TypeVar("Default")


class SettingsError(Exception):
    """One or more unusable settings. The message names each variable, what is wrong and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of this installation. All paths are absolute."""

    home: Path
    database: SecretStr
    """The URL may contain a password; only ``database_url`` reveals it."""
    crm: "CsvCrm | SalesforceCrm"
    crm_since: date | None
    """None: 180 days before the first run, a date that the database stores."""
    fresh_days: int
    only_accounts: frozenset[str] | None
    mail: MailTransport
    mail_from: str
    mail_redirect: str | None
    mail_in_doubt: MailInDoubt
    chosen_mail_rate: float | None
    """None: not set; ``mail_rate`` then uses the provider's."""
    public_url: str | None
    link_secret: SecretStr | None
    """Signs links; older secrets that still count follow after a comma."""
    board_login_header: str | None
    """The header in which a proxy in front of ``web`` names the user; None: only links open the board."""
    board_groups_header: str | None
    """The header in which it names the user's groups, separated by commas; None: groups give no role."""
    mail_hooks: MailHooks
    chat: FileChat | SlackChat
    slack_channel: str | None
    playbooks: Path
    templates: Path
    team: Path
    chosen_brand: Path | None
    """None: not set; ``brand`` then uses the sample's company for the sample."""
    chosen_resources: Path | None
    """None: not set; ``resources`` then uses the sample's for the sample."""
    chosen_signals: SignalSource | Literal["none"] | None
    """None: not set; ``signals`` then looks into the CRM folder."""
    chosen_tickets: SignalSource | Literal["none"] | None
    """The same for support tickets."""
    chosen_surveys: SignalSource | Literal["none"] | None
    """The same for answers to surveys."""
    survey_hook_secret: SecretStr | None
    """Signs what a survey tool posts; without it the webhook is not there."""
    mcp_token: SecretStr | None = None
    """Opens ``first90 mcp --http``, which does not start without it."""
    metrics_token: SecretStr | None = None
    """Opens the metrics of ``first90 web``, which are not there without it."""
    log: LogFormat = LogFormat.TEXT
    """How logs are written to standard error."""
    mcp_changes: bool = False
    """Whether ``first90 mcp`` has tools that change something."""

    @property
    def logs_as_json(self) -> bool:
        """Return whether each line on standard error is a JSON object."""
        return self.log is LogFormat.JSON

    @property
    def database_url(self) -> str:
        """Return the SQLAlchemy URL with the password; never to be logged."""
        return self.database.get_secret_value()

    @property
    def sample(self) -> Path | None:
        """Return the folder of the bundled portfolio if that is the CRM, or None."""
        return self.crm.folder if isinstance(self.crm, CsvCrm) and self.crm.is_sample else None

    @property
    def brand(self) -> Path | None:
        """Return the brand file; the bundled one for the sample only."""
        return self.chosen_brand or (BUNDLED / "brand.yaml" if self.sample else None)

    @property
    def resources(self) -> Path | None:
        """Return the resource file; the bundled one for the sample only."""
        return self.chosen_resources or (BUNDLED / "resources.yaml" if self.sample else None)

    @property
    def mail_rate(self) -> float | None:
        """Return the most mails a second over all workers together; None for no limit."""
        known = RATES.get(self.mail.provider) if isinstance(self.mail, HttpMail) else None
        return self.chosen_mail_rate or known

    @property
    def signals(self) -> SignalSource | None:
        """Return the source of product usage, or None. Not cached, because the sample is created at first use."""
        return self._beside_the_crm(self.chosen_signals, "signals.csv")

    @property
    def tickets(self) -> SignalSource | None:
        """Return the source of support tickets, or None."""
        return self._beside_the_crm(self.chosen_tickets, "tickets.csv")

    @property
    def surveys(self) -> SignalSource | None:
        """Return the source of answers to surveys, or None."""
        return self._beside_the_crm(self.chosen_surveys, "surveys.csv")

    def _beside_the_crm(self, chosen: SignalSource | Literal["none"] | None, name: str) -> SignalSource | None:
        if chosen == "none":
            return None
        if chosen is not None:
            return chosen
        if not isinstance(self.crm, CsvCrm):
            return None
        path = self.crm.folder / name
        return CsvSignals(path=path) if path.is_file() else None


def load_settings(env_file: Path | None = PROJECT / ".env") -> Settings:
    """Return the settings of the environment and the project's ``.env`` (see ``read_variables``).

    Raise SettingsError for all mistakes at once, without repeating a secret.
    """
    given = read_variables(env_file)
    problems = list(given.problems)

    def read(name: str, reader: Callable[[str], Value], default: Value) -> Value:
        text = given.texts.get(name)
        if not text:
            return default
        try:
            return reader(text)
        except ValueError as error:
            problems.append(f"{variable(name)}: {error}")
            return default

    def read_at(name: str, reader: Callable[[str, Path], Value], default: Value) -> Value:
        return read(name, lambda text: reader(text, given.bases[name]), default)

    def choose(name: str, reader: Callable[[str, Path, Mapping[str, str]], Value], default: Default) -> Value | Default:
        chosen: Value | None = read(name, lambda text: reader(text, given.bases[name], given.texts), None)
        return default if chosen is None else chosen

    home = read_at("home", read_new_folder, PROJECT / "var")
    settings = Settings(
        home=home,
        database=SecretStr(read_at("database_url", read_database, f"sqlite:///{home / 'first90.db'}")),
        crm=choose("crm", read_crm, CsvCrm(folder=home / "crm", is_sample=True)),
        crm_since=read("crm_since", read_day, None),
        fresh_days=read("fresh_days", read_days, FRESH_DAYS),
        only_accounts=read("accounts", read_accounts, None),
        mail=choose("mail", read_mail, MaildirMail(folder=home / "mail")),
        mail_from=read("mail_from", mail_address, MAIL_FROM),
        mail_redirect=read("mail_redirect", mail_address, None),
        chosen_mail_rate=read("mail_rate", read_rate, None),
        mail_in_doubt=read("mail_in_doubt", read_in_doubt, MailInDoubt.PARK),
        public_url=read("public_url", read_web_address, None),
        link_secret=read("link_secret", read_link_secret, None),
        board_login_header=read("board_login_header", read_header_name, None),
        board_groups_header=read("board_groups_header", read_header_name, None),
        mail_hooks=read_hooks(read),
        chat=choose("chat", read_chat, FileChat(path=home / "chat.jsonl")),
        slack_channel=given.texts.get("slack_channel"),
        playbooks=read_at("playbooks", read_folder, BUNDLED / "playbooks"),
        templates=read_at("templates", read_folder, BUNDLED / "templates"),
        team=read_at("team", read_file, BUNDLED / "team.yaml"),
        chosen_brand=read_at("brand", read_file, None),
        chosen_resources=read_at("resources", read_file, None),
        chosen_signals=read_at("signals", _signals, None),
        chosen_tickets=read_at("tickets", _signals, None),
        chosen_surveys=read_at("surveys", _signals, None),
        survey_hook_secret=read("survey_hook_secret", read_link_secret, None),
        mcp_token=read("mcp_token", read_token, None),
        metrics_token=read("metrics_token", read_token, None),
        log=read("log", read_log_format, LogFormat.TEXT),
        mcp_changes=read("mcp_changes", read_switch, False),
    )
    if not problems and (settings.public_url is None) != (settings.link_secret is None):
        problems.append(
            f"{variable('public_url')}, {variable('link_secret')}: one does nothing without the other; set both or none"
        )
    if settings.board_groups_header and not settings.board_login_header:
        problems.append(f"{variable('board_groups_header')} needs {variable('board_login_header')}; set both or none")
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _signals(text: str, base: Path) -> SignalSource | Literal["none"]:
    return read_signals(text, base) or "none"
