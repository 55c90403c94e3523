"""The ledger: every change names the effect, the token and the state it expects, and sent stays sent."""

from datetime import timedelta

import pytest

from database.channels import stops
from database.onboardings import overview, repairs
from database.outbox import due, ledger, planned, results
from onboarding.effects.retry_schedule import next_try
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.orders import Order

PARK = dict.fromkeys(Channel, "park")


@pytest.fixture
def desk(database, world, opened):
    """Return three planned mails, and the ledger's functions bound to this test's database and clock."""
    (key,) = opened()
    return Desk(database, world, key)


class Desk:
    def __init__(self, database, world, key):
        self.database, self.now, self.world = database, world.now, world
        self.keys = [f"{key}:step_{n}:1:mail:003A" for n in range(3)]
        effects = [world.effect(one, due_at=self.now - timedelta(hours=3 - n)) for n, one in enumerate(self.keys)]
        with database.writing() as conn:
            planned.plan(conn, [(key, effect) for effect in effects], self.now)

    def claim(self, token="t", *, channel=Channel.MAIL, after=timedelta(), as_of=None, limit=10, **more):
        with self.database.writing() as conn:
            given = {"as_of": as_of or self.now, "real_now": self.now + after, "token": token, "limit": limit}
            return [effect.key for effect in ledger.claim(conn, channel, **given, **more)]

    def mark_sending(self, token="t", keys=None, after=timedelta()):
        with self.database.writing() as conn:
            given = {"as_of": self.now, "real_now": self.now + after}
            return ledger.mark_sending(conn, token, keys or self.keys, **given)

    def record_results(self, *found, token="t", doubt="park", as_of=None):
        with self.database.writing() as conn:
            given = {"as_of": as_of or self.now, "real_now": self.now, "doubt": doubt}
            return results.record_results(conn, token, dict(found), **given).count

    def forget(self, life, after):
        with self.database.writing() as conn:
            return due.hold_expired_keys(conn, Channel.MAIL, life, self.now + after)

    def waits(self, *, as_of=None, after=timedelta()):
        with self.database.reading() as conn:
            given = {"as_of": as_of or self.now, "real_now": self.now + after}
            return due.work_waits(conn, Channel.MAIL, **given)

    def recover(self, after, doubts=PARK, token="r"):
        with self.database.writing() as conn:
            return results.recover(conn, real_now=self.now + after, token=token, doubts=doubts)

    def lines(self):
        with self.database.reading() as conn:
            return {line["key"]: line for line in overview.effect_lines(conn)}

    def states(self):
        return [self.lines()[key]["state"] for key in self.keys]


def answer(key, state, **more):
    """A result of an effect, as the ledger takes it."""
    return key, SendResult(state=ResultState(state), **more)


def test_an_effect_is_held_by_its_token_only_while_it_is_leased(desk):
    first, second = desk.claim(limit=2)
    with desk.database.writing() as conn:
        assert ledger.holds(conn, "t", [first, second])
        assert not ledger.holds(conn, "another", [first])
        ledger.release(conn, "t", [second])
        assert not ledger.holds(conn, "t", [first, second])
        assert ledger.holds(conn, "t", [first])


def sent(key, provider_id="p"):
    return answer(key, "sent", provider_id=provider_id)


def test_the_longest_due_is_claimed_first_and_by_one_worker_only(desk):
    assert desk.claim("a", limit=2) == desk.keys[:2]
    assert desk.claim("b", limit=2) == desk.keys[2:]
    assert desk.claim("c", limit=2) == []
    assert desk.states() == ["leased"] * 3


def test_what_is_not_due_or_not_asked_for_is_left(desk):
    assert desk.claim(as_of=desk.now - timedelta(hours=2)) == desk.keys[:2]
    assert desk.claim(channel=Channel.SLACK) == []
    assert desk.claim("b", keys=[desk.keys[2]]) == [desk.keys[2]]


