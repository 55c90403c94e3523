"""The guarantees of delivery for each class of channel, checked by the far side's own records (R8, R9, R17)."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.settings.load import BUNDLED
from config.settings.readings import MailInDoubt
from database.channels import stops
from integrations.ports import Guarantee, OutgoingMessage, Sender
from onboarding.effects.send_result import SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.scope import Scope
from tests.reliability.end_state import look
from tests.reliability.far_side import Wire, nobody
from tests.reliability.post import MINUTE, MakePost, once
from tests.reliability.small_portfolio import AS_OF

DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("guarantee", "in_doubt", "broke", "arrived", "state"),
    [
        ("keyed", "park", "accept-and-break", 1, "sent"),
        ("keyed", "park", "break", 1, "sent"),
        ("lookup", "park", "accept-and-break", 1, "sent"),
        ("lookup", "park", "break", 1, "sent"),
        ("plain", "park", "accept-and-break", 1, "unknown"),
        ("plain", "park", "break", 0, "unknown"),
        ("plain", "resend", "accept-and-break", 2, "sent"),
        ("plain", "resend", "break", 1, "sent"),
    ],
)
def test_a_connection_lost_before_or_after_acceptance_costs_what_the_class_allows(
    make_post: MakePost, guarantee: Guarantee, in_doubt: str, broke: str, arrived: int, state: str, dialect: str
) -> None:
    post = make_post(guarantee, once(broke), dialect, mail_in_doubt=MailInDoubt(in_doubt))
    post.deliver()
    for minutes in (3, 6, 9):
        post.deliver(minutes * MINUTE)
    assert post.times() == [arrived] * len(post.owed)
    assert post.states == {state}


@pytest.mark.slow
def test_the_provider_that_cannot_be_asked_is_asked_again_and_nothing_is_sent_meanwhile(make_post: MakePost) -> None:
    post = make_post("lookup", once("accept-and-break"))
    post.deliver()
    with nobody() as port:
        asking = replace(post.context, mail=Wire(port, "lookup"))
        deliver(asking, AS_OF + 3 * MINUTE, Channel.MAIL, Scope())
    assert post.times() == [1] * len(post.owed)
    assert post.states == {"sending"}
    post.deliver(6 * MINUTE)
    assert post.times() == [1] * len(post.owed)
    assert post.states == {"sent"}


@pytest.mark.slow
def test_a_provider_that_names_a_time_is_not_asked_before_it(make_post: MakePost) -> None:
    post = make_post(mood=once("busy 3600"))
    post.deliver()
    post.deliver(59 * MINUTE)
    assert set(post.provider.offers.values()) == {1}
    post.deliver(61 * MINUTE)
    assert post.times() == [1] * len(post.owed)


@pytest.mark.slow
@pytest.mark.parametrize("said", ["busy", "busy 0", "busy 1"])
def test_without_a_longer_wish_the_retries_keep_to_their_own_schedule(make_post: MakePost, said: str) -> None:
    post = make_post(mood=lambda key, offer: said if offer < 3 else "accept")
    offers = []
    for seconds in (0, 20, 40, 100, 200, 400):
        post.deliver(timedelta(seconds=seconds))
        offers.append(max(post.provider.offers.values()))
    assert offers == [1, 1, 2, 2, 3, 3]
    assert post.times() == [1] * len(post.owed)


@pytest.mark.slow
def test_refused_for_good_is_dead_at_once_and_shown(make_post: MakePost) -> None:
    post = make_post(mood=lambda key, offer: "refuse" if key == min(post.owed) else "accept")
    report = post.deliver()
    post.deliver(timedelta(hours=3))
    assert [failure.where for failure in report.dead] == [min(post.owed)]
    assert post.lines()[min(post.owed)]["state"] == "dead"
    assert post.lines()[min(post.owed)]["error"] == "the provider said no"
    assert post.provider.offers[min(post.owed)] == 1
    assert post.times() == [0] + [1] * (len(post.owed) - 1)


@pytest.mark.slow
def test_a_mail_that_our_own_code_cannot_make_does_not_stop_the_others(make_post: MakePost, tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(BUNDLED / "templates", templates)
    welcome = templates / "mail" / "welcome.md"
    welcome.write_text(welcome.read_text(encoding="utf-8") + "\n{{ 1 // 0 }}\n", encoding="utf-8")
    post = make_post(templates=str(templates))
    report = post.deliver()
    poisoned = [key for key, line in post.lines().items() if line["kind"] == "welcome"]
    assert poisoned
    assert sorted(failure.where for failure in report.dead) == sorted(poisoned)
    assert "ZeroDivisionError" in post.lines()[poisoned[0]]["error"]
    assert post.times() == [int(key not in poisoned) for key in post.owed]


@pytest.mark.slow
def test_a_lane_that_is_down_delays_only_itself(make_post: MakePost) -> None:
    post = make_post()
    with nobody() as port:
        post.context = replace(post.context, mail=Wire(port, "keyed"))
        for channel in Channel:
            post.deliver(channel=channel)
    assert post.states == {"planned"}
    assert {line["error"] for line in post.lines().values()} == {"nobody listens"}
    for channel in (Channel.SLACK, Channel.CRM):
        assert {line["state"] for line in post.lines(channel).values()} == {"sent"}
    post.context = replace(post.context, mail=Wire(post.provider.port, "keyed"))
    post.deliver(3 * MINUTE)
    assert post.times() == [1] * len(post.owed)


@pytest.mark.slow
def test_a_mail_server_that_cannot_be_asked_does_not_hold_up_slack(make_post: MakePost) -> None:
    post = make_post("lookup", once("accept-and-break"))
    post.deliver()
    with nobody() as port:
        post.context = replace(post.context, mail=Wire(port, "lookup"))
        post.deliver(3 * MINUTE, Channel.SLACK)
    assert {line["state"] for line in post.lines(Channel.SLACK).values()} == {"sent"}


@pytest.mark.slow
@pytest.mark.parametrize(("guarantee", "state"), [("plain", "unknown"), ("keyed", "planned")])
def test_a_parcel_that_makes_its_sender_raise_is_in_doubt_and_the_others_leave(
    make_post: MakePost, guarantee: Guarantee, state: str
) -> None:
    class Broken(Wire):
        def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
            if any(outgoing.key == poison for outgoing in messages):
                raise RuntimeError("secret@customer.example")
            return super().send(messages)

    post = make_post(guarantee)
    poison = min(post.owed)
    kind: Sender = Broken(post.provider.port, guarantee)
    deliver(replace(post.context, mail=kind), AS_OF, Channel.MAIL, Scope())
    assert post.times() == [0] + [1] * (len(post.owed) - 1)
    line = post.lines()[poison]
    assert line["state"] == state
    assert "RuntimeError in test_delivery.py" in line["error"]
    assert "secret" not in line["error"]


@pytest.mark.slow
def test_a_worker_whose_lease_runs_short_lets_the_rest_go_and_takes_it_anew(make_post: MakePost) -> None:
    post = make_post("plain")

    def slow(key: str, offer: int) -> str:
        post.clock.now += timedelta(seconds=25)
        return "accept"

    post.provider.mood = slow
    post.deliver()
    assert post.times() == [1] * len(post.owed)
    assert set(post.provider.offers.values()) == {1}
    assert post.states == {"sent"}


@pytest.mark.slow
@pytest.mark.parametrize(("guarantee", "arrived"), [("keyed", 1), ("plain", 1)])
def test_a_worker_that_slept_past_its_lease_and_wakes_up_doubles_nothing(
    make_post: MakePost, guarantee: Guarantee, arrived: int
) -> None:
    post = make_post(guarantee)
    other = replace(post.context, mail=Wire(post.provider.port, guarantee))

    def asleep(key: str, offer: int) -> str:
        if sum(post.provider.offers.values()) == 1:
            post.clock.now += timedelta(minutes=5)
            deliver(other, AS_OF + 5 * MINUTE, Channel.MAIL, Scope())
        return "accept"

    post.provider.mood = asleep
    post.deliver()
    assert post.times() == [arrived] * len(post.owed)
    assert post.states == {"sent"}


def test_what_is_too_late_is_cancelled_with_its_reason(make_post: MakePost) -> None:
    post = make_post()
    post.deliver(timedelta(days=20))
    late = [line for line in post.lines().values() if line["state"] == "cancelled"]
    assert late
    assert all(line["because"] for line in late)
    assert not set(post.provider.delivered) & {line["key"] for line in late}


@pytest.mark.slow
def test_at_night_a_mail_waits_for_its_readers_morning(make_post: MakePost) -> None:
    post = make_post()
    report = post.deliver(timedelta(hours=12))
    assert not post.provider.offers
    assert report.moved >= len(post.owed)
    assert post.states == {"planned"}
    opens_at = max(datetime.fromisoformat(str(line["due_at"])) for line in post.lines().values())
    assert opens_at > AS_OF + timedelta(hours=12)
    post.deliver(opens_at - AS_OF)
    assert post.times() == [1] * len(post.owed)


@pytest.mark.slow
def test_nothing_leaves_while_stopped_and_all_of_it_afterwards(make_post: MakePost) -> None:
    post = make_post()
    with post.context.database.writing() as conn:
        stops.stop(conn, None, reason="wrong template", by="ops", at=AS_OF)
    for channel in Channel:
        post.deliver(channel=channel)
    assert not post.provider.offers
    assert not look(post.house).posts
    with post.context.database.writing() as conn:
        stops.start(conn, None, by="ops", at=AS_OF)
    post.deliver()
    assert post.times() == [1] * len(post.owed)


@pytest.mark.slow
def test_a_stop_in_the_middle_of_a_batch_keeps_back_what_has_not_left(make_post: MakePost) -> None:
    post = make_post("plain")

    def stopped_after_one(key: str, offer: int) -> str:
        with post.context.database.writing() as conn:
            stops.stop(conn, Channel.MAIL, reason="wrong template", by="ops", at=AS_OF)
        return "accept"

    post.provider.mood = stopped_after_one
    post.deliver()
    assert sum(post.times()) == 1
    assert sorted(line["state"] for line in post.lines().values()) == ["planned"] * (len(post.owed) - 1) + ["sent"]
