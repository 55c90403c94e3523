"""The guarantees of delivery on Slack, checked by the workspace's own records: after any doubt a message is there
once."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from config.settings.channels import SlackChat
from config.settings.load import Settings
from database.channels import pauses
from database.onboardings import overview
from database.outbox.leased import kept_payload
from integrations.slack.workspace import NOT_THERE, SlackWorkspace
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.reports import DeliveryReport
from tasks.runtime.scope import Scope
from tests.integrations.slack.far_slack import APP_TOKEN, BOT_TOKEN, MANAGERS, FarSlack, Mood, far_slack
from tests.reliability.house import plan
from tests.reliability.killing import start, wait
from tests.reliability.small_portfolio import AS_OF

DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
MINUTE = timedelta(minutes=1)


@dataclass
class Desk:
    """A run context with planned messages, the workspace that takes them, and a clock moved by hand."""

    context: RunContext
    slack: FarSlack
    now: datetime

    def deliver(self, after: timedelta = timedelta()) -> DeliveryReport:
        """Deliver at that time after the messages were due; the wall clock moves along."""
        self.now = max(self.now, START + after)
        return deliver(self.context, AS_OF + after, Channel.SLACK, Scope())

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def lines(self) -> Mapping[str, Mapping[str, Any]]:
        with self.context.database.reading() as conn:
            return {line["key"]: line for line in overview.effect_lines(conn) if line["channel"] == Channel.SLACK}

    @property
    def states(self) -> set[str]:
        return {str(line["state"]) for line in self.lines().values()}

    @property
    def times(self) -> list[int]:
        """Return how often each planned message was posted, by the workspace's records."""
        return [self.slack.created[key] for key in sorted(self.lines())]


START = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(settle_in: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeDesk]:
    """Return a function that plans the small portfolio over a workspace in which one of our people is missing."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with ExitStack() as stack:

        def make(
            dialect: str = "sqlite", mood: Mood | None = None, kind: type[SlackWorkspace] = SlackWorkspace
        ) -> Desk:
            slack = stack.enter_context(far_slack())
            slack._clock = count(int(AS_OF.timestamp()) * 1_000_000, 100)
            slack.mood = mood or slack.mood
            given = {"chat": "slack", "slack_token": BOT_TOKEN, "slack_channel": MANAGERS, "slack_app_token": APP_TOKEN}
            settings = settle_in(dialect, **given, slack_api_url=slack.api_url)
            context = stack.enter_context(open_run_context(settings))
            desk = Desk(context, slack, START)

            def kept(key: str) -> Mapping[str, Any] | None:
                with context.database.reading() as conn:
                    return kept_payload(conn, key)

            assert isinstance(settings.chat, SlackChat)
            chat = kind(settings.chat, kept, settles=0)
            desk.context = replace(context, chat=chat, wall_clock=lambda: desk.now, pause=desk.wait)
            plan(desk.context, AS_OF)
            with context.database.reading() as conn:
                people = sorted(overview.owners(conn).values(), key=lambda owner: owner.id)
            for owner in people:
                slack.person(owner.name, owner.email)
            assert len(desk.lines()) >= 3, "the moods of these tests trouble the first and the third post"
            return desk

        yield make


def every_other(word: str) -> Mood:
    """Return a fault for every second of the first posts, so that the channel is not shut."""
    return lambda method, number: word if method == "chat.postMessage" and number in (1, 3) else "accept"


ROUNDS = (0, 3, 6, 10, 20, 40, 80)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "word",
    ["accept-and-break", "break", "accept-and-half", "accept-and-page 502", "page 502", "accept-and-error fatal_error"],
)
def test_after_any_doubt_each_message_is_there_once(
    make_desk: MakeDesk, dialect: str, word: str, proof: Callable[[str], None]
) -> None:
    desk = make_desk(dialect, every_other(word))
    for minutes in ROUNDS:
        desk.deliver(minutes * MINUTE)
    lost, dup = desk.times.count(0), sum(times > 1 for times in desk.times)
    proof(f"SLACK {dialect} {word!r} messages={len(desk.times)} lost={lost} dup={dup}")
    assert desk.times == [1] * len(desk.times)
    assert desk.states == {"sent"}
    for line in desk.lines().values():
        channel, _, ts = str(line["provider_id"]).partition("/")
        (message,) = [one for one in desk.slack.messages if (one.channel, one.ts) == (channel, ts)]
        assert message.key == line["key"]


@pytest.mark.slow
def test_control_one_that_does_not_look_posts_twice(make_desk: MakeDesk, proof: Callable[[str], None]) -> None:
    class Careless(SlackWorkspace):
        def find(self, key: str) -> str | None:
            return None

    desk = make_desk(mood=every_other("accept-and-break"), kind=Careless)
    for minutes in ROUNDS:
        desk.deliver(minutes * MINUTE)
    proof(f"SLACK control: not looking dup={sum(times > 1 for times in desk.times)}")
    assert max(desk.times) > 1


@pytest.mark.slow
def test_control_the_librarys_own_retry_posts_twice(make_desk: MakeDesk) -> None:
    from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler

    desk = make_desk(mood=every_other("accept-and-break"))
    chat = desk.context.chat
    assert isinstance(chat, SlackWorkspace)
    chat.client.web.retry_handlers.append(ConnectionErrorRetryHandler())
    desk.deliver()
    assert max(desk.times) > 1


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_worker_that_was_killed_after_slack_had_it_leaves_it_there_once(
    make_desk: MakeDesk, dialect: str, tmp_path: Path
) -> None:
    desk = make_desk(dialect, lambda method, number: "accept-and-hang" if method == "chat.postMessage" else "accept")
    desk.context.database.engine.dispose()
    child = start(desk.deliver, tmp_path / "error")
    assert desk.slack.reached.wait(20)
    os.kill(child, signal.SIGKILL)
    assert wait(child) == -signal.SIGKILL
    desk.slack.mood = lambda method, number: "accept"
    posted = desk.slack.count("chat.postMessage")
    for minutes in ROUNDS[1:]:
        desk.deliver(minutes * MINUTE)
    assert desk.times == [1] * len(desk.times)
    assert desk.states == {"sent"}
    assert desk.slack.count("chat.postMessage") == len(desk.times), f"{posted} were there already"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_retry_after_is_waited_for(make_desk: MakeDesk, dialect: str) -> None:
    desk = make_desk(dialect, lambda method, number: "busy 3600" if method == "chat.postMessage" else "accept")
    desk.deliver()
    tried = desk.slack.count("chat.postMessage")
    desk.slack.mood = lambda method, number: "accept"
    refused = {key for key, line in desk.lines().items() if line["attempts"]}
    assert refused
    desk.deliver(59 * MINUTE)
    assert not refused & set(desk.slack.created)
    assert tried
    for minutes in (61, 62, 63):
        desk.deliver(minutes * MINUTE)
    assert desk.times == [1] * len(desk.times)


class OneByOne(SlackWorkspace):
    """A workspace without calls at the same time: what follows a refusal was begun after it."""

    slots = 1


def other_worker(desk: Desk) -> RunContext:
    """Return a worker as in another process: a client of its own, and only the database shared."""
    chat = desk.context.chat
    assert isinstance(chat, SlackWorkspace)
    assert isinstance(desk.context.settings.chat, SlackChat)
    return replace(desk.context, chat=SlackWorkspace(desk.context.settings.chat, chat._kept, settles=0))


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("method", ["chat.postMessage", "users.lookupByEmail"])
def test_while_slack_asks_for_time_no_worker_sends_anything(make_desk: MakeDesk, dialect: str, method: str) -> None:
    asks = lambda called, number: "busy 600" if (called, number) == (method, 1) else "accept"  # noqa: E731
    desk = make_desk(dialect, asks, OneByOne)
    desk.deliver()
    called = len(desk.slack.calls)
    for minutes in (1, 5, 9):
        desk.deliver(minutes * MINUTE)
        deliver(other_worker(desk), AS_OF + minutes * MINUTE, Channel.SLACK, Scope())
    assert len(desk.slack.calls) == called
    assert desk.times.count(0) == len(desk.times) - desk.slack.created.total()
    desk.deliver(11 * MINUTE)
    desk.deliver(15 * MINUTE)
    assert desk.times == [1] * len(desk.times)


def test_a_worker_in_the_middle_of_its_round_stops_too(make_desk: MakeDesk) -> None:
    desk = make_desk(kind=OneByOne)
    others: list[int] = []

    def mood(called: str, number: int) -> str:
        if (called, number) == ("chat.postMessage", 1):
            with desk.context.database.writing() as conn:  # as by another worker that was just refused
                pauses.begin(conn, Channel.SLACK, desk.now + 10 * MINUTE)
        others.extend([number] if called == "chat.postMessage" else [])
        return "accept"

    desk.slack.mood = mood
    desk.deliver()
    assert others == [1]
    desk.deliver(11 * MINUTE)
    assert desk.times == [1] * len(desk.times)


def test_a_short_rest_is_waited_for_in_the_same_round(make_desk: MakeDesk) -> None:
    left: list[datetime] = []

    def mood(called: str, number: int) -> str:
        left.extend([desk.now] if called == "chat.postMessage" else [])
        return "busy 7" if (called, number) == ("chat.postMessage", 1) else "accept"

    desk = make_desk(mood=mood, kind=OneByOne)
    report = desk.deliver()
    assert (report.sent, report.failed) == (len(desk.times) - 1, 1)
    assert left[1] - left[0] >= timedelta(seconds=7)


@pytest.mark.slow
@pytest.mark.parametrize("scope", ["chat:write", "users:read.email", "im:write"])
def test_a_scope_that_is_missing_stops_the_lane_and_loses_nothing(make_desk: MakeDesk, scope: str) -> None:
    desk = make_desk()
    desk.slack.scopes.discard(scope)
    report = desk.deliver()
    assert report.down is not None
    assert scope in report.down.error
    assert "OAuth & Permissions" in report.down.error
    assert desk.slack.messages == [] or scope != "chat:write"
    desk.slack.scopes.add(scope)
    for minutes in (10, 20, 30):
        desk.deliver(minutes * MINUTE)
    assert desk.times == [1] * len(desk.times)
    assert desk.states == {"sent"}


def test_where_we_may_not_look_a_doubt_is_for_a_person_and_nothing_is_posted_again(make_desk: MakeDesk) -> None:
    desk = make_desk(mood=every_other("accept-and-break"))
    desk.slack.scopes -= {"im:history", "channels:history", "groups:history"}
    for minutes in (*ROUNDS, 120, 180, 240):
        desk.deliver(minutes * MINUTE)
    assert max(desk.times) == 1
    assert "unknown" in desk.states
    assert desk.states <= {"sent", "unknown", "planned", "sending"}
    doubtful = [line for line in desk.lines().values() if line["state"] == "unknown"]
    assert all(desk.slack.created[str(line["key"])] == 1 for line in doubtful)


def test_who_is_not_on_slack_is_told_in_the_channel_and_effects_says_so(make_desk: MakeDesk) -> None:
    desk = make_desk()
    reader = next(str(line["recipient"]) for line in desk.lines().values() if "@" in str(line["recipient"]))
    desk.slack.users = {key: one for key, one in desk.slack.users.items() if one["profile"]["email"] != reader}
    desk.deliver()
    told = [line for line in desk.lines().values() if line["recipient"] == reader]
    assert told
    assert {line["state"] for line in told} == {"sent"}
    assert {line["error"] for line in told} == {NOT_THERE}
    assert all(str(line["provider_id"]).startswith(f"{MANAGERS}/") for line in told)


def test_a_channel_gets_no_more_than_one_message_a_second(make_desk: MakeDesk) -> None:
    desk = make_desk()
    before = desk.now
    desk.deliver()
    most = max(len(desk.slack.within(channel)) for channel in {one.channel for one in desk.slack.messages})
    assert desk.now - before >= timedelta(seconds=most - 1)
