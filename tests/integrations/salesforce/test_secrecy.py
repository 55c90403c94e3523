"""Errors and logs contain no name, address, query value or token, whatever fails."""

import logging
import traceback
from collections.abc import Callable

import pytest

from integrations.ports import Unreachable
from sandbox.org.faults import Faults
from tests.integrations.salesforce.conftest import OpenOrg
from tests.integrations.salesforce.customers import Customers
from tests.salesforce_fixtures import Sandbox

NAME, LOCAL, COMPANY = "Canary O'Neil", "canary.address", "Canary Works & Söhne"

TROUBLE: dict[str, Callable[[Faults], None]] = {
    **{
        code: lambda faults, code=code: faults.refuse(  # type: ignore[misc]
            code, "query", message=f"{NAME} <{LOCAL}@customer.example> of {COMPANY}", times=None
        )
        for code in ("MALFORMED_QUERY", "INVALID_FIELD", "QUERY_TIMEOUT", "INSUFFICIENT_ACCESS", "INVALID_SESSION_ID")
    },
    "limits": lambda faults: faults.refuse("REQUEST_LIMIT_EXCEEDED", "query", times=None),
    "a page in HTML": lambda faults: faults.outage(502, "query", times=None),
    "a cut": lambda faults: faults.cut("query", times=None),
}


def _logged(caplog: pytest.LogCaptureFixture) -> str:
    """first90's own log, without that of the sandbox."""
    return "\n".join(
        f"{one.name} {one.getMessage()}" for one in caplog.records if not one.name.startswith(("uvicorn", "sandbox"))
    )


@pytest.mark.parametrize("sobject", ["Contact", "OpportunityContactRole"])
@pytest.mark.parametrize("trouble", TROUBLE)
def test_errors_and_logs_contain_no_personal_data(
    sandbox: Sandbox, open_org: OpenOrg, caplog: pytest.LogCaptureFixture, trouble: str, sobject: str
) -> None:
    caplog.set_level(logging.DEBUG)
    customers = Customers(sandbox)
    account = customers.account(COMPANY)
    contact = customers.contact(account, NAME, Email=f"{LOCAL}@customer.example")
    deal = customers.deal(account, Name=f"{COMPANY} 2026")
    customers.part(deal, contact)
    org = open_org(way="jwt")
    cursor = org.read(None).cursor
    TROUBLE[trouble](sandbox.faults)
    for fault in sandbox.faults.calls:
        fault.sobject = sobject
    sandbox.others.edit("Opportunity", deal, Amount=5.0)
    for text in (None, cursor):
        with pytest.raises(Unreachable) as told:
            org.read(text)
        shown = "\n".join(
            (
                "".join(traceback.format_exception(told.value)),
                repr(told.value.__context__),
                repr(told.value.__cause__),
                _logged(caplog),
            )
        )
        for word in ("anary", "SELECT", "WHERE", "sandbox.session", account, contact, deal):
            assert word not in shown.replace("canary.example", ""), word
        assert "\n" not in str(told.value)


def test_a_problem_of_a_record_names_the_field_and_the_record_alone(
    sandbox: Sandbox, open_org: OpenOrg, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    customers = Customers(sandbox)
    account = customers.account(COMPANY, First90_Tier__c="gold")
    contact = customers.contact(account, NAME, Email=f"{LOCAL}@a.example, {LOCAL}@b.example")
    customers.part(customers.deal(account), contact)
    batch = open_org().read(None)
    assert [(one.record, one.field) for one in batch.problems] == [
        (account, "First90_Tier__c"),
        (contact, "Email"),
    ]
    assert "anary" not in repr(batch.problems) + _logged(caplog)
