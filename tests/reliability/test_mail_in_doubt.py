"""Mail servers and providers that disconnect at every point (R9): what arrived in the end, by their own records.

Real sockets, the real delivery, both databases. Each case has faults in the first delivery, and none later.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest
from pydantic import SecretStr

from config.settings.mail_senders import HttpMail, SmtpMail
from config.settings.readings import MailInDoubt
from database.onboardings import overview
from integrations.mail.providers import open_provider
from integrations.mail.smtp.sender import SmtpSender
from integrations.ports import OutgoingMessage, Sender
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.scope import Scope
from tests.integrations.mail.http_providers import TOKEN, http_provider
from tests.integrations.mail.smtp_server import mail_server
from tests.reliability.house import House, plan
from tests.reliability.post import MINUTE, START, Clock
from tests.reliability.small_portfolio import AS_OF

DIALECTS = ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])]
ChannelRun = Literal["smtp", "postmark", "resend", "sendgrid"]
SMTP = ("ehlo reset", "rcpt close", "dot reset", "delivered close", "delivered half", "delivered crash")
HTTP = ("accept reset", "body reset", "delivered close", "delivered half")
CASES: tuple[tuple[ChannelRun, str, str], ...] = (
    *(("smtp", in_doubt, trouble) for in_doubt in ("park", "resend") for trouble in SMTP),
    *((run, "park", trouble) for run in ("postmark", "resend", "sendgrid") for trouble in HTTP),
)
PLAIN = ("smtp", "sendgrid")


@dataclass(frozen=True)
class Verdict:
    """The result of one case, over all its mails."""

    lost: int
    """Mails that never arrived and do not wait for a person."""
    most: int
    """The most arrivals of one mail."""
    parked: int
    called_dead: int


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_whatever_breaks_off_costs_what_the_class_allows(
    make_house: Callable[..., House], dialect: str, proof: Callable[[str], None]
) -> None:
    house = owing(make_house(dialect))
    verdicts = {case: tried(house, *case) for case in CASES}
    for (run, in_doubt, trouble), verdict in verdicts.items():
        assert (verdict.lost, verdict.called_dead) == (0, 0), (run, in_doubt, trouble, verdict)
        assert verdict.most <= (2 if in_doubt == "resend" else 1), (run, in_doubt, trouble, verdict)
        if run not in PLAIN or in_doubt == "resend":
            assert verdict.parked == 0, (run, in_doubt, trouble, verdict)
    sure = [tried(house, "smtp", "park", trouble, Sure) for trouble in ("rcpt close", "dot reset")]
    hasty = [tried(house, "smtp", "park", trouble, Hasty) for trouble in ("delivered close", "delivered half")]
    controls = any(one.lost for one in sure) + any(one.most > 1 for one in hasty)
    assert controls == 2, "a broken variant passed: the cases prove nothing"
    parked = sum(verdict.parked for verdict in verdicts.values())
    doubled = sum(verdict.most > 1 for verdict in verdicts.values())
    proof(f"INDOUBT {dialect} cases={len(CASES)} lost=0 dup=0 resent={doubled} parked={parked} controls={controls}/2")


class Hasty(SmtpSender):
    """The control that sends twice: it takes every broken connection for a refusal."""

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        return [
            replace(outcome, state=ResultState.TRANSIENT) if outcome.state == "unknown" else outcome
            for outcome in super().send(messages)
        ]


class Sure(SmtpSender):
    """The control that loses: it takes every broken connection for a delivery."""

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        found = super().send(messages)
        return [outcome if outcome.state == "permanent" else SendResult(state=ResultState.SENT) for outcome in found]


def owing(house: House) -> House:
    """Return the home with its mails planned, to which it is reset for each case."""
    plan(house.fresh(), AS_OF)
    house.keep()
    return house


def tried(house: House, run: ChannelRun, in_doubt: str, trouble: str, kind: type[SmtpSender] = SmtpSender) -> Verdict:
    house.reset()
    with far_side(run, kind) as (there, sender):
        clock = Clock()
        settings = replace(house.context.settings, mail_in_doubt=MailInDoubt(in_doubt))
        context = replace(house.fresh(), mail=sender, wall_clock=clock, settings=settings)
        for minutes in (0, 3, 6, 9, 12):
            there.trouble = trouble if minutes == 0 else None
            clock.now = START + minutes * MINUTE
            deliver(context, AS_OF + minutes * MINUTE, Channel.MAIL, Scope())
        with context.database.reading() as conn:
            states = {line["key"]: line["state"] for line in overview.effect_lines(conn) if line["channel"] == "mail"}
    assert len(states) >= 4
    times = {key: there.delivered[key] for key in states}
    assert set(there.delivered) <= set(states), "the ledger knows every mail by its effect"
    return Verdict(
        lost=sum(times[key] == 0 and state != "unknown" for key, state in states.items()),
        most=max(times.values()),
        parked=sum(state == "unknown" for state in states.values()),
        called_dead=sum(state == "dead" for state in states.values()),
    )


@contextmanager
def far_side(run: ChannelRun, kind: type[SmtpSender]) -> Iterator[tuple[Any, Sender]]:
    """Return a server and the sender to it."""
    with ExitStack() as stack:
        if run == "smtp":
            there: Any = stack.enter_context(mail_server())
            sender: Any = kind(SmtpMail(host="127.0.0.1", port=there.port, tls="never", connections=2))
        else:
            there = stack.enter_context(http_provider(run))
            token = SecretStr(TOKEN)
            sender = open_provider(HttpMail(provider=run, token=token, api_url=there.url, connections=2))
        yield there, stack.enter_context(closing(sender))