def test_announced_sent_and_settled_it_stays_sent_for_ever(desk):
    desk.claim()
    assert desk.mark_sending() == set(desk.keys)
    assert desk.record_results(*(sent(key) for key in desk.keys)) == 3
    assert desk.states() == ["sent"] * 3
    assert desk.lines()[desk.keys[0]]["sent_at"] == desk.now
    assert desk.lines()[desk.keys[0]]["provider_id"] == "p"
    assert desk.lines()[desk.keys[0]]["attempts"] == 1
    assert desk.record_results(answer(desk.keys[0], "permanent")) == 0
    assert desk.recover(timedelta(days=1)).returned == 0
    with desk.database.writing() as conn:
        cancel = EffectChange(key=desk.keys[0], state=EffectState.CANCELLED, because="x")
        planned.change(conn, [cancel])
        ledger.move(conn, "t", [cancel])
        ledger.release(conn, "t")
        order = Order(by="a", now=desk.now, reason="b")
        assert not repairs.retry(conn, desk.keys, order)
        assert not repairs.cancel(conn, desk.keys, order)
    assert desk.states() == ["sent"] * 3


def test_another_token_can_change_nothing(desk):
    desk.claim("mine")
    assert desk.mark_sending("other") == frozenset()
    desk.mark_sending("mine")
    assert desk.record_results(sent(desk.keys[0]), token="other") == 0
    with desk.database.writing() as conn:
        assert ledger.release(conn, "other") == 0
        ledger.store_payload(conn, "other", {desk.keys[0]: {"text": "not mine"}})
    assert desk.states() == ["sending"] * 3


def test_a_lease_too_short_for_an_answer_is_not_announced(desk):
    desk.claim()
    assert desk.mark_sending(after=timedelta(seconds=31)) == frozenset()
    with desk.database.writing() as conn:
        assert ledger.release(conn, "t", desk.keys[:1]) == 1
    assert desk.states() == ["planned", "leased", "leased"]


def frozen(desk, token, text, recipient):
    """Lease one mail, store its payload and release it; return what the next lease finds."""
    desk.claim(token)
    with desk.database.writing() as conn:
        ledger.store_payload(conn, token, {desk.keys[0]: {"text": text}}, {desk.keys[0]: recipient})
        ledger.release(conn, token)
    with desk.database.writing() as conn:
        given = {"as_of": desk.now, "real_now": desk.now, "token": f"after {token}", "limit": 1, "keys": desk.keys[:1]}
        (leased,) = ledger.claim(conn, Channel.MAIL, **given)
        ledger.release(conn, f"after {token}")
    return leased.payload["text"], leased.recipient


def test_a_payload_is_frozen_once_for_one_address_and_made_anew_for_another(desk):
    assert frozen(desk, "a", "één", "new@x.example") == ("één", "new@x.example")
    assert frozen(desk, "b", "other", "new@x.example") == ("één", "new@x.example")
    assert frozen(desk, "c", "later", "later@x.example") == ("later", "later@x.example")


def in_doubt(desk):
    """Put the first mail in doubt, to be sent again."""
    assert frozen(desk, "a", "old", "person@x.example") == ("old", "person@x.example")
    desk.claim(limit=1)
    desk.mark_sending()
    desk.record_results(answer(desk.keys[0], "unknown", error="no answer"), doubt="repeat")
    desk.now += timedelta(hours=1)
    assert desk.states()[0] == "planned"


def test_what_may_have_arrived_leaves_as_it_was_whoever_has_which_address_now(desk):
    in_doubt(desk)
    assert frozen(desk, "b", "new", "later@x.example") == ("old", "person@x.example")


def test_what_may_have_arrived_is_never_cancelled_but_left_to_a_person(desk):
    in_doubt(desk)
    with desk.database.writing() as conn:
        changes = [EffectChange(key=key, state=EffectState.CANCELLED, because="she opted out") for key in desk.keys]
        planned.change(conn, changes)
    assert desk.states() == ["unknown", "cancelled", "cancelled"]
    error = desk.lines()[desk.keys[0]]["error"]
    assert error == "it may have arrived, and is not sent again: she opted out"


def test_nor_is_it_at_the_last_look(desk):
    in_doubt(desk)
    desk.claim("b")
    with desk.database.writing() as conn:
        changes = [EffectChange(key=key, state=EffectState.CANCELLED, because="too late") for key in desk.keys]
        ledger.move(conn, "b", changes)
    assert desk.states() == ["unknown", "cancelled", "cancelled"]


