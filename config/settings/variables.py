"""Every environment variable of first90 with its meaning, as raw text; ``config.settings.load`` parses them.

Read without pydantic-settings. Importing it, declaring the variables and reading them takes 28 ms (7 % of importing
SQLModel) in each command that only reads; and it would replace ten lines of this module alone. From which of the two
sources a value came, which is where a relative path counts from, secrets in files that another variable names, and the
hint at a misspelt name would remain.
"""

import difflib
import os
from collections.abc import Iterable
from pathlib import Path

from config.files.plain_files import read_file
from onboarding.values import dataclass

PREFIX = "FIRST90_"
STARTED_IN = "FIRST90_STARTED_IN"
"""The base of relative paths in the environment, if not the working directory. ``first90 up`` sets it for its child
processes, because Prefect gives each run a working directory of its own. Not for people."""

VARIABLES = {
    "home": "Folder of the embedded default: database, mail, chat, sample CRM.",
    "database_url": "SQLAlchemy URL: SQLite or PostgreSQL (psycopg 3).",
    "crm": "csv:DIR or salesforce.",
    "crm_since": "First close date that is taken in.",
    "fresh_days": "How old a signature may be to count as new when first seen.",
    "accounts": "Only these account ids: a pilot.",
    "mail_redirect": "Every mail goes to this address instead: a rehearsal.",
    "public_url": "Address under which `first90 web` is reached.",
    "link_secret": "Signs the links in mails; old ones after a comma.",
    "board_login_header": "Header in which a proxy names who has logged in.",
    "board_groups_header": "Header in which that proxy names the groups of a person.",
    "postmark_hook_login": "user:password of Postmark's webhook.",
    "sendgrid_hook_key": "Verification key of SendGrid's event webhook.",
    "resend_hook_secret": "Signing secret of Resend's webhook.",
    "mail": "maildir:DIR, smtp://…, smtps://…, postmark, resend, sendgrid.",
    "mail_from": "Sender of the mails.",
    "mail_token": "Token of the mail provider.",
    "mail_api_url": "Another base address of the mail provider.",
    "mail_connections": "Mails under way at once, 1 to 50.",
    "mail_rate": "Mails a second at most, over all workers.",
    "mail_in_doubt": "park or resend: what to do where a mail may have left.",
    "chat": "file:PATH or slack.",
    "slack_token": "Bot token.",
    "slack_app_token": "Socket Mode token.",
    "slack_signing_secret": "Proves that a webhook comes from Slack.",
    "slack_channel": "Channel for managers.",
    "slack_api_url": "Another base address of Slack.",
    "salesforce_instance_url": "With salesforce_session_id.",
    "salesforce_session_id": "A session that exists already.",
    "salesforce_username": "User to log in as.",
    "salesforce_password": "Password of that user.",
    "salesforce_security_token": "Security token of that user.",
    "salesforce_consumer_key": "Key of the connected app.",
    "salesforce_consumer_secret": "Secret of the connected app.",
    "salesforce_privatekey_file": "Private key of the JWT login.",
    "salesforce_domain": "login, test, or the My Domain.",
    "salesforce_api_version": "Version of the API.",
    "salesforce_login_url": "Another login host.",
    "salesforce_api_floor": "Percent of the daily calls left to others.",
    "signals": "none, csv:PATH, https:// address of JSON lines, or python:MODULE:FUNCTION.",
    "tickets": "Support tickets: the same kinds of source.",
    "surveys": "Answers to surveys: the same kinds of source.",
    "survey_hook_secret": "Signs the answers that a survey tool posts to /hooks/surveys.",
    "mcp_token": "Token of `first90 mcp --http`, 32 characters or more.",
    "mcp_changes": "off or on: whether `first90 mcp` offers tools that change something.",
    "metrics_token": "Opens /metrics of `first90 web`, 32 characters or more.",
    "log": "text or json: how logs are written to standard error.",
    "playbooks": "Folder of playbooks.",
    "templates": "Folder of templates.",
    "team": "The team file.",
    "brand": "The company in the mails: a YAML file.",
    "resources": "Links to documents, videos and guides: a YAML file.",
}
"""Every variable by its lower-case name after the prefix, with its meaning."""

