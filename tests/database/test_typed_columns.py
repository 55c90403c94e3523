"""mypy finds a misspelt column, before its statement ever runs."""

from pathlib import Path

import pytest
from mypy import api

import database

ROOT = Path(database.__file__).parents[1]
STATEMENTS = """from sqlalchemy import select, update
from database.tables import EffectRow

select(EffectRow.key).where(EffectRow.state == "planned")
select(EffectRow.kye)
update(EffectRow).where(EffectRow.stat == "planned")
"""


@pytest.mark.slow
def test_a_misspelt_column_is_an_error_of_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    module = tmp_path / "statements.py"
    module.write_text(STATEMENTS)
    settings = ("--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache"))
    told, _, _ = api.run([*settings, "--follow-imports", "silent", str(module)])
    assert 'statements.py:5: error: "type[EffectRow]" has no attribute "kye"' in told
    assert 'statements.py:6: error: "type[EffectRow]" has no attribute "stat"' in told
    assert "Found 2 errors" in told
