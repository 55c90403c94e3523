"""Reading the CSV folder: what is there, what is odd, and that nothing is half-read."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.company.mapping import load_mapping
from integrations.csv_crm.files import check_folder
from integrations.csv_crm.folder import CsvFolder
from integrations.ports import Unreachable, UnusableSource
from onboarding.model.crm_records import CrmBatch, CrmMilestone, Problem
from onboarding.model.vocabulary import HandoffItem
from tests.builders.tiers import HIGH

ACCOUNT, DEAL, PERSON = "0015g00000AAAA1", "0065g00000AAAA1", "0035g00000AAAA1"
LONG_ACCOUNT, LONG_DEAL, LONG_PERSON = ACCOUNT + "AAP", DEAL + "AAP", PERSON + "AAP"

FILES = {
    "Account.csv": f"Id,Name\n{ACCOUNT},Acme\n",
    "Opportunity.csv": f"Id,AccountId,Name,StageName,CloseDate\n{DEAL},{ACCOUNT},Deal,Closed Won,2026-03-02\n",
    "OpportunityContactRole.csv": "OpportunityId,ContactId,Role\n",
    "Contact.csv": "Id,AccountId,Email\n",
    "User.csv": "Id,Email\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def read(folder: Path, cursor: str | None = None) -> CrmBatch:
    return CsvFolder(folder, load_mapping()).read(cursor)


def write(folder: Path, name: str, *lines: str, encoding: str = "utf-8") -> None:
    (folder / name).write_bytes("\n".join([*lines, ""]).encode(encoding))


def test_the_least_that_counts_is_accounts_and_deals_beside_headers(folder: Path) -> None:
    batch = read(folder)
    assert [account.id for account in batch.accounts] == [LONG_ACCOUNT]
    deal = batch.deals[0]
    assert (deal.id, deal.account_id, deal.won) == (LONG_DEAL, LONG_ACCOUNT, True)
    assert deal.signed_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert (batch.problems, batch.unreadable, batch.complete) == ((), frozenset(), True)


def test_all_fields_of_the_contract_are_read(folder: Path) -> None:
    write(
        folder,
        "Opportunity.csv",
        "\ufeffFirst90_Timeline__c,First90_Goals__c,Id,AccountId,Name,StageName,IsWon,CloseDate,Amount,OwnerId,"
        "First90_Success_Metrics__c,First90_Commitments__c,First90_Technical_Requirements__c,"
        "First90_Signed_At__c,First90_Seats__c,First90_Kickoff_At__c,First90_Go_Live_On__c,Extra",
        f'soon,"one, two",{DEAL},{ACCOUNT},"Ac""me",Signed,TRUE,2026-03-02,1200.50,0055g00000AAAA1,'
        '"a|1|2|h|2026-05-01\nb",c,t,2026-03-02T09:00:00.000+0000,250.0,2026-03-09T10:30:00+02:00,2026-06-01,x',
    )
    deal = read(folder).deals[0]
    assert (deal.won, deal.name, deal.amount, deal.seats) == (True, 'Ac"me', 1200.5, 250)
    assert deal.signed_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert deal.kickoff_at == datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
    assert deal.go_live_on == date(2026, 6, 1)
    assert deal.handoff == {
        HandoffItem.GOALS: "one, two",
        HandoffItem.SUCCESS_METRICS: "a|1|2|h|2026-05-01\nb",
        HandoffItem.COMMITMENTS: "c",
        HandoffItem.TECHNICAL_REQUIREMENTS: "t",
        HandoffItem.TIMELINE: "soon",
    }


def test_people_and_companies_come_with_country_zone_and_domain(folder: Path) -> None:
    write(
        folder,
        "Account.csv",
        "ID,NAME,WEBSITE,BILLINGCOUNTRY,BILLINGSTATE,FIRST90_TIER__C,FIRST90_CSM__C,FIRST90_CHURNED_ON__C",
        f"{ACCOUNT},Acme,https://www.acme.example/about,United States,California,High,0055g00000AAAA1,2026-05-01",
    )
    write(
        folder,
        "Contact.csv",
        "Id,AccountId,FirstName,LastName,Email,MailingCountry,HasOptedOutOfEmail,First90_Left_On__c",
        f"{PERSON},{ACCOUNT},Ann,Lee,ann@acme.example,Germany,1,2026-04-01",
        "0035g00000AAAA2,,No,Company,no@acme.example,,,",
    )
    write(
        folder,
        "User.csv",
        "Id,Name,Email,IsActive,ManagerId,TimeZoneSidKey,CountryCode",
        "0055g00000AAAA1,Sam,sam@us.example,false,0055g00000AAAA2,America/New_York,us",
    )
    write(
        folder,
        "OpportunityContactRole.csv",
        "OpportunityId,ContactId,Role,IsPrimary",
        f"{DEAL},{PERSON},Decision Maker,true",
    )
    batch = read(folder)
    account, person, user, role = batch.accounts[0], batch.contacts[0], batch.users[0], batch.roles[0]
    assert (account.country, account.zone, account.domain) == ("US", "America/Los_Angeles", "acme.example")
    assert (account.tier, account.churned_on) == (HIGH, date(2026, 5, 1))
    assert (person.name, person.country, person.opted_out) == ("Ann Lee", "DE", True)
    assert person.left_on == date(2026, 4, 1)
    assert len(batch.contacts) == 1
    assert (user.active, user.zone, user.country) == (False, "America/New_York", "US")
    assert (role.deal_id, role.contact_id, role.role, role.primary) == (
        LONG_DEAL, LONG_PERSON, "Decision Maker", True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("CloseDate", "31/02/26", "is no date"),
        ("CloseDate", "2026-02-30", "is on no calendar or clock"),
        ("CloseDate", "0226-02-03", "outside the years 1990 to 2100"),
        ("CloseDate", "", "is empty"),
        ("First90_Signed_At__c", "2026-03-02T25:00:00Z", "is on no calendar or clock"),
        ("First90_Kickoff_At__c", "next week", "is no date"),
        ("Amount", "12,000", "is no number"),
        ("Amount", "nan", "is no number"),
        ("First90_Seats__c", "2.5", "is no whole number"),
        ("First90_Seats__c", "-3", "is no whole number"),
        ("IsWon", "maybe", "is neither true nor false"),
        ("AccountId", "", "is empty"),
        ("Name", "", "is empty"),
        ("OwnerId", "some one", "is not an id"),
    ],
)
def test_a_cell_that_cannot_be_read_sets_its_row_aside_and_the_rest_goes_on(
    column: str, value: str, problem: str, folder: Path
) -> None:
    row = {
        "Id": DEAL,
        "AccountId": ACCOUNT,
        "Name": "Deal",
        "StageName": "Closed Won",
        "CloseDate": "2026-03-02",
    }
    row |= {column: f'"{value}"'}
    good = row | {
        "Id": "0065g00000AAAA2",
        column: {"CloseDate": "2026-03-02", "AccountId": ACCOUNT}.get(column, ""),
    }
    if column == "Name":
        good["Name"] = "Good"
    write(folder, "Opportunity.csv", ",".join(row), ",".join(row.values()), ",".join(good.values()))
    batch = read(folder)
    assert [deal.id for deal in batch.deals] == ["0065g00000AAAA2AAP"]
    assert batch.unreadable == {LONG_DEAL}
    assert batch.complete
    found = batch.problems[0]
    assert (found.source, found.record, found.field) == ("Opportunity.csv", LONG_DEAL, column)
    assert problem in found.problem


def test_an_address_that_is_none_leaves_the_person_known(folder: Path) -> None:
    write(
        folder,
        "Contact.csv",
        "Id,AccountId,Name,Email",
        f"{PERSON},{ACCOUNT},Ann,ann at acme",
        f"0035g00000AAAA2,{ACCOUNT},Bo,",
    )
    batch = read(folder)
    assert [(person.name, person.email) for person in batch.contacts] == [("Ann", None), ("Bo", None)]
    assert [(found.record, found.field) for found in batch.problems] == [(LONG_PERSON, "Email")]
    assert "acme" not in batch.problems[0].problem
    assert batch.unreadable == frozenset()


def test_a_last_day_of_a_contract_that_is_no_day_is_told_and_the_deal_is_taken_in(folder: Path) -> None:
    header = "Id,AccountId,Name,StageName,CloseDate,First90_Contract_Ends_On__c"
    row = f"{DEAL},{ACCOUNT},One,Closed Won,2026-03-02"
    write(folder, "Opportunity.csv", header, f"{row},end of May")
    batch = read(folder)
    assert [(found.record, found.field) for found in batch.problems] == [(LONG_DEAL, "First90_Contract_Ends_On__c")]
    assert [deal.id for deal in batch.deals] == [LONG_DEAL]
    write(folder, "Opportunity.csv", header, f"{row},2026-05-31")
    assert read(folder).problems == ()


def test_what_goals_are_worth_keeps_its_lines(folder: Path) -> None:
    header = "Id,AccountId,Name,StageName,CloseDate,First90_Goal_Worth__c"
    worth = "quote turnaround | efficiency | 85 | EUR\nrepeat orders | revenue"
    write(folder, "Opportunity.csv", header, f'{DEAL},{ACCOUNT},One,Closed Won,2026-03-02,"{worth}"')
    assert [deal.fields for deal in read(folder).deals] == [{"goal_worth": worth}]


def test_rows_with_a_cell_too_many_or_too_few_are_named_by_their_id(folder: Path) -> None:
    write(
        folder,
        "Account.csv",
        "Id,Name,Industry",
        f"{ACCOUNT},Acme, Inc.,Retail",
        "0015g00000AAAA2,Beta",
        "0015g00000AAAA3,Gamma,Food",
    )
    batch = read(folder)
    assert [account.name for account in batch.accounts] == ["Gamma"]
    assert batch.unreadable == {LONG_ACCOUNT, "0015g00000AAAA2AAP"}
    assert batch.complete
    assert [found.problem[:11] for found in batch.problems] == ["has 4 cells", "has 2 cells"]


def test_a_cell_that_is_too_long_is_called_that_and_costs_its_own_row_only(folder: Path) -> None:
    write(folder, "Account.csv", "Id,Name", f"{ACCOUNT},{'x' * 200_000}", "0015g00000AAAA4,Delta")
    batch = read(folder)
    assert [account.name for account in batch.accounts] == ["Delta"]
    (problem,) = batch.problems
    assert problem.problem.startswith("has a cell of more than 131,072 characters; shorten it")


def test_a_stray_quotation_mark_costs_its_own_row_only(folder: Path) -> None:
    write(
        folder,
        "Account.csv",
        "Id,Name",
        "0015g00000AAAA2,Beta",
        f'{ACCOUNT},"Acme',
        '0015g00000AAAA3,"Gamma"',
        "0015g00000AAAA4,Delta",
    )
    batch = read(folder)
    assert [account.name for account in batch.accounts] == ["Beta", "Gamma", "Delta"]
    assert batch.unreadable == {LONG_ACCOUNT}
    assert batch.complete


def test_a_row_without_an_id_means_that_nothing_counts_as_gone(folder: Path) -> None:
    write(folder, "Account.csv", "Name,Id", "Acme,", f"Beta,{ACCOUNT}")
    batch = read(folder)
    assert batch.problems == (Problem(source="Account.csv", record="line 2", field="Id", problem="is empty"),)
    assert not batch.complete


def test_bytes_that_are_not_utf8_set_their_row_aside(folder: Path) -> None:
    text = f"Id,Name\n{ACCOUNT},M\xfcller\n0015g00000AAAA2,Beta\n"
    (folder / "Account.csv").write_bytes(text.encode("latin-1"))
    batch = read(folder)
    assert [account.name for account in batch.accounts] == ["Beta"]
    assert batch.problems[0].problem == "has bytes that are not UTF-8; save the file as CSV UTF-8"


def test_two_rows_of_one_id_are_both_set_aside_unless_they_say_the_same(folder: Path) -> None:
    write(
        folder,
        "Account.csv",
        "Id,Name",
        f"{ACCOUNT},Acme",
        f"{LONG_ACCOUNT},Acme Two",
        f"{ACCOUNT},Acme",
        "0015g00000AAAA2,Beta",
        "0015g00000AAAA2,Beta",
    )
    batch = read(folder)
    assert [account.name for account in batch.accounts] == ["Beta"]
    assert batch.unreadable == {LONG_ACCOUNT}


def test_deleted_rows_are_gone(folder: Path) -> None:
    write(folder, "Account.csv", "Id,Name,IsDeleted", f"{ACCOUNT},Acme,true", "0015g00000AAAA2,Beta,false")
    batch = read(folder)
    assert [account.name for account in batch.accounts] == ["Beta"]
    assert batch.problems == ()


def test_names_from_outside_are_one_clean_line(folder: Path) -> None:
    write(folder, "Account.csv", "Id,Name", f'{ACCOUNT},"Ac\nme\x07\u202e  Ltd"')
    assert read(folder).accounts[0].name == "Ac me Ltd"


def test_milestones_are_read_as_people_leave_them(folder: Path) -> None:
    write(
        folder,
        "Onboarding_Milestone__c.csv",
        "First90_Key__c,Status__c,Due_On__c,Completed_At__c,Completed_By__c,Reason__c,Mine",
        f"{DEAL}:kickoff_held,done,2026-03-09,2026-03-08T10:00Z,Ann,'=1+1,x",
        f"{LONG_DEAL}:plan_agreed,,,,,,",
        f"{LONG_DEAL}:odd,Perhaps,,,,,",
        "no milestone,Open,,,,,",
    )
    write(folder, "Onboarding__c.csv", "First90_Key__c,Stage__c,Mine", f"{DEAL},setup,x")
    batch, rows = read(folder), CsvFolder(folder, load_mapping()).read_milestones(None)
    assert rows.milestones == (
        CrmMilestone(
            key=f"{LONG_DEAL}:kickoff_held",
            status="Done",
            due_on=date(2026, 3, 9),
            completed_at=datetime(2026, 3, 8, 10, tzinfo=UTC),
            completed_by="Ann",
            reason="=1+1",
        ),
        CrmMilestone(key=f"{LONG_DEAL}:plan_agreed", status="Open"),
    )
    assert [found.field for found in rows.problems] == ["Status__c", "First90_Key__c"]
    assert (batch.problems, batch.unreadable, batch.complete) == ((), frozenset(), True)
    assert batch.onboardings[0].key == LONG_DEAL
    assert batch.onboardings[0].fields["Stage__c"] == "setup"


def test_an_unchanged_folder_costs_no_second_reading(folder: Path) -> None:
    first = read(folder)
    (folder / "notes.txt").write_text("not ours", "utf-8")
    (folder / "Account.csv").touch()
    again = read(folder, first.cursor)
    assert again == CrmBatch(cursor=first.cursor, unchanged=True)
    write(folder, "Account.csv", "Id,Name", f"{ACCOUNT},Acme Ltd")
    assert read(folder, first.cursor).accounts[0].name == "Acme Ltd"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        *((name, None, f"{name} is missing; export it there, or correct FIRST90_CRM") for name in FILES),
        *((name, b"\xef\xbb\xbf\n", f"{name} is empty; export it again") for name in FILES),
        ("Account.csv", b"", "Account.csv is empty"),
        ("Account.csv", b"Id;Name\n", "its cells are separated by semicolons"),
        ("Account.csv", b"Id\n", "Account.csv has no column Name"),
        ("Account.csv", b"Id,Name,name\n", "has the column name twice"),
        ("Account.csv", b"\xff\xfeI\x00d\x00", "is UTF-16; save it as CSV UTF-8"),
        ("User.csv", "Id,Email\n".encode("utf-16-be"), "is UTF-16"),
        ("Contact.csv", b'"Id";"AccountId";"Email"\n', "its cells are separated by semicolons"),
        ("OpportunityContactRole.csv", b"OpportunityId\tContactId\tRole\n", "its cells are separated by tabs"),
        ("Contact.csv", b"sep=;\nId;AccountId;Email\n", "begins with Excel's line 'sep=;'; remove that line"),
        ("Contact.csv", b"\xef\xbb\xbfsep=,\r\nId,AccountId,Email\r\n", "begins with Excel's line 'sep=,'"),
        ("User.csv", b"PK\x03\x04\x14\x00", "is an Excel workbook; save it as CSV UTF-8"),
        ("Contact.csv", b"Id,Email\n", "Contact.csv has no column AccountId"),
    ],
)
def test_a_folder_that_cannot_be_read_at_all_says_why(
    name: str, content: bytes | None, said: str, folder: Path
) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(Unreachable, match=said):
        read(folder)


def test_all_that_is_wrong_with_a_folder_is_told_at_once(folder: Path) -> None:
    (folder / "Contact.csv").unlink()
    (folder / "User.csv").unlink()
    (folder / "Account.csv").write_bytes(b"Id;Name\n")
    said = r"Contact.csv, User.csv are missing; .*\. Account.csv: its cells are separated by semicolons"
    with pytest.raises(UnusableSource, match=said):
        check_folder(folder)


def test_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="are missing"):
        read(tmp_path / "none")


@pytest.mark.parametrize(
    ("won", "expected"),
    [
        ({"IsWon": True}, {"A", "B", "C"}),
        ({"IsWon": True, "Type": "New Business"}, {"A"}),
        ({"Type": ("renewal", "New Business")}, {"A", "B", "D"}),
        ({"StageName": "closed won"}, {"A", "B", "C"}),
    ],
)
def test_which_deals_are_won_is_a_line_of_the_mapping(folder: Path, won: dict[str, object], expected: set[str]) -> None:
    lines = ["A,Closed Won,New Business", "B,Closed Won,Renewal", "C,Closed Won,", "D,Negotiation,New Business"]
    write(
        folder,
        "Opportunity.csv",
        "Id,AccountId,Name,CloseDate,StageName,Type",
        *(f"006-{line[0]},{ACCOUNT},{line[0]},2026-03-02,{line[2:]}" for line in lines),
    )
    mapping = load_mapping().model_copy(update={"won": won})
    deals = CsvFolder(folder, mapping).read(None).deals
    assert {deal.name for deal in deals if deal.won} == expected


@pytest.mark.parametrize("name", ["Account.csv", "Contact.csv", "Onboarding__c.csv"])
def test_a_pipe_in_the_folder_is_told_and_never_waited_for(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    with pytest.raises(Unreachable, match=f"{name} is a folder, a pipe or a device"):
        read(folder)


def test_a_million_columns_are_refused_at_once(folder: Path) -> None:
    write(folder, "Account.csv", "Id,Name" + ",x" * 1_000_000, f"{ACCOUNT},Acme" + "," * 1_000_000)
    with pytest.raises(Unreachable, match=r"Account\.csv has [\d,]+ columns, at most 2,000 are read"):
        read(folder)


CASES = {"as it is": str, "lower": str.lower, "upper": str.upper, "swapped": str.swapcase}


@pytest.mark.parametrize("change", CASES.values(), ids=CASES)
def test_ids_of_eighteen_characters_name_their_records_in_any_case(folder: Path, change: Callable[[str], str]) -> None:
    account, deal, person = change(LONG_ACCOUNT), change(LONG_DEAL), change(LONG_PERSON)
    write(
        folder, "Opportunity.csv", "Id,AccountId,Name,StageName,CloseDate", f"{deal},{account},D,Closed Won,2026-03-02"
    )
    write(folder, "Contact.csv", "Id,AccountId,LastName,Email", f"{PERSON},{account},Kern,petra@acme.example")
    write(folder, "OpportunityContactRole.csv", "OpportunityId,ContactId,Role", f"{deal},{person},Champion")
    write(folder, "Onboarding__c.csv", "First90_Key__c,Account__c", f"{deal},{account}")
    write(folder, "Onboarding_Milestone__c.csv", "First90_Key__c,Status__c", f"{deal}:kickoff_held,Done")
    batch = read(folder)
    assert batch.problems == ()
    assert [(found.id, found.account_id) for found in batch.deals] == [(LONG_DEAL, LONG_ACCOUNT)]
    assert [(part.deal_id, part.contact_id) for part in batch.roles] == [(LONG_DEAL, LONG_PERSON)]
    assert [(row.key, row.account_id) for row in batch.onboardings] == [(LONG_DEAL, LONG_ACCOUNT)]
    milestones = CsvFolder(folder, load_mapping()).read_milestones(None).milestones
    assert [row.key for row in milestones] == [f"{LONG_DEAL}:kickoff_held"]


@pytest.mark.parametrize("change", [str.lower, str.upper])
@pytest.mark.parametrize(
    ("name", "header", "row", "field"),
    [
        ("Opportunity.csv", "Id,AccountId,Name,CloseDate", "{deal},{account},D,2026-03-02", "AccountId"),
        ("Contact.csv", "Id,AccountId,LastName,Email", "0035g00000AAAA2,{account},Kern,p@acme.example", "AccountId"),
        ("OpportunityContactRole.csv", "OpportunityId,ContactId,Role", "{lost},{person},Champion", "OpportunityId"),
        ("Onboarding__c.csv", "First90_Key__c,Account__c", "{deal},{account}", "Account__c"),
    ],
)  # fmt: skip
def test_a_short_id_that_lost_its_capitals_is_set_aside_with_the_likely_cause(
    folder: Path, change: Callable[[str], str], name: str, header: str, row: str, field: str
) -> None:
    account, lost = change(ACCOUNT), change(DEAL)
    write(folder, name, header, row.format(account=account, deal=DEAL, lost=lost, person=PERSON))
    (problem,) = read(folder).problems
    assert (problem.source, problem.field) == (name, field)
    meant = LONG_DEAL if field == "OpportunityId" else LONG_ACCOUNT
    assert "lost its capitals, as in a spreadsheet" in problem.problem
    assert meant in problem.problem


def test_an_account_that_lost_its_capitals_is_told_by_the_deals_that_name_it(folder: Path) -> None:
    write(folder, "Account.csv", "Id,Name", f"{ACCOUNT.lower()},Acme", "0015g00000bbbb2,Other")
    write(
        folder,
        "Opportunity.csv",
        "Id,AccountId,Name,StageName,CloseDate",
        f"{DEAL},{LONG_ACCOUNT},D,Closed Won,2026-03-02",
    )
    batch = read(folder)
    assert [found.id for found in batch.accounts] == ["0015g00000bbbb2AAA"]
    (problem,) = batch.problems
    assert (problem.source, problem.field) == ("Account.csv", "Id")
    assert f"it may mean {LONG_ACCOUNT}" in problem.problem


def test_two_records_whose_ids_differ_in_capitals_alone_stay_two(folder: Path) -> None:
    write(folder, "Account.csv", "Id,Name", "0015g00000000a1,Small", "0015g00000000A1,Large")
    header = "Id,AccountId,Name,StageName,CloseDate"
    write(folder, "Opportunity.csv", header, f"{DEAL},0015g00000000a1,D,Closed Won,2026-03-02")
    batch = read(folder)
    assert batch.problems == ()
    assert [found.account_id for found in batch.deals] == ["0015g00000000a1AAA"]


@pytest.mark.parametrize("text", ["1.23E+15", "0015g00000000019AA", "001"])
def test_what_a_spreadsheet_left_of_an_id_is_named_where_it_stands(folder: Path, text: str) -> None:
    write(folder, "Onboarding__c.csv", "First90_Key__c,Account__c", f"{DEAL},{text}")
    problems = read(folder).problems
    assert [problem.field for problem in problems] == ([] if text == "001" else ["Account__c"])
    assert all("spreadsheet" in problem.problem for problem in problems)


def test_an_unreadable_word_on_who_bought_is_left_out_and_told_and_an_unticked_box_says_nothing(folder: Path) -> None:
    whole = load_mapping()
    contact = whole.read.contact.model_copy(update={"buyer": "Bought__c"})
    deal = whole.read.opportunity.model_copy(update={"fields": {"buyers": "Buyers__c"}})
    mapping = whole.model_copy(update={"read": whole.read.model_copy(update={"contact": contact, "opportunity": deal})})
    said = {"true": True, "Yes": True, "no": False, "false": None, "0": None, "": None, "Ja, klar": None}
    rows = [f'0035g00000AAAB{n},{ACCOUNT},p{n}@acme.example,"{word}"' for n, word in enumerate(said)]
    write(folder, "Contact.csv", "Id,AccountId,Email,Bought__c", *rows)
    write(
        folder,
        "Opportunity.csv",
        "Id,AccountId,Name,StageName,CloseDate,Buyers__c",
        f'{DEAL},{ACCOUNT},Deal,Closed Won,2026-03-02,"Ann Lee\nBob  Ray"',
    )
    batch = CsvFolder(folder, mapping).read(None)
    assert {one.email: one.buyer for one in batch.contacts} == {
        f"p{n}@acme.example": bought for n, bought in enumerate(said.values())
    }
    assert [deal.fields for deal in batch.deals] == [{"buyers": "Ann Lee\nBob  Ray"}]
    (problem,) = batch.problems
    assert (problem.field, problem.problem) == (
        "Bought__c",
        "'ja, klar' is neither true nor false; the person is known, and whether they took part in buying follows from "
        "the deals; write yes or no",
    )
    assert not batch.unreadable