def test_what_may_have_arrived_at_the_old_address_is_not_sent_to_the_new_one(desk):
    in_doubt(desk)
    with desk.database.writing() as conn:
        moved = [
            EffectChange(key=k, state=EffectState.PLANNED, because="x", recipient="b@x.example") for k in desk.keys
        ]
        planned.change(conn, moved[:2])
    assert desk.states() == ["unknown", "planned", "planned"]
    lines = desk.lines()
    assert (lines[desk.keys[0]]["recipient"], lines[desk.keys[1]]["recipient"]) == ("person@x.example", "b@x.example")


def test_what_was_refused_at_the_old_address_is_made_anew_for_the_new_one(desk):
    assert frozen(desk, "a", "old", "person@x.example") == ("old", "person@x.example")
    with desk.database.writing() as conn:
        changed = EffectChange(key=desk.keys[0], state=EffectState.PLANNED, because="x", recipient="b@x.example")
        planned.change(conn, [changed])
    assert frozen(desk, "b", "new", "b@x.example") == ("new", "b@x.example")


def test_a_leased_effect_whose_moment_was_wrong_moves(desk):
    desk.claim()
    later = desk.now + timedelta(days=1)
    with desk.database.writing() as conn:
        ledger.move(
            conn,
            "t",
            [
                EffectChange(key=desk.keys[0], state=EffectState.PLANNED, because="night", due_at=later),
                EffectChange(key=desk.keys[1], state=EffectState.CANCELLED, because="too late"),
            ],
        )
    assert desk.states() == ["planned", "cancelled", "leased"]
    assert desk.claim("b") == []
    assert desk.claim("b", as_of=later) == desk.keys[:1]


def test_refused_for_now_it_waits_by_the_schedule_and_no_shorter_than_asked(desk):
    desk.claim()
    desk.mark_sending()
    one, two, three = desk.keys
    desk.record_results(
        answer(one, "transient", error="503"),
        answer(two, "transient", error="429", retry_after=3600),
        answer(three, "permanent", error="550"),
    )
    assert desk.states() == ["planned", "planned", "dead"]
    assert desk.lines()[one]["error"] == "503"
    again = next_try(1, desk.now, desk.now, None, one)
    assert desk.claim("b", as_of=again - timedelta(seconds=1)) == []
    assert desk.claim("b", as_of=again) == [one]
    assert desk.claim("c", as_of=desk.now + timedelta(seconds=3599)) == []
    assert desk.claim("c", as_of=desk.now + timedelta(hours=2)) == [two]


def test_refused_for_three_days_it_is_dead(desk):
    as_of, (one, *_) = desk.now, desk.keys
    attempts = 0
    while True:
        if not desk.claim("t", as_of=as_of, keys=[one]):
            break
        desk.mark_sending(keys=[one])
        desk.record_results(answer(one, "transient", error="503"), as_of=as_of)
        as_of += timedelta(hours=8)
        attempts += 1
    assert desk.lines()[one]["state"] == "dead"
    assert desk.lines()[one]["attempts"] == attempts < 25


@pytest.mark.parametrize(("doubt", "state"), [("park", "unknown"), ("repeat", "planned"), ("ask", "sending")])
def test_a_doubtful_answer_is_treated_as_the_channel_can_bear(desk, doubt, state):
    desk.claim(keys=desk.keys[:1])
    desk.mark_sending()
    desk.record_results(answer(desk.keys[0], "unknown", error="no answer"), doubt=doubt)
    assert desk.states()[0] == state
    if doubt == "ask":
        assert desk.recover(timedelta(seconds=44), {Channel.MAIL: "ask"}).ask == (), "it need not be found there yet"
        (asked,) = desk.recover(timedelta(seconds=46), {Channel.MAIL: "ask"}).ask
        assert asked.key == desk.keys[0]
        assert desk.record_results(sent(asked.key), token="r") == 1
        assert desk.states()[0] == "sent"


