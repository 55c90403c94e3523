"""The case that somebody joins."""

from datetime import timedelta

import pytest

from onboarding.model.case import Case
from tests.builders.case import CASE
from tests.onboarding.newcomers.arrivals import book
from tests.onboarding.touchpoints.reviews import MONDAY, lived


@pytest.fixture(scope="module")
def welcomed() -> Case:
    """The case a week after its welcome."""
    return lived(CASE, book(), MONDAY, MONDAY + timedelta(days=7), timedelta(hours=4))
