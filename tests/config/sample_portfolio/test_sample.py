"""The bundled sample: its format, its stories, and that it is current on any day on which it is made."""

import csv
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.company.calendars import calendar_of
from config.company.mapping import load_mapping
from config.company.team import load_team
from config.sample_portfolio.export import COMPANY_DOMAIN, account_id, address, deal_id, tables
from config.sample_portfolio.sample import best_moment, make_sample, sample_as_of
from config.sample_portfolio.stories import Story, moment, our_people, stories, words
from integrations.csv_crm.folder import CsvFolder
from onboarding.dates.working_time import is_working_day
from onboarding.model.crm_records import CrmBatch
from onboarding.model.identity import salesforce_id
from onboarding.model.vocabulary import Tier
from tests.builders.tiers import BUNDLED_TIERS, HIGH, MID, TECH
from tests.examples import examples

TODAY = datetime(2026, 3, 8, 21, 0, tzinfo=UTC)  # a Sunday evening
TEN_YEARS = st.integers(0, 3652 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
FILES = {
    "User.csv",
    "Account.csv",
    "Contact.csv",
    "Opportunity.csv",
    "OpportunityContactRole.csv",
    "Onboarding_Milestone__c.csv",
    "signals.csv",
}
ASKED_FOR = {
    "fresh_signature",
    "no_handoff_document",
    "kickoff_not_booked",
    "setup_overdue",
    "silent_drop_off",
    "champion_left",
    "due_at_day_7",
    "due_at_day_30",
    "due_at_day_90",
    "go_live_moved",
    "activated_and_complete",
    "activated_today",
    "churned",
    "second_deal",
    "deal_reopened",
    "no_address",
    "same_address",
    "owner_gone",
    "nobody_answers_for_it",
    "unreadable_row",
    "opted_out",
    "channel_in_the_name",
    "vague_goals",
    "two_roles",
    "many_stakeholders",
    "mid_training",
    "tech_setup",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home") / "crm"
    make_sample(folder, TODAY)
    return folder


@pytest.fixture(scope="module")
def as_of(folder: Path) -> datetime:
    return sample_as_of(folder)


@pytest.fixture(scope="module")
def batch(folder: Path) -> CrmBatch:
    return CsvFolder(folder, load_mapping()).read(None)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def story(name: str) -> Story:
    return next(told for told in stories() if told.story == name)


def test_folder_holds_the_files_of_the_contract_and_nothing_beside_them(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == FILES


def test_no_onboarding_is_there_from_the_start(folder: Path) -> None:
    assert not (folder / "Onboarding__c.csv").exists()


def test_sunday_evening_shows_the_last_thursday_morning(as_of: datetime) -> None:
    assert as_of == datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


def test_moment_is_read_back_from_the_files_themselves(tmp_path: Path) -> None:
    made = make_sample(tmp_path / "crm", TODAY)
    assert sample_as_of(tmp_path / "crm") == made


def test_same_day_gives_the_same_bytes(tmp_path: Path, folder: Path) -> None:
    make_sample(tmp_path / "crm", TODAY.replace(hour=1))
    for name in FILES:
        assert (tmp_path / "crm" / name).read_bytes() == (folder / name).read_bytes()


def test_folder_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    made = make_sample(tmp_path / "crm", TODAY)
    edited = tmp_path / "crm" / "Account.csv"
    edited.write_text(edited.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    before = edited.read_bytes()
    assert make_sample(tmp_path / "crm", TODAY + timedelta(days=40)) == made
    assert edited.read_bytes() == before


def test_two_makers_at_once_leave_one_whole_folder(tmp_path: Path) -> None:
    found: list[datetime] = []
    makers = [threading.Thread(target=lambda: found.append(make_sample(tmp_path / "crm", TODAY))) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(set(found)) == 1
    assert len(found) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["crm"]


def test_folder_without_deals_is_told_with_its_mend(tmp_path: Path) -> None:
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match=r"Opportunity\.csv.*remove the folder"):
        make_sample(tmp_path / "crm", TODAY)


def test_every_story_asked_for_is_there() -> None:
    told = [told.story for told in stories()]
    assert set(told) >= ASKED_FOR
    assert len(told) == len(set(told))
    assert all(told.says.strip() for told in stories())


def test_portfolio_is_as_wide_as_asked(folder: Path, batch: CrmBatch) -> None:
    assert len(batch.deals) >= 24
    zones = {row["First90_Time_Zone__c"] for row in rows(folder, "Account.csv")}
    offsets = {ZoneInfo(zone).utcoffset(TODAY.replace(tzinfo=None)) for zone in zones}
    assert len(zones) >= 8
    assert len({row["BillingCountryCode"] for row in rows(folder, "Account.csv")}) >= 8
    assert any(offset and offset.seconds % 3600 == 1800 for offset in offsets)
    assert max(offset for offset in offsets if offset) > timedelta(hours=12)


def test_every_tier_has_several_deals(batch: CrmBatch) -> None:
    def tier(amount: float, seats: int) -> Tier:
        if amount >= 100_000 or seats >= 500:
            return HIGH
        return MID if amount >= 15_000 or seats >= 50 else TECH

    tiers = [tier(deal.amount or 0, deal.seats or 0) for deal in batch.deals]
    assert all(tiers.count(one) >= 5 for one in BUNDLED_TIERS)


def test_names_hold_what_breaks_careless_programs(batch: CrmBatch) -> None:
    names = " ".join([account.name for account in batch.accounts] + [person.name for person in batch.contacts])
    for part in ("é", "ß", ", ", '"', "'", "株式会社", "شركة", "Ελ", "<!channel>", "="):
        assert part in names


def test_only_the_row_that_is_wrong_on_purpose_is_set_aside(batch: CrmBatch) -> None:
    bad = deal_id(story("unreadable_row"))
    assert [(problem.source, problem.record, problem.field) for problem in batch.problems] == [
        ("Opportunity.csv", bad, "CloseDate")
    ]
    assert batch.unreadable == {bad}


def test_every_contact_role_means_something_to_the_mapping(folder: Path) -> None:
    mapping = load_mapping()
    for row in rows(folder, "OpportunityContactRole.csv"):
        assert mapping.role_of(row["Role"]) is not None, row["Role"]


def test_ids_are_unique_and_their_checksums_right(folder: Path) -> None:
    ids = [row["Id"] for name in FILES if name[0].isupper() for row in rows(folder, name) if "Id" in row]
    assert len(ids) == len(set(ids))
    assert all(len(one) == 18 and salesforce_id(one[:15]) == one for one in ids)


def test_every_reference_leads_somewhere(folder: Path) -> None:
    ids = {row["Id"] for name in FILES if name[0].isupper() for row in rows(folder, name) if "Id" in row}
    for name, columns in {
        "User.csv": ["ManagerId"],
        "Account.csv": ["OwnerId", "First90_CSM__c"],
        "Contact.csv": ["AccountId"],
        "Opportunity.csv": ["AccountId", "OwnerId"],
        "OpportunityContactRole.csv": ["OpportunityId", "ContactId"],
        "Onboarding_Milestone__c.csv": ["Onboarding__c"],
        "signals.csv": ["account_id"],
    }.items():
        for row in rows(folder, name):
            assert all(not row[column] or row[column] in ids for column in columns), (name, row)


def test_no_address_in_it_can_reach_a_real_person(folder: Path) -> None:
    for name in ("User.csv", "Contact.csv"):
        assert all(not row["Email"] or row["Email"].endswith(".example") for row in rows(folder, name))


def test_who_uses_the_product_is_known_by_address_but_for_one(folder: Path) -> None:
    """The product tells addresses, as most do, so that use has the roles of the stakeholder map (US-5)."""
    mails = {row["Email"] for row in rows(folder, "Contact.csv")}
    users = {row["user"] for row in rows(folder, "signals.csv")}
    assert users - mails == {"muthu"}
    assert len(users) > 20


def test_bundled_team_is_made_of_active_people_of_the_sample() -> None:
    active = {address(person.name, COMPANY_DOMAIN) for person in our_people() if person.active}
    assert {member.email for member in load_team().members} <= active


def test_milestones_already_done_name_a_doer_and_a_past_moment(folder: Path, as_of: datetime) -> None:
    for row in rows(folder, "Onboarding_Milestone__c.csv"):
        key, colon, name = row["First90_Key__c"].partition(":")
        assert colon
        assert (row["Onboarding__c"], row["Milestone__c"]) == (key, name)
        if row["Status__c"] == "Done":
            assert datetime.fromisoformat(row["Completed_At__c"]) <= as_of
            assert "@" in row["Completed_By__c"]


@pytest.mark.parametrize(("name", "days"), [("due_at_day_7", 7), ("due_at_day_30", 30), ("due_at_day_90", 90)])
def test_check_in_days_are_reached_to_the_second(batch: CrmBatch, as_of: datetime, name: str, days: int) -> None:
    deal = next(deal for deal in batch.deals if deal.id == deal_id(story(name)))
    assert as_of - deal.signed_at == timedelta(days=days)


def test_moments_are_told_from_the_samples_own_today(as_of: datetime) -> None:
    assert moment("-90min", as_of) == as_of - timedelta(minutes=90)
    assert moment("+5d 14:00", as_of) == datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
    assert words("by {+30d}", as_of) == "by 2026-04-04"
    with pytest.raises(ValueError, match="not a moment of a story"):
        moment("yesterday", as_of)


@settings(max_examples=examples(60))
@given(today=TEN_YEARS)
def test_sample_is_alive_on_any_day_of_ten_years(today: datetime) -> None:
    as_of = best_moment(today)
    assert timedelta(0) <= today - as_of < timedelta(days=14)
    for told in stories():
        if told.awake:
            here = as_of.astimezone(ZoneInfo(told.account.zone))
            calendar = calendar_of(told.account.country, (here.year,))
            assert is_working_day(here.date(), calendar), told.story
            assert 9 <= here.hour < 17, told.story


@settings(max_examples=examples(25))
@given(today=TEN_YEARS)
def test_dates_hang_together_on_any_day(today: datetime) -> None:
    as_of = best_moment(today)
    made = tables(our_people(), stories(), as_of)
    unreadable = deal_id(story("unreadable_row"))
    signed: dict[str, datetime] = {}
    for row in made["Opportunity.csv"]:
        if row["Id"] == unreadable:
            continue
        closed = date.fromisoformat(row["CloseDate"])
        at = row["First90_Signed_At__c"]
        signed[row["Id"]] = datetime.fromisoformat(at) if at else datetime(*closed.timetuple()[:3], tzinfo=UTC)
        assert signed[row["Id"]].date() == closed
        assert row["IsWon"] == "false" or signed[row["Id"]] <= as_of
    tried = "mid_training"  # whose trial began before the signature
    first = {account_id(told): signed.get(deal_id(told)) for told in stories() if told.story != tried}
    for row in made["Onboarding_Milestone__c.csv"]:
        if row["Completed_At__c"]:
            done = datetime.fromisoformat(row["Completed_At__c"])
            assert signed[row["Onboarding__c"]] <= done <= as_of, row
    for row in made["signals.csv"]:
        start = first.get(row["account_id"])
        assert datetime.fromisoformat(row["at"]) <= as_of
        assert start is None or datetime.fromisoformat(row["at"]) >= start, row
