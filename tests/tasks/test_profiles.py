"""What matters to a person, from the command to the account's views, and forgotten with its words (SH-1, SX-5)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from cli.pages.showing import as_json
from database.crm import upsert
from onboarding.model.crm_records import CrmContact
from onboarding.model.parties import BuyIn, ProfileItem
from onboarding.model.vocabulary import Status
from onboarding.orders import FactReport
from onboarding.profiles.asking import asked_items
from tasks.commands.erasure import forget
from tasks.commands.fact_entry import FactEntry
from tasks.commands.onboardings import close
from tasks.profiles import record_buy_in, record_profile
from tasks.runtime.refusals import Refused
from tasks.views.picture import Picture, picture_of
from tests.tasks.commands.test_erasure import dump
from web.board.account import account_view

ANA, TUESDAY = "person1@customer1.example", "2026-03-03T10:00"
AFRAID = (ProfileItem.CONCERNS, "Zebra data gets lost")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def opened(request: pytest.FixtureRequest, office: Any, new_database_url: Any) -> Any:
    """One customer, over either database."""
    office.setenv("FIRST90_DATABASE_URL", new_database_url(request.param))
    office.customer()
    office.run()
    return office


def picture(opened: Any, account: str = "001-0001") -> Picture:
    with opened.context() as context, context.database.reading() as conn:
        at = datetime(2026, 3, 9, tzinfo=UTC)
        return picture_of(conn, account, at, asked=at)


def test_it_is_kept_once_and_shown_with_who_and_when(opened: Any) -> None:
    said = opened.report(record_profile, ANA, AFRAID, on=TUESDAY)
    assert said == "Kept, concerns of Person 1: Zebra data gets lost"
    assert opened.report(record_profile, ANA.upper(), AFRAID, on=TUESDAY).startswith("Known already")
    seen = picture(opened)
    (person,) = as_json(seen)["people"]
    assert person["profile"]["concerns"]["text"] == AFRAID[1]
    assert person["profile"]["concerns"]["by"] == "jo@vendor.example"
    (contact,) = account_view(seen)["people"]
    assert contact.told == ("concerns: “Zebra data gets lost” (3 March 2026, jo@vendor.example)",)


@pytest.mark.parametrize(
    ("address", "said", "why"),
    [
        ("who@customer1.example", AFRAID, "nobody at Customer 1 has this address"),
        (ANA, (ProfileItem.SUCCESS, "tbd"), "says nothing about success"),
    ],
)
def test_what_cannot_be_kept_is_refused(opened: Any, address: str, said: Any, why: str) -> None:
    with pytest.raises(Refused, match=why):
        opened.report(record_profile, address, said)


def test_where_somebody_stands_needs_evidence_and_is_shown(opened: Any) -> None:
    with pytest.raises(Refused, match="say by what it is known"):
        opened.report(record_buy_in, ANA, (BuyIn.OPPOSED, " "))
    said = opened.report(record_buy_in, ANA, (BuyIn.OPPOSED, "No budget"), on=TUESDAY)
    assert said == "Kept, buy-in of Person 1: opposed (No budget)."
    seen = picture(opened)
    assert as_json(seen)["people"][0]["buy_in"]["buy_in"] == "opposed"
    (contact,) = account_view(seen)["people"]
    assert contact.told == ("buy-in: opposed (3 March 2026, jo@vendor.example: “No budget”)",)


@pytest.mark.slow
def test_it_is_forgotten_with_the_person_whoever_said_it(opened: Any) -> None:
    opened.report(record_profile, ANA, AFRAID, on=TUESDAY)
    opened.role(1, "Executive Sponsor")
    opened.report(record_buy_in, ANA, (BuyIn.OPPOSED, "Zebra budget"), on=TUESDAY)
    for name in ("kickoff_held", "activation"):
        opened.done(name, on="2026-03-04T10:00")
    opened.run("2026-03-05T10:00")
    assert dump(opened).count("zebra data") > 1, "the CRM's list of people quotes it"
    assert dump(opened).count("zebra budget") > 1, "the stall quotes it"
    with opened.context() as context, context.database.writing() as conn:
        wishes = {"success": "Zebra growth", "priorities": "Zebra sales"}
        contact = CrmContact(id="003-0001", account_id="001-0001", name="Person 1", email=ANA, profile=wishes)
        upsert.take_contacts(conn, [contact])
    (told,) = picture(opened).review.state.profiles.values()
    assert [one.text for one in told.values()] == ["Zebra sales", "Zebra growth", AFRAID[1]]
    opened.order(forget, ANA, reason="asked", on="2026-03-09T11:00")
    assert "zebra" not in dump(opened)
    opened.run("2026-03-10T10:00")
    assert "zebra" not in dump(opened)
    with pytest.raises(Refused, match="asked to be forgotten"):
        opened.report(record_profile, ANA, AFRAID, on="2026-03-10T11:00")


def second_onboarding(opened: Any) -> None:
    """End the customer's onboarding, and let a later deal of theirs open another."""
    opened.order(close, "001-0001", Status.CHURNED, reason="they went elsewhere", on="2026-03-05T10:00")
    opened.deal(2, account=1, signed="2026-03-06")
    opened.role(1, "Champion", deal=2)
    opened.run("2026-03-06T10:00")


@pytest.mark.slow
def test_what_an_earlier_onboarding_was_told_is_not_asked_in_the_next_and_is_forgotten_with_it(opened: Any) -> None:
    opened.report(record_profile, ANA, AFRAID, on=TUESDAY)
    second_onboarding(opened)
    seen = picture(opened)
    assert seen.case.key == "006-0002"
    assert AFRAID[0] not in asked_items(seen.case, seen.review.state, seen.case.people[0].id)
    (contact,) = account_view(seen)["people"]
    assert "concerns: “Zebra data gets lost” (3 March 2026, jo@vendor.example, in another onboarding)" in contact.told
    said = as_json(seen)["people"][0]["profile"]["concerns"]
    assert (said["text"], said["elsewhere"]) == (AFRAID[1], True)
    opened.customer(7)
    opened.run("2026-03-09T09:00")
    assert "zebra" not in str(as_json(picture(opened, "001-0007"))).lower(), "another account knows nothing of it"
    opened.order(forget, ANA, reason="asked", on="2026-03-09T11:00")
    assert "zebra" not in dump(opened)


@pytest.mark.postgres
def test_two_reports_at_once_in_two_onboardings_of_an_account_wait_for_each_other(
    office: Any, new_database_url: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.setenv("FIRST90_DATABASE_URL", new_database_url("postgres"))
    office.customer()
    office.run()
    office.report(record_profile, ANA, AFRAID, on=TUESDAY)
    second_onboarding(office)
    both, keep = Barrier(2), FactEntry.keep

    def keep_once_both_are_here(entry: FactEntry, *fact: Any) -> bool:
        with suppress(BrokenBarrierError):
            both.wait(1)
        return keep(entry, *fact)

    monkeypatch.setattr(FactEntry, "keep", keep_once_both_are_here)
    fears = {"006-0001": "The old one", "006-0002": "The new one"}
    with office.context() as context, ThreadPoolExecutor(2) as pool:
        told = FactReport(by="jo@vendor.example", now=datetime(2026, 3, 9, 10, tzinfo=UTC))
        said = [
            pool.submit(record_profile, context, told, key, ANA, (ProfileItem.CONCERNS, fear))
            for key, fear in fears.items()
        ]
        assert all(one.result(60).startswith("Kept, concerns of Person 1") for one in said)
