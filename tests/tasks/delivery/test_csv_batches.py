"""The rows of many customers reach the CSV files in few rewrites: each costs the whole file."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from integrations.csv_crm import folder
from integrations.csv_crm.writing import upsert
from tests.tasks.conftest import Office

MANY = 27
"""With forty rows each, more than are rechecked at once."""


@pytest.mark.slow
def test_a_first_cycle_writes_each_file_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    written: Counter[str] = Counter()

    def counted(path: Path, changes: Any, *rest: Any) -> Any:
        written[path.name] += 1
        return upsert(path, changes, *rest)

    monkeypatch.setattr(folder, "upsert", counted)
    for number in range(1, MANY + 1):
        office.customer(number)
    assert office.run().failures == []
    assert len(office.crm()) == MANY
    assert len(office.crm("Onboarding_Milestone__c")) > 1000
    assert written == {"Onboarding__c.csv": 1, "Onboarding_Milestone__c.csv": 1}
