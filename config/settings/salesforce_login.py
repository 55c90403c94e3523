"""The login to Salesforce, and the share of the org's daily allowance left to other programs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from config.settings.addresses import read_web_address

API_VERSION = "62.0"
"""The API version for which the objects of this project were written (Winter '25)."""
API_FLOOR = 20
"""Percent of the daily allowance left to the org's other programs; operators are told at 80 % use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLogin:
    """An existing session, which cannot be renewed."""

    instance_url: str
    session_id: SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLogin:
    """User, password and security token (SOAP; not for API 65 and later)."""

    username: str
    password: SecretStr
    security_token: SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLogin:
    """OAuth client credentials; only at the org's own domain."""

    consumer_key: SecretStr
    consumer_secret: SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtLogin:
    """OAuth JWT bearer with a private key."""

    username: str
    consumer_key: SecretStr
    private_key_file: Path


Login = SessionLogin | PasswordLogin | ClientLogin | JwtLogin


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceCrm:
    """A Salesforce org as CRM."""

    login: Login
    domain: str = "login"
    """``login``, ``test``, or the org's My Domain without ``.salesforce.com``."""
    login_url: str | None = None
    """Another login host, such as that of ``first90 sandbox``."""
    api_version: str = API_VERSION
    api_floor: int = API_FLOOR

    @property
    def web_address(self) -> str | None:
        """Return the base URL of records for people; None if the settings only name the common login host."""
        if isinstance(self.login, SessionLogin):
            return self.login.instance_url
        return None if self.domain in ("login", "test") else f"https://{self.domain}.salesforce.com"

    @property
    def place(self) -> str:
        """Return the CRM in words."""
        if isinstance(self.login, SessionLogin):
            return f"Salesforce at {self.login.instance_url}"
        return f"Salesforce by {self.login_url or f'https://{self.domain}.salesforce.com'}"


def read_salesforce(given: Mapping[str, str], base: Path) -> SalesforceCrm:
    """Return the login of the ``salesforce_…`` variables. Raise ValueError with the remedy, never with a secret."""
    login_url = given.get("salesforce_login_url")
    version = given.get("salesforce_api_version", API_VERSION).removeprefix("v")
    if not version.replace(".", "", 1).isdecimal():
        raise ValueError("FIRST90_SALESFORCE_API_VERSION is a number such as 62.0")
    floor = given.get("salesforce_api_floor", str(API_FLOOR))
    if not floor.isdecimal() or int(floor) > 90:
        raise ValueError("FIRST90_SALESFORCE_API_FLOOR is a percentage from 0 to 90")
    login, domain = _login(given, base), given.get("salesforce_domain", "login").removesuffix(".salesforce.com")
    if not re.fullmatch(r"[A-Za-z0-9.-]+", domain):
        raise ValueError("FIRST90_SALESFORCE_DOMAIN is login, test, or what stands before .salesforce.com")
    if isinstance(login, ClientLogin) and domain in ("login", "test") and not login_url:
        raise ValueError(
            "client credentials work at the org's own host alone: set FIRST90_SALESFORCE_DOMAIN to your My Domain, "
            "such as acme.my for acme.my.salesforce.com"
        )
    return SalesforceCrm(
        login=login,
        domain=domain,
        login_url=read_web_address(login_url) if login_url else None,
        api_version=version if "." in version else f"{version}.0",
        api_floor=int(floor),
    )


def _login(given: Mapping[str, str], base: Path) -> Login:
    def has(*names: str) -> bool:
        return all(f"salesforce_{name}" in given for name in names)

    def text(name: str) -> str:
        return given[f"salesforce_{name}"]

    def secret(name: str) -> SecretStr:
        return SecretStr(text(name))

    if has("instance_url", "session_id"):
        return SessionLogin(instance_url=read_web_address(text("instance_url")), session_id=secret("session_id"))
    if has("username", "consumer_key", "privatekey_file"):
        path = (base / Path(text("privatekey_file")).expanduser()).resolve()
        if not path.is_file():
            raise ValueError(f"FIRST90_SALESFORCE_PRIVATEKEY_FILE: there is no file {path}")
        return JwtLogin(username=text("username"), consumer_key=secret("consumer_key"), private_key_file=path)
    if has("username", "password", "security_token"):
        return PasswordLogin(
            username=text("username"), password=secret("password"), security_token=secret("security_token")
        )
    if has("consumer_key", "consumer_secret"):
        return ClientLogin(consumer_key=secret("consumer_key"), consumer_secret=secret("consumer_secret"))
    raise ValueError(
        "salesforce needs a login, each name after FIRST90_SALESFORCE_: INSTANCE_URL and SESSION_ID; or USERNAME, "
        "CONSUMER_KEY and PRIVATEKEY_FILE; or CONSUMER_KEY and CONSUMER_SECRET; or USERNAME, PASSWORD and "
        "SECURITY_TOKEN"
    )
