"""Won deals as the CRM shows them, with the first use, the people and the seller of each."""

from datetime import timedelta

from database import key_values
from database.events import signals
from database.reporting.deals import historic_deals, usage_is_known
from onboarding.model.usage import SignalRecord
from onboarding.model.vocabulary import HandoffItem

ACCOUNT = "001000000000001AAA"


def test_a_deal_with_its_first_use_and_its_people(database, world, opened):
    opened(2)
    late = world.now + timedelta(days=3)
    with database.writing() as conn:
        assert not usage_is_known(conn)
        key_values.write(conn, key_values.SIGNALS, "", world.now)
        moments = (world.signed - timedelta(days=1), late, late + timedelta(days=1))
        records = [
            SignalRecord(key=f"s{number}", account=ACCOUNT, name="login", at=at, user="ann", count=1)
            for number, at in enumerate(moments)
        ]
        signals.take_signals(conn, records)
    with database.reading() as conn:
        assert usage_is_known(conn)
        first, second = historic_deals(conn, late + timedelta(hours=1))
    assert (first.deal_id, first.signed_at, first.first_use_at) == (world.key(), world.signed, late)
    assert second.first_use_at is None
    assert first.answered == frozenset(HandoffItem)
    assert (first.followed, second.followed) == (True, True)
    assert first.people >= 1


def test_only_deals_signed_by_then_and_since(database, world, opened):
    opened()
    with database.reading() as conn:
        assert historic_deals(conn, world.signed - timedelta(days=1)) == []
        assert len(historic_deals(conn, world.now, since=world.signed)) == 1
        assert historic_deals(conn, world.now, since=world.signed + timedelta(days=1)) == []


def test_what_was_taken_over_was_not_followed_and_what_is_gone_is_no_deal(database, world, opened):
    opened(1, adopted_at=world.now)
    with database.reading() as conn:
        (deal,) = historic_deals(conn, world.now)
    assert not deal.followed
