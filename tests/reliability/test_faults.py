"""Faults from outside, each checked by the provider's records, each with a variant that must fail (R3, R8, R10, R13,
R17, R18)."""

import itertools
import os
import shutil
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from config.mail_templates import markdown
from config.mail_templates.environment import environment
from config.settings.load import BUNDLED
from config.settings.readings import MailInDoubt
from database.onboardings import overview
from database.outbox.ledger import GRACE_SECONDS, LEASE_SECONDS
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.reliability.far_side import Wire
from tests.reliability.killing import start, wait
from tests.reliability.post import MINUTE, Clock, MakePost
from tests.reliability.simulation import START as SIM_START
from tests.reliability.simulation import next_due, owe, unsettled
from tests.reliability.small_portfolio import AS_OF

pytestmark = pytest.mark.slow

DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
HOUR = timedelta(hours=1)
Proof = Callable[[str], None]
OVER = timedelta(seconds=LEASE_SECONDS + GRACE_SECONDS + 1)


# R3: asleep past the lease


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_worker_that_is_stopped_past_its_lease_doubles_nothing(
    make_post: MakePost, dialect: str, tmp_path: Path, proof: Proof
) -> None:
    """SIGSTOP while its first mail is in flight; another worker takes over and finishes, and the first one goes on."""
    told = []
    for guarantee, most in (("keyed", 1), ("lookup", 1), ("plain", 1)):
        post = make_post(guarantee, lambda key, offer: "hang-then-accept", dialect, name=guarantee)
        post.context.database.engine.dispose()
        child = start(post.deliver, tmp_path / f"error-{guarantee}")
        assert post.provider.reached.wait(20)
        os.kill(child, signal.SIGSTOP)
        post.provider.release.set()
        while len(post.provider.delivered) < len(post.provider.offers):
            time.sleep(0.01)
        post.clock.now += OVER
        deliver(replace(post.context, mail=Wire(post.provider.port, guarantee)), AS_OF + OVER, Channel.MAIL, Scope())
        os.kill(child, signal.SIGCONT)
        assert wait(child) == 0, (tmp_path / f"error-{guarantee}").read_text()
        post.deliver(5 * MINUTE)
        assert max(post.times()) <= most, guarantee
        states = [line["state"] for line in post.lines().values()]
        assert set(states) <= {"sent", "unknown"}
        sent = [key for key, line in post.lines().items() if line["state"] == "sent"]
        assert all(post.provider.delivered[key] for key in sent)
        told.append(f"{guarantee}: dup=0 lost=0 unknown={states.count('unknown')}")
    proof(f"PAUSE {dialect} {', '.join(told)}")


def test_control_without_the_check_of_the_lease_a_stopped_worker_doubles(make_post: MakePost) -> None:
    """A worker that sends all that it has leased without checking the lease again."""
    post = make_post("plain")
    messages = [OutgoingMessage(key=key, payload={}) for key in post.owed]
    post.deliver()
    post.context.mail.send(messages)
    assert max(post.times()) == 2


# R8: all responses of a provider


WISHES = (None, 0.0, 1.0, 30.0, 60.0, 300.0, 3600.0, 7200.0, 86400.0, 1e12)
ANSWERS = (
    SendResult(state=ResultState.TRANSIENT, error="503"),
    SendResult(state=ResultState.UNKNOWN, error="no answer"),
    SendResult(state=ResultState.TRANSIENT, error="wrong password", channel_down=True),
)
CLASSES: tuple[tuple[Guarantee, str], ...] = (("keyed", "park"), ("plain", "resend"))


@dataclass
class Scripted:
    """A channel that refuses so often in one way, and then takes the mail."""

    guarantee: Guarantee
    refusal: SendResult
    times: int
    clock: Callable[[], datetime]
    offered_at: list[datetime] = field(default_factory=list)
    taken: int = 0
    embedded = True
    batch = 1
    slots = 1
    key_life = None

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        self.offered_at += [self.clock()] * len(messages)
        if len(self.offered_at) <= self.times:
            return [self.refusal] * len(messages)
        self.taken += len(messages)
        return [SendResult(state=ResultState.SENT, provider_id="p")] * len(messages)

    def find(self, key: str) -> str | None:
        raise AssertionError("nobody asks such a channel")


