from datetime import datetime

import pytest

from tests.builders.case import SIGNED


@pytest.fixture(scope="session")
def signed() -> datetime:
    """When the default deal was signed: Monday 2 March 2026, 09:00 UTC."""
    return SIGNED
