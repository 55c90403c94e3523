"""A verdict on a policy equals a direct count over the messages, for any messages and any figures."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.files.documents import adapter
from onboarding.model.case import Calendar
from onboarding.model.message_policy import Topic
from onboarding.model.schedule import Offset
from onboarding.model.vocabulary import Channel, Side
from onboarding.simulation.policies import Habit, Messages, Per, Policies, Policy
from onboarding.simulation.verdicts import Customer, Life, Message, verdict
from tests.builders.tiers import MID, TECH

SIGNED = datetime(2028, 3, 24, 20, tzinfo=UTC)  # a Friday evening before clocks change in Berlin
ZONE = "Europe/Berlin"
DAYS = 20
ANY = Messages()


def life(messages: Sequence[Message] = (), number: int = 1, **events: datetime) -> Life:
    customer = Customer(number=number, signed_at=SIGNED, tier=MID, zone=ZONE, country="DE", habit=Habit.LATE, days=DAYS)
    return Life(
        customer=customer,
        until=SIGNED + timedelta(days=DAYS),
        calendar=Calendar(),
        events={"signature": SIGNED, **events},
        messages=tuple(sorted(messages, key=lambda one: one.at)),
    )


def message(hours: float, person: str = "a", role: str = "champion", channel: Channel = Channel.MAIL) -> Message:
    at = SIGNED + timedelta(hours=hours)
    local = at.astimezone(ZoneInfo(ZONE))
    return Message(
        at=at,
        local=local,
        day_off=local.weekday() > 4,
        channel=channel,
        side=Side.CUSTOMER,
        step="welcome",
        topic=Topic.WELCOME,
        role=role,
        person=person,
    )


MESSAGES = st.lists(
    st.builds(
        message,
        st.integers(0, DAYS * 24 - 1),
        st.sampled_from("abc"),
        st.sampled_from(("champion", "manager")),
        st.sampled_from((Channel.MAIL, Channel.SLACK)),
    ),
    max_size=25,
)


@given(lives=st.lists(MESSAGES, min_size=1, max_size=4), most=st.integers(0, 4), hours=st.integers(1, 200), per=...)
def test_at_most_in_any_span_equals_the_count_from_each_message(
    lives: list[list[Message]], most: int, hours: int, per: Per
) -> None:
    policy = Policy(name="rate", says="x", messages=ANY, at_most=most, per=per, within=Offset(hours=hours))
    found = verdict(policy, [life(one, number) for number, one in enumerate(lives)])
    wide = timedelta(hours=hours)

    def same(one: Message, other: Message) -> bool:
        return {
            Per.CUSTOMER: True,
            Per.ROLE: one.role == other.role,
            Per.PERSON: one.person == other.person,
        }[per]

    expected = {
        number
        for number, messages in enumerate(lives)
        for one in messages
        if sum(same(one, other) and one.at <= other.at < one.at + wide for other in messages) > most
    }
    assert {breach.customer.number for breach in found.breaches} == expected
    assert found.holds == (not expected)
    assert (found.customers, found.days) == (len(lives), len(lives) * DAYS)
    for breach in found.breaches:
        assert len(breach.messages) > most
        assert breach.messages[-1].at - breach.messages[0].at < wide


@given(messages=MESSAGES, least=st.integers(1, 4), hours=st.integers(1, 200), after=st.integers(0, 100))
def test_at_least_after_an_event_equals_the_count_in_its_span(
    messages: list[Message], least: int, hours: int, after: int
) -> None:
    policy = Policy(name="least", says="x", messages=ANY, at_least=least, within=Offset(hours=hours), of="kickoff")
    began = SIGNED + timedelta(hours=after)
    found = verdict(policy, [life(messages, kickoff=began)])
    inside = [one for one in messages if began <= one.at < began + timedelta(hours=hours)]
    assert found.holds == (len(inside) >= least)
    most = replace(policy, at_least=None, at_most=least)
    assert verdict(most, [life(messages, kickoff=began)]).holds == (len(inside) <= least)


@given(messages=MESSAGES, first=st.integers(0, 22), hours=st.integers(1, 12), off=st.booleans())
def test_never_at_these_times_equals_the_count_of_messages_then(
    messages: list[Message], first: int, hours: int, off: bool
) -> None:
    start, end = f"{first:02}:00", f"{min(first + hours, 23):02}:30"
    written = {
        "name": "never",
        "says": "never then",
        "messages": {"channel": "mail", "on_days_off": off, "outside_hours": {"start": start, "end": end}},
        "at_most": 0,
    }
    policy = adapter(Policy).validate_python(written)
    wrong = [
        one
        for one in messages
        if one.channel is Channel.MAIL
        and (not off or one.local.weekday() in (5, 6))
        and not start <= f"{one.local:%H:%M}" < end
    ]
    found = verdict(policy, [life(messages)])
    assert found.holds == (not wrong)
    assert sorted(one.at for breach in found.breaches for one in breach.messages) == sorted(one.at for one in wrong)


def test_the_moment_at_which_a_span_ends_is_no_part_of_it() -> None:
    policy = Policy(name="least", says="x", messages=ANY, at_least=1, within=Offset(hours=48), of="signature")
    assert verdict(policy, [life([message(47)])]).holds
    assert not verdict(policy, [life([message(48)])]).holds
    rate = Policy(name="rate", says="x", messages=ANY, at_most=1, within=Offset(hours=48))
    assert verdict(rate, [life([message(0), message(48)])]).holds
    assert not verdict(rate, [life([message(0), message(47)])]).holds


def test_working_days_end_at_the_same_local_time_and_skip_the_weekend() -> None:
    policy = Policy(name="soon", says="x", messages=ANY, at_least=1, within=Offset(working_days=2), of="signature")
    monday, tuesday_night = message(2.5 * 24), message(4 * 24)
    assert verdict(policy, [life([monday])]).holds
    broken = verdict(policy, [life([tuesday_night])])
    (breach,) = broken.breaches
    assert f"{breach.day}" == "2028-03-28"
    assert breach.messages == (tuesday_night,)
    assert "0 of 1 before Tue 2028-03-28 21:00 (Europe/Berlin), and this one after it" in breach.because


def test_an_event_must_come_in_its_time() -> None:
    policy = Policy(name="value", says="x", reaches="activation", within=Offset(days=10), of="signature")
    assert verdict(policy, [life(activation=SIGNED + timedelta(days=9))]).holds
    late = verdict(policy, [life(activation=SIGNED + timedelta(days=11))])
    assert "reached only on" in late.breaches[0].because
    assert "reached not at all" in verdict(policy, [life()]).breaches[0].because


def test_a_policy_that_concerns_no_customer_is_not_proved() -> None:
    policy = Policy(name="rate", says="x", messages=ANY, at_most=1, tiers=(TECH,))
    found = verdict(policy, [life([message(1)])])
    assert (found.customers, found.holds, found.breaches) == (0, False, ())
    after_the_end = Policy(name="least", says="x", messages=ANY, at_least=1, within=Offset(days=21), of="signature")
    assert verdict(after_the_end, [life([message(1)])]).customers == 0


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ({}, "either messages"),
        ({"messages": {}}, "either at_most or at_least"),
        ({"messages": {}, "at_most": 1, "at_least": 1}, "either at_most or at_least"),
        ({"messages": {}, "at_least": 1, "within": {"days": 1}}, "say by when"),
        ({"reaches": "activation"}, "say by when"),
        ({"reaches": "activation", "at_most": 1}, "take out at_most"),
        ({"messages": {}, "at_most": 1, "within": {"working_days": 1}}, "counted from an event"),
        ({"messages": {}, "at_most": 1, "within": {}}, "above 0"),
        ({"messages": {}, "at_least": 1, "within": {"days": 1}, "of": "signature", "per": "person"}, "for at_most"),
        ({"messages": {}, "at_most": 1, "of": "lunch"}, "pattern"),
        ({"messages": {"chanel": "mail"}, "at_most": 1}, "chanel"),
    ],
)
def test_a_policy_that_says_no_rule_is_refused(written: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        adapter(Policies).validate_python({"policies": [{"name": "one", "says": "in words", **written}]})


def test_two_policies_of_one_name_are_refused() -> None:
    one = {"name": "one", "says": "in words", "messages": {}, "at_most": 1}
    with pytest.raises(ValidationError, match="two policies are named one"):
        adapter(Policies).validate_python({"policies": [one, one]})