SECRETS = (
    "database_url",
    "link_secret",
    "postmark_hook_login",
    "sendgrid_hook_key",
    "resend_hook_secret",
    "mail",
    "mail_token",
    "slack_token",
    "slack_app_token",
    "slack_signing_secret",
    "salesforce_session_id",
    "salesforce_password",
    "salesforce_security_token",
    "salesforce_consumer_key",
    "salesforce_consumer_secret",
    "signals",
    "tickets",
    "surveys",
    "survey_hook_secret",
    "mcp_token",
    "metrics_token",
)
"""Variables that may contain a secret: never shown, and each may be given as ``…_FILE``."""


@dataclass(frozen=True, slots=True)
class Given:
    """The variables that are set, by field name, and the base of relative paths in each."""

    texts: dict[str, str]
    bases: dict[str, Path]
    problems: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Given({', '.join(sorted(self.texts))})"


def read_variables(env_file: Path | None) -> Given:
    """Return the variables of the environment and the ``.env`` file; the environment takes precedence.

    A relative path is relative to the working directory if the environment set it, and to the file's folder if
    ``.env`` did, so that an entry there means the same in any working directory.
    """
    problems: list[str] = []
    environment = {name.upper(): value for name, value in os.environ.items()}
    sources = [(environment, Path(environment.get(STARTED_IN) or Path.cwd()))]
    if env_file is not None and env_file.is_file():
        try:
            sources.insert(0, (_written(env_file), env_file.resolve().parent))
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{env_file}: cannot be read ({type(error).__name__}); save it as UTF-8")
    given: dict[str, str] = {}
    bases: dict[str, Path] = {}
    for texts, base in sources:
        problems += _misspelt(texts)
        found = {name: text for name in known_names() if (text := texts.get(variable(name), "").strip())}
        given |= found
        bases |= dict.fromkeys(found, base)
    for name in SECRETS:
        if path := given.pop(f"{name}_file", None):
            base = bases.pop(f"{name}_file")
            given[name], bases[name] = _read_secret(name, path, base, name in given, problems), base
    return Given(given, bases, tuple(problems))


def _written(env_file: Path) -> dict[str, str]:
    from dotenv import dotenv_values

    found = dotenv_values(env_file, encoding="utf-8-sig")
    return {name.upper(): value for name, value in found.items() if value}


def _read_secret(name: str, path: str, base: Path, twice: bool, problems: list[str]) -> str:
    place = f"{variable(name)}_FILE"
    if twice:
        problems.append(f"{place}: {variable(name)} is set as well; remove one of the two")
        return ""
    try:
        secret = read_file(base / Path(path).expanduser()).strip()
    except (OSError, ValueError, RuntimeError) as error:
        found = type(error).__name__
        problems.append(f"{place}: {_as_file(path, base)} cannot be read ({found}); correct the path or the file")
        return ""
    if not secret:
        problems.append(f"{place}: {_as_file(path, base)} is empty; write the secret into it")
    return secret


def _as_file(path: str, base: Path) -> str:
    """Return a path for people, unless it may be the secret itself, given by mistake."""
    first, _, rest = path.removeprefix("~").removeprefix("/").partition("/")
    rooted = path.startswith(("/", "~/")) and rest and len(first) <= 20 and "://" not in path
    return path if rooted or ("/" in path and (base / path).parent.is_dir()) else "the file that it names"


def _misspelt(given: Iterable[str]) -> list[str]:
    """Return the misspelt names: a typo in FIRST90_MAIL_REDIRECT must not turn a rehearsal into real mail."""
    known = known_variables()
    problems = []
    for name in sorted(set(given) - known):
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.9) if name.startswith(PREFIX) else []
        if close:
            problems.append(f"{name}: is no setting; did you mean {close[0]}? Rename or remove it")
    return problems


def variable(name: str) -> str:
    """Return the environment variable of a name."""
    return PREFIX + name.upper()


def known_names() -> tuple[str, ...]:
    """Return all known names, including those of secrets in files."""
    return (*VARIABLES, *(f"{name}_file" for name in SECRETS))


def known_variables() -> frozenset[str]:
    """Return all known environment variables."""
    return frozenset(variable(name) for name in known_names())
