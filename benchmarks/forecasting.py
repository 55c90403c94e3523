"""How far forecasts are from what a simulation then does, by the day on which they are made.

    python -m benchmarks.forecasting [days]

The sample is simulated: people act by habits that no forecast sees, some late, some never. Each forecast is made with
what was known on its day. Ends that had passed, or did not come within the simulation, are left out.
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from config.sample_portfolio.sample import make_sample
from config.settings.load import load_settings
from onboarding.metrics.calibration import Miss, misses
from onboarding.metrics.known import NOTED, Noted
from tasks.simulation.report import SimulationResult
from tasks.simulation.simulate import Simulation, simulate

DAYS = (1, 7, 14, 21, 30, 45, 60)
"""Days after the signature."""


def main(days: int) -> None:
    """Simulate, compare and print."""
    import os
    from datetime import UTC, datetime

    with tempfile.TemporaryDirectory() as folder:
        os.environ["FIRST90_HOME"] = folder
        start = make_sample(Path(folder) / "crm", datetime(2026, 3, 4, 12, tzinfo=UTC))
        plan = Simulation(start=start, days=days, out=Path(folder) / "out")
        result = simulate(load_settings(env_file=None), plan, lambda said: print(said, file=sys.stderr))
    print_misses(missed(result))


def missed(result: SimulationResult) -> list[Miss]:
    """Return the misses of all onboardings of a simulation."""
    journals: defaultdict[str, list[Noted]] = defaultdict(list)
    for at, key, decision in result.journal:
        if decision.kind in NOTED:
            journals[key].append(Noted(at, decision.kind, decision.about))
    return [miss for one in result.ended for miss in misses(one, journals[one.case.key], DAYS)]


def print_misses(found: Iterable[Miss]) -> None:
    """Print the median error by the day of the forecast and by what was forecast."""
    by: defaultdict[tuple[str, str], list[Miss]] = defaultdict(list)
    for miss in found:
        by["day", f"{miss.after:2} days after the signature"].append(miss)
        by["what", miss.what].append(miss)
    for (_, name), group in sorted(by.items(), key=lambda one: one[0]):
        errors = sorted(abs(one.days) for one in group)
        print(
            f"{name:28} {len(group):4} forecasts, {median(one.ahead for one in group):3.0f} days ahead: off by "
            f"{median(errors):3.0f} in the median, {errors[len(errors) * 9 // 10]:3} in nine of ten, "
            f"later than forecast by {median(one.days for one in group):+3.0f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120)
