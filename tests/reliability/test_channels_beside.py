"""Channels at the same time, several calls at once on one, and what is left when the run is ended (R8, R21)."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.ports import Unreachable
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import HEAD_START, deliver, deliver_all
from tasks.runtime.scope import Scope
from tests.reliability.far_side import Mood, Wire
from tests.reliability.killing import start, wait
from tests.reliability.post import MINUTE, MakePost, Post
from tests.reliability.small_portfolio import AS_OF

DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
Proof = Callable[[str], None]


class Several(Wire):
    """The same provider, several sends at once."""

    slots = 4


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until a condition is true."""
    over = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < over
        time.sleep(0.01)


def states(post: Post, *channels: Channel) -> list[str]:
    return sorted(line["state"] for channel in channels for line in post.lines(channel).values())


@contextmanager
def under_way(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Run work in a thread of its own."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield thread


OTHERS = (Channel.SLACK, Channel.CRM)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("guarantee", ["plain", "lookup", "keyed"])
def test_one_that_hangs_delays_only_itself(make_post: MakePost, dialect: str, guarantee: str, proof: Proof) -> None:
    """Without a clock: the others are done while the call of the first still hangs."""
    post = make_post(guarantee, lambda key, offer: "hang", dialect)
    with under_way(lambda: deliver_all(post.context, AS_OF, Channel, Scope())) as run:
        assert post.provider.reached.wait(20)
        until(lambda: set(states(post, *OTHERS)) == {"sent"})
        assert not post.provider.release.is_set()
        assert "sending" in states(post, Channel.MAIL)
        post.provider.release.set()
        run.join(60)
        assert not run.is_alive()
    proof(f"CHANNELS {dialect} {guarantee} mail hangs: slack and crm done meanwhile")


@pytest.mark.slow
def test_control_channels_one_after_another_wait_for_the_one_that_hangs(make_post: MakePost, proof: Proof) -> None:
    post = make_post("plain", lambda key, offer: "hang")
    with under_way(lambda: [deliver(post.context, AS_OF, channel, Scope()) for channel in Channel]) as run:
        assert post.provider.reached.wait(20)
        run.join(2 * HEAD_START)
        waiting = states(post, *OTHERS).count("planned")
        post.provider.release.set()
        run.join(60)
    proof(f"CHANNELS control: one after another, {waiting} wait for the one that hangs")
    assert waiting == len(states(post, *OTHERS))


@pytest.mark.slow
def test_a_look_up_that_hangs_delays_only_its_channel(make_post: MakePost) -> None:
    asked, go_on = threading.Event(), threading.Event()

    class Deaf(Wire):
        def find(self, key: str) -> str | None:
            asked.set()
            go_on.wait(60)
            raise Unreachable("the provider does not answer")

    post = make_post("lookup", lambda key, offer: "break")
    post.deliver()
    post.context = replace(post.context, mail=Deaf(post.provider.port, "lookup"))
    post.clock.now += 5 * MINUTE
    with under_way(lambda: deliver_all(post.context, AS_OF + 5 * MINUTE, Channel, Scope())) as run:
        assert asked.wait(20)
        until(lambda: set(states(post, *OTHERS)) == {"sent"})
        go_on.set()
        run.join(60)
    assert "sent" not in states(post, Channel.MAIL)


@pytest.mark.slow
def test_a_channel_that_breaks_on_a_fault_of_ours_is_told_when_the_others_are_done(make_post: MakePost) -> None:
    class Odd(Wire):
        @property
        def key_life(self) -> timedelta:  # type: ignore[override]
            raise ZeroDivisionError

    post = make_post("plain")
    post.context = replace(post.context, mail=Odd(post.provider.port, "plain"))
    with pytest.raises(ZeroDivisionError):
        deliver_all(post.context, AS_OF, Channel, Scope())
    assert set(states(post, *OTHERS)) == {"sent"}
    assert set(states(post, Channel.MAIL)) == {"planned"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_several_mails_are_under_way_at_once_and_each_arrives_once(make_post: MakePost, dialect: str) -> None:
    together = threading.Barrier(4, timeout=20)
    first = set[str]()

    def meets(key: str, offer: int) -> str:
        if len(first) < 4:
            first.add(key)
            together.wait()
        return "accept"

    post = make_post("plain", meets, dialect)
    post.context = replace(post.context, mail=Several(post.provider.port, "plain"))
    assert post.deliver().sent == len(post.owed)
    assert post.times() == [1] * len(post.owed)
    ours = ("first90-send", "first90-mail")
    assert not [thread for thread in threading.enumerate() if thread.name in ours and lives(thread)]


def lives(thread: threading.Thread) -> bool:
    thread.join(5)
    return thread.is_alive()


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("way", [Wire, Several])
def test_sigterm_gives_what_was_not_begun_back_within_a_second(
    make_post: MakePost, dialect: str, way: type[Wire], tmp_path: Path, proof: Proof
) -> None:
    post = make_post("plain", lambda key, offer: "hang", dialect)
    post.context = replace(post.context, mail=way(post.provider.port, "plain"))
    post.context.database.engine.dispose()
    child = start(post.deliver, tmp_path / "error")
    until(lambda: sum(post.provider.offers.values()) == way.slots)
    asked_at = time.monotonic()
    os.kill(child, signal.SIGTERM)
    until(lambda: states(post, Channel.MAIL).count("planned") == len(post.owed) - way.slots)
    took = time.monotonic() - asked_at
    assert wait(child) == 1
    proof(f"TERM {dialect} calls={way.slots} giveback_ms={took * 1000:.0f}")
    assert took < 1
    assert "SystemExit: 143" in (tmp_path / "error").read_text()
    assert states(post, Channel.MAIL).count("sending") == way.slots
    post.provider.mood = lambda key, offer: "accept"
    post.deliver(3 * MINUTE)
    assert post.states == {"sent", "unknown"}


@pytest.mark.slow
@pytest.mark.parametrize("way", [Wire, Several])
def test_answers_that_come_while_the_run_is_being_ended_are_still_heard(
    make_post: MakePost, way: type[Wire], tmp_path: Path
) -> None:
    """Whenever it is ended: no result that arrived is lost, and nothing more is sent."""
    for moment in range(6):
        post = make_post("plain", name=f"moment-{moment}")
        post.provider.mood = slowly(post)
        post.context = replace(post.context, mail=way(post.provider.port, "plain"))
        post.context.database.engine.dispose()
        child = start(post.deliver, tmp_path / "error")
        assert post.provider.reached.wait(20)
        time.sleep(moment * 0.012)
        os.kill(child, signal.SIGTERM)
        ended = wait(child)
        found = states(post, Channel.MAIL)
        assert "sending" not in found
        assert found.count("sent") == sum(post.times()) > 0
        if "planned" in found:
            assert ended == 1


def slowly(post: Post) -> Mood:
    """Make every call take a twentieth of a second."""

    def mood(key: str, offer: int) -> str:
        post.provider.reached.set()
        time.sleep(0.05)
        return "accept"

    return mood


@pytest.mark.slow
@pytest.mark.parametrize("way", [Wire, Several])
def test_a_run_that_is_being_ended_begins_nothing_more(make_post: MakePost, way: type[Wire], tmp_path: Path) -> None:
    post = make_post("plain", lambda key, offer: "hang-then-accept")
    post.context = replace(post.context, mail=way(post.provider.port, "plain"))
    post.context.database.engine.dispose()
    child = start(post.deliver, tmp_path / "error")
    until(lambda: sum(post.provider.offers.values()) == way.slots)
    os.kill(child, signal.SIGTERM)
    until(lambda: states(post, Channel.MAIL).count("planned") == len(post.owed) - way.slots)
    post.provider.release.set()
    assert wait(child) == 1
    assert sum(post.times()) == sum(post.provider.offers.values()) == way.slots
    assert states(post, Channel.MAIL).count("sent") == way.slots


@pytest.mark.slow
def test_ended_by_ctrl_c_the_rest_goes_back_too(make_post: MakePost, tmp_path: Path) -> None:
    post = make_post("plain", lambda key, offer: "hang")
    post.context.database.engine.dispose()
    child = start(post.deliver, tmp_path / "error")
    assert post.provider.reached.wait(20)
    os.kill(child, signal.SIGINT)
    assert wait(child) == 1
    assert "KeyboardInterrupt" in (tmp_path / "error").read_text()
    assert states(post, Channel.MAIL) == ["planned"] * (len(post.owed) - 1) + ["sending"]
