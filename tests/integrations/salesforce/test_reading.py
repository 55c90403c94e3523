"""A whole read: the org's records, and what cannot be read set aside with its place, never half-read."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.company.mapping import CrmMapping
from integrations.ports import Unreachable
from integrations.salesforce.rows import as_text, as_written, cells
from onboarding.model.crm_records import CrmBatch, CrmContactRole
from onboarding.model.identity import many_lines, one_line
from onboarding.model.vocabulary import HandoffItem
from onboarding.people.names import read_names
from onboarding.people.placeholders import is_placeholder
from tests.builders.tiers import HIGH
from tests.examples import examples
from tests.integrations.salesforce.conftest import OpenOrg
from tests.integrations.salesforce.customers import Customers
from tests.salesforce_fixtures import Sandbox


@pytest.fixture
def customers(sandbox: Sandbox) -> Customers:
    return Customers(sandbox)


def _told(batch: CrmBatch) -> list[tuple[str, str, str]]:
    return [(one.source, one.record, one.field) for one in batch.problems]


def test_everything_that_the_mapping_names_arrives(sandbox: Sandbox, open_org: OpenOrg, customers: Customers) -> None:
    manager = customers.user("Max Manager")
    csm = customers.user("Cara Csm", ManagerId=manager, CountryCode="DE", TimeZoneSidKey="America/Los_Angeles")
    account = customers.account(
        "Acme & Söhne",
        Website="https://www.acme.example/de",
        Industry="Software",
        BillingCountry="United States",
        BillingState="California",
        First90_CSM__c=csm,
        First90_Tier__c="high",
        First90_Churned_On__c=date(2026, 9, 1),
    )
    contact = customers.contact(
        account, "Ben O'Neil", Title="CIO", MailingCountryCode="AT", HasOptedOutOfEmail=True,
        First90_Left_On__c=date(2026, 8, 1),
    )  # fmt: skip
    deal = customers.deal(
        account,
        Name="Acme 2026",
        Amount=120000.5,
        First90_Seats__c=40.0,
        First90_Signed_At__c=datetime(2026, 3, 3, 9, 30, tzinfo=UTC),
        First90_Kickoff_At__c=datetime(2026, 3, 9, 8, tzinfo=UTC),
        First90_Go_Live_On__c=date(2026, 5, 1),
        First90_Goals__c="Fewer calls\nand happier people",
    )
    customers.part(deal, contact, "Decision Maker", IsPrimary=True)
    batch = open_org().read(None)
    users = {user.name: user for user in batch.users}
    assert (users["Cara Csm"].manager_id, users["Cara Csm"].zone, users["Cara Csm"].country) == (
        manager,
        "America/Los_Angeles",
        "DE",
    )
    [one] = batch.accounts
    assert (one.name, one.domain, one.country, one.zone) == (
        "Acme & Söhne",
        "acme.example",
        "US",
        "America/Los_Angeles",
    )
    assert (one.csm_id, one.tier, one.churned_on) == (csm, HIGH, date(2026, 9, 1))
    [person] = batch.contacts
    assert (person.name, person.country, person.opted_out) == ("Ben O'Neil", "AT", True)
    assert person.left_on == date(2026, 8, 1)
    [won] = batch.deals
    assert (won.id, won.name, won.amount, won.seats, won.won) == (deal, "Acme 2026", 120000.5, 40, True)
    assert won.signed_at == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    assert (won.kickoff_at, won.go_live_on) == (datetime(2026, 3, 9, 8, tzinfo=UTC), date(2026, 5, 1))
    assert won.handoff == {HandoffItem.GOALS: "Fewer calls\nand happier people"}
    assert batch.roles == (CrmContactRole(deal_id=deal, contact_id=contact, role="Decision Maker", primary=True),)
    assert (batch.complete, batch.problems, batch.unreadable) == (True, (), frozenset())


def test_only_what_belongs_to_deals_of_ours_is_read(sandbox: Sandbox, open_org: OpenOrg, customers: Customers) -> None:
    account, contact, deal = customers.customer()
    customers.contact(customers.account("Prospect"), "Pia Prospect")
    customers.deal(account, IsWon=False, StageName="Negotiation")
    customers.deal(account, CloseDate=date(2020, 1, 1))
    partner = customers.contact(customers.account("Partner"), "Paul Partner")
    customers.part(deal, partner, "Technical Buyer")
    batch = open_org(first_day=date(2026, 1, 1)).read(None)
    assert {one.id for one in batch.deals} == {deal}
    assert {one.id for one in batch.accounts} == {account}
    assert {one.id for one in batch.contacts} == {contact, partner}, "a part in a deal counts wherever its player works"


@pytest.mark.parametrize(("won", "known"), [(True, "'First contract' was signed on 2020-01-01"), (False, None)])
def test_a_deal_of_an_account_with_an_older_one_says_so(
    open_org: OpenOrg, customers: Customers, won: bool, known: str | None
) -> None:
    account, _, deal = customers.customer()
    customers.deal(account, CloseDate=date(2020, 1, 1), Name="First contract", IsWon=won)
    customers.deal(account, CloseDate=date(2019, 1, 1), Name="A trial", IsWon=won)
    org = open_org(first_day=date(2026, 1, 1))
    batch = org.read(None)
    assert [(one.id, one.existing) for one in batch.deals] == [(deal, known)]
    second = customers.deal(account, Type="Renewal")
    told = {one.id: one.existing for one in org.read(batch.cursor).deals}
    assert told[second] == "its Type is Renewal"


def test_an_onboarded_deal_is_followed_however_old(sandbox: Sandbox, open_org: OpenOrg, customers: Customers) -> None:
    account = customers.account()
    deal = customers.deal(account, CloseDate=date(2020, 1, 1))
    assert open_org(first_day=date(2026, 1, 1)).read(None).deals == ()
    sandbox.others.create("Onboarding__c", {"First90_Key__c": deal, "Account__c": account, "Opportunity__c": deal})
    batch = open_org(first_day=date(2026, 1, 1)).read(None)
    assert [one.id for one in batch.deals] == [deal]
    assert [(one.key, one.account_id) for one in batch.onboardings] == [(deal, account)]


def test_which_deals_are_won_is_a_line_of_the_mapping(
    sandbox: Sandbox, open_org: OpenOrg, customers: Customers, mapping: CrmMapping
) -> None:
    rights = sandbox.org.rights
    rights.permissions = replace(rights.permissions, readable=rights.permissions.readable | {"Opportunity.Type"})
    account = customers.account()
    new, renewal = customers.deal(account, Type="New Business"), customers.deal(account, Type="renewal")
    customers.deal(account, Type="New Business", IsWon=False)
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({"IsWon": True}, {new, renewal}),
        ({"IsWon": True, "Type": "New Business"}, {new}),
        ({"IsWon": True, "Type": ("New Business", "Renewal")}, {new, renewal}),
    ]
    for won, expected in cases:
        batch = open_org(mapping=mapping.model_copy(update={"won": won})).read(None)
        assert {one.id for one in batch.deals if one.won} == expected
        assert {one.id for one in batch.deals} == expected


BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("Account", {"Name": "\u200b"}, "Name"),
    ("Account", {"First90_Time_Zone__c": "Europe/Nowhere"}, "First90_Time_Zone__c"),
    ("Opportunity", {"CloseDate": date(9999, 12, 31)}, "CloseDate"),
    ("Opportunity", {"First90_Go_Live_On__c": date(1, 1, 1)}, "First90_Go_Live_On__c"),
    ("Opportunity", {"First90_Seats__c": -3.0}, "First90_Seats__c"),
    ("Opportunity", {"First90_Seats__c": 2.5}, "First90_Seats__c"),
    ("Opportunity", {"AccountId": None}, "AccountId"),
]


@pytest.mark.parametrize(("sobject", "values", "field"), BROKEN)
def test_a_record_that_cannot_be_read_is_set_aside_alone_and_taken_in_once_mended(
    sandbox: Sandbox, open_org: OpenOrg, customers: Customers, sobject: str, values: dict[str, Any], field: str
) -> None:
    account, _, deal = customers.customer("Acme")
    customers.customer("Bolt")
    record = {"Account": account, "Opportunity": deal}[sobject]
    before = {name: sandbox.others.row(sobject, record).values.get(name) for name in values}
    sandbox.others.edit(sobject, record, **values)
    org = open_org()
    batch = org.read(None)
    assert _told(batch) == [(sobject, record, field)]
    assert record in batch.unreadable
    assert record not in {one.id for one in (*batch.accounts, *batch.deals)}
    assert len(batch.deals) >= 1, "the others go on"
    sandbox.others.edit(sobject, record, **before)
    mended = org.read(batch.cursor)
    assert mended.problems == ()
    assert mended.looked_at is not None
    assert record in mended.looked_at
    assert record in {one.id for one in (*mended.accounts, *mended.deals)}


def test_an_account_of_an_unknown_tier_is_told_and_the_rest_of_its_row_counts(
    sandbox: Sandbox, open_org: OpenOrg, customers: Customers
) -> None:
    account, _, deal = customers.customer("Acme")
    sandbox.others.edit("Account", account, First90_Tier__c="Gold", First90_Churned_On__c=date(2026, 2, 1))
    batch = open_org().read(None)
    assert _told(batch) == [("Account", account, "First90_Tier__c")]
    assert account not in batch.unreadable
    (found,) = [one for one in batch.accounts if one.id == account]
    assert (found.tier, found.unknown_tier, found.churned_on) == (None, "gold", date(2026, 2, 1))
    assert deal in {one.id for one in batch.deals}


def test_a_contact_without_a_usable_address_is_known_and_told(
    sandbox: Sandbox, open_org: OpenOrg, customers: Customers
) -> None:
    _, contact, _ = customers.customer()
    sandbox.others.edit("Contact", contact, Email="two@a.example; three@a.example")
    batch = open_org().read(None)
    assert [(one.id, one.email) for one in batch.contacts] == [(contact, None)]
    assert _told(batch) == [("Contact", contact, "Email")]


def test_an_unreadable_role_still_counts_as_a_person(sandbox: Sandbox, open_org: OpenOrg, customers: Customers) -> None:
    account, _, deal = customers.customer()
    broken = customers.part(deal, customers.contact(account, "Second"))
    sandbox.others.edit("OpportunityContactRole", broken, ContactId=None)
    batch = open_org().read(None)
    assert _told(batch) == [("OpportunityContactRole", broken, "ContactId")]
    found = sorted((part.deal_id, part.role, part.broken) for part in batch.roles)
    assert found == [(deal, "Champion", ""), (deal, "Champion", "ContactId is empty")]
    assert batch.roles_of == {deal}


def test_a_queue_as_owner_is_no_person(sandbox: Sandbox, open_org: OpenOrg, customers: Customers) -> None:
    customers.deal(customers.account(OwnerId="00G5fQw00000001EBA"))
    [account] = open_org().read(None).accounts
    assert account.owner_id is None


def test_a_long_text_arrives_whole_and_a_name_is_cut(sandbox: Sandbox, open_org: OpenOrg, customers: Customers) -> None:
    text = "x" * 1_000_000
    customers.deal(customers.account("N" * 1_000_000), First90_Goals__c=text)
    batch = open_org().read(None)
    assert batch.deals[0].handoff[HandoffItem.GOALS] == text
    assert len(batch.accounts[0].name) == 255


NEEDED = [
    ({"missing": {"Contact"}}, "Contact"),
    ({"hidden": {"Contact.Email", "Opportunity.AccountId"}}, r"Contact\.Email, Opportunity\.AccountId"),
]


@pytest.mark.parametrize(("lacking", "named"), NEEDED)
def test_what_nothing_can_be_done_without_is_named(
    sandbox: Sandbox, open_org: OpenOrg, customers: Customers, lacking: dict[str, set[str]], named: str
) -> None:
    customers.customer()
    for kind, names in lacking.items():
        getattr(sandbox.org.rights, kind).update(names)
    with pytest.raises(Unreachable, match=named):
        open_org().read(None)


def test_what_an_org_lacks_or_hides_is_done_without_and_told_once(
    sandbox: Sandbox, open_org: OpenOrg, customers: Customers
) -> None:
    customers.customer()
    sandbox.org.rights.hidden |= {"Opportunity.Amount", "Contact.HasOptedOutOfEmail", "Account.BillingCountryCode"}
    sandbox.org.rights.missing |= {"Onboarding__c", "Onboarding_Milestone__c"}
    org = open_org()
    batch = org.read(None)
    assert len(batch.deals) == 1
    assert sorted(_told(batch)) == [
        ("Contact", "", "HasOptedOutOfEmail"),
        ("Onboarding__c", "", ""),
        ("Opportunity", "", "Amount"),
    ]
    again = org.read(batch.cursor)
    assert (again.unchanged, again.problems) == (True, ())
    milestones = org.read_milestones(None)
    assert [(one.source, one.field) for one in milestones.problems] == [("Onboarding_Milestone__c", "")]


def test_rows_held_for_the_comparison_are_spelt_as_we_write_them(
    sandbox: Sandbox, open_org: OpenOrg, customers: Customers
) -> None:
    account, _, deal = customers.customer()
    signed = datetime(2026, 3, 2, tzinfo=UTC)
    own = {"First90_Key__c": deal, "Account__c": account, "Opportunity__c": deal, "Signed_At__c": signed}
    parent = sandbox.others.create(
        "Onboarding__c", own | {"Escalation_Level__c": 2.0, "Target_On__c": date(2026, 5, 1)}
    )
    key = f"{deal}:goals"
    row = sandbox.others.create("Onboarding_Milestone__c", {"First90_Key__c": key, "Onboarding__c": parent})
    first, second = open_org().held_rows()
    assert (first.object, first.key, first.place) == ("Onboarding__c", deal, parent)
    spelt = {"Signed_At__c": "2026-03-02T00:00:00Z", "Escalation_Level__c": "2", "Target_On__c": "2026-05-01"}
    assert spelt.items() <= first.fields.items()
    assert (second.object, second.key, second.place) == ("Onboarding_Milestone__c", key, row)
    assert second.fields["Onboarding__c"] == deal, "we write the parent's key"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (12, "12"),
        (12.0, "12"),
        (0.1 + 0.2, "0.3"),
        (12345.678901234567, "12345.678901"),
        (1e15, "1000000000000000"),
        ("x\ud800y", "x?y"),
        (["a"], ""),
    ],
)
def test_a_value_of_json_as_text(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_an_instant_is_spelt_in_utc_with_a_z() -> None:
    assert as_written("2026-03-02T10:00:00.000+0100") == "2026-03-02T09:00:00Z"
    assert as_written("2026-03-02") == "2026-03-02"
    assert as_written("9999-99-99T99:00:00Z") == "9999-99-99T99:00:00Z"


def test_a_parent_s_fields_stand_under_its_name() -> None:
    found = cells({"attributes": {"type": "X"}, "Id": "1", "Owner__r": {"attributes": {}, "Name": "Ada"}}).values
    assert found == {"id": "1", "owner__r.name": "Ada"}


anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=120)


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(anything, anything, anything), min_size=1, max_size=8))
def test_whatever_people_write_arrives_as_they_wrote_it(
    sandbox: Sandbox, open_org: OpenOrg, said: list[tuple[str, str, str]]
) -> None:
    customers, expected = Customers(sandbox), {}
    for company, person, goals in said:
        account = customers.account(company)
        customers.contact(account, person, Email="x@customer.example")
        expected[account] = (company, person, goals, customers.deal(account, First90_Goals__c=goals))
    org = open_org()
    batch = org.read(None)
    org.close()
    names = {one.id: one.name for one in batch.accounts}
    people = {one.account_id: one.name for one in batch.contacts}
    deals = {one.id: one for one in batch.deals}
    for account, (company, person, goals, deal) in expected.items():
        if not is_placeholder(one_line(company)):
            assert names[account] == one_line(company)
        else:
            assert account in batch.unreadable, "a name that says nothing is told"
        assert people[account] == (read_names("", one_line(person), one_line(person)).full or "X")
        assert deals[deal].handoff.get(HandoffItem.GOALS, "") == many_lines(goals.strip())


def test_a_deal_has_the_products_of_its_line_items(sandbox: Sandbox, open_org: OpenOrg, customers: Customers) -> None:
    _, _, deal = customers.customer()
    for name, code in (("Core", "C1"), ("Analytics", "A1")):
        product = sandbox.others.create("Product2", {"Name": name, "ProductCode": code})
        item = sandbox.others.create("OpportunityLineItem", {"OpportunityId": deal, "Product2Id": product})
    org = open_org()
    batch = org.read(None)
    assert (batch.deals[0].products, batch.problems) == (("A1", "Analytics", "C1", "Core"), ())
    sandbox.others.delete("OpportunityLineItem", item)
    assert org.read(batch.cursor).deals[0].products == ("C1", "Core"), "a line item that is gone"


def test_an_org_that_hides_its_products_is_read_without_them(
    sandbox: Sandbox, open_org: OpenOrg, customers: Customers
) -> None:
    customers.customer()
    sandbox.org.rights.missing.add("OpportunityLineItem")
    batch = open_org().read(None)
    assert batch.deals[0].products is None, "it is not known what was bought"
    assert _told(batch) == [("OpportunityLineItem", "", "")]


def test_products_whose_object_is_hidden_are_not_known(
    sandbox: Sandbox, open_org: OpenOrg, customers: Customers
) -> None:
    _, _, deal = customers.customer()
    product = sandbox.others.create("Product2", {"Name": "Core", "ProductCode": "C1"})
    sandbox.others.create("OpportunityLineItem", {"OpportunityId": deal, "Product2Id": product})
    sandbox.org.rights.missing.add("Product2")
    batch = open_org().read(None)
    assert batch.deals[0].products is None
    assert _told(batch) == [("Product2", "", "")]
