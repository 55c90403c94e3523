"""Figures as people read them."""

import pytest

from onboarding.metrics.definitions import BY_NAME
from onboarding.metrics.wording import value_words


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("lifetime_value", 74231.0345, "74,231"),
        ("time_to_value", 77.0, "77 days"),
        ("time_to_value", 3.25, "3.2 days"),
        ("activation_rate", 0.1034, "10 %"),
        ("nps", -0.2, "-0.2"),
        ("effort_score", None, "-"),
    ],
)
def test_a_figure_has_its_unit_and_groups_of_three_digits(name: str, value: float | None, told: str) -> None:
    assert value_words(BY_NAME[name], value) == told


@pytest.mark.parametrize("name", ["early_churn_90", "early_churn_180", "stage_dwell_setup", "clock_vendor"])
def test_a_figure_that_leaves_out_accounts_taken_over_says_so_where_none_is_left(name: str) -> None:
    assert "followed" in BY_NAME[name].unknown
