"""What the writes of a whole cycle cost in Salesforce: a call for each 200 rows, none where nothing changed."""

import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.sample_portfolio.sample import make_sample
from config.settings.load import load_settings
from sandbox.org.loading import load_folder
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.scope import Scope
from tests.salesforce_fixtures import Sandbox
from tests.tasks.conftest import cycle

DAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
WRITES = ("write_collection", "write_record", "bulk_create", "bulk_upload", "bulk_job", "bulk_results")


def writes(sandbox: Sandbox) -> Counter[tuple[str, str | None]]:
    return Counter((call.kind, call.sobject) for call in sandbox.calls.of(*WRITES, "composite"))


@pytest.mark.slow
def test_a_cycle_writes_in_collections_and_a_quiet_one_writes_nothing(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, proof: Callable[[str], None]
) -> None:
    at = make_sample(tmp_path / "export", DAY)
    load_folder(sandbox.org, tmp_path / "export")
    sandbox.at(at)
    for name in [name for name in os.environ if name.startswith("FIRST90_")]:
        monkeypatch.delenv(name)
    settings = sandbox.environment(tmp_path / "home") | {"FIRST90_SIGNALS": "none", "FIRST90_CRM_SINCE": "2025-09-01"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with open_run_context(load_settings(env_file=None)) as context:
        first = written(context, sandbox, at)
        rows = len(sandbox.org.records.all("Onboarding_Milestone__c"))
        assert rows > 500
        assert first[("write_collection", "Onboarding__c")] == 1
        assert first[("write_collection", "Onboarding_Milestone__c")] <= -(-rows // 200)
        assert set(first) <= {
            ("write_collection", "Onboarding__c"),
            ("write_collection", "Onboarding_Milestone__c"),
            ("composite", None),
        }
        proof(f"P6 first cycle of the sample: {rows} milestones in {sum(first.values())} calls")
        assert written(context, sandbox, at) == {}, "a quiet cycle asks and writes nothing"
        later = written(context, sandbox, at + timedelta(days=1))
        proof(f"P6 the day after: {sum(later.values())} calls for what changed")
        assert later[("composite", None)] <= 1


def written(context: RunContext, sandbox: Sandbox, at: datetime) -> Counter[tuple[str, str | None]]:
    sandbox.at(at)
    sandbox.calls.clear()
    assert cycle(context, at, Scope()).failures == []
    return writes(sandbox)
