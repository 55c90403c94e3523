"""Probes a Prefect server, without importing Prefect: whether it is healthy and whether it takes our login."""

import base64
import urllib.request
from enum import StrEnum
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit

from config.settings.addresses import LOOPBACK
from supervisor.api import configured_api, pages_of
from supervisor.prefect_settings import chosen, given
from tasks.runtime.refusals import Refused

SECONDS = 5


class ServerAccess(StrEnum):
    """How a server treats our requests. The values are shown to people."""

    OPEN = "lets everybody in"
    LETS_US_IN = "takes our login and no other"
    REFUSES_US = "refuses our login"
    SILENT = "does not answer"


def answers(api: str) -> bool:
    """Return whether a server is healthy."""
    return _status(f"{api}/health") == 200


def access_of(api: str) -> ServerAccess:
    """Return whether a server asks for a login, and takes the one of environment or profile."""
    without = _status(f"{api}/admin/version")
    if without is None:
        return ServerAccess.SILENT
    if without not in (401, 403):
        return ServerAccess.OPEN
    ours = _login()
    return (
        ServerAccess.LETS_US_IN
        if ours and _status(f"{api}/admin/version", ours) not in (401, 403)
        else ServerAccess.REFUSES_US
    )


def refuse_without_login() -> None:
    """Raise Refused where the configured server does not take our login."""
    api = configured_api() or ""
    if access_of(api) is ServerAccess.REFUSES_US:
        raise Refused(login_problem(api))


def silence(api: str) -> str:
    """Return what is told of a configured server that does not answer: which one, and where it is set."""
    found = given("PREFECT_API_URL")
    named = f", which {found.place} names," if found else ""
    return f"the Prefect server {pages_of(api)}{named} does not answer"


def login_problem(api: str) -> str:
    """Return what is wrong with our login, and the mend."""
    login = next((name for name in ("PREFECT_API_AUTH_STRING", "PREFECT_API_KEY") if chosen(name)), None)
    what = f"refuses the login in {login}" if login else "asks for a login, and none is set"
    return (
        f"the Prefect server {pages_of(api)} {what}; set PREFECT_API_AUTH_STRING to the user:password that the server "
        "has in PREFECT_SERVER_API_AUTH_STRING (for Prefect Cloud: PREFECT_API_KEY)"
    )


def _login() -> str | None:
    if login := chosen("PREFECT_API_AUTH_STRING"):
        return f"Basic {base64.b64encode(login.encode()).decode()}"
    key = chosen("PREFECT_API_KEY")
    return f"Bearer {key}" if key else None


def _status(address: str, login: str | None = None) -> int | None:
    """Return the HTTP status; None without a response. Requests to this machine go through no proxy."""
    try:
        asked = urllib.request.Request(address, headers={"Authorization": login} if login else {})
        near = urlsplit(address).hostname in LOOPBACK
        opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if near else []))
        with opener.open(asked, timeout=SECONDS) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
    except (OSError, HTTPException, ValueError):
        return None
