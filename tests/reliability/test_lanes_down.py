"""A lane in trouble: its breaker, what only a person can mend, the note to ops; several sends at once."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from database import breakers, queries
from integrations.ports import Outcome, Parcel
from onboarding.words import Channel
from tasks.delivery import deliver, healthy_first
from tasks.scope import Scope
from tasks.undelivered import tell_of_undelivered
from tests.reliability.far_side import Wire
from tests.reliability.killing import start, wait
from tests.reliability.post import MINUTE, MakePost, Post
from tests.reliability.small_portfolio import AS_OF

DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
SECOND = timedelta(seconds=1)


class Threaded(Wire):
    """The same provider, several sends at once."""

    slots = 4


class Locked(Wire):
    """A provider that has withdrawn our token."""

    locked = True

    def send(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        if self.locked:
            told = "the token was refused; correct FIRST90_MAIL_TOKEN"
            return [Outcome(state="transient", error=told, whole_lane=True) for _ in parcels]
        return super().send(parcels)


def trouble(post: Post) -> breakers.Breaker | None:
    with post.place.database.reading() as conn:
        return breakers.of_lane(conn, Channel.MAIL)


def test_five_failures_in_a_row_shut_the_lane_and_one_probe_opens_it(make_post: MakePost) -> None:
    post = make_post("plain", lambda key, offer: "busy" if there["down"] else "accept")
    there = {"down": True}
    report = post.deliver()
    assert report.down is not None
    assert sum(post.provider.offers.values()) == 5
    assert sorted(line["attempts"] for line in post.lines().values())[: len(post.owed) - 5] == [0] * (
        len(post.owed) - 5
    )
    post.deliver(20 * SECOND)
    assert sum(post.provider.offers.values()) == 5, "nothing leaves while it rests"
    assert post.deliver(40 * SECOND).down is None, "told once"
    assert sum(post.provider.offers.values()) == 6, "one probe"
    there["down"] = False
    post.deliver(80 * SECOND)
    post.deliver(5 * MINUTE)
    assert post.times() == [1] * len(post.owed)
    assert trouble(post) is None


def test_a_lane_in_trouble_comes_last_so_that_its_probe_makes_no_other_wait(make_post: MakePost) -> None:
    mood = {"now": "busy"}
    post = make_post("plain", lambda key, offer: mood["now"])
    assert healthy_first(post.place) == (Channel.MAIL, Channel.SLACK, Channel.CRM)
    post.deliver()
    assert healthy_first(post.place) == (Channel.SLACK, Channel.CRM, Channel.MAIL)
    mood["now"] = "accept"
    post.deliver(5 * MINUTE)
    assert healthy_first(post.place, [Channel.MAIL, Channel.CRM]) == (Channel.MAIL, Channel.CRM)


def test_all_workers_share_the_breaker_and_one_of_them_probes(make_post: MakePost) -> None:
    post = make_post("plain", lambda key, offer: "busy")
    other = replace(post.place, mail=Wire(post.provider.port, "plain"))
    post.deliver()
    offered = sum(post.provider.offers.values())
    deliver(other, AS_OF, Channel.MAIL, Scope())
    assert sum(post.provider.offers.values()) == offered
    post.clock.now += 31 * SECOND
    with post.place.database.writing() as conn:
        assert breakers.take_probe(conn, Channel.MAIL, post.clock.now)
    deliver(other, AS_OF + MINUTE, Channel.MAIL, Scope())
    assert sum(post.provider.offers.values()) == offered


def test_a_wrong_password_pauses_the_lane_is_told_once_and_nothing_dies_of_it(make_post: MakePost) -> None:
    post = make_post("plain")
    mail = Locked(post.provider.port, "plain")
    post.place = replace(post.place, mail=mail)
    notes = []
    for hours in range(0, 24 * 6, 3):
        post.deliver(timedelta(hours=hours) / 1000)  # the readers' hours do not matter here
        post.clock.now += timedelta(hours=3)
        tell_of_undelivered(post.place, AS_OF)
        notes.append(undelivered(post))
    assert notes[0] == notes[-1] == 1, "told at once, and once"
    assert post.states == {"planned"}
    assert max(line["attempts"] for line in post.lines().values()) == 0
    mail.locked = False
    post.deliver(MINUTE)
    assert post.times() == [1] * len(post.owed)
    tell_of_undelivered(post.place, AS_OF)
    assert undelivered(post) == 1


def undelivered(post: Post) -> int:
    with post.place.database.reading() as conn:
        return sum(line["kind"] == "undelivered" for line in queries.effect_lines(conn))


def test_dead_letters_are_told_to_ops_once_and_again_when_they_come_back(make_post: MakePost) -> None:
    post = make_post(mood=lambda key, offer: "refuse" if key == min(post.owed) else "accept")
    post.deliver()
    for _ in range(3):
        tell_of_undelivered(post.place, AS_OF)
    assert undelivered(post) == 1
    report = deliver(post.place, AS_OF, Channel.SLACK, Scope())
    assert report.sent >= 1
    chat = (post.house.home / "chat.jsonl").read_text()
    assert min(post.owed) in chat
    assert "first90 effects retry" in chat


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
    post.place = replace(post.place, mail=Threaded(post.provider.port, "plain"))
    assert post.deliver().sent == len(post.owed)
    assert post.times() == [1] * len(post.owed)
    assert not [thread for thread in threading.enumerate() if thread.name == "first90-send" and lives(thread)]


def lives(thread: threading.Thread) -> bool:
    thread.join(5)
    return thread.is_alive()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_sigterm_with_four_under_way_gives_the_others_back_within_a_second(
    make_post: MakePost, dialect: str, tmp_path: Path, proof: Callable[[str], None]
) -> None:
    post = make_post("plain", lambda key, offer: "hang", dialect)
    post.place = replace(post.place, mail=Threaded(post.provider.port, "plain"))
    post.place.database.engine.dispose()
    child = start(post.deliver, tmp_path / "error")
    while sum(post.provider.offers.values()) < 4:
        time.sleep(0.01)
    asked_at = time.monotonic()
    os.kill(child, signal.SIGTERM)
    while sorted(line["state"] for line in post.lines().values()).count("planned") < len(post.owed) - 4:
        assert time.monotonic() - asked_at < 5
        time.sleep(0.01)
    took = time.monotonic() - asked_at
    assert wait(child) == 1
    assert "SystemExit: 143" in (tmp_path / "error").read_text()
    proof(f"TERM threads {dialect} giveback_ms={took * 1000:.0f}")
    assert took < 1
    assert sorted(line["state"] for line in post.lines().values()).count("sending") == 4


def test_answers_that_come_while_the_run_is_being_ended_are_still_heard(make_post: MakePost, tmp_path: Path) -> None:
    def slow(key: str, offer: int) -> str:
        post.provider.reached.set()
        time.sleep(0.05)
        return "accept"

    post = make_post("plain", slow)
    post.place = replace(post.place, mail=Threaded(post.provider.port, "plain"))
    post.place.database.engine.dispose()
    child = start(post.deliver, tmp_path / "error")
    assert post.provider.reached.wait(20)
    os.kill(child, signal.SIGTERM)
    assert wait(child) == 1
    states = [line["state"] for line in post.lines().values()]
    assert "sending" not in states
    assert states.count("sent") == sum(post.times()) > 0


def test_a_lane_with_a_rate_takes_its_time_and_starves_nobody(make_post: MakePost) -> None:
    post = make_post("plain", mail_rate="0.5")
    begun = post.clock.now

    def pause(seconds: float) -> None:
        post.clock.now += seconds * SECOND

    post.place = replace(post.place, pause=pause)
    post.deliver()
    assert post.times() == [1] * len(post.owed)
    assert post.clock.now - begun >= 2 * (len(post.owed) - 1) * SECOND
    slow = make_post("plain", mail_rate="0.01", name="slow")
    begun = slow.clock.now

    def wait_long(seconds: float) -> None:
        slow.clock.now += seconds * SECOND

    slow.place = replace(slow.place, pause=wait_long)
    slow.deliver()
    assert 1 <= sum(slow.times()) <= 3
    assert slow.clock.now - begun <= 6 * MINUTE
    assert slow.states == {"sent", "planned"}, "the rest is given back for the next run"
