"""Where first90's files are: in the source tree, and beside installed packages."""

from pathlib import Path

import pytest

from config.settings.locations import BUNDLED, PROJECT, TIMETABLE, brought_along, in_source_tree, own_folder


def test_here_is_the_source_tree() -> None:
    assert in_source_tree()
    assert brought_along(TIMETABLE) == PROJECT / "prefect.yaml"
    assert BUNDLED == PROJECT / "config"


def test_a_foreign_pyproject_beside_installed_packages_makes_no_source_tree(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    assert not in_source_tree(tmp_path)
    assert brought_along("salesforce", tmp_path) == tmp_path / "config" / "bundled" / "salesforce"


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"HOME": "/home/ana"}, "/home/ana/.local/share/first90"),
        ({"HOME": "/home/ana", "XDG_DATA_HOME": "/data"}, "/data/first90"),
        ({"HOME": "/home/ana", "XDG_DATA_HOME": "data"}, "/var/lib/first90"),
    ],
)
def test_installed_it_has_a_folder_of_the_user_whatever_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], found: str
) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    assert own_folder(tmp_path) == Path(found)