def test_whatever_a_provider_answers_nothing_is_early_lost_or_doubled(light_context: RunContext, proof: Proof) -> None:
    """Sixty responses on two classes of channel, each three times, then acceptance."""
    early = lost = doubled = tries = late = 0
    found = list(itertools.product(ANSWERS, WISHES, CLASSES))
    for answer, wish, (guarantee, in_doubt) in found:
        run, state = carried(light_context, replace(answer, retry_after=wish), guarantee, in_doubt, times=3)
        gaps = [later - sooner for sooner, later in pairwise(run.offered_at)]
        least = 24.0 if not answer.channel_down else 0.0
        early += sum(gap.total_seconds() < max(least, 0.0 if answer.channel_down else wish or 0.0) for gap in gaps)
        hopeless = wish == 1e12 and not answer.channel_down
        lost += (state not in ("dead", "unknown")) if hopeless else (state != "sent" or run.taken != 1)
        doubled += run.taken > 1
        late += run.offered_at[-1] - run.offered_at[0] > 72 * HOUR
        tries += len(run.offered_at)
    proof(f"PROVIDER cases={len(found)} tries={tries} early={early} late={late} lost={lost} dup={doubled}")
    assert len(found) == 60
    assert (early, late, lost, doubled) == (0, 0, 0, 0)


@pytest.mark.parametrize("answer", ANSWERS[:2], ids=lambda answer: answer.state)
def test_what_is_refused_for_ever_ends_within_three_days_before_a_person(
    light_context: RunContext, answer: SendResult
) -> None:
    run, state = carried(light_context, answer, "plain", "resend", times=1000)
    assert state == ("dead" if answer.state == "transient" else "unknown")
    assert 8 <= len(run.offered_at) <= 25
    assert run.offered_at[-1] - run.offered_at[0] <= 72 * HOUR


def carried(
    context: RunContext, refusal: SendResult, guarantee: Guarantee, in_doubt: str, times: int
) -> tuple[Scripted, str]:
    """Send one mail through such a channel, with a delivery whenever something is due."""
    owe(context.database, 1)
    clock = Clock()
    clock.now = SIM_START
    run = Scripted(guarantee=guarantee, refusal=refusal, times=times, clock=clock)
    settings = replace(context.settings, mail_in_doubt=MailInDoubt(in_doubt))
    context = replace(context, settings=settings, mail=run, wall_clock=clock)
    for _ in range(200):
        deliver(context, clock.now, Channel.MAIL, Scope())
        if not unsettled(context.database):
            break
        clock.now = max(clock.now + timedelta(seconds=20), next_due(context.database, clock.now))
    with context.database.reading() as conn:
        (line,) = overview.effect_lines(conn)
    return run, line["state"]


# R10: a provider that is away for thirty hours


@dataclass
class Away:
    """A provider that takes one mail, is unreachable for thirty hours, and forgets its keys meanwhile."""

    life: timedelta
    clock: Callable[[], datetime]
    key_life: timedelta | None
    taken: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    guarantee: Guarantee = Guarantee.KEYED
    embedded = True
    batch = 1
    slots = 1

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        return [self._answer(outgoing.key) for outgoing in messages]

    def find(self, key: str) -> str | None:
        raise AssertionError("nobody asks such a channel")

    def _answer(self, key: str) -> SendResult:
        now, before = self.clock(), self.taken[key]
        if now < SIM_START + 30 * HOUR and (before or key != "effect-0"):
            return SendResult(state=ResultState.TRANSIENT, error="503")
        if not before or now - before[-1] >= self.life:
            before.append(now)
        return SendResult(
            state=ResultState.UNKNOWN if now < SIM_START + 30 * HOUR else ResultState.SENT,
            error="no answer",
            provider_id=key,
        )


@pytest.mark.parametrize("life", [30 * MINUTE, 24 * HOUR], ids=str)
def test_an_outage_of_thirty_hours_doubles_nothing_and_the_rest_arrives(
    light_context: RunContext, life: timedelta, proof: Proof
) -> None:
    run, states = outage(light_context, life, told=True)
    doubles = sum(len(times) > 1 for times in run.taken.values())
    proof(f"OUTAGE life={life} effects={len(states)} dup={doubles} unknown={states.count('unknown')}")
    assert doubles == 0
    assert sorted(states) == ["sent"] * (len(states) - 1) + ["unknown"]


def test_control_an_engine_that_is_not_told_of_the_life_of_keys_doubles(light_context: RunContext) -> None:
    run, _ = outage(light_context, 30 * MINUTE, told=False)
    assert len(run.taken["effect-0"]) == 2


