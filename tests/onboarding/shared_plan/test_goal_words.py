"""What the vendor's people read of a goal that was answered on the plan page."""

import pytest

from onboarding.facts.fold import fold_facts
from onboarding.shared_plan.words import sentence
from tests.builders.case import CASE
from tests.builders.facts import build_fact
from tests.builders.playbook import build_playbook
from tests.onboarding.touchpoints.reviews import MONDAY


@pytest.mark.parametrize(("value", "told"), [(1234567.0, "1,234,567"), (0.25, "0.25"), (12.0, "12")])
def test_a_value_is_told_in_full_as_everywhere(value: float, told: str) -> None:
    fact = build_fact("goal_value", "Quotes", value={"value": value})
    said = sentence(CASE, fold_facts(CASE, build_playbook(), MONDAY), fact)
    assert said.endswith(f"says where the goal “Quotes” stands: {told}")
