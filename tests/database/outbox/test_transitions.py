"""The rows of the ledger change exactly as the lifecycle table says: every event on every state."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import delete, select, update

from database import erasure
from database.onboardings import repairs
from database.outbox import departures, due, ledger, planned, results
from database.playbooks import restoring
from database.tables import EffectRow
from onboarding.effects.events import MOST_CRASHES, DoubtPolicy, Event, crash_event
from onboarding.effects.lifecycle import OF_CHANGE, TABLE, Doubt
from onboarding.effects.retry_schedule import MOST_ATTEMPTS
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import UNSENT, Channel, EffectState
from onboarding.orders import Order

TOKEN, OLD_ADDRESS, NEW_ADDRESS = "t", "003a@customer.example", "new@customer.example"
LATER = timedelta(minutes=5)
ANSWERS = {
    Event.ACCEPTED: {"state": ResultState.SENT},
    Event.REFUSED: {"state": ResultState.TRANSIENT},
    Event.USED_UP: {"state": ResultState.TRANSIENT},
    Event.CHANNEL_DOWN: {"state": ResultState.TRANSIENT, "channel_down": True},
    Event.DECISION_PENDING: {"state": ResultState.TRANSIENT, "patient": True},
    Event.REJECTED: {"state": ResultState.PERMANENT},
    Event.IN_DOUBT_REPEAT: {"state": ResultState.UNKNOWN},
    Event.IN_DOUBT_ASK: {"state": ResultState.UNKNOWN},
    Event.IN_DOUBT_HOLD: {"state": ResultState.UNKNOWN},
}
POLICIES = {
    Event.IN_DOUBT_REPEAT: DoubtPolicy.REPEAT,
    Event.IN_DOUBT_ASK: DoubtPolicy.ASK,
    Event.DIED_REPEAT: DoubtPolicy.REPEAT,
    Event.DIED_ASK: DoubtPolicy.ASK,
}
CRASHES = frozenset({Event.DIED, Event.DIED_REPEAT, Event.DIED_ASK, Event.DIED_HOLD, Event.DIED_AGAIN})
CHANGES = {event: state for state, event in OF_CHANGE.items()}
DECISIONS = {Event.RETRIED: repairs.retry, Event.CANCELLED: repairs.cancel}
OF_MAILS_ALONE = frozenset({Event.ERASED, Event.ADDRESS_TAKEN})
OF_THE_CERTAIN = frozenset({Event.ADDRESS_TAKEN, Event.RESTORED})
OF_THE_DOUBTFUL = frozenset({Event.KEY_FORGOTTEN})


@pytest.fixture
def one_effect(database, world, opened):
    """A ledger with one effect, which is put into any state and gets every event by the functions of the program."""
    (key,) = opened()
    return LedgerOfOne(database, world, key)


class LedgerOfOne:
    def __init__(self, database, world, onboarding):
        self.database, self.now, self.onboarding, self.world = database, world.now, onboarding, world
        self.number = 0

    def after(self, event, state, in_doubt, channel):
        """Return the state of a new effect in ``state`` after ``event``."""
        self.number += 1
        key = f"{self.onboarding}:step_{self.number}:1:{channel.value}:003A"
        with self.database.writing() as conn:
            effect = self.world.effect(key, channel=channel, recipient=OLD_ADDRESS)
            planned.plan(conn, [(self.onboarding, effect)], self.now)
            self._put(conn, key, event, state, in_doubt)
            self._do(conn, key, event, state, channel)
            found = conn.execute(select(EffectRow).where(EffectRow.key == key)).one()
            conn.execute(delete(EffectRow).where(EffectRow.kind == f"step_{self.number}"))
        return EffectState(found.state), found

    def _put(self, conn, key, event, state, in_doubt):
        leased = state in (EffectState.LEASED, EffectState.SENDING, EffectState.UNKNOWN)
        conn.execute(
            update(EffectRow)
            .where(EffectRow.key == key)
            .values(
                state=state.value,
                in_doubt=in_doubt,
                attempts=MOST_ATTEMPTS if event is Event.USED_UP else 1,
                crashes=MOST_CRASHES - 1 if event is Event.DIED_AGAIN else 0,
                first_try_at=self.now,
                first_left_at=self.now,
                lease_token=TOKEN if leased else None,
                lease_until=self.now + timedelta(minutes=1) if leased else None,
            )
        )

    def _do(self, conn, key, event, state, channel):
        at = {"as_of": self.now, "real_now": self.now}
        if event in ANSWERS:
            policy = POLICIES.get(event, DoubtPolicy.PARK)
            results.record_results(conn, TOKEN, {key: SendResult(**ANSWERS[event])}, doubt=policy, **at)
        elif event in CRASHES:
            policy = POLICIES.get(event, DoubtPolicy.PARK)
            results.recover(conn, real_now=self.now + LATER, token="r", doubts={channel: policy})
        elif event in CHANGES:
            change = EffectChange(key=key, state=CHANGES[event], because="so it is")
            planned.change(conn, [change])
            ledger.move(conn, TOKEN, [change])
        elif event in DECISIONS:
            DECISIONS[event](conn, [key], Order(by="jo", now=self.now, reason="why"))
        else:
            getattr(self, f"_{event.name.lower()}")(conn, key, state, channel)

    def _leased(self, conn, key, state, channel):
        given = {"as_of": self.now, "real_now": self.now, "token": TOKEN, "limit": 1, "keys": [key]}
        ledger.claim(conn, channel, **given)

    def _released(self, conn, key, state, channel):
        ledger.release(conn, TOKEN)

    def _announced(self, conn, key, state, channel):
        ledger.mark_sending(conn, TOKEN, [key], as_of=self.now, real_now=self.now)

    def _key_forgotten(self, conn, key, state, channel):
        due.hold_expired_keys(conn, channel, timedelta(hours=24), self.now + timedelta(hours=20))

    def _left_before(self, conn, key, state, channel):
        departures.learn(conn, {key: self.now}, self.now)
        departures.hold_departed(conn, channel, self.now)

    def _readdressed(self, conn, key, state, channel):
        asked = state if state in UNSENT else EffectState.PLANNED
        planned.change(conn, [EffectChange(key=key, state=asked, because="moved", recipient=NEW_ADDRESS)])

    def _address_taken(self, conn, key, state, channel):
        other = self.world.effect(key.replace("003A", "003B"), channel=channel, recipient=NEW_ADDRESS)
        planned.plan(conn, [(self.onboarding, other)], self.now)
        self._readdressed(conn, key, state, channel)

    def _confirmed(self, conn, key, state, channel):
        repairs.mark_sent(conn, [key], Order(by="jo", now=self.now, reason="seen"))

    def _restored(self, conn, key, state, channel):
        restoring.revive(conn, key, {"because": "owed as before"})

    def _erased(self, conn, key, state, channel):
        found = erasure.find(conn, OLD_ADDRESS)
        erasure.erase(conn, found, reason="asked", by="jo", at=self.now)


def concerned(event, state, in_doubt, channel):
    """Return whether the event is ever applied to such an effect; the code around the table prevents the rest."""
    if event in CRASHES and state in (EffectState.LEASED, EffectState.SENDING):
        crashes = MOST_CRASHES - 1 if event is Event.DIED_AGAIN else 0
        return event is crash_event(state, crashes, POLICIES.get(event, DoubtPolicy.PARK))
    if event in OF_THE_DOUBTFUL:
        return in_doubt
    return not (event in OF_MAILS_ALONE and channel is not Channel.MAIL) and not (event in OF_THE_CERTAIN and in_doubt)


@pytest.mark.parametrize("event", Event)
def test_an_event_changes_every_row_as_the_table_says(one_effect, event):
    for state, in_doubt, channel in product(EffectState, (False, True), (Channel.MAIL, Channel.SLACK)):
        if not concerned(event, state, in_doubt, channel):
            continue
        found, row = one_effect.after(event, state, in_doubt, channel)
        one = TABLE[state].get(event)
        case = f"{event.name} of {state.value}, in doubt: {in_doubt}, {channel.value}"
        if one is None:
            assert found is state, f"{case}: it is not in the table, and changed"
            continue
        assert found is one.after(in_doubt=in_doubt, channel=channel), case
        assert row.in_doubt is {Doubt.KEPT: in_doubt, Doubt.SET: True, Doubt.CLEARED: False}[one.doubt], case