def test_doubts_that_the_far_side_clears_up_are_no_crashes(desk):
    """Five times in doubt, and five times it had not arrived: it leaves again, and waits for no person."""
    one = desk.keys[0]
    for _ in range(5):
        desk.now += timedelta(days=1)
        assert desk.claim(keys=[one]) == [one]
        desk.mark_sending(keys=[one])
        desk.record_results(answer(one, "unknown"), doubt="ask")
        assert [asked.key for asked in desk.recover(timedelta(seconds=50), {Channel.MAIL: "ask"}).ask] == [one]
        desk.record_results(answer(one, "transient"), token="r", doubt="ask", as_of=desk.world.now)
    assert desk.lines()[one]["state"] == "planned"


def test_a_late_answer_of_the_same_worker_mends_the_doubt(desk):
    desk.claim()
    desk.mark_sending()
    desk.recover(timedelta(minutes=5))
    assert desk.states() == ["unknown"] * 3
    assert desk.record_results(sent(desk.keys[0])) == 1
    assert desk.states() == ["sent", "unknown", "unknown"]


def test_after_a_crash_what_was_not_announced_is_planned_again(desk):
    desk.claim(limit=1)
    assert desk.recover(timedelta(seconds=59)).returned == 0
    assert desk.recover(timedelta(seconds=60)).returned == 1
    assert desk.claim("b", limit=1, suspects=True) == desk.keys[:1]


@pytest.mark.parametrize(("doubt", "state"), [("park", "unknown"), ("repeat", "planned")])
def test_after_a_crash_in_the_middle_of_sending_the_channel_decides(desk, doubt, state):
    desk.claim(limit=1)
    desk.mark_sending(keys=desk.keys[:1])
    assert desk.recover(timedelta(seconds=104), {Channel.MAIL: doubt}).parked == ()
    assert desk.states()[0] == "sending", "within the grace its worker may still be at it"
    desk.recover(timedelta(seconds=106), {Channel.MAIL: doubt})
    assert desk.states()[0] == state


def test_an_effect_that_kills_three_workers_is_put_before_a_person(desk):
    after = timedelta()
    for crash in range(3):
        assert desk.claim("t", after=after, keys=desk.keys[:1], suspects=crash > 0) == desk.keys[:1], crash
        desk.mark_sending(keys=desk.keys[:1], after=after)
        after += timedelta(minutes=10)
        found = desk.recover(after, {Channel.MAIL: "repeat"})
    assert found.parked == (desk.keys[0],)
    assert desk.states()[0] == "unknown"


def test_a_doubtful_effect_is_not_sent_again_once_the_provider_forgot_its_key(desk):
    life = timedelta(minutes=30)
    desk.claim()
    desk.mark_sending()
    desk.record_results(*(answer(key, "unknown") for key in desk.keys[:2]), doubt="repeat")
    desk.record_results(answer(desk.keys[2], "transient"), doubt="repeat")
    first, second, _ = desk.keys
    later = {"as_of": desk.now + timedelta(hours=1)}
    assert desk.forget(life, timedelta(minutes=24)) == ()
    assert desk.claim("b", after=timedelta(minutes=24), keys=[first], **later) == [first]
    assert desk.forget(life, timedelta(minutes=26)) == (second,)
    assert desk.states() == ["leased", "unknown", "planned"], "the last was in no doubt"


def test_a_clean_refusal_after_a_doubt_does_not_end_the_doubt(desk):
    key = desk.keys[0]
    desk.claim(limit=1)
    desk.mark_sending(keys=[key])
    desk.record_results(answer(key, "unknown"), doubt="repeat")
    later = {"as_of": desk.now + timedelta(minutes=20)}
    assert desk.claim("b", keys=[key], after=timedelta(minutes=20), **later) == [key]
    desk.mark_sending("b", keys=[key], after=timedelta(minutes=20))
    desk.record_results(answer(key, "transient"), token="b", doubt="repeat", **later)
    assert desk.states()[0] == "planned"
    assert desk.forget(timedelta(minutes=30), timedelta(minutes=26)) == (key,)


def test_what_may_have_arrived_is_never_called_dead(desk):
    key = desk.keys[0]
    desk.claim(limit=1)
    desk.mark_sending(keys=[key])
    desk.record_results(answer(key, "unknown"), doubt="repeat")
    later = {"as_of": desk.now + timedelta(minutes=20)}
    desk.claim("b", keys=[key], **later)
    desk.mark_sending("b", keys=[key])
    desk.record_results(answer(key, "permanent"), token="b", doubt="repeat", **later)
    assert desk.states()[0] == "unknown"


