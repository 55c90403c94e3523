"""Who may come in to a Prefect server of our own: one login, and what server and clients have to agree on.

Whoever may start a flow run may start a command on this machine, so nobody may without the login. This module is read
before Prefect is, and must not import it.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from tasks.runtime.refusals import Refused

LOGIN = "login"
"""In the folder of the records: ``user:password`` of the server that ``first90 up`` keeps."""
CHOSEN_LOGIN = "PREFECT_SERVER_API_AUTH_STRING"
NAMES = ("127.0.0.1", "localhost")
"""Of this machine, as a browser on it may call it."""
NO_PROXY = ("NO_PROXY", "no_proxy")
"""The login must not go to a proxy."""


def new_login() -> str:
    """A login that nobody can guess."""
    return f"first90:{secrets.token_urlsafe(32)}"


def kept_login(folder: Path) -> str | None:
    """The login of the server whose records are there; None where none was made yet. Raises Refused."""
    place = folder / LOGIN
    try:
        place.chmod(0o600)
        return _usable(place.read_text("utf-8").strip(), f"{place}", "delete it, and `first90 up` makes a new one")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{place} cannot be read ({type(error).__name__}); correct or delete it") from None


def login_to_keep(folder: Path) -> tuple[str, bool]:
    """The login for a server that stays, and whether it was made just now: the one that the environment chooses, else
    the kept one, else a new one. Kept for the commands beside it. Raises Refused."""
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
    """What a request to our own server may call it."""
    return frozenset(f"{name}:{port}" for name in NAMES) | (frozenset(NAMES) if port == 80 else frozenset())


def origins(port: int) -> frozenset[str]:
    """The pages that may ask our own server."""
    return frozenset(f"http://{host}" for host in hosts(port))


def agreed(port: int, login: str) -> dict[str, str]:
    """For a server of our own and all its clients, whatever the environment, ``.env`` or a profile say.

    Each is the name that Prefect looks for first, and the environment wins over Prefect's other sources.
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
    """The names of variables in the environment that do not count for a server of our own."""
    given = {name: value for name, value in os.environ.items() if name in settings and name not in NO_PROXY and value}
    return sorted(name for name, value in given.items() if value != settings[name])


def blamed(ours: dict[str, str]) -> str:
    """Which settings of Prefect in the environment hold and may keep a server from starting; nothing where none do."""
    given = {name: value for name, value in os.environ.items() if name.startswith("PREFECT_")}
    found = sorted(name for name, value in given.items() if ours.get(name, value) == value)
    if not found:
        return ""
    return f"the environment sets {', '.join(found)} for Prefect: correct or unset what is wrong there"
