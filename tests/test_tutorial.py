"""docs/tutorial.md, followed to the letter in a clean folder: its commands, against its own local servers."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parent.parent / "docs" / "tutorial.md"
NOT_FOLLOWED = "<!-- not followed: it needs a network -->\n"
MORE = "..."
"""In a shown output: any lines."""


class Step(NamedTuple):
    """A block of commands and the output shown after it; empty where none is."""

    commands: str
    shown: str


def steps(page: str) -> Iterator[Step]:
    """Yield the blocks of a page that are to be followed."""
    pattern = rf"({re.escape(NOT_FOLLOWED)})?```sh\n(.*?)```\n(?:\n```text\n(.*?)```)?"
    for skipped, commands, shown in re.findall(pattern, page, re.DOTALL):
        if not skipped:
            yield Step(commands, shown)


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def followed(found: Sequence[Step], folder: Path) -> list[tuple[str, str]]:
    """Follow the steps in one shell that ends at the first failure; return what each printed, and what is shown."""
    mark = "--- step "
    # As a person who types: a server that was started answers before the next command.
    opens = "import socket; socket.create_connection(('127.0.0.1', $port))"
    answers = f'until {sys.executable} -c "{opens}" 2> /dev/null; do sleep 0.1; done'
    ports = {"8025": free_port(), "8026": free_port()}
    script = "set -e -m\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n"
    for number, step in enumerate(found):
        script += f"echo '{mark}{number}'\n{step.commands}"
        if " &\n" in step.commands:
            script += f"for port in {' '.join(ports)}; do {answers}; done\n"
    for said, free in ports.items():
        script = script.replace(said, free)
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("FIRST90_", "PREFECT_"))}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=keep | {"PATH": path, "COLUMNS": "80", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    printed = re.split(rf"^{mark}\d+\n", done.stdout, flags=re.MULTILINE)[1:]
    return list(zip(printed, (step.shown for step in found), strict=True))


def agrees(printed: str, shown: str) -> bool:
    """Return whether the output is the shown one, in which a line of three dots stands for any lines."""
    parts = [re.escape(part.strip("\n")) for part in re.split(rf"^{re.escape(MORE)}$", shown, flags=re.MULTILINE)]
    return (
        re.fullmatch(r"\s*" + r"(?:.*\n)*?".join(f"{part}\\s*" if part else "" for part in parts), printed) is not None
    )


def test_the_tutorial_does_what_it_shows(tmp_path: Path) -> None:
    found = list(steps(PAGE.read_text(encoding="utf-8")))
    assert sum(bool(step.shown) for step in found) >= 7
    for printed, shown in followed(found, tmp_path):
        assert not shown or agrees(printed, shown), f"the page shows\n{shown}\nand it printed\n{printed}"
    assert len((tmp_path / "slack.txt").read_text(encoding="utf-8")) > 100


@pytest.mark.parametrize(
    ("printed", "shown", "same"),
    [
        ("\na\nb\n", "a\nb\n", True),
        ("a\nx\ny\nb\n", "a\n...\nb\n", True),
        ("a\nx\n", "a\n...\n", True),
        ("a\nx\n", "a\n", False),
        ("a\nx\nc\n", "a\n...\nb\n", False),
        ("x\na\n", "a\n", False),
        ("x\na\n", "...\na\n", True),
    ],
)
def test_an_output_is_compared_line_by_line(printed: str, shown: str, same: bool) -> None:
    assert agrees(printed, shown) is same
