"""The real client, as others use it."""

from collections.abc import Iterator

import pytest
import requests
from simple_salesforce.api import Salesforce

from tests.salesforce_fixtures import Sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Salesforce]:
    """simple-salesforce with a session that holds."""
    with requests.Session() as wire:
        yield Salesforce(session_id=sandbox.org.sessions.open(), instance_url=sandbox.url, version="62.0", session=wire)
