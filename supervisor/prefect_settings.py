"""Finds the few settings of Prefect that first90 reads itself, in the places and the order in which Prefect reads them.

This module is imported before Prefect, which reads its settings from the environment at import; it must not import it.
"""

import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from config.settings.locations import PROJECT

ABOUT_THE_SERVER = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_API_KEY")
"""The settings that say which server is used, and by which login."""


class Given(NamedTuple):
    """A setting that is set: its value, and where, in words."""

    value: str
    place: str

    def __repr__(self) -> str:
        return f"Given({self.place})"


def given(name: str) -> Given | None:
    """Return a Prefect setting of the environment, ``.env`` (of the working directory, else first90's own),
    ``prefect.toml``, ``pyproject.toml`` or the active profile; None where no place sets it."""
    return next((Given(value, place) for value, place in _places(name) if value), None)


def chosen(name: str) -> str | None:
    """Return the value of a Prefect setting, or None."""
    found = given(name)
    return found.value if found else None


def for_children() -> dict[str, str]:
    """Return what was found about the server, as variables for children, whose working directory may be another one."""
    return {name: value for name in ABOUT_THE_SERVER if (value := chosen(name))}


def toml(file: Path, *path: str) -> Any:
    """Return a value of a TOML file by its path; None where there is none, or no such file."""
    try:
        found: Any = tomllib.loads(file.read_text(encoding="utf-8"))
        for name in path:
            found = found[name]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def dotenv(file: Path) -> Mapping[str, str | None]:
    """Return the variables of a ``.env`` file by their names in capitals; none where it cannot be read."""
    if not file.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        found = dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return {}
    return {name.upper(): text for name, text in found.items()}


def _places(name: str) -> Iterator[tuple[str, str]]:
    yield os.environ.get(name, ""), "the environment"
    if "prefect" in sys.modules:
        from prefect import settings

        value = getattr(settings, name).value()
        yield str(getattr(value, "get_secret_value", lambda: value or "")()), "Prefect's settings"
        return
    folder = Path.cwd()
    for file in dict.fromkeys((folder / ".env", PROJECT / ".env")):
        yield dotenv(file).get(name) or "", f"{file}"
    path = name.lower().removeprefix("prefect_").split("_", 1)
    yield _text(toml(folder / "prefect.toml", *path)), f"{folder / 'prefect.toml'}"
    yield _text(toml(folder / "pyproject.toml", "tool", "prefect", *path)), f"{folder / 'pyproject.toml'}"
    profiles = Path(os.environ.get("PREFECT_HOME", Path.home() / ".prefect")) / "profiles.toml"
    active = os.environ.get("PREFECT_PROFILE") or _text(toml(profiles, "active"))
    yield _text(toml(profiles, "profiles", active, name)), f"the profile {active} of {profiles}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
