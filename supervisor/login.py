"""The login of our own Prefect server, and the settings on which server and clients have to agree.

A person who may start a flow run may start commands on this machine, so that needs the login. This module is imported
before Prefect, and must not import it.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from tasks.runtime.refusals import Refused

LOGIN = "login"
"""The file in the folder of the records with ``user:password`` of the server of ``first90 up``."""
CHOSEN_LOGIN = "PREFECT_SERVER_API_AUTH_STRING"
NAMES = ("127.0.0.1", "localhost")
"""The names by which a browser on this machine may call it."""
NO_PROXY = ("NO_PROXY", "no_proxy")
"""Both spellings are set: the login must not be sent to a proxy."""


def new_login() -> str:
    """Return a login with a random password of 32 bytes."""
    return f"first90:{secrets.token_urlsafe(32)}"


def kept_login(folder: Path) -> str | None:
    """Return the stored login of the server with these records; None where none was made yet. Raises Refused."""
    place = folder / LOGIN
    try:
        place.chmod(0o600)
        return _usable(place.read_text("utf-8").strip(), f"{place}", "delete it, and `first90 up` makes a new one")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{place} cannot be read ({type(error).__name__}); correct or delete it") from None


def login_to_keep(folder: Path) -> tuple[str, bool]:
    """Return the login for the server of ``first90 up``, and whether it is new: the environment's, else the stored one,
    else a new one. It is stored for other commands. Raises Refused."""
    mend = "write user:password without spaces, or unset it"
    chosen = os.environ.get(CHOSEN_LOGIN, "").strip()
    kept = kept_login(folder)
    login = _usable(chosen, CHOSEN_LOGIN, mend) if chosen else kept or new_login()
    if login != kept:
        _keep(folder / LOGIN, login)
    return login, not chosen and kept is None


def _usable(login: str, place: str, mend: str) -> str:
    user, colon, password = login.partition(":")
    if not (user and colon and password and login.isascii() and login.isprintable() and " " not in login):
        raise Refused(f"{place} is no login of the form user:password; {mend}")
    return login


def _keep(place: Path, login: str) -> None:
    unfinished = place.with_suffix(".new")
    with suppress(FileNotFoundError):
        unfinished.unlink()
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(f"{login}\n")
        opened.flush()
        os.fsync(file)
    unfinished.replace(place)


def hosts(port: int) -> frozenset[str]:
    """Return the ``Host`` headers that our own server accepts."""
    return frozenset(f"{name}:{port}" for name in NAMES) | (frozenset(NAMES) if port == 80 else frozenset())


def origins(port: int) -> frozenset[str]:
    """Return the ``Origin`` headers that our own server accepts."""
    return frozenset(f"http://{host}" for host in hosts(port))


def agreed(port: int, login: str) -> dict[str, str]:
    """Return the settings of our own server and all its clients that environment, ``.env`` and profiles cannot change.

    Each has the name that Prefect reads first, and the environment overrides Prefect's other sources.
    """
    pages = f"http://{NAMES[0]}:{port}"
    around = ",".join(filter(None, (os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), *NAMES)))
    return dict.fromkeys(NO_PROXY, around) | {
        "PREFECT_API_URL": f"{pages}/api",
        "PREFECT_API_AUTH_STRING": login,
        "PREFECT_API_SSL_CERT_FILE": "",
        "PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "false",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
        "PREFECT_CLIENT_CUSTOM_HEADERS": "{}",
        "PREFECT_UI_URL": pages,
        CHOSEN_LOGIN: login,
        "PREFECT_SERVER_API_HOST": NAMES[0],
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_API_BASE_PATH": "/api",
        "PREFECT_SERVER_API_DEFAULT_LIMIT": "200",
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "false",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": ",".join(sorted(origins(port))),
        "PREFECT_SERVER_API_CORS_ALLOWED_METHODS": "*",
        "PREFECT_SERVER_API_CORS_ALLOWED_HEADERS": "*",
        "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "true",
        "PREFECT_SERVER_UI_API_URL": f"{pages}/api",
        "PREFECT_SERVER_UI_SERVE_BASE": "/",
    }


def overruled(settings: dict[str, str]) -> list[str]:
    """Return the names of environment variables that do not count for our own server."""
    given = {name: value for name, value in os.environ.items() if name in settings and name not in NO_PROXY and value}
    return sorted(name for name, value in given.items() if value != settings[name])


def blamed(ours: dict[str, str]) -> str:
    """Return a sentence on the Prefect settings in the environment that may keep a server from starting, or an empty
    text."""
    given = {name: value for name, value in os.environ.items() if name.startswith("PREFECT_")}
    found = sorted(name for name, value in given.items() if ours.get(name, value) == value)
    if not found:
        return ""
    return f"the environment sets {', '.join(found)} for Prefect: correct or unset what is wrong there"
