"""Refuses a login in Prefect's custom headers, which would replace that of our own server.

For this one setting Prefect merges all its sources, so that our value in the environment does not override the others.
Imported before Prefect; it must not import it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from supervisor.prefect_settings import dotenv, toml
from tasks.runtime.refusals import Refused

NAME = "PREFECT_CLIENT_CUSTOM_HEADERS"


def refuse_foreign_login(records: Path, folder: Path | None = None) -> None:
    """Raise Refused for an Authorization header in one of Prefect's sources other than the environment.

    ``records``: the folder of our server, where its profiles are unless PREFECT_HOME is set; ``folder``: the working
    directory, where Prefect looks for ``.env``, ``prefect.toml`` and ``pyproject.toml``. The message names the place
    and the mend, never the header.
    """
    for place, headers in _sources(records, folder or Path.cwd()):
        if any(str(name).strip().lower() == "authorization" for name in headers):
            raise Refused(
                f"{NAME} in {place} has an Authorization header: it would go to first90's own Prefect server in place "
                "of that server's login. Take it out there, or name the server that it is for in PREFECT_API_URL"
            )


def _sources(records: Path, folder: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    file = folder / ".env"
    yield file, _headers(dotenv(file).get(NAME))
    yield folder / "prefect.toml", _headers(toml(folder / "prefect.toml", "client", "custom_headers"))
    project = folder / "pyproject.toml"
    yield project, _headers(toml(project, "tool", "prefect", "client", "custom_headers"))
    profiles = Path(os.environ.get("PREFECT_HOME", records)) / "profiles.toml"
    active = os.environ.get("PREFECT_PROFILE") or toml(profiles, "active")
    yield profiles, _headers(toml(profiles, "profiles", str(active), NAME))


def _headers(said: Any) -> Mapping[str, Any]:
    """Return the headers of a table or of JSON text; none where it is neither, which Prefect itself refuses."""
    try:
        found = json.loads(said) if isinstance(said, str) else said
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}
