"""What each dependency costs: its size, the size of what it alone brings, and the time to import it.

Run by hand, ``python -m benchmarks.dependencies``. Times are of a processor, the median of five processes, less that of
a Python that imports nothing; a library that another has loaded already costs less than it does here.
"""

import re
import resource
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"^[A-Za-z0-9._-]+")
MODULES = {
    "babel": "babel.dates",
    "cryptography": "cryptography.hazmat.primitives.serialization",
    "fastapi": "fastapi.applications",
    "markdown-it-py": "markdown_it",
    "prometheus-client": "prometheus_client",
    "python-dotenv": "dotenv",
    "pyyaml": "yaml",
    "recurring-ical-events": "recurring_ical_events",
    "scipy": "scipy.stats",
    "matplotlib": "matplotlib.figure",
    "simple-salesforce": "simple_salesforce",
    "slack-sdk": "slack_sdk.web",
    "starlette": "starlette.applications",
    "mcp": "mcp.server",
}
"""What is imported where it is not the name itself."""
TIMES = 5
MEGABYTE = 1_000_000


def main() -> None:
    """Print one line for each direct dependency, the largest first."""
    direct = sorted(needed())
    idle = _imported("sys")
    print(f"all {len(closure(direct))} installed: {_size(closure(direct)):.0f} MB\n")
    print(f"{'dependency':<24}{'own MB':>8}{'alone brings':>14}{'MB':>7}{'import ms':>11}")
    rows = []
    for name in direct:
        alone = closure(direct) - closure(other for other in direct if other != name)
        module = MODULES.get(name, name.replace("-", "_"))
        rows.append((name, _size({name}), len(alone - {name}), _size(alone | {name}), _imported(module) - idle))
    for name, own, brings, size, took in sorted(rows, key=lambda row: -row[3]):
        print(f"{name:<24}{own:>8.1f}{brings:>14}{size:>7.1f}{took * 1000:>11.0f}")


def needed() -> set[str]:
    """Return the names of the project's direct dependencies, with the parts asked for (``psycopg-binary``)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {_name(text) for text in project["dependencies"]}


def closure(names: Iterable[str]) -> set[str]:
    """Return these distributions and all that they need here, by name."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found and _installed(name):
            found.add(name)
            waiting += _needs(name)
    return found


@cache
def _needs(name: str) -> tuple[str, ...]:
    from packaging.requirements import Requirement

    extra = "binary" if name == "psycopg" else ""
    asked = [Requirement(text) for text in distribution(name).requires or ()]
    return tuple(_name(str(one)) for one in asked if one.marker is None or one.marker.evaluate({"extra": extra}))


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


@cache
def _bytes(name: str) -> int:
    return sum(
        path.stat().st_size for file in distribution(name).files or () if (path := Path(str(file.locate()))).is_file()
    )


def _size(names: Iterable[str]) -> float:
    return sum(map(_bytes, names)) / MEGABYTE


def _name(requirement: str) -> str:
    found = NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else requirement


def _imported(module: str) -> float:
    """Return the seconds of a processor for a process that imports a module."""
    took = []
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True, cwd="/")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(took)


if __name__ == "__main__":
    main()
