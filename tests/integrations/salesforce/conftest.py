"""The real client against the sandbox, with waits that take no time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from config.company.mapping import CrmMapping, load_mapping
from integrations.salesforce.api.session import Session
from integrations.salesforce.org import SalesforceOrg
from tests.builders.tiers import BUNDLED_TIERS
from tests.salesforce_fixtures import Sandbox

OpenSession = Callable[..., Session]
OpenOrg = Callable[..., SalesforceOrg]


@pytest.fixture
def waits() -> list[float]:
    """The seconds that the session would have waited."""
    return []


@pytest.fixture
def open_session(sandbox: Sandbox, waits: list[float]) -> Iterator[OpenSession]:
    """Opens sessions: ``open_session("jwt", login=..., clock=...)``."""
    opened: list[Session] = []

    def opening(way: Any = "session", *, choice: dict[str, Any] | None = None, **options: Any) -> Session:
        opened.append(Session(replace(sandbox.choice(way), **(choice or {})), wait=waits.append, **options))
        return opened[-1]

    yield opening
    for session in opened:
        session.close()


@pytest.fixture(scope="session")
def mapping() -> CrmMapping:
    return load_mapping()


@pytest.fixture
def open_org(open_session: OpenSession, mapping: CrmMapping) -> OpenOrg:
    """Opens the CRM: ``open_org(mapping=..., first_day=...)``."""

    def opening(*, mapping: CrmMapping = mapping, first_day: Any = None, **options: Any) -> SalesforceOrg:
        known = mapping.for_tiers(BUNDLED_TIERS)
        return SalesforceOrg(open_session(**options), known, first_day)

    return opening
