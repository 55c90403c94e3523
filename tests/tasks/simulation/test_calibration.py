"""Forecasts made on fixed days, compared with what a simulation of the sample then did."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pytest

from config.sample_portfolio.sample import make_sample
from config.settings.load import load_settings
from onboarding.metrics.calibration import Miss, misses
from onboarding.metrics.known import NOTED, Noted
from tasks.simulation.simulate import Simulation, simulate


@pytest.mark.long
def test_half_of_all_forecasts_are_at_most_a_working_week_off_and_they_lean_to_neither_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST90_HOME", str(tmp_path / "home"))
    start = make_sample(tmp_path / "home" / "crm", datetime(2026, 3, 4, 12, tzinfo=UTC))
    lived = simulate(
        load_settings(env_file=None), Simulation(start=start, days=75, out=tmp_path / "out"), lambda _: None
    )
    journals: defaultdict[str, list[Noted]] = defaultdict(list)
    for at, key, decision in lived.journal:
        if decision.kind in NOTED:
            journals[key].append(Noted(at, decision.kind, decision.about))
    found = [miss for one in lived.ended for miss in misses(one, journals[one.case.key], (1, 7, 14, 30))]
    assert len(found) > 100
    assert median(abs(one.days) for one in found) <= 5
    assert abs(median(one.days for one in found)) <= 2
    near = [one for one in found if one.ahead <= 7]
    assert _nine_of_ten(near) <= _nine_of_ten(found), "what is near is known better"


def _nine_of_ten(found: list[Miss]) -> int:
    return sorted(abs(one.days) for one in found)[len(found) * 9 // 10]
