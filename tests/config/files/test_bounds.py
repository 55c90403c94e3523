"""Limits of an operator's files: what is too large, too deep or not a regular file is refused at once."""

import os
from pathlib import Path

import pytest

from config.company.team import load_team
from config.files.documents import DocumentError
from config.files.marked_yaml import DEEPEST, MOST_VALUES, MarkedError, read_marked
from config.files.mistakes import PlaybookError
from config.files.plain_files import MOST_BYTES
from config.mail_templates.files import read_source
from config.playbook_library.library import BUNDLED, load_library
from config.settings.load import SettingsError, load_settings

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (LAUGHS, "aliases included"),
        ("[" * 100_000, "levels deep"),
        ("{a: " * 100_000, "levels deep"),
        ("".join(f"{'  ' * n}k:\n" for n in range(400)), "levels deep"),
        ("".join(f"k{n}: 1\n" for n in range(500_000)), "values"),
        ("- 1\n" * 500_000, "values"),
    ],
    ids=["aliases", "lists", "mappings", "blocks", "keys", "items"],
)
def test_a_document_that_would_eat_the_machine_is_refused_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(MarkedError, match=problem) as refused:
        read_marked(text)
    assert refused.value.line >= 1


@pytest.mark.slow
def test_up_to_the_bounds_a_document_is_read() -> None:
    deep = read_marked("[" * DEEPEST + "]" * DEEPEST)
    assert deep.data
    wide = read_marked("".join(f"- {n}\n" for n in range(MOST_VALUES - 10)))
    assert len(wide.data) == MOST_VALUES - 10
    shared = read_marked("a: &a [1, 2]\nb: *a\n")
    assert shared.data == {"a": [1, 2], "b": [1, 2]}


@pytest.fixture(params=["pipe", "folder", "giant"])
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Something else in place of a file."""
    path = tmp_path / "odd.yaml"
    match request.param:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case _:
            path.write_text("# " + "x" * MOST_BYTES)
    return path


def test_what_is_no_ordinary_file_is_told_and_never_waited_for(
    odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        DocumentError, match=r"odd\.yaml: it cannot be read \((it is a folder, a pipe|it has 1,000,002)"
    ):
        load_team(odd)
    with pytest.raises(PlaybookError, match=r"odd\.yaml.*cannot be read"):
        read_source(odd)
    books = tmp_path / "books"
    books.mkdir()
    for file in BUNDLED.glob("*.yaml"):
        (books / file.name).write_bytes(file.read_bytes())
    (books / "high.yaml").unlink()
    odd.rename(books / "high.yaml")
    with pytest.raises(PlaybookError, match=r"high\.yaml: it cannot be read"):
        load_library(books)
    monkeypatch.setenv("FIRST90_MAIL_TOKEN_FILE", str(books / "high.yaml"))
    with pytest.raises(SettingsError, match=r"FIRST90_MAIL_TOKEN_FILE.*cannot be read"):
        load_settings(env_file=None)
