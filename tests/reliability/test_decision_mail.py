"""kill -9 around the mail that asks for a decision: it leaves exactly once, whatever dies (SH-7, R1)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from onboarding.orders import FactReport
from tasks.clashes import decide_conflict, record_conflict
from tests.reliability.house import House
from tests.reliability.killing import forked
from tests.reliability.small_portfolio import NEXT_DAY, key_of
from tests.reliability.test_kills import LEASE_OVER, crossed, kill

pytestmark = pytest.mark.slow

NEAR, MOST = 20, 20
"""Boundaries on either side of the mails at which the cycle is killed, and how many of them at most."""


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_killed_cycle_asks_exactly_once(
    make_house: Callable[..., House], dialect: str, proof: Callable[[str], None]
) -> None:
    house, report = make_house(dialect), FactReport(by="csm@vendor.example", now=NEXT_DAY - timedelta(hours=2))
    house.cycle()
    record_conflict(house.context, report, key_of("activated_today"), "The CRM migration", "The audit in May")
    house.as_of = NEXT_DAY
    house.keep()
    found = crossed(house)
    house.reset()
    forked(lambda: house.cycle())
    assert len(list(asked(house))) == 1, "the control: undisturbed it is one"
    mails = [number for number, point in enumerate(found) if "/mail" in point.name]
    near = found[max(mails[0] - NEAR, 0) : mails[-1] + NEAR]
    points = [point for point in near if not point.idle][:MOST]
    assert points
    for point in points:
        house.reset()
        kill(house, point.number)
        forked(lambda: house.cycle(LEASE_OVER))
        assert len(list(asked(house))) == 1, point
    house.reset()
    decide_conflict(house.context, report, key_of("activated_today"), "The CRM migration", "The audit first")
    forked(lambda: house.cycle())
    assert list(asked(house)) == [], "decided before it leaves there is none"
    proof(f"DECISION {dialect} kills={len(points)} lost=0 dup=0")


def asked(house: House) -> Iterator[Any]:
    """Yield the mails that ask for a decision, as they lie in the Maildir."""
    for path in (house.home / "mail" / "new").iterdir():
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        if str(mail["Subject"]).endswith("one decision is yours"):
            yield mail
