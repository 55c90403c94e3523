"""The lines of ``status`` as the board shows them: the next touchpoint under the title that its playbook gives it."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from config.playbook_library.kept import put_together
from database import key_values
from database.onboardings.overview import Line, status_lines
from onboarding.model.phrases import name_words

if TYPE_CHECKING:
    from sqlalchemy import Connection

VERSIONS = 64
"""How many versions of playbooks keep their titles in memory: some kilobytes each."""


def board_lines(conn: "Connection") -> Sequence[Line]:
    """Return the ``status`` line of every onboarding, the most urgent first, with ``next_title``. Two statements."""
    lines = status_lines(conn)
    kept = key_values.kept_playbooks(conn, sorted({line["playbook"] for line in lines}))
    titles = {version: step_titles(content) for version, content in kept.items()}
    for line in lines:
        step = line["next_touchpoint"]
        line["next_title"] = titles.get(line["playbook"], {}).get(step) or name_words(step) if step else ""
    return lines


@lru_cache(maxsize=VERSIONS)
def step_titles(content: str) -> Mapping[str, str]:
    """Return the titles of the steps of a stored playbook by their names."""
    return {step.name: step.title for step in put_together(content).steps}
