"""Reads of changes end in the same state as a whole read, with few calls, whoever edits what and when."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from integrations.ports import Unreachable
from integrations.salesforce.cursor import LOOK_BACK
from integrations.salesforce.org import SalesforceOrg
from sandbox.org.org import USER_ID
from tests.integrations.salesforce.conftest import OpenOrg
from tests.integrations.salesforce.customers import Customers
from tests.integrations.salesforce.mirror import Mirror, truth
from tests.salesforce_fixtures import Sandbox

MINUTE = timedelta(minutes=1)
QUIET = 10
"""Calls of a read of an org without changes, however large it is."""


@pytest.fixture
def org(open_org: OpenOrg) -> SalesforceOrg:
    return open_org(first_day=date(2026, 1, 1))


@pytest.fixture
def customers(sandbox: Sandbox) -> Customers:
    sandbox.at(datetime(2026, 3, 2, 9, tzinfo=UTC))
    sandbox.others.edit("User", USER_ID)  # made by the machine's clock; an org has a single clock
    return Customers(sandbox)


Edit = Callable[[Customers, tuple[str, str, str], tuple[str, str, str]], Any]


def _part(customers: Customers, deal: str) -> str:
    rows = customers.sandbox.others.rows("OpportunityContactRole")
    return next(row["Id"] for row in rows if row["OpportunityId"] == deal)


def _edit(sobject: str, place: int, **values: Any) -> Edit:
    return lambda made, one, two: made.sandbox.others.edit(sobject, one[place], **values)


def _rewon(made: Customers, one: tuple[str, str, str], two: tuple[str, str, str]) -> None:
    made.sandbox.others.edit("Opportunity", one[2], IsWon=False, StageName="Negotiation")
    made.sandbox.others.edit("Opportunity", one[2], IsWon=True, StageName="Closed Won", Amount=7.0)


def _back(made: Customers, one: tuple[str, str, str], two: tuple[str, str, str]) -> None:
    made.sandbox.others.delete("Opportunity", one[2])
    made.sandbox.others.undelete("Opportunity", one[2])


EDITS: dict[str, Edit] = {
    "a deal changes": _edit("Opportunity", 2, Amount=12000.5, First90_Seats__c=40.0),
    "a deal is reopened": _edit("Opportunity", 2, IsWon=False, StageName="Negotiation"),
    "a deal is reopened and won again": _rewon,
    "a deal is deleted": lambda made, one, two: made.sandbox.others.delete("Opportunity", one[2]),
    "a deal is deleted and put back": _back,
    "a deal goes to another account": lambda made, one, two: made.sandbox.others.edit(
        "Opportunity", one[2], AccountId=two[0]
    ),
    "a deal goes to a new account": lambda made, one, two: made.sandbox.others.edit(
        "Opportunity", one[2], AccountId=made.account("Newcomer")
    ),
    "a deal goes to a new owner": lambda made, one, two: made.sandbox.others.edit(
        "Opportunity", one[2], OwnerId=made.user("Cy Newseller")
    ),
    "a deal is won": lambda made, one, two: made.customer("Third"),
    "a deal was signed long ago": _edit("Opportunity", 2, CloseDate=date(2019, 3, 2)),
    "an account is renamed": _edit("Account", 0, Name="Acme SE", BillingCountry="Germany"),
    "an account gets a csm": lambda made, one, two: made.sandbox.others.edit(
        "Account", one[0], First90_CSM__c=made.user("Dee Csm")
    ),
    "an account is deleted": lambda made, one, two: made.sandbox.others.delete("Account", one[0]),
    "an account is merged into another": lambda made, one, two: made.sandbox.others.merge("Account", two[0], one[0]),
    "a contact changes": _edit("Contact", 1, Email="new@customer.example"),
    "a contact leaves": _edit("Contact", 1, First90_Left_On__c=date(2026, 3, 1)),
    "a contact opts out": _edit("Contact", 1, HasOptedOutOfEmail=True),
    "a contact comes": lambda made, one, two: made.contact(one[0], "Eve Admin"),
    "a contact is deleted": lambda made, one, two: made.sandbox.others.delete("Contact", one[1]),
    "a contact is merged into another": lambda made, one, two: made.sandbox.others.merge("Contact", two[1], one[1]),
    "a contact with a part goes elsewhere": lambda made, one, two: made.sandbox.others.edit(
        "Contact", one[1], AccountId=made.account("Elsewhere")
    ),
    "a contact without a part goes elsewhere": lambda made, one, two: made.sandbox.others.edit(
        "Contact",
        next(row["Id"] for row in made.sandbox.others.rows("Contact") if row["Name"] == "Idle"),
        AccountId=made.account("Elsewhere"),
    ),
    "a part is given": lambda made, one, two: made.part(one[2], two[1], "Economic Buyer"),
    "a part changes": lambda made, one, two: made.sandbox.others.edit(
        "OpportunityContactRole", _part(made, one[2]), Role="IT Security"
    ),
    "a part is taken away": lambda made, one, two: made.sandbox.others.delete(
        "OpportunityContactRole", _part(made, one[2])
    ),
    "a colleague leaves": lambda made, one, two: made.sandbox.others.edit("User", made.owner, IsActive=False),
    "a colleague comes": lambda made, one, two: made.user("Fay Fresh"),
    "an onboarding appears": lambda made, one, two: made.sandbox.others.create(
        "Onboarding__c", {"First90_Key__c": two[2], "Account__c": two[0], "Opportunity__c": two[2]}
    ),
    "an onboarding is deleted": lambda made, one, two: made.sandbox.others.delete(
        "Onboarding__c", made.sandbox.others.rows("Onboarding__c")[0]["Id"]
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_others_do_ends_in_the_picture_of_a_whole_read(
    sandbox: Sandbox, org: SalesforceOrg, customers: Customers, name: str
) -> None:
    one, two = customers.customer("Acme"), customers.customer("Bolt")
    sandbox.others.create("Onboarding__c", {"First90_Key__c": one[2], "Account__c": one[0], "Opportunity__c": one[2]})
    customers.contact(one[0], "Idle")
    mirror = Mirror(org)
    mirror.read()
    sandbox.later(30 * MINUTE)
    EDITS[name](customers, one, two)
    batch = mirror.read()
    assert not batch.complete
    assert not batch.unchanged
    assert mirror.view() == truth(org)
    assert mirror.read().unchanged, "and that was all"


LATE = [
    "a deal changes",
    "a deal is reopened",
    "a deal is deleted",
    "a deal is won",
    "an account is renamed",
    "an account is merged into another",
    "a contact changes",
    "a contact is deleted",
    "a part is given",
    "a part is taken away",
    "a colleague leaves",
    "an onboarding appears",
]


@pytest.mark.parametrize("name", LATE)
def test_what_becomes_visible_late_is_not_missed(
    sandbox: Sandbox, org: SalesforceOrg, customers: Customers, name: str
) -> None:
    """The edit has an older stamp than rows already seen, up to the whole look-back."""
    one, two = customers.customer("Acme"), customers.customer("Bolt")
    sandbox.others.create("Onboarding__c", {"First90_Key__c": one[2], "Account__c": one[0], "Opportunity__c": one[2]})
    mirror = Mirror(org)
    mirror.read()
    sandbox.later(30 * MINUTE)
    before = sandbox.org.clock()
    sandbox.later(9 * MINUTE)
    sandbox.others.edit("Account", two[0], Industry="Software")
    sandbox.others.edit("Opportunity", two[2], Amount=9.0)
    mirror.read()
    now = sandbox.org.clock()
    sandbox.at(before)
    EDITS[name](customers, one, two)
    sandbox.at(now)
    mirror.read()
    assert mirror.view() == truth(org)


@pytest.mark.parametrize("sobject", ["Account", "Contact"])
def test_a_merge_that_stamps_nothing_it_moves_is_seen_all_the_same(
    sandbox: Sandbox, org: SalesforceOrg, customers: Customers, sobject: str
) -> None:
    one, two = customers.customer("Acme"), customers.customer("Bolt")
    mirror = Mirror(org)
    mirror.read()
    before = sandbox.org.clock()
    for _ in range(2):
        sandbox.later(30 * MINUTE)
        customers.deal(two[0])
        mirror.read()
    place = {"Account": 0, "Contact": 1}[sobject]
    sandbox.others.merge(sobject, two[place], one[place])
    for moved in ("Opportunity", "OpportunityContactRole", "Contact"):
        for row in sandbox.org.records.all(moved):
            if row.id not in (one[1], two[1]):
                row.values["SystemModstamp"] = before
    batch = mirror.read()
    assert batch.merged == {one[place]: two[place]}
    assert one[place] in batch.gone
    assert mirror.view() == truth(org)


@pytest.mark.slow
def test_an_unchanged_org_costs_a_few_calls_however_large(
    sandbox: Sandbox, org: SalesforceOrg, customers: Customers, proof: Callable[[str], None]
) -> None:
    counts = []
    for number in (1, 300):
        for place in range(number):
            customers.customer(f"Customer {number} {place}")
        mirror = Mirror(org)
        sandbox.calls.clear()
        mirror.read()
        whole = sandbox.calls.count()
        sandbox.calls.clear()
        assert mirror.read().unchanged
        counts.append(sandbox.calls.count())
        proof(f"POLL deals={len(mirror.deals)} whole={whole} unchanged={counts[-1]}")
    assert counts == [QUIET, QUIET]


def test_one_changed_deal_costs_a_few_calls_more(sandbox: Sandbox, org: SalesforceOrg, customers: Customers) -> None:
    _, _, deal = customers.customer()
    mirror = Mirror(org)
    mirror.read()
    sandbox.later(30 * MINUTE)
    sandbox.others.edit("Opportunity", deal, Amount=1.0)
    sandbox.calls.clear()
    mirror.read()
    assert sandbox.calls.count() <= QUIET + 7


def test_milestones_cost_one_call_where_nothing_changed(
    sandbox: Sandbox, org: SalesforceOrg, customers: Customers
) -> None:
    account, _, deal = customers.customer()
    own = sandbox.others.create(
        "Onboarding__c", {"First90_Key__c": deal, "Account__c": account, "Opportunity__c": deal}
    )
    row = sandbox.others.create(
        "Onboarding_Milestone__c",
        {"First90_Key__c": f"{deal}:goals", "Onboarding__c": own, "Status__c": "Open", "Milestone__c": "Goals"},
    )
    first = org.read_milestones(None)
    assert [(one.key, one.status) for one in first.milestones] == [(f"{deal}:goals", "Open")]
    sandbox.calls.clear()
    again = org.read_milestones(first.cursor)
    assert (again.unchanged, sandbox.calls.count()) == (True, 1)
    done = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    sandbox.others.edit("Onboarding_Milestone__c", row, Status__c="Done", Completed_At__c=done, Completed_By__c="Ana")
    [changed] = org.read_milestones(again.cursor).milestones
    assert (changed.status, changed.completed_at, changed.completed_by) == ("Done", done, "Ana")


@pytest.mark.slow
def test_a_read_that_breaks_off_moves_nothing(sandbox: Sandbox, org: SalesforceOrg, customers: Customers) -> None:
    one = customers.customer("Acme")
    mirror = Mirror(org)
    mirror.read()
    sandbox.later(30 * MINUTE)
    sandbox.others.edit("Contact", one[1], Email="new@customer.example")
    sandbox.others.edit("Opportunity", one[2], Amount=3.0)
    for skip in range(QUIET + 3):
        sandbox.faults.outage(503, skip=skip, times=3)
        with pytest.raises(Unreachable, match="503"):
            mirror.read()
        sandbox.faults.clear()
    mirror.read()
    assert mirror.view() == truth(org)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "nonsense", '{"fit": "another"}'])
def test_a_cursor_that_does_not_fit_is_answered_by_a_whole_read(org: SalesforceOrg, text: str) -> None:
    assert org.read(text).complete


def test_another_mapping_or_first_day_is_a_whole_read(
    sandbox: Sandbox, org: SalesforceOrg, open_org: OpenOrg, customers: Customers
) -> None:
    customers.customer()
    cursor = org.read(None).cursor
    assert open_org(first_day=date(2025, 1, 1)).read(cursor).complete
    assert org.read(cursor).unchanged


def test_a_field_that_is_hidden_meanwhile_is_done_without_and_told(
    sandbox: Sandbox, org: SalesforceOrg, customers: Customers
) -> None:
    customers.deal(customers.account(), First90_Seats__c=12.0)
    first = org.read(None)
    assert [deal.seats for deal in first.deals] == [12]
    sandbox.org.rights.hidden.add("Opportunity.First90_Seats__c")
    sandbox.later(30 * MINUTE)
    sandbox.others.edit("Opportunity", first.deals[0].id, Amount=1.0)
    second = org.read(first.cursor)
    assert [(deal.seats, deal.amount) for deal in second.deals] == [(None, 1.0)]
    assert second.complete
    assert [(one.source, one.field) for one in second.problems] == [("Opportunity", "First90_Seats__c")]


@pytest.mark.slow
def test_random_days_of_an_org_end_in_its_truth(
    sandbox: Sandbox, org: SalesforceOrg, customers: Customers, proof: Callable[[str], None]
) -> None:
    """Edits by all users, some visible late, with reads in between; pages of seven, lost locators, ended sessions."""
    dice = random.Random(20260302)
    sandbox.org.page_limit = 7
    made = [customers.customer(f"Customer {number}") for number in range(6)]
    mirror = Mirror(org)
    mirror.read()
    names = [
        name
        for name in EDITS
        if "onboarding" not in name and "merged" not in name and "taken" not in name and "without" not in name
    ]
    looks = 0
    for _ in range(120):
        sandbox.later(timedelta(seconds=dice.randrange(1, 400)))
        one, two = dice.sample(made, 2)
        late = dice.random() < 0.5
        if late:
            until = sandbox.org.clock() + timedelta(seconds=dice.randrange(0, 600))
            sandbox.others.edit("Opportunity", one[2], visible_at=until, Amount=float(dice.randrange(1, 9)))
            sandbox.others.edit("Contact", two[1], visible_at=until, Title=str(dice.random()))
        else:
            EDITS[dice.choice(names)](customers, one, two)
        if dice.random() < 0.4:
            if dice.random() < 0.2:
                sandbox.faults.add(lambda _: sandbox.org.locators.lose(), "query_more")
            mirror.read()
            looks += 1
    sandbox.later(LOOK_BACK)
    mirror.read()
    sandbox.faults.clear()
    assert mirror.view() == truth(org)
    proof(f"CHANGES edits=120 looks={looks} missed=0")
