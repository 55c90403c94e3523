"""The clock jumps 90 days ahead between two cycles: the system was down, or the clock was wrong (R13).

Whole cycles; customers went on meanwhile and others signed. The records of a mail provider that drops no repeat are
checked.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from config.settings.load import BUNDLED
from tests.reliability.far_side import Provider, Wire, provider
from tests.reliability.house import House, cycle, rows_of
from tests.reliability.small_portfolio import AS_OF, BACK, live_until_back

pytestmark = pytest.mark.slow

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A_WEEK = (BACK + timedelta(minutes=10), BACK + 5 * HOUR, *(BACK + number * DAY for number in (1, 2, 5, 6, 7)))
SET_RIGHT = (AS_OF + DAY, AS_OF + 5 * DAY, AS_OF + 12 * DAY, BACK + 8 * DAY)
LONG_OVER = ("check_in_7", "check_in_30")
"""Steps of customers who signed before the jump."""
HEEDLESS = {f"mails_per_person_and_day: {cap}": "mails_per_person_and_day: 20" for cap in (2, 3)}
HEEDLESS |= {f"send_for_hours: {hours},": "send_for_hours: 2160," for hours in (48, 72, 120, 168, 240, 336)}


class Mail(NamedTuple):
    """A mail that arrived."""

    onboarding: str
    step: str
    key: str
    reader: str
    day: date
    is_call: bool
    """Whether it is an invitation to a calendar, to which caps do not apply."""


@dataclass
class Life:
    """A home, and the mails to its people, in the order of arrival."""

    house: House
    there: Provider
    mails: list[Mail] = field(default_factory=list)

    def run(self, *moments: datetime) -> int:
        """Run a whole cycle at each moment, with the clock at it; return how many mails arrived."""
        before = len(self.mails)
        for now in moments:
            context = replace(self.house.fresh(), mail=Wire(self.there.port, "plain"), wall_clock=lambda now=now: now)
            cycle(context, now)
            for mail in self.there.mails[len(self.mails) :]:
                onboarding, step, *_ = mail["key"].split(":")
                self.mails.append(
                    Mail(onboarding, step, mail["key"], mail["to"], now.date(), mail.get("calendar") is not None)
                )
        return len(self.mails) - before

    @property
    def since(self) -> list[Mail]:
        """Return the mails after the jump."""
        return [mail for mail in self.mails if mail.day >= BACK.date()]

    @property
    def old(self) -> frozenset[str]:
        """Return the onboardings that began before it."""
        return frozenset(mail.onboarding for mail in self.mails if mail.day < BACK.date())


@pytest.fixture
def live(make_house: Callable[..., House]) -> Iterator[Callable[..., Life]]:
    """Return a fresh home after its first day and the changes until the jump."""
    with ExitStack() as stack:

        def begin(dialect: str, **more: str) -> Life:
            life = Life(make_house(dialect, **more), stack.enter_context(provider()))
            life.run(AS_OF)
            live_until_back(life.house.home / "crm")
            return life

        yield begin


def doubles(mails: Iterable[Mail]) -> int:
    """Return how often a person got a step twice; of a repeated step only the newest occurrence is wanted."""
    times = Counter((mail.onboarding, mail.step, mail.reader) for mail in mails)
    return sum(number - 1 for number in times.values())


def repeats(life: Life) -> int:
    """Return how often the same mail arrived again."""
    return sum(number - 1 for number in Counter(mail.key for mail in life.mails).values())


def most(mails: Iterable[Mail]) -> int:
    """Return the most mails that one person got on a day."""
    return max(Counter((mail.reader, mail.day) for mail in mails if not mail.is_call).values())


def stale(life: Life) -> int:
    """Return what customers from before the jump got although its day was long over."""
    return sum(mail.onboarding in life.old and mail.step in LONG_OVER for mail in life.since)


def ranks_by_day(life: Life) -> list[tuple[int, int]]:
    """Of what was due at the jump and could not reach its reader on one day: how important the earlier and the later
    one are."""
    ranks = {step.name: step.priority for step in life.house.context.library["mid"].playbook.steps}
    settled = rows_of(life.house.context.database)["touchpoint"]
    waited = {(row["onboarding_key"], row["step"]) for row in settled if row["at"] == BACK}
    backlog = [mail for mail in life.since if (mail.onboarding, mail.step) in waited and not mail.is_call]
    readers = {mail.reader for mail in backlog}
    pairs = [pair for reader in readers for pair in pairwise(mail for mail in backlog if mail.reader == reader)]
    return [(ranks[one.step], ranks[later.step]) for one, later in pairs if one.day < later.day]


def unsaid(life: Life, more: Life) -> set[tuple[str, str]]:
    """Return what one got and the other did not, without a recorded reason."""
    rows = rows_of(life.house.context.database)
    said = {(row["onboarding_key"], row["step"]) for row in rows["touchpoint"] if row["because"]}
    return {(mail.onboarding, mail.step) for mail in spared(life, more)} - said


def spared(life: Life, more: Life) -> list[Mail]:
    """Return what the other got and the one did not."""
    return [mail for mail in more.since if mail.key not in {one.key for one in life.since}]


@pytest.fixture
def heedless(tmp_path: Path) -> Path:
    """Return playbooks without caps in which nothing is ever too late."""
    folder = tmp_path / "playbooks"
    shutil.copytree(BUNDLED / "playbooks", folder)
    for path in folder.glob("*.yaml"):
        text = path.read_text("utf-8")
        for rule, none in HEEDLESS.items():
            text = text.replace(rule, none)
        path.write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    "dialect", ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.long])]
)
def test_after_a_jump_of_90_days_everybody_gets_what_still_counts_once_and_day_by_day(
    live: Callable[..., Life], dialect: str, heedless: Path, proof: Callable[[str], None]
) -> None:
    life, control = live(dialect), live(dialect, name="heedless", playbooks=str(heedless))
    (first, week), (at_once, later) = [(one.run(BACK), one.run(*A_WEEK)) for one in (life, control)]
    full = most(life.mails)
    backlog, heedless_backlog = (
        most(one for one in lived.since if one.onboarding in lived.old) for lived in (life, control)
    )
    order, more, missed, dup = ranks_by_day(life), spared(life, control), unsaid(life, control), doubles(life.since)
    life.run(*SET_RIGHT)
    again = repeats(life)
    control.house.reset()
    control.run(AS_OF)
    proof(
        f"CLOCK forward 90 days cycles: {dialect} first={first} week={week} most_a_day={full} "
        f"backlog_a_day={backlog} dup={dup} stale={stale(life)} in_order={len(order)} spared={len(more)} "
        f"unsaid={len(missed)} set_right_dup={again}; control first={at_once} week={later} "
        f"backlog_a_day={heedless_backlog} stale={stale(control)} forgetful_dup={repeats(control)}"
    )
    assert len(life.old) >= 3
    assert (dup, again, stale(life), missed) == (0, 0, 0, set())
    assert backlog == 1, "after a standstill nobody gets a burst"
    assert len(order) >= 1
    assert all(earlier >= later for earlier, later in order)
    library = life.house.context.library
    allowed = max(library[tier].playbook.pace.mails_per_person_and_day for tier in library.playbook_versions)
    assert 2 <= full <= allowed, "what the playbooks allow, and it is used"
    assert heedless_backlog > 1
    assert stale(control) >= 3
    assert len(more) >= 5
    assert repeats(control) > 0, "its database was lost"
