"""kill -9 at every boundary of a cycle whose first intake is stored in many small parts: nothing is lost or doubled."""

from collections.abc import Callable

import pytest

from onboarding.crm import parts
from tasks.intake import open_deals
from tests.reliability.house import House
from tests.reliability.test_kills import Proof, assert_nothing_came_of_it, crossed, matrix

pytestmark = pytest.mark.slow

EVERY = 5
"""Of the boundaries every fifth is tried: ``tests/tasks/intake/test_large_readings.py`` tries each of its kind."""


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_an_intake_in_parts_killed_at_any_boundary_ends_as_if_it_had_not_been(
    make_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch, dialect: str, proof: Proof
) -> None:
    house = make_house(dialect)
    whole = len(crossed(house))
    monkeypatch.setattr(parts, "MOST_ROWS", 2)
    monkeypatch.setattr(open_deals, "ACCOUNTS", 1)
    points = crossed(house)
    added = len(points) - whole
    assert added > 10
    verdict = matrix(house, points[: added + 4][:: EVERY if dialect == "sqlite" else 3 * EVERY])
    proof(f"KILL intake in parts {dialect} {verdict}")
    assert_nothing_came_of_it(verdict)
