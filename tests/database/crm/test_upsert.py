"""Storing CRM records: in sets, once, and no write for a record that did not change."""

from datetime import timedelta

import pytest

from database import key_values
from database.crm import contact_roles, problems, upsert, written_rows
from database.events import signals
from database.onboardings import facts, openings, orders, overview, waiting
from onboarding.model.case import Episode, Fact, Hold
from onboarding.model.crm_records import CrmContactRole, CrmDeal, CrmUser, Problem
from onboarding.model.usage import SignalRecord
from onboarding.model.vocabulary import Concern, CustomerRole, FactKind, HandoffItem, Status
from onboarding.orders import Order
from tests.builders.statements import watching


def no_zone(country):
    return None


def written(heard):
    return [sql.split()[0] for sql in heard if sql.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_the_same_records_again_change_nothing_and_write_nothing(database, world):
    def take():
        with database.writing() as conn:
            role = CrmContactRole(deal_id=world.key(), contact_id=world.contact().id, role="Champion")
            return [
                upsert.take_users(conn, world.users(), no_zone),
                upsert.take_accounts(conn, [world.account()], no_zone),
                upsert.take_contacts(conn, [world.contact()]),
                upsert.take_deals(conn, [world.deal()], world.now),
                contact_roles.take_roles(conn, [role], [world.key()], lambda name: CustomerRole.CHAMPION, world.now),
            ]

    assert [len(ids) for ids in take()] == [5, 1, 1, 1, 1]
    heard: list[str] = []
    with watching(database, heard.append):
        assert [len(ids) for ids in take()] == [0, 0, 0, 0, 0]
    assert written(heard) == []


def test_a_changed_record_is_named_and_kept(database, world, opened):
    opened(2)
    with database.writing() as conn:
        renamed = world.account(2, name="Nieuwe naam", zone="Asia/Kolkata")
        changed = upsert.take_accounts(conn, [world.account(1), renamed], {"DK": "Europe/Copenhagen"}.get)
    assert changed == {renamed.id}
    case = world.case(database, world.key(2))
    assert (case.account.name, case.account.zone) == ("Nieuwe naam", "Asia/Kolkata")
    assert case.people[0].zone == "Asia/Kolkata", "people live where their account does"


def test_a_handoff_completed_later_counts_from_when_it_was_seen(database, world):
    partial = dict.fromkeys([HandoffItem.GOALS], "x")
    later = world.now + timedelta(days=2)
    world.fill(database)
    with database.writing() as conn:
        upsert.take_deals(conn, [world.deal(2, handoff=partial)], world.now)
        upsert.take_deals(conn, [world.deal(2)], later)
        upsert.take_deals(conn, [world.deal(2, handoff=partial)], later + timedelta(days=1))
        upsert.take_deals(conn, [world.deal(2, kickoff_at=later)], later + timedelta(days=2))
        openings.attach_deals(conn, {world.key(2): world.key(1)}, later)
    deal = world.case(database).deals[1]
    assert deal.handoff_seen_at == later
    assert deal.kickoff_seen_at == later + timedelta(days=2)


def test_products_that_cannot_be_seen_stay_those_of_the_last_reading(database, world, opened):
    opened(1)

    def taken(products):
        with database.writing() as conn:
            changed = upsert.take_deals(conn, [world.deal(products=products)], world.now)
        return world.case(database).deals[0].products, bool(changed)

    assert taken(None) == ((), False)
    assert taken(("Analytics",)) == (("Analytics",), True)
    assert taken(None) == (("Analytics",), False)
    assert taken(()) == ((), True)


def test_a_deal_that_vanished_is_no_longer_won_and_comes_back_as_it_was(database, world, opened):
    opened(2)
    with database.writing() as conn:
        assert upsert.mark_missing(conn, CrmDeal, {world.key(1)}, world.now) == {world.key(2)}
        assert upsert.mark_missing(conn, CrmDeal, {world.key(1)}, world.now) == frozenset()
    assert not world.case(database, world.key(2)).deals[0].won
    with database.writing() as conn:
        assert upsert.take_deals(conn, [world.deal(2)], world.now) == {world.key(2)}
    assert world.case(database, world.key(2)).deals[0].won


def test_a_part_that_is_no_longer_in_the_crm_is_gone_from_the_map(database, world, opened):
    opened(2)
    first, second = world.contact(1, 1), world.contact(1, 2)
    with database.writing() as conn:
        now_other = CrmContactRole(deal_id=world.key(1), contact_id=second.id, role="Decision Maker")
        changed = contact_roles.take_roles(
            conn, [now_other], [world.key(1)], lambda name: CustomerRole.EXECUTIVE_SPONSOR, world.now
        )
    assert changed == {world.key(1)}
    parts = world.case(database).stakeholders
    assert [(part.person_id, part.role) for part in parts] == [(second.id, CustomerRole.EXECUTIVE_SPONSOR)]
    assert [part.person_id for part in world.case(database, world.key(2)).stakeholders] != [first.id]


def test_an_onboarding_opens_once(database, world, opened):
    (key,) = opened()
    before = world.case(database)
    assert opened() == [key]
    assert world.case(database) == before
    with database.reading() as conn:
        assert waiting.waiting_accounts(conn, world.signed) == []
        assert openings.live_onboardings(conn, [before.account.id]) == {before.account.id: (key, before.signed_at)}


def test_won_deals_of_known_accounts_wait_to_be_opened(database, world, opened):
    opened()
    account = world.account().id
    with database.writing() as conn:
        deals = [
            world.deal(2, account_id=account),
            world.deal(3, account_id=account, won=False),
            world.deal(4, account_id=account, signed_at=world.signed - timedelta(days=400)),
            world.deal(5, account_id="001UNKNOWN"),
        ]
        upsert.take_deals(conn, deals, world.now)
        since = world.signed - timedelta(days=180)
        found = waiting.waiting_accounts(conn, since)
        fresh = waiting.waiting_deals(conn, since, found)
    assert (found, fresh) == ([account], (deals[0],))


@pytest.mark.parametrize(
    ("changed", "concerned"),
    [
        ({"accounts": ["001000000000001AAA"]}, [1]),
        ({"deals": ["006000000000002AAA"]}, [2]),
        ({"people": ["003000002000001AAA"]}, [2]),
        ({"owners": ["005OTHER"]}, [1, 2]),
        ({"owners": ["005CHIEF"]}, [1, 2]),
        ({"owners": ["005NOBODY"]}, []),
    ],
)
def test_a_change_concerns_the_onboardings_that_name_it(database, world, opened, changed, concerned):
    opened(2)
    with database.reading() as conn:
        assert openings.onboardings_of(conn, **changed) == {world.key(n) for n in concerned}


def test_a_fact_is_kept_once_and_has_the_onboarding_reviewed(database, world, opened):
    (key,) = opened()
    later = world.now + timedelta(hours=5)
    fact = Fact(
        key="k", kind=FactKind.NOTE, name="", at=later, learned_at=later, source="person", by="a", value={"t": 1}
    )
    with database.writing() as conn:
        assert facts.add(conn, key, [fact, fact], later) == 1
    version = world.case(database).version
    heard: list[str] = []
    with watching(database, heard.append), database.writing() as conn:
        assert facts.add(conn, key, [fact], later) == 0
        assert facts.add_all(conn, {}, later) == {}
    assert written(heard) == []
    assert world.case(database).version == version


def test_signals_are_counted_once_and_find_their_account_even_when_it_comes_later(database, world, opened):
    opened()
    record = SignalRecord(key="s1", account="Late.example", name="login", at=world.now)
    with database.writing() as conn:
        taken = signals.take_signals(conn, [record, record])
        assert (taken.new, taken.unmatched, taken.accounts) == (1, 1, frozenset())
        assert signals.take_signals(conn, [record]).new == 0
        assert signals.count_unmatched(conn) == {"Late.example": 1}
        late = world.account(2, domain="LATE.example")
        upsert.take_accounts(conn, [late], no_zone)
        assert signals.match_signals(conn) == {late.id}
        assert signals.count_unmatched(conn) == {}


def test_a_domain_of_two_accounts_matches_neither(database, world):
    with database.writing() as conn:
        upsert.take_accounts(conn, [world.account(n, domain="same.example") for n in (1, 2)], no_zone)
        record = SignalRecord(key="s1", account="same.example", name="login", at=world.now)
        assert signals.take_signals(conn, [record]).unmatched == 1


def test_a_problem_is_new_once_and_new_again_after_it_was_mended(database, world):
    bad = Problem(source="Account.csv", record="line 4", field="Name", problem="is empty")
    other = Problem(source="signals.csv", record="line 1", field="at", problem="is no time")

    def note(*found, sources=("Account.csv",)):
        with database.writing() as conn:
            return problems.note_problems(conn, found, world.now, sources)

    assert note(bad, bad) == (bad,)
    assert note(bad) == ()
    assert note(other, sources=["signals.csv"]) == (other,)
    with database.writing() as conn:
        assert problems.untold(conn) == (bad, other)
        problems.mark_told(conn, [bad], world.now)
        assert problems.untold(conn) == (other,)
    assert note() == ()
    with database.reading() as conn:
        assert problems.open_problems(conn) == (other,)
    assert note(bad) == (bad,)
    with database.reading() as conn:
        assert problems.untold(conn) == (bad, other)


def test_the_first_run_stays_the_first(database, world):
    with database.writing() as conn:
        assert key_values.first_run(conn, world.now) == world.now
        assert key_values.first_run(conn, world.now + timedelta(days=3)) == world.now
        key_values.write(conn, "crm", "abc", world.now)
        key_values.write(conn, "crm", "def", world.now)
        assert key_values.read(conn, "crm") == key_values.KeyValue("def", world.now)
        key_values.forget(conn, "crm")
        assert key_values.read(conn, "crm") is None


def test_a_playbook_is_kept_under_its_hash(database, world):
    with database.writing() as conn:
        key_values.keep_playbook(conn, "h1", "mid", "tier: mid", world.now)
        key_values.keep_playbook(conn, "h1", "mid", "other", world.now)
        assert key_values.kept_playbooks(conn, ["h1", "h2"]) == {"h1": "tier: mid"}


def test_rows_of_the_crm_are_remembered_with_their_conflicts(database, world, opened):
    (key,) = opened()
    row = written_rows.WrittenRow(
        key=f"{key}:a", onboarding_key=key, values={"Status__c": "Done"}, conflict={"Due_On__c": "x"}
    )
    with database.writing() as conn:
        written_rows.remember_rows(conn, [row], world.now)
        assert written_rows.known_rows(conn, [row.key, "other"]) == {row.key: row}
        assert overview.conflict_lines(conn, key) == [{"key": row.key, "conflict": {"Due_On__c": "x"}}]


def test_the_orders_of_a_person_stand_in_the_case_and_in_the_journal(database, world, opened):
    (key,) = opened()
    at, by = world.now, "lead@vendor.example"
    with database.writing() as conn:
        stop = Hold(since=at, reason="merger", by=by, until=at + timedelta(days=5))
        assert orders.hold(conn, key, stop, at)
        assert not orders.hold(conn, key, stop, at)
        assert orders.resume(conn, key, Order(by=by, now=at + timedelta(days=1)))
        assert not orders.resume(conn, key, Order(by=by, now=at))
        orders.block(conn, key, Order(by=by, now=at, reason="the CRM knows it already"))
        assert orders.adopt(conn, key, Order(by=by, now=at))
        assert not orders.adopt(conn, key, Order(by=by, now=at))
        orders.run_on(conn, key, "newer", Order(by=by, now=at, reason="asked"))
        orders.close(conn, key, Status.CHURNED, Order(by=by, now=at, reason="went away"))
        told = overview.journal_lines(conn, key)
    case = world.case(database)
    assert case.holds[0].ended_at == at + timedelta(days=1)
    assert (case.progress.blocked, case.progress.adopted_at) == (None, at)
    assert (case.progress.status, case.progress.closed_reason) == (Status.CHURNED, "went away")
    assert case.progress.playbook == "newer"
    assert [line["kind"] for line in told] == ["hold", "resume", "block", "adopt", "playbook", "close"]
    assert {line["by"] for line in told} == {by}


def test_episodes_rest_and_end_at_a_persons_word(database, world, opened):
    from dataclasses import asdict

    from database.statements import replace_rows
    from database.tables import EscalationRow

    (key,) = opened()
    at, by = world.now, "csm@vendor.example"
    episode = Episode(
        number=1,
        kind="k",
        severity="warning",
        cause="c",
        waiting_on="customer",
        since=at,
        next_step="call",
        opened_at=at,
    )
    with database.writing() as conn:
        replace_rows(conn, EscalationRow, [{"onboarding_key": key, **asdict(episode)}])
        assert orders.acknowledge(conn, key, Order(by=by, now=at)) == (1,)
        assert orders.snooze(conn, key, at + timedelta(days=1), Order(by=by, now=at)) == (1,)
        assert orders.resolve(conn, key, Order(by=by, now=at, reason="they called")) == (1,)
        assert orders.acknowledge(conn, key, Order(by=by, now=at)) == ()
    (found,) = world.case(database).episodes
    assert (found.acked_by, found.snoozed_until) == (by, at + timedelta(days=1))
    assert (found.resolved_reason, found.closed_at) == ("they called", at)


def test_an_owner_who_vanished_is_inactive(database, world, opened):
    opened()
    with database.writing() as conn:
        upsert.mark_missing(conn, CrmUser, {user.id for user in world.users()} - {"005CSM"}, world.now)
    assert not world.case(database).owners["005CSM"].active


def test_touching_makes_all_three_concerns_due(database, world, opened):
    (key,) = opened()
    from database.onboardings import cases

    later = world.now + timedelta(days=2)
    with database.writing() as conn:
        openings.touch(conn, [key], later)
    with database.reading() as conn:
        assert [cases.due_keys(conn, concern, later) for concern in Concern] == [[key]] * 3
        assert [cases.due_keys(conn, concern, world.now) for concern in Concern] == [[]] * 3
