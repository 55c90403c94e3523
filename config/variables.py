"""Every environment variable of first90 and its meaning, as raw text; ``config.settings`` reads them."""

import difflib
import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, create_model
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "FIRST90_"


class _Source(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )


class Variables(_Source):
    """The variables as given, unparsed. What may hold a secret is a SecretStr and may come as ``…_FILE``."""

    home: str | None = Field(None, description="Folder of the embedded default: database, mail, chat, sample CRM.")
    database_url: SecretStr | None = Field(None, description="SQLAlchemy URL: SQLite or PostgreSQL (psycopg 3).")
    crm: str | None = Field(None, description="csv:DIR or salesforce.")
    crm_since: str | None = Field(None, description="First close date that is taken in.")
    fresh_days: str | None = Field(None, description="How old a signature may be to count as new when first seen.")
    accounts: str | None = Field(None, description="Only these account ids: a pilot.")
    mail_redirect: str | None = Field(None, description="Every mail goes to this address instead: a rehearsal.")
    public_url: str | None = Field(None, description="Address under which `first90 web` is reached.")
    link_secret: SecretStr | None = Field(None, description="Signs the links in mails.")
    mail: SecretStr | None = Field(None, description="maildir:DIR, smtp://…, smtps://…, postmark, resend, sendgrid.")
    mail_from: str | None = Field(None, description="Sender of the mails.")
    mail_token: SecretStr | None = Field(None, description="Token of the mail provider.")
    mail_api_url: str | None = Field(None, description="Another base address of the mail provider.")
    mail_connections: str | None = Field(None, description="Mails under way at once, 1 to 50.")
    mail_in_doubt: str | None = Field(None, description="park or resend: what to do where a mail may have left.")
    chat: str | None = Field(None, description="file:PATH or slack.")
    slack_token: SecretStr | None = Field(None, description="Bot token.")
    slack_app_token: SecretStr | None = Field(None, description="Socket Mode token.")
    slack_signing_secret: SecretStr | None = Field(None, description="Proves that a webhook comes from Slack.")
    slack_channel: str | None = Field(None, description="Channel for managers.")
    slack_api_url: str | None = Field(None, description="Another base address of Slack.")
    salesforce_instance_url: str | None = Field(None, description="With salesforce_session_id.")
    salesforce_session_id: SecretStr | None = Field(None, description="A session that exists already.")
    salesforce_username: str | None = Field(None, description="User to log in as.")
    salesforce_password: SecretStr | None = Field(None, description="Password of that user.")
    salesforce_security_token: SecretStr | None = Field(None, description="Security token of that user.")
    salesforce_consumer_key: SecretStr | None = Field(None, description="Key of the connected app.")
    salesforce_consumer_secret: SecretStr | None = Field(None, description="Secret of the connected app.")
    salesforce_privatekey_file: str | None = Field(None, description="Private key of the JWT login.")
    salesforce_domain: str | None = Field(None, description="login, test, or the My Domain.")
    salesforce_api_version: str | None = Field(None, description="Version of the API.")
    salesforce_login_url: str | None = Field(None, description="Another login host.")
    salesforce_api_floor: str | None = Field(None, description="Percent of the daily calls left to others.")
    signals: SecretStr | None = Field(None, description="none, csv:PATH, or an https:// address of JSON lines.")
    playbooks: str | None = Field(None, description="Folder of playbooks.")
    templates: str | None = Field(None, description="Folder of templates.")
    team: str | None = Field(None, description="The team file.")


@dataclass(frozen=True, slots=True)
class Given:
    """The variables that have a value, by field name, and the folder a relative path in each counts from."""

    texts: dict[str, str]
    bases: dict[str, Path]
    problems: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Given({', '.join(sorted(self.texts))})"


def read_variables(env_file: Path | None) -> Given:
    """Read the environment and the ``.env`` file; where both set a variable, the environment wins.

    A relative path counts from the working directory if the environment set it, and from the file's folder if
    ``.env`` did: an entry there means the same wherever a command is started.
    """
    problems = _misspelt()
    try:
        given = _read(Variables, env_file) | _read(_secret_files(), env_file)
    except ValidationError as error:
        # Never str(error): it could repeat a secret.
        names = sorted({variable(str(part["loc"][0])) for part in error.errors() if part["loc"]})
        return Given({}, {}, (*problems, f"{', '.join(names)}: cannot be read as text; correct it"))
    except (OSError, UnicodeDecodeError) as error:
        return Given({}, {}, (*problems, f"{env_file}: cannot be read ({type(error).__name__}); save it as UTF-8"))
    bases = {
        name: Path.cwd() if env_file is None or _in_environment(variable(name)) else env_file.resolve().parent
        for name in given
    }
    for name in secret_names():
        if path := given.pop(name + "_file", None):
            given[name] = _read_secret(name, path, bases[name + "_file"], name in given, problems)
    return Given(given, bases, tuple(problems))


def _read(model: type[BaseSettings], env_file: Path | None) -> dict[str, str]:
    found = model(_env_file=env_file, _env_file_encoding="utf-8-sig")
    texts = {}
    for name in type(found).model_fields:
        value = getattr(found, name)
        text = str(value.get_secret_value() if isinstance(value, SecretStr) else value or "").strip()
        if text:
            texts[name] = text
    return texts


def _secret_files() -> type[BaseSettings]:
    fields = {name + "_file": (str | None, None) for name in secret_names()}
    return create_model("SecretFiles", __base__=_Source, **fields)  # type: ignore[call-overload,no-any-return]


def _read_secret(name: str, path: str, base: Path, twice: bool, problems: list[str]) -> str:
    place = f"{variable(name)}_FILE"
    if twice:
        problems.append(f"{place}: {variable(name)} is set as well; remove one of the two")
        return ""
    try:
        secret = (base / Path(path).expanduser()).read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{place}: {path} cannot be read ({type(error).__name__}); correct the path or the file")
        return ""
    if not secret:
        problems.append(f"{place}: {path} is empty; write the secret into it")
    return secret


def _misspelt() -> list[str]:
    """A typo in FIRST90_MAIL_REDIRECT must not turn a rehearsal into real mail."""
    known = known_variables()
    problems = []
    for name in sorted({name.upper() for name in os.environ} - known):
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.9) if name.startswith(PREFIX) else []
        if close:
            problems.append(f"{name}: is no setting; did you mean {close[0]}? Rename or remove it")
    return problems


def _in_environment(name: str) -> bool:
    return any(key.upper() == name and value.strip() for key, value in os.environ.items())


def secret_names() -> tuple[str, ...]:
    """Fields that may be given as a file (``FIRST90_MAIL_TOKEN_FILE``)."""
    return tuple(name for name, field in Variables.model_fields.items() if field.annotation == SecretStr | None)


def variable(name: str) -> str:
    """The environment variable of a field."""
    return PREFIX + name.upper()


def known_variables() -> frozenset[str]:
    """All variables that mean something to us, the ``…_FILE`` ones included."""
    return frozenset(
        [variable(name) for name in Variables.model_fields] + [variable(name) + "_FILE" for name in secret_names()]
    )