def outage(context: RunContext, life: timedelta, told: bool) -> tuple[Away, list[str]]:
    owe(context.database, 8)
    clock = Clock()
    clock.now = SIM_START
    run = Away(life=life, clock=clock, key_life=life if told else None)
    context = replace(context, mail=run, wall_clock=clock)
    while clock.now < SIM_START + 40 * HOUR:
        deliver(context, clock.now, Channel.MAIL, Scope())
        clock.now += 5 * MINUTE
    with context.database.reading() as conn:
        return run, [line["state"] for line in overview.effect_lines(conn)]


# R13: clocks


@pytest.mark.parametrize("guarantee", ["keyed", "lookup", "plain"])
@pytest.mark.parametrize("jump", [-HOUR, -3 * MINUTE, HOUR, timedelta(days=90)], ids=str)
def test_a_clock_that_jumps_between_or_during_runs_doubles_nothing(
    make_post: MakePost, guarantee: Guarantee, jump: timedelta, proof: Proof
) -> None:
    post = make_post(guarantee)

    def jumps(key: str, offer: int) -> str:
        if sum(post.provider.offers.values()) == 2:
            post.clock.now += jump
        return "accept"

    post.provider.mood = jumps
    post.deliver()
    for minutes in (2, 4, 90):
        post.clock.now += timedelta(minutes=minutes)
        deliver(post.context, AS_OF + timedelta(minutes=2), Channel.MAIL, Scope())
    proof(f"CLOCK {guarantee} jump={jump} dup={sum(times > 1 for times in post.times())}")
    assert post.times() == [1] * len(post.owed)
    assert post.states == {"sent"}


@pytest.mark.parametrize("guarantee", ["keyed", "plain"])
def test_two_workers_whose_clocks_are_two_minutes_apart_double_nothing(
    make_post: MakePost, guarantee: Guarantee
) -> None:
    post = make_post(guarantee)
    ahead = replace(
        post.context,
        mail=Wire(post.provider.port, guarantee),
        wall_clock=lambda: post.clock.now + timedelta(seconds=120),
    )

    def meets(key: str, offer: int) -> str:
        if sum(post.provider.offers.values()) == 1:
            deliver(ahead, AS_OF, Channel.MAIL, Scope())
        return "accept"

    post.provider.mood = meets
    post.deliver()
    deliver(ahead, AS_OF + 5 * MINUTE, Channel.MAIL, Scope())
    assert post.times() == [1] * len(post.owed)
    assert post.states == {"sent"}


# R17: poison


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_mail_that_kills_the_worker_while_it_is_made_is_shown_and_the_others_leave(
    make_post: MakePost, dialect: str, tmp_path: Path, proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``os._exit`` in a template filter: no code of ours runs any more, as after a crash in a C library."""
    templates = tmp_path / "templates"
    shutil.copytree(BUNDLED / "templates", templates)
    welcome = templates / "mail" / "welcome.md"
    welcome.write_text(welcome.read_text(encoding="utf-8") + "\n{{ 9 | leave }}\n", encoding="utf-8")
    post = make_post("plain", None, dialect, templates=str(templates))
    for finalize in (markdown.literal, markdown.flatten):
        monkeypatch.setitem(environment(finalize).filters, "leave", os._exit)
    poisoned = [key for key, line in post.lines().items() if line["kind"] == "welcome"]
    runs = 0
    while runs < 8:
        runs += 1
        post.clock.now += OVER
        post.context.database.engine.dispose()
        if wait(start(post.deliver, tmp_path / "error")) == 0:
            break
    states = {key: line["state"] for key, line in post.lines().items()}
    proof(
        f"POISON {dialect} delivered={sum(post.times())} of {len(states) - len(poisoned)} "
        f"shown={sum(states[key] == 'dead' for key in poisoned)} runs={runs}"
    )
    assert {states[key] for key in poisoned} == {"dead"}
    assert [post.provider.delivered[key] for key in states] == [int(key not in poisoned) for key in states]


# R18: a batch of which some are refused


def test_of_a_batch_only_what_was_refused_is_sent_again(make_post: MakePost, proof: Proof) -> None:
    post = make_post()
    bad = set(post.owed[::3])
    post.provider.mood = lambda key, offer: "busy" if key in bad and offer == 1 else "accept"
    post.deliver()
    post.deliver(3 * MINUTE)
    again = [key for key in post.owed if key not in bad and post.provider.offers[key] > 1]
    proof(f"PARTIAL refused={len(bad)} resent_ok_rows={len(again)}")
    assert not again
    assert {post.provider.offers[key] for key in bad} == {2}
    assert post.times() == [1] * len(post.owed)
