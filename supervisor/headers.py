"""A login in Prefect's custom headers, which would go to our own server in place of its own.

Of this one setting Prefect adds up all its sources, so that what we pin in the environment does not win. Read before
Prefect is; it must not import it.
"""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tasks.runtime.refusals import Refused

NAME = "PREFECT_CLIENT_CUSTOM_HEADERS"


def refuse_foreign_login(records: Path, folder: Path | None = None) -> None:
    """Refuse an Authorization header in Prefect's sources beside the environment, which is overruled.

    ``records``: the folder of our server, where its profiles are unless PREFECT_HOME says otherwise; ``folder``: the
    working directory, where Prefect looks for ``.env``, ``prefect.toml`` and ``pyproject.toml``.
    Raises Refused with the place and the mend, never with the header.
    """
    for place, headers in _sources(records, folder or Path.cwd()):
        if any(str(name).strip().lower() == "authorization" for name in headers):
            raise Refused(
                f"{NAME} in {place} has an Authorization header: it would go to first90's own Prefect server in place "
                "of that server's login. Take it out there, or name the server that it is for in PREFECT_API_URL"
            )


def _sources(records: Path, folder: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    from dotenv import dotenv_values

    dotenv = folder / ".env"
    if dotenv.is_file():
        said = {name.upper(): text for name, text in dotenv_values(dotenv, interpolate=False).items()}
        yield dotenv, _headers(said.get(NAME))
    yield folder / "prefect.toml", _headers(_toml(folder / "prefect.toml", "client", "custom_headers"))
    project = folder / "pyproject.toml"
    yield project, _headers(_toml(project, "tool", "prefect", "client", "custom_headers"))
    profiles = Path(os.environ.get("PREFECT_HOME", records)) / "profiles.toml"
    active = os.environ.get("PREFECT_PROFILE") or _toml(profiles, "active")
    yield profiles, _headers(_toml(profiles, "profiles", str(active), NAME))


def _toml(file: Path, *path: str) -> Any:
    try:
        found: Any = tomllib.loads(file.read_text(encoding="utf-8"))
        for name in path:
            found = found[name]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def _headers(said: Any) -> Mapping[str, Any]:
    """The headers of a table or of JSON text; none where it is neither, which Prefect itself refuses."""
    try:
        found = json.loads(said) if isinstance(said, str) else said
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}
