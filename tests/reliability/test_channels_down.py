"""A channel that fails: its breaker, errors that only a person can mend, the note to ops, a rate limit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from database.channels import breakers
from database.onboardings import overview
from database.outbox.ledger import claim
from database.privacy import suppressions
from integrations.ports import OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.messages.undelivered import UNDELIVERED
from onboarding.model.suppressions import Suppressed
from onboarding.model.vocabulary import Channel
from onboarding.orders import Order
from tasks.delivery.deliver_all import deliver
from tasks.delivery.stepless_mail import listed_payload
from tasks.review.ops_notes import tell_of_undelivered
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.reliability.far_side import Wire
from tests.reliability.post import MINUTE, MakePost, Post
from tests.reliability.small_portfolio import AS_OF

DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
SECOND = timedelta(seconds=1)


class Locked(Wire):
    """A provider that has withdrawn our token."""

    locked = True

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        if self.locked:
            told = "the token was refused; correct FIRST90_MAIL_TOKEN"
            return [SendResult(state=ResultState.TRANSIENT, error=told, channel_down=True) for _ in messages]
        return super().send(messages)


def trouble(post: Post) -> breakers.Breaker | None:
    with post.context.database.reading() as conn:
        return breakers.of_channel(conn, Channel.MAIL)


@pytest.mark.slow
def test_five_failures_in_a_row_shut_the_channel_and_one_probe_opens_it(make_post: MakePost) -> None:
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


def test_all_workers_share_the_breaker_and_one_of_them_probes(make_post: MakePost) -> None:
    post = make_post("plain", lambda key, offer: "busy")
    other = replace(post.context, mail=Wire(post.provider.port, "plain"))
    post.deliver()
    offered = sum(post.provider.offers.values())
    deliver(other, AS_OF, Channel.MAIL, Scope())
    assert sum(post.provider.offers.values()) == offered
    post.clock.now += 31 * SECOND
    with post.context.database.writing() as conn:
        assert breakers.take_probe(conn, Channel.MAIL, post.clock.now)
    deliver(other, AS_OF + MINUTE, Channel.MAIL, Scope())
    assert sum(post.provider.offers.values()) == offered


@pytest.mark.slow
def test_a_wrong_password_pauses_the_channel_is_told_once_and_nothing_dies_of_it(make_post: MakePost) -> None:
    post = make_post("plain")
    mail = Locked(post.provider.port, "plain")
    post.context = replace(post.context, mail=mail)
    notes = []
    for hours in range(0, 24 * 6, 3):
        post.deliver(timedelta(hours=hours) / 1000)  # the readers' working hours do not matter here
        post.clock.now += timedelta(hours=3)
        tell_of_undelivered(post.context, AS_OF)
        notes.append(undelivered(post))
    assert notes[0] == notes[-1] == 1, "told at once, and once"
    assert post.states == {"planned"}
    assert max(line["attempts"] for line in post.lines().values()) == 0
    mail.locked = False
    post.deliver(MINUTE)
    assert post.times() == [1] * len(post.owed)
    for _ in range(3):
        tell_of_undelivered(post.context, AS_OF)
    assert undelivered(post) == 2, "its end is told, once"
    deliver(post.context, AS_OF + MINUTE, Channel.SLACK, Scope())
    assert "mail works again" in (post.house.home / "chat.jsonl").read_text()


def undelivered(post: Post) -> int:
    with post.context.database.reading() as conn:
        return sum(line["kind"] == "undelivered" for line in overview.effect_lines(conn))


@pytest.mark.slow
def test_dead_letters_are_told_to_ops_once_and_again_when_they_come_back(make_post: MakePost) -> None:
    post = make_post(mood=lambda key, offer: "refuse" if key == min(post.owed) else "accept")
    post.deliver()
    for _ in range(3):
        tell_of_undelivered(post.context, AS_OF)
    assert undelivered(post) == 1
    report = deliver(post.context, AS_OF, Channel.SLACK, Scope())
    assert report.sent >= 1
    chat = (post.house.home / "chat.jsonl").read_text()
    assert min(post.owed) in chat
    assert "first90 effects retry" in chat


@pytest.mark.slow
def test_dead_letters_are_mailed_to_ops_once_while_slack_is_down(make_post: MakePost) -> None:
    post = make_post(mood=lambda key, offer: "refuse" if key == min(mails) else "accept")
    mails = post.owed
    post.context = with_ops(post, "ops@vendor.example", "OPS@vendor.example", "second@vendor.example")
    post.deliver()
    down(post, Channel.SLACK)
    for _ in range(3):
        tell_of_undelivered(post.context, AS_OF)
    told = {key: line for key, line in post.lines().items() if line["kind"] == "undelivered"}
    assert sorted(line["recipient"] for line in told.values()) == ["OPS@vendor.example", "second@vendor.example"]
    report = deliver(post.context, AS_OF, Channel.MAIL, Scope())
    assert report.sent == 2
    deliver(post.context, AS_OF + MINUTE, Channel.MAIL, Scope())
    assert [post.provider.delivered[key] for key in told] == [1, 1]


def test_a_mail_that_is_down_is_told_in_slack_alone_and_a_slack_that_is_down_by_mail(make_post: MakePost) -> None:
    post = make_post("plain")
    post.context = with_ops(post, "ops@vendor.example")
    down(post, Channel.MAIL)
    tell_of_undelivered(post.context, AS_OF)
    assert told_by(post) == {Channel.SLACK: 1}
    down(post, Channel.SLACK)
    tell_of_undelivered(post.context, AS_OF)
    assert told_by(post) == {Channel.SLACK: 2, Channel.MAIL: 1}


@pytest.mark.slow
def test_a_mail_to_ops_that_waits_reaches_nobody_whom_the_team_file_names_no_more(make_post: MakePost) -> None:
    post = make_post("plain")
    post.context = with_ops(post, "gone@vendor.example", "closed@vendor.example")
    order = Order(by="the provider", now=AS_OF)
    with post.context.database.writing() as conn:
        suppressions.suppress(conn, ["closed@vendor.example"], Suppressed.BOUNCED, order)
    down(post, Channel.SLACK)
    tell_of_undelivered(post.context, AS_OF)
    assert told_by(post) == {Channel.SLACK: 1, Channel.MAIL: 1}, "a suppressed address is not written to"
    post.context = with_ops(post)
    post.deliver()
    (line,) = [line for line in post.lines().values() if line["kind"] == "undelivered"]
    assert line["state"] == "cancelled"
    assert line["because"] == "the team file no longer names this address for ops"


def test_the_mail_to_ops_says_what_waits_and_what_to_do(make_post: MakePost) -> None:
    post = make_post("plain")
    post.context = with_ops(post, "ops@vendor.example")
    down(post, Channel.SLACK, "the token of *Slack* was refused <here>")
    tell_of_undelivered(post.context, AS_OF)
    with post.context.database.writing() as conn:
        leased = claim(conn, Channel.MAIL, as_of=AS_OF, real_now=post.clock.now, token="test", limit=500)
    (effect,) = [one for one in leased if one.kind == UNDELIVERED]
    payload = listed_payload(effect, post.context, AS_OF)
    assert payload["subject"] == "first90: slack cannot be sent"
    assert "slack: the token of *Slack* was refused <here>. It is tried again by itself" in payload["text"]
    assert "&lt;here&gt;" in payload["html"]
    assert "names you for ops" in payload["text"]


def with_ops(post: Post, *addresses: str) -> RunContext:
    return replace(post.context, team=replace(post.context.team, ops_mail=addresses))


def down(post: Post, channel: Channel, error: str = "the token was refused") -> None:
    with post.context.database.writing() as conn:
        breakers.failed(conn, channel, 1, post.clock.now, error, needs_person=True)


def told_by(post: Post) -> Counter[str]:
    with post.context.database.reading() as conn:
        return Counter(line["channel"] for line in overview.effect_lines(conn) if line["kind"] == "undelivered")


@pytest.mark.slow
def test_a_channel_with_a_rate_takes_its_time_and_starves_nobody(make_post: MakePost) -> None:
    post = make_post("plain", mail_rate="0.5")
    begun = post.clock.now

    def pause(seconds: float) -> None:
        post.clock.now += seconds * SECOND

    post.context = replace(post.context, pause=pause)
    post.deliver()
    assert post.times() == [1] * len(post.owed)
    assert post.clock.now - begun >= 2 * (len(post.owed) - 1) * SECOND
    slow = make_post("plain", mail_rate="0.01", name="slow")
    begun = slow.clock.now

    def wait_long(seconds: float) -> None:
        slow.clock.now += seconds * SECOND

    slow.context = replace(slow.context, pause=wait_long)
    slow.deliver()
    assert 1 <= sum(slow.times()) <= 3
    assert slow.clock.now - begun <= 6 * MINUTE
    assert slow.states == {"sent", "planned"}, "the rest is given back for the next run"
