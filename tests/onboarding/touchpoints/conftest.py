from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from tests.builders.case import CASE
from tests.builders.facts import build_done
from tests.builders.playbook import build_playbook
from tests.onboarding.touchpoints.reviews import MONDAY


@pytest.fixture
def book() -> Playbook:
    return build_playbook()


@pytest.fixture
def case() -> Case:
    return CASE


@pytest.fixture
def in_setup() -> Case:
    """A case with its kickoff held, in setup since 3 March, 09:00 UTC."""
    done = build_done("kickoff_held", "cadence_agreed", "plan_agreed", at=MONDAY + timedelta(days=1))
    return replace(CASE, facts=done)
