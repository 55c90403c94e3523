"""No transaction of a cycle grows with the portfolio: counted are the rows that it writes, which say on a busy machine
what they say on an idle one, where 2,500 of the smallest rows take 0.1 s."""

from typing import Any

import pytest

from tasks.intake.usage import take_in_usage
from tests.builders.statements import rows_written
from tests.tasks.conftest import MONDAY

CUSTOMERS = 90
"""Some 3,700 CRM rows: more than one transaction may settle, and more onboardings than one may save."""
MOST_ROWS = 2500
EVENTS = 3000


@pytest.mark.slow
def test_no_transaction_of_a_first_cycle_writes_more_rows_than_its_limit(office: Any) -> None:
    for number in range(1, CUSTOMERS + 1):
        office.customer(number)
    office.write()
    most: list[int] = []
    with office.context() as context, rows_written(context.database, most.append):
        found = office.run()
    assert found.deals.opened == CUSTOMERS
    assert found.sent > MOST_ROWS, found.sent
    assert max(most) <= MOST_ROWS, sorted(most)[-5:]


@pytest.mark.slow
def test_product_usage_is_stored_in_short_transactions(office: Any) -> None:
    office.customer()
    for number in range(EVENTS):
        office.event("login", f"2026-02-{number % 28 + 1:02d}T10:00:{number % 60:02d}Z", user=f"u{number}@x.example")
    office.write()
    most: list[int] = []
    with office.context() as context, rows_written(context.database, most.append):
        assert take_in_usage(context, MONDAY).new == EVENTS
    assert max(most) <= MOST_ROWS
