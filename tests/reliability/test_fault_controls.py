"""The controls of R8, R13 and R18: variants that break one rule each, which the checks must notice."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import update

from database.outbox import ledger, planned
from database.tables import EffectRow, dump
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.effect import PlannedEffect
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.reliability.far_side import Wire
from tests.reliability.post import MINUTE, Clock, MakePost
from tests.reliability.simulation import START, next_due, owe, unsettled

pytestmark = pytest.mark.slow

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
Proof = Callable[[str], None]


# R8: a time that the provider asks for


@dataclass
class Asking:
    """A provider that asks three times for a pause, records when it was called, and then takes the mail."""

    clock: Clock
    wish: float
    heard: bool = True
    """Whether our side reads the header."""
    final: bool = False
    """Whether our side takes "later" for "never"."""
    called_at: list[datetime] = field(default_factory=list)
    taken: int = 0
    guarantee: Guarantee = Guarantee.PLAIN
    embedded = True
    batch = 1
    slots = 1
    key_life = None

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        self.called_at.append(self.clock.now)
        if len(self.called_at) <= 3:
            wish = self.wish if self.heard else None
            return [
                SendResult(
                    state=ResultState.PERMANENT if self.final else ResultState.TRANSIENT, error="429", retry_after=wish
                )
            ]
        self.taken += 1
        return [SendResult(state=ResultState.SENT, provider_id="p")]

    def find(self, key: str) -> str | None:
        raise AssertionError("nobody asks such a channel")

    @property
    def early(self) -> int:
        """Return the calls that came before the pause was over."""
        return sum((later - sooner).total_seconds() < self.wish for sooner, later in pairwise(self.called_at))


Broken = Callable[[RunContext], None]


def carried(context: RunContext, run: Asking, broken: Broken | None = None) -> Asking:
    """Send one mail through such a channel; ``broken`` changes the ledger after every run."""
    owe(context.database, 1)
    run.clock.now = START
    context = replace(context, mail=run, wall_clock=run.clock)
    for _ in range(60):
        deliver(context, run.clock.now, Channel.MAIL, Scope())
        if broken:
            broken(context)
        if not unsettled(context.database):
            break
        run.clock.now = max(run.clock.now + 20 * SECOND, next_due(context.database, run.clock.now))
    return run


def at_once(context: RunContext) -> None:
    """Make the ledger forget when the next try is due."""
    with context.database.writing() as conn:
        conn.execute(update(EffectRow).values(not_before=START))


def test_controls_a_wish_for_time_that_is_not_kept_is_found_out(light_context: RunContext, proof: Proof) -> None:
    right = [carried(light_context, Asking(Clock(), wish)) for wish in (60.0, 300.0, 3600.0)]
    deaf = [carried(light_context, Asking(Clock(), wish, heard=False)) for wish in (300.0, 3600.0)]
    hasty = [carried(light_context, Asking(Clock(), wish), at_once) for wish in (60.0, 300.0, 3600.0)]
    final = [carried(light_context, Asking(Clock(), 60.0, final=True))]
    early = {name: sum(run.early for run in runs) for name, runs in (("deaf", deaf), ("hasty", hasty))}
    lost = sum(not run.taken for run in final)
    proof(
        f"PROVIDER early={sum(run.early for run in right)} lost={sum(not run.taken for run in right)} "
        f"controls: header unread early={early['deaf']}, schedule forgotten early={early['hasty']}, "
        f"later taken for never lost={lost}"
    )
    assert [(run.early, run.taken) for run in right] == [(0, 1)] * 3
    assert early["deaf"] > 0
    assert early["hasty"] > 0
    assert lost == 1


# R13: clocks


@pytest.mark.parametrize("jump", [HOUR, timedelta(days=90)], ids=str)
def test_control_a_worker_that_sends_what_it_leased_whatever_the_clock_says_doubles(
    make_post: MakePost, jump: timedelta, proof: Proof
) -> None:
    """The clock jumps while a batch is leased: for others the lease has expired. This variant does not check leases."""
    post = make_post("plain")
    with post.context.database.writing() as conn:
        leased = ledger.claim(
            conn, Channel.MAIL, as_of=post.clock.now + HOUR, real_now=post.clock.now, token="careless", limit=50
        )
    assert len(leased) == len(post.owed)
    post.clock.now += jump
    post.deliver(5 * MINUTE)
    with post.context.database.writing() as conn:
        mine = ledger.mark_sending(conn, "careless", post.owed, as_of=post.clock.now, real_now=post.clock.now)
    right = sum(times > 1 for times in post.times())
    post.context.mail.send([OutgoingMessage(key=one.key, payload={}) for one in leased])
    control = sum(times > 1 for times in post.times())
    proof(f"CLOCK jump={jump} under a lease: may leave={len(mine)} dup={right} control dup={control}")
    assert (len(mine), right) == (0, 0)
    assert control == len(post.owed)


def test_control_what_is_due_told_by_the_wall_clock_doubles_when_it_is_set_back(
    light_context: RunContext, proof: Proof
) -> None:
    """An effect's key names the step. The variant's key names the moment of the review."""

    def arrived(name_of: Callable[[int, datetime], str]) -> Counter[str]:
        owe(light_context.database, 0)
        clock, taken = Clock(), Counter[str]()
        clock.now = START
        context = replace(light_context, mail=Taking(taken), wall_clock=clock)
        for jump in (timedelta(), -HOUR, 2 * HOUR, -3 * MINUTE):
            clock.now += jump
            effects = [owed(name_of(number, clock.now), number) for number in range(5)]
            with context.database.writing() as conn:
                planned.plan(conn, [(None, effect) for effect in effects], clock.now)
                conn.execute(
                    update(EffectRow).where(EffectRow.payload.is_(None)).values(payload=dump({"text": "frozen"}))
                )
            deliver(context, START, Channel.MAIL, Scope())
        return taken

    right = arrived(lambda number, now: f"effect-{number}")
    wrong = arrived(lambda number, now: f"effect-{number}-{now:%d%H%M}")
    dup, control = (sum(times > 1 for times in found.values()) for found in (right, wrong))
    proof(f"CLOCK set back and forth 4 times: dup={dup} lost={5 - len(right)} control dup={control}")
    assert set(right.values()) == {1}
    assert len(right) == 5
    assert control == 5


def owed(key: str, number: int) -> PlannedEffect:
    """Plan a mail to the reader of this number."""
    return PlannedEffect(
        key=key,
        kind="welcome",
        occurrence=key,
        channel=Channel.MAIL,
        person_id=str(number),
        recipient=f"{number}@customer.example",
        role="champion",
        due_at=START - 2 * HOUR,
        because="it is due",
    )


@dataclass
class Taking:
    """A provider that counts by reader: the number in the key."""

    taken: Counter[str]
    guarantee: Guarantee = Guarantee.PLAIN
    embedded = True
    batch = 1
    slots = 1
    key_life = None

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        self.taken.update(outgoing.key.split("-")[1] for outgoing in messages)
        return [SendResult(state=ResultState.SENT, provider_id="p")] * len(messages)

    def find(self, key: str) -> str | None:
        raise AssertionError("nobody asks such a channel")


# R18: a batch of which some are refused


class AllOrNothing(Wire):
    """A sender that reports a whole batch as refused because one message was."""

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        found = super().send(messages)
        refused = next((outcome for outcome in found if outcome.state != "sent"), None)
        return found if refused is None else [refused] * len(found)


def test_control_a_batch_that_is_tried_again_as_a_whole_resends_what_was_taken(
    make_post: MakePost, proof: Proof
) -> None:
    def again(kind: type[Wire]) -> int:
        post = make_post(name=kind.__name__)
        bad = set(post.owed[::3])
        post.provider.mood = lambda key, offer: "busy" if key in bad and offer == 1 else "accept"
        post.context = replace(post.context, mail=kind(post.provider.port, "keyed"))
        post.deliver()
        post.deliver(3 * MINUTE)
        assert {post.provider.offers[key] for key in bad} == {2}
        return sum(post.provider.offers[key] > 1 for key in post.owed if key not in bad)

    right, control = again(Wire), again(AllOrNothing)
    proof(f"PARTIAL resent_ok_rows={right} control resent_ok_rows={control}")
    assert right == 0
    assert control > 0
