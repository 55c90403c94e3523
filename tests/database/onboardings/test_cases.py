"""Reading cases: which onboardings are due, and each as one frozen value."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from database import key_values
from database.crm import contact_roles, upsert
from database.events import signals
from database.onboardings import cases, facts, openings, orders
from database.outbox import planned
from database.privacy import suppressions
from database.statements import insert_new
from database.tables import TouchpointRow
from onboarding.model.case import Calendar, Fact, Hold
from onboarding.model.crm_records import CrmContactRole
from onboarding.model.parties import Stakeholder
from onboarding.model.suppressions import Suppressed
from onboarding.model.usage import SignalRecord
from onboarding.model.vocabulary import Channel, Concern, CustomerRole, EffectState, FactKind, Stage, VendorRole
from onboarding.orders import Order
from tests.builders.statements import watching
from tests.builders.tiers import MID


def fact(key: str = "f1", **more):
    given = {
        "key": key,
        "kind": FactKind.MILESTONE,
        "name": "kickoff_held",
        "at": datetime(2026, 3, 3, 9, 30, 0, 123456, tzinfo=UTC),
        "learned_at": datetime(2026, 3, 4, tzinfo=UTC),
        "source": "person",
        "by": "csm@vendor.example",
        "value": {"note": "naïve ☕"},
    }
    return Fact(**(given | more))


def test_a_case_holds_everything_that_is_known_around_an_onboarding(database, world, opened):
    (key,) = opened(tier=MID)
    now = world.now
    with database.writing() as conn:
        facts.add(conn, key, [fact()], now)
        signals.take_signals(
            conn,
            [
                SignalRecord(key="s1", account="001000000000001AAA", name="login", at=now, user="ann"),
                SignalRecord(key="s2", account="Customer1.example", name="login", at=now, user="bob", count=3),
                SignalRecord(key="s3", account="customer1.example", name="login", at=now, user="ann"),
            ],
        )
        key_values.write(conn, key_values.SIGNALS, "cursor", now)
        orders.hold(conn, key, Hold(since=now, reason="merger", by="lead@vendor.example"), now)
        suppressions.suppress(conn, ["PERSON2@customer1.example"], Suppressed.BOUNCED, Order(by="mail server", now=now))
        planned.plan(conn, [(key, world.effect(f"{key}:welcome:1:mail:003A"))], now)
        point = {"step": "welcome", "occurrence": "1", "outcome": "planned", "at": now, "because": "new"}
        insert_new(conn, TouchpointRow, [{"onboarding_key": key, **point}])

    case = world.case(database)

    assert case.key == key
    assert case.account.name == "Ørsted & Søn 1"
    assert case.account.zone == "Europe/Copenhagen"
    assert case.signed_at == world.signed
    assert case.deals[0].handoff_seen_at == world.signed, "there at first sight counts from the signature"
    assert [person.zone for person in case.people] == ["Europe/Copenhagen"] * 2
    who = {"person_id": case.people[0].id, "role": CustomerRole.CHAMPION}
    assert case.stakeholders == (Stakeholder(**who, since=world.now, deals=(case.deals[0].id,)),)
    assert sorted(case.owners) == ["005CHIEF", "005CSM", "005LEAD", "005OTHER", "005SELLER"]
    assert case.facts == (fact(),)
    (login,) = case.usage.signals
    assert (login.total, login.users, login.first_at, len(login.events)) == (5, 2, now, 3)
    assert case.usage.known
    assert case.usage.read_at == now
    assert case.holds[0].reason == "merger"
    assert case.suppressed == {"person2@customer1.example"}
    assert [line.state for line in case.effects] == [EffectState.PLANNED]
    assert case.touchpoints[0].step == "welcome"
    assert case.progress.tier == MID
    assert case.progress.assignments == {VendorRole.ONBOARDING_SPECIALIST: "005OTHER"}
    assert case.progress.stage_times == {Stage.HANDOFF: world.signed}


def test_without_a_source_of_signals_usage_is_unknown(database, world, opened):
    opened()
    assert not world.case(database).usage.known


def test_only_the_first_fifty_events_of_a_signal_travel_but_all_are_counted(database, world, opened):
    opened()
    start = world.now
    events = [
        SignalRecord(
            key=f"s{n}",
            account="001000000000001AAA",
            name="login",
            at=start + timedelta(minutes=n),
            user=f"u{n}",
        )
        for n in range(120)
    ]
    with database.writing() as conn:
        key_values.write(conn, key_values.SIGNALS, "", start)
        signals.take_signals(conn, reversed(events))
    (login,) = world.case(database, now=events[-1].at).usage.signals
    assert (login.total, login.users, login.last_at) == (120, 120, events[-1].at)
    assert [at for at, _, _ in login.events] == [event.at for event in events[:50]]


def test_calendars_are_given_for_every_country_that_the_case_names(database, world, opened):
    (key,) = opened()
    fifth_of_june = Calendar(days_off=frozenset({date(2026, 6, 5)}))
    with database.reading() as conn:
        found = cases.load(conn, [key], world.now, lambda country: fifth_of_june)
    assert found[key].calendars == {"DK": fifth_of_june}


def test_sent_crm_rows_stay_out_of_the_case_and_unsent_ones_are_in_it(database, world, opened):
    (key,) = opened()
    with database.writing() as conn:
        rows = [
            world.effect(f"{key}:onboarding:{n}:crm:{key}", channel=Channel.CRM, state=state)
            for n, state in enumerate((EffectState.SENT, EffectState.PLANNED, EffectState.CANCELLED))
        ]
        planned.plan(conn, [(key, row) for row in rows], world.now)
    assert [line.occurrence for line in world.case(database).effects] == ["1"]


def test_people_who_vanish_from_the_crm_have_left(database, world, opened):
    opened()
    with database.writing() as conn:
        kept = world.contact(1, 1).id
        gone = upsert.mark_missing(conn, upsert.CrmContact, {kept}, world.now)
    assert gone == {world.contact(1, 2).id}
    assert [person.left_on for person in world.case(database).people] == [None, date(2026, 3, 4)]


def test_one_part_in_two_deals_is_one_part(database, world, opened):
    (key,) = opened()
    second = world.deal(2, account_id="001000000000001AAA", signed_at=world.signed - timedelta(days=9))
    role = CrmContactRole(deal_id=second.id, contact_id=world.contact(1, 1).id, role="Champion", primary=True)
    with database.writing() as conn:
        upsert.take_deals(conn, [second], world.now)
        contact_roles.take_roles(conn, [role], [second.id], lambda part: CustomerRole.CHAMPION, world.now)
        openings.attach_deals(conn, {second.id: key}, world.now)
    case = world.case(database)
    (part,) = case.stakeholders
    assert (part.deals, part.primary) == ((key, second.id), True), "one deal names them as its primary contact"
    assert [deal.id for deal in case.deals] == [key, second.id], "the deal that opened it stays the first"


def test_due_are_those_whose_moment_has_come_for_that_concern_and_stage(database, world, opened):
    first, second, third = opened(3)
    with database.writing() as conn:
        conn.exec_driver_sql(f"UPDATE onboarding SET stage = 'setup' WHERE key = '{second}'")
        conn.exec_driver_sql(f"UPDATE onboarding SET check_ins_at = NULL WHERE key = '{third}'")
    with database.reading() as conn:
        assert cases.due_keys(conn, Concern.STAGES, world.now) == [first, second, third]
        assert cases.due_keys(conn, Concern.STAGES, world.now - timedelta(seconds=1)) == []
        assert cases.due_keys(conn, Concern.STAGES, world.now, stage=Stage.SETUP) == [second]
        assert cases.due_keys(conn, Concern.CHECK_INS, world.now) == [first, second]
        assert cases.due_keys(conn, Concern.CHECK_INS, world.now, keys=[third]) == [third]


def test_a_batch_costs_the_same_few_statements_however_large_it_is(database, world, opened):
    keys = opened(40)
    heard: list[str] = []
    with database.writing() as conn:
        key_values.write(conn, key_values.SIGNALS, "", world.now)
    counts = []
    for size in (1, 40):
        heard.clear()
        with watching(database, heard.append), database.reading() as conn:
            world.load(conn, *keys[:size])
        selects = [sql for sql in heard if sql.startswith(("SELECT", "WITH"))]
        tables = Counter(re.findall(r"FROM (\w+)", " ".join(sql.split()))[0] for sql in selects)
        assert max(tables.values()) <= 2, tables
        counts.append(len(selects))
    assert counts[0] == counts[1]


def test_cases_come_in_the_order_asked_for_and_unknown_keys_are_left_out(database, world, opened):
    first, second = opened(2)
    with database.reading() as conn:
        assert [case.key for case in world.load(conn, second, "nobody", first)] == [second, first]
