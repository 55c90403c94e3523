"""Suppressions in the database: in any order, by reason, by address or person; and old rows stay unchanged."""

from datetime import timedelta
from itertools import permutations

import pytest
from alembic import command
from sqlalchemy import select, text

from database.channels import daily_counts
from database.channels.daily_counts import Wanted
from database.privacy import pseudonyms, suppressions
from database.tables import ForgottenRow, SuppressionRow
from database.upgrades import configuration, upgrade
from onboarding.model.message_policy import Purpose
from onboarding.model.suppressions import Suppressed, Suppression, SuppressionScope, suppression_for
from onboarding.orders import Order

DAY = timedelta(days=1)


def held(conn, *subjects):
    return {(one.subject, one.reason) for one in suppressions.current(conn, [], subjects)}


def test_of_a_silence_and_its_end_the_later_one_counts_in_any_order(database, world):
    told = [("silence", 0), ("lift", 1), ("silence", 2), ("lift", 3)]
    for number, order in enumerate(permutations(told)):
        subject = f"p{number}@x.example"
        with database.writing() as conn:
            for word, day in order:
                do = suppressions.suppress if word == "silence" else suppressions.lift
                do(conn, [subject], Suppressed.UNSUBSCRIBED, Order(by="t", now=world.now + day * DAY))
            assert held(conn, subject) == set(), order
    with database.writing() as conn:
        suppressions.suppress(conn, [subject], Suppressed.UNSUBSCRIBED, Order(by="t", now=world.now + 4 * DAY))
        assert held(conn, subject) == {(subject, "unsubscribed")}


def test_each_reason_ends_by_itself(database, world):
    order = Order(by="t", now=world.now)
    with database.writing() as conn:
        for reason in (Suppressed.BOUNCED, Suppressed.UNSUBSCRIBED):
            assert suppressions.suppress(conn, ["Ann@X.example"], reason, order) == {"ann@x.example"}
            assert suppressions.suppress(conn, ["ann@x.example"], reason, order) == frozenset()
        suppressions.lift(conn, ["ANN@x.example"], Suppressed.BOUNCED, Order(by="t", now=world.now + DAY))
        assert held(conn, "ann@x.example") == {("ann@x.example", "unsubscribed")}


def test_what_a_word_can_end_goes_behind_what_lasts():
    def one(subject, reason, scope=SuppressionScope.ALL):
        return Suppression(subject=subject, scope=scope, reason=reason)

    found = (
        one("0031", "held"),
        one("a@x.example", "bounced"),
        one("0031", "unsubscribed", SuppressionScope.PROMOTIONAL),
    )
    assert suppression_for(found, "0031", "A@x.example", Purpose.SERVICE).reason == "bounced"
    assert suppression_for(found, "0031", "b@x.example", Purpose.SERVICE).reason == "held"
    assert suppression_for(found[2:], "0031", "b@x.example", Purpose.SERVICE) is None
    assert suppression_for(found[2:], "0031", "b@x.example", Purpose.PROMOTIONAL).reason == "unsubscribed"
    assert suppression_for(found, "0032", "b@x.example", Purpose.PROMOTIONAL) is None


def test_a_case_has_the_silences_of_its_people_by_address_and_by_id(database, world, opened):
    (key,) = opened()
    order = Order(by="t", now=world.now)
    with database.writing() as conn:
        suppressions.suppress(conn, ["person2@customer1.example"], Suppressed.BOUNCED, order)
        suppressions.suppress(conn, [world.contact(1, 1).id], Suppressed.HELD, order, note="leave")
        suppressions.suppress(conn, ["stranger@x.example"], Suppressed.BOUNCED, order)
    case = world.case(database, key)
    assert {one.reason for one in case.suppressions} == {"bounced", "held"}
    assert case.suppressed == {"person2@customer1.example"}