def test_a_fault_of_the_whole_lane_counts_as_no_try(desk):
    key = desk.keys[0]
    for hours in range(0, 24 * 10, 12):
        at = desk.now + timedelta(hours=hours)
        assert desk.claim("t", limit=1, as_of=at, keys=[key]) == [key]
        desk.mark_sending(keys=[key])
        desk.record_results(answer(key, "transient", channel_down=True), as_of=at)
    line = desk.lines()[key]
    assert (line["state"], line["attempts"]) == ("planned", 0)


def test_what_a_worker_died_with_is_leased_one_by_one_after_the_rest(desk):
    first, second, third = desk.keys
    assert desk.claim(limit=2) == [first, second]
    assert desk.recover(timedelta(minutes=2)).returned == 2
    assert desk.claim("b") == [third]
    assert desk.claim("c", suspects=True, limit=1) == [first]
    desk.recover(timedelta(minutes=2))
    assert desk.claim("d", suspects=True, limit=2) == [second, third], "who was there at one death alone goes before"
    assert desk.claim("e", suspects=True, limit=1) == [first]
    assert desk.recover(timedelta(minutes=2)).dead == (first,)
    line = desk.lines()[first]
    assert (line["state"], line["attempts"]) == ("dead", 0)


def test_work_waits_where_something_is_due_or_was_left(desk):
    assert desk.waits()
    assert not desk.waits(as_of=desk.now - timedelta(days=1))
    desk.claim()
    assert not desk.waits()
    assert desk.waits(after=timedelta(minutes=2))


def test_whoever_waits_for_a_long_answer_keeps_what_it_announced(desk):
    desk.claim()
    desk.mark_sending(keys=desk.keys[:1])
    with desk.database.writing() as conn:
        due.extend(conn, "t", desk.now + timedelta(seconds=50))
    assert desk.recover(timedelta(seconds=61)).returned == 2
    assert desk.states() == ["sending", "planned", "planned"]


def test_nothing_is_claimed_while_stopped(desk):
    def during(channel):
        with desk.database.writing() as conn:
            stops.stop(conn, channel, reason="wrong price list", by="ops", at=desk.now)
            stops.stop(conn, channel, reason="again", by="ops", at=desk.now)
        found = desk.claim()
        with desk.database.writing() as conn:
            assert [stop.reason for stop in stops.stops(conn)] == ["wrong price list"]
            assert stops.start(conn, channel, by="ops", at=desk.now)
        return found

    assert during(Channel.MAIL) == []
    assert during(None) == []
    assert during(Channel.SLACK) == desk.keys


def test_a_person_retries_the_dead_afresh_and_the_doubtful_as_it_was(desk):
    desk.claim()
    with desk.database.writing() as conn:
        ledger.store_payload(conn, "t", {key: {"text": "old"} for key in desk.keys})
    desk.mark_sending()
    dead, doubtful, _ = desk.keys
    desk.record_results(answer(dead, "permanent"), answer(doubtful, "unknown"))
    with desk.database.writing() as conn:
        order = Order(by="ops@vendor.example", now=desk.now, reason="address mended")
        assert repairs.retry(conn, desk.keys, order) == {dead, doubtful}
        again = ledger.claim(conn, Channel.MAIL, as_of=desk.now, real_now=desk.now, token="b", limit=9)
        told = overview.journal_lines(conn)
    assert {effect.key: effect.payload for effect in again} == {dead: None, doubtful: {"text": "old"}}
    assert {line["kind"] for line in told} == {"effect_retry"}
    assert {line["because"] for line in told} == {"address mended"}


def test_a_person_settles_a_doubt(desk):
    desk.claim()
    desk.mark_sending()
    one, two, _ = desk.keys
    desk.record_results(*(answer(key, "unknown") for key in (one, two)))
    with desk.database.writing() as conn:
        order = Order(by="ops", now=desk.now, reason="seen in the outbox")
        assert repairs.mark_sent(conn, [one], order) == {one}
        assert not repairs.mark_sent(conn, [one], order)
        assert repairs.cancel(conn, [two], order) == {two}
    assert desk.states() == ["sent", "cancelled", "sending"]
