"""The policies of ``playbook check``: proved over simulated customers, and printed with what breaks them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.printing import counted, print_lines, say
from onboarding.model.phrases import name_words

if TYPE_CHECKING:
    from config.settings.load import Settings
    from onboarding.simulation.verdicts import Breach, Customer, Message, Verdict

SHOWN = 3
"""Breaches that are shown of one policy, and messages of one breach; --json has all."""


def check_policies(settings: "Settings", folder: Path, customers: int) -> "Sequence[Verdict]":
    """Return the verdicts on the policies of this folder; none where it has no file of policies."""
    from config.playbook_library.policies import load_policies
    from tasks.simulation.proving import prove

    policies = load_policies(folder)
    if policies is None:
        return ()
    return prove(settings, folder, policies, customers, say)


def print_verdicts(verdicts: "Sequence[Verdict]") -> None:
    """Print each policy with its verdict; for one that is broken the customers, the days and the messages."""
    for verdict in verdicts:
        print_lines(_lines(verdict))


def verdict_json(verdict: "Verdict") -> dict[str, Any]:
    """Return one verdict as JSON has it."""
    return {
        "name": verdict.policy.name,
        "says": verdict.policy.says,
        "holds": verdict.holds,
        "customers": verdict.customers,
        "days": verdict.days,
        "breaches": [
            {
                "customer": _customer_json(breach.customer),
                "day": breach.day,
                "because": breach.because,
                "messages": [_message_json(one) for one in breach.messages],
            }
            for breach in verdict.breaches
        ],
    }


def _lines(verdict: "Verdict") -> "Iterator[str]":
    policy, breaches = verdict.policy, verdict.breaches
    over = f"{counted(verdict.customers, 'customer')}, {counted(verdict.days, 'day')}"
    if verdict.holds:
        yield f"- holds: {policy.says} ({policy.name}; {over})"
        return
    if not breaches:
        yield f"- NOT PROVED: {policy.says} ({policy.name}): no simulated customer is concerned"
        yield "  Mend: look at its tiers, habits, of and within, or give more --customers."
        return
    number = len({breach.customer.number for breach in breaches})
    yield f"- BROKEN: {policy.says} ({policy.name}; {number} of {over})"
    for breach in breaches[:SHOWN]:
        yield from _breach_lines(breach)
    if len(breaches) > SHOWN:
        yield f"  and {len(breaches) - SHOWN} more (--json has all)"


def _breach_lines(breach: "Breach") -> "Iterator[str]":
    one = breach.customer
    who = f"customer {one.number}, {one.tier}, signed {one.signed_at:%a %Y-%m-%d %H:%M}Z, {one.zone}"
    yield f"  {breach.day:%a %Y-%m-%d}: {breach.because}"
    yield f"    {who}, {name_words(one.habit.value)}"
    for message in breach.messages[:SHOWN]:
        at = f"{message.local:%a %Y-%m-%d %H:%M}"
        yield f"    {at}  {message.channel} {message.step} to {name_words(message.role)}"
    if len(breach.messages) > SHOWN:
        yield f"    and {counted(len(breach.messages) - SHOWN, 'message')} more"


def _customer_json(customer: "Customer") -> dict[str, Any]:
    return {
        "number": customer.number,
        "tier": customer.tier,
        "signed_at": customer.signed_at,
        "zone": customer.zone,
        "country": customer.country,
        "habit": customer.habit,
        "days": customer.days,
    }


def _message_json(message: "Message") -> dict[str, Any]:
    return {
        "at": message.at,
        "local": message.local.isoformat(),
        "channel": message.channel,
        "step": message.step,
        "topic": message.topic,
        "side": message.side,
        "role": message.role,
        "person": message.person,
    }
