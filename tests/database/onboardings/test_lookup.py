"""KEY of the command line: an account id of either length, a deal id, or a name that only one account has."""

from datetime import timedelta

import pytest

from database.crm import upsert
from database.onboardings import openings
from database.onboardings.lookup import NotFound, find_onboarding, find_onboardings
from onboarding.model.case import Progress
from onboarding.model.vocabulary import Status


def test_an_onboarding_is_found_by_what_people_have_at_hand(database, world, opened):
    (key,) = opened()
    with database.writing() as conn:
        upsert.take_deals(conn, [world.deal(9, account_id="001000000000001AAA")], world.now)
        openings.attach_deals(conn, {world.key(9): key}, world.now)
    with database.reading() as conn:
        for wanted in (
            "001000000000001AAA",
            "001000000000001",
            key,
            key[:15],
            world.key(9),
            "Ørsted & Søn 1",
            "  ørsted & søn 1 " if database.dialect == "postgresql" else " Ørsted & Søn 1 ",
        ):
            assert find_onboarding(conn, wanted) == key, wanted
        assert find_onboardings(conn, [key, "001000000000001"]) == [key]


def test_the_live_onboarding_of_an_account_comes_before_a_later_closed_one(database, world, opened):
    opened()
    account = world.account().id
    with database.writing() as conn:
        closed = world.deal(2, account_id=account, signed_at=world.signed + timedelta(days=1))
        upsert.take_deals(conn, [closed], world.now)
        progress = Progress(status=Status.CHURNED, opened_at=world.now)
        new = openings.NewOnboarding(key=closed.id, account_id=account, signed_at=closed.signed_at, progress=progress)
        openings.open_onboardings(conn, [new], world.now)
        assert find_onboarding(conn, account) == world.key(1)
        assert find_onboarding(conn, closed.id) == closed.id


def test_a_name_without_a_match_or_with_several_is_refused_with_the_mend(database, world, opened):
    opened(2)
    with database.writing() as conn:
        same = [world.account(n, name="Acme") for n in (1, 2)]
        upsert.take_accounts(conn, same, lambda country: None)
        with pytest.raises(NotFound, match="2 accounts are called 'Acme'; give the account id"):
            find_onboarding(conn, "Acme")
        with pytest.raises(NotFound, match="no onboarding answers to 'Nobody'"):
            find_onboarding(conn, "Nobody")


def test_a_record_is_found_in_any_case_of_its_long_id_and_its_short_one_says_what_it_lost(database, world, opened):
    opened()
    with database.writing() as conn:
        upsert.take_accounts(conn, [world.account(1, id="0015g00000AbCdEAAV")], lambda country: None)
        upsert.take_deals(conn, [world.deal(5, account_id="0015g00000AbCdEAAV")], world.now)
        progress = Progress(opened_at=world.now)
        new = openings.NewOnboarding(
            key=world.key(5), account_id="0015g00000AbCdEAAV", signed_at=world.signed, progress=progress
        )
        openings.open_onboardings(conn, [new], world.now)
        for wanted in ("0015g00000AbCdEAAV", "0015G00000ABCDEAAV", "0015g00000abcdeaav", "0015g00000AbCdE"):
            assert find_onboarding(conn, wanted) == world.key(5), wanted
        for wanted in ("0015g00000abcde", "0015G00000ABCDE"):
            with pytest.raises(NotFound, match=f"'{wanted}' is a 15-character id that lost its capitals.*AbCdEAAV"):
                find_onboarding(conn, wanted)
        with pytest.raises(NotFound, match="its last three characters do not fit the others"):
            find_onboarding(conn, "0015g00000AbCdE9AV")
        with pytest.raises(NotFound, match="is a number that a spreadsheet made of an id"):
            find_onboarding(conn, "1.23E+15")