@pytest.mark.slow
def test_who_was_suppressed_before_purposes_were_told_apart_stays_so_for_all_mail(database, world):
    with database.writing() as conn:
        config = configuration()
        config.attributes["connection"] = conn
        command.downgrade(config, "0004")
        moment = SuppressionRow.at.type.bind_processor(conn.dialect)(world.now)
        old = text('INSERT INTO suppression (address, reason, "by", at) VALUES (:address, :reason, :by, :at)')
        for number, reason in enumerate(("bounced", "wrong person")):
            row = {"address": f"p{number}@x.example", "reason": reason, "by": "jo@vendor.example", "at": moment}
            conn.execute(old, row)
    upgrade(database)
    with database.reading() as conn:
        rows = conn.execute(select(SuppressionRow).order_by(SuppressionRow.subject)).all()
        assert [(r.subject, r.channel, r.purpose, r.reason, r.by, r.at) for r in rows] == [
            ("p0@x.example", "mail", "all", "bounced", "jo@vendor.example", world.now),
            ("p1@x.example", "mail", "all", "wrong person", "jo@vendor.example", world.now),
        ]
        assert all(one.for_good for one in suppressions.current(conn, [], ["p0@x.example", "p1@x.example"]))
    with database.writing() as conn:
        config.attributes["connection"] = conn
        command.downgrade(config, "0004")
        kept = conn.execute(text("SELECT address, reason FROM suppression ORDER BY address")).all()
        assert [tuple(row) for row in kept] == [("p0@x.example", "bounced"), ("p1@x.example", "wrong person")]
    upgrade(database)


def test_a_hash_recognises_a_person_and_holds_no_data(database, world):
    with database.writing() as conn:
        assert pseudonyms.erased_among(conn, ["ann@x.example"]) == {}
        found = pseudonyms.hashes(conn, ["Ann@X.example", "0031"], world.now)
        pseudonyms.keep(conn, found.values(), by="t", at=world.now)
        assert pseudonyms.erased_among(conn, ["ann@x.example", "ANN@x.example", "0031", "0032", ""]).keys() == {
            "ann@x.example",
            "ANN@x.example",
            "0031",
        }
        kept = str(conn.execute(select(ForgottenRow)).all()).lower()
    assert "ann" not in kept
    assert "0031" not in kept


def wanted(key, **more):
    given = {"address": "ann@x.example", "account_id": "001", "day": "2026-03-04", "priority": 50, "due_at": None}
    return Wanted(key=key, **(given | {"per_person": 1, "per_account": 9} | more))


def test_a_mail_let_through_is_not_counted_against_itself(database, world, opened):
    from database.outbox import ledger, planned
    from onboarding.model.vocabulary import Channel

    (key,) = opened()
    effects = [
        world.effect(f"{key}:welcome:1:mail:ann{n}", recipient="ann@x.example", occurrence=str(n)) for n in (1, 2)
    ]
    with database.writing() as conn:
        planned.plan(conn, [(key, effect) for effect in effects], world.now)
        ledger.claim(conn, Channel.MAIL, as_of=world.now, real_now=world.now, token="t", limit=9)
    account = world.account(1).id
    first, second = (wanted(effect.key, account_id=account, due_at=world.now) for effect in effects)
    with database.writing() as conn:
        assert daily_counts.reserve(conn, [first]) == {}
    with database.writing() as conn:
        assert daily_counts.reserve(conn, [first]) == {}
        assert daily_counts.reserve(conn, [second]) == {second.key: "its reader gets no more than 1 mails a day"}
    with database.writing() as conn:
        tomorrow = wanted(second.key, account_id=account, due_at=world.now, day="2026-03-05")
        assert daily_counts.reserve(conn, [tomorrow]) == {}


def test_reserving_costs_the_same_for_one_and_for_two_hundred(database, world, opened):
    from tests.builders.statements import watching

    counts = []
    for number in (1, 200):
        heard = []
        with watching(database, heard.append), database.writing() as conn:
            daily_counts.reserve(conn, [wanted(f"k{n}", due_at=world.now, per_person=999) for n in range(number)])
        counts.append(sum(word.lstrip().upper().startswith(("SELECT", "UPDATE")) for word in heard))
    assert counts[0] == counts[1] <= 4
