"""Playbooks that change while customers are under way, and what the database holds before and after."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings.load import PROJECT
from database.tables import metadata
from tests.tasks.conftest import Office

Edit = Callable[[str], str]
Rows = Mapping[str, list[tuple[Any, ...]]]
ASIDE = {"journal": None, "onboarding": ("version", "outcome"), "key_value": None, "playbook": None}
"""What may differ after a change that was taken back: the journal, the version and the fingerprint by which saves
notice changes, values that the program keeps for itself, and the versions that are kept."""
NEW_MILESTONE = """      - name: data_cleaned
        title: Clean the data
        side: customer
        owner: champion
        due: {from: signature, days: 20, source: ours}
        source: ours
"""


@pytest.fixture
def playbooks(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of playbooks in which that of the tier mid is edited."""

    def make(*edits: Edit) -> Path:
        folder = tmp_path / f"playbooks{len(list(tmp_path.glob('playbooks*')))}"
        shutil.copytree(PROJECT / "config" / "playbooks", folder)
        file = folder / "mid.yaml"
        for edit in edits:
            before = file.read_text("utf-8")
            file.write_text(edit(before), "utf-8")
            assert file.read_text("utf-8") != before
        return folder

    return make


def sooner(text: str) -> str:
    """The check-in of day 30 comes on day 14."""
    return text.replace("{from: check_ins, days: 30, source: TH-2}", "{from: check_ins, days: 14, source: TH-2}")


def with_milestone(text: str) -> str:
    """There is one milestone more."""
    return text.replace(
        "      - name: requirements_documented", f"{NEW_MILESTONE}      - name: requirements_documented"
    )


def without(step: str) -> Edit:
    """The step is gone."""
    return lambda text: re.sub(rf"  - name: {step}\n.*?\n\n", "", text, count=1, flags=re.DOTALL)


def called(old: str, new: str) -> Edit:
    """The step has another name."""
    return lambda text: text.replace(f"  - name: {old}\n", f"  - name: {new}\n")


def with_another(name: str, like: str = "check_in_7") -> Edit:
    """There is a new step of this name, which sends the template ``another`` and else is like a step there is."""

    def edit(text: str) -> str:
        start = text.index(f"  - name: {like}\n")
        step = text[start : text.index("\n\n", start) + 2]
        other = step.replace(f"name: {like}\n", f"name: {name}\n").replace(f"template: {like}\n", "template: another\n")
        return text[:start] + other + text[start:]

    return edit


def rows(office: Office) -> Rows:
    """All rows of the database by table, without what may differ."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with office.context() as context, context.database.reading() as conn:
        for table in metadata.sorted_tables:
            left_out = ASIDE.get(table.name, ())
            if left_out is not None:
                columns = [column for column in table.columns if column.name not in left_out]
                ordered = select(*columns).order_by(*table.primary_key.columns)
                found[table.name] = [tuple(row) for row in conn.execute(ordered)]
    return found


def differing(found: Rows, before: Rows) -> Rows:
    """The rows that only one of both has, by table."""
    unlike = [table for table in found if found[table] != before[table]]
    apart = {table: [row for row in found[table] if row not in before[table]] for table in unlike}
    gone = {table: [row for row in before[table] if row not in found[table]] for table in unlike}
    return {table: [*apart[table], *gone[table]] for table in unlike}
