"""Whatever happens to a company in whatever order, a plain model of it agrees after every step (R12).

Hypothesis picks the steps, and shrinks what fails to the fewest. ``STATEFUL=300x50 pytest
tests/reliability/test_stateful.py`` lives so many lives of so many steps, other ones each time (a night's work).
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from config.settings.load import load_settings
from integrations.ports import Guarantee
from tasks.commands import onboardings
from tasks.runtime.context import open_run_context
from tests.examples import examples
from tests.reliability.company import Company
from tests.reliability.far_side import Provider, provider
from tests.reliability.house import House
from tests.reliability.life import ACTIVATION, Life
from tests.tasks.conftest import MONDAY, Office, furnish, ident

pytestmark = pytest.mark.slow

NIGHT = os.environ.get("STATEFUL", "")
EXAMPLES, STEPS = (int(part) for part in (NIGHT or f"{examples(25)}x20").split("x"))
Grounds = tuple[House, Office, Provider]
DEAL, CHAMPION = ident("006", 1), ident("003", 11)


@pytest.fixture
def grounds(quick_folder: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Grounds]:
    """Return a home with our people only, to which every run is reset."""
    home = quick_folder / "home"
    office = furnish(Office(home / "crm", home, monkeypatch.setenv), sqlite_template)
    monkeypatch.setenv("FIRST90_PUBLIC_URL", "https://onboarding.vendor.example")
    monkeypatch.setenv("FIRST90_LINK_SECRET", "s" * 40)
    office.write()
    with open_run_context(load_settings(env_file=None)) as context, provider() as there:
        house = House(home=home, context=context, as_of=MONDAY)
        house.keep()
        yield house, office, there


def live(grounds: Grounds, company: type[Company] = Company, **how: Any) -> Counter[str]:
    """Run so many random companies; return what happened in them."""

    counted = Counter[str]()

    class Lives(Life):
        open_company = staticmethod(lambda: company(*grounds))
        told = counted

    calm = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None, print_blob=False)
    run_state_machine_as_test(Lives, settings=settings(calm, **how))
    return counted


def test_a_model_agrees_after_every_step(grounds: Grounds, proof: Callable[[str], None]) -> None:
    told = live(grounds, max_examples=EXAMPLES, stateful_step_count=STEPS, derandomize=not NIGHT)
    counts = " ".join(f"{name}={told[name]}" for name in ("runs", "deaths", "mails"))
    proof(f"STATEFUL examples={EXAMPLES} steps={EXAMPLES * STEPS} {counts} ok")


# Faults that were found once, each in its fewest steps, with the same checks


def test_what_was_refused_at_an_old_address_goes_to_the_new_one(grounds: Grounds) -> None:
    company = opened(grounds, "plain", weather=["busy"])
    company.writes(CHAMPION, "Email", "one@a.example")
    company.weather = []
    company.lives_on("after an hour")
    assert {letter.to for letter in company.bench.letters} == {"one@a.example"}


@pytest.mark.parametrize("how", ["another address", "opts out"])
def test_what_may_have_arrived_is_shown_when_it_can_no_longer_be_sent_again(grounds: Grounds, how: str) -> None:
    company = opened(grounds, "keyed", weather=["accept-and-break"])
    arrived = dict(company.there.delivered)
    change = ("Email", "one@a.example") if how == "another address" else ("HasOptedOutOfEmail", "true")
    company.writes(CHAMPION, *change)
    company.lives_on("after an hour")
    assert arrived
    assert company.aside == sorted(arrived)
    assert all(company.effects[key]["error"].startswith("it may have arrived") for key in arrived)


@pytest.mark.parametrize("how", ["on hold", "lost"])
def test_nothing_leaves_while_it_is_on_hold_or_lost_though_the_last_stage_is_done(grounds: Grounds, how: str) -> None:
    company = opened(grounds, "plain")
    company.reports(DEAL, *ACTIVATION)
    if how == "on hold":
        company.holds(1, None, "shift")
    else:
        company.writes(DEAL, "IsWon", "false")
        company.lives_on("at once")
    for _ in range(5):
        company.orders(onboardings.skip_stage, DEAL, reason="they do it themselves")
    before = len(company.bench.letters)
    for _ in range(4):
        company.lives_on("next day")
    assert len(company.bench.letters) == before
    company.mends(1)
    for _ in range(3):
        company.lives_on("next day")
    assert {letter.step[1] for letter in company.bench.letters[before:]} >= {"activation", "transition"}


def test_what_a_worker_had_leased_when_it_died_does_not_leave_after_the_customer_left(grounds: Grounds) -> None:
    """The run that ends the onboarding takes up the lease too: its own review had left the mail alone."""
    company = Company(*grounds)
    company.sends_through("plain")
    company.signs(1)
    leased = list[str]()
    for boundary in range(1, 80):
        company.lives_on("after minutes", dies_at=boundary)
        mails = [key for key, line in company.effects.items() if line["channel"] == "mail"]
        if leased := [key for key in mails if company.effects[key]["state"] == "leased"]:
            break
    assert leased
    company.writes(ident("001", 1), "First90_Churned_On__c", "2026-03-02")
    company.lives_on("after minutes")
    assert {company.effects[key]["state"] for key in leased} == {"cancelled"}


def opened(grounds: Grounds, guarantee: Guarantee, weather: Sequence[str] = ()) -> Company:
    """Return a company with one customer, after its first run with such responses of the provider."""
    company = Company(*grounds)
    company.sends_through(guarantee)
    company.signs(1)
    company.weather = list(weather)
    company.runs()
    return company


# The controls


class Deaf(Company):
    """A broken variant that ignores what a reader asks for."""

    def clicks(self, page: Callable[..., bool], person: str) -> None:
        pass


class Forgetful(Company):
    """A provider that claims to drop repeats, and does not."""

    def sends_through(self, guarantee: Guarantee) -> None:
        super().sends_through("keyed")
        self.there.keyed = False

    def answers(self, key: str, offer: int) -> str:
        return "accept-and-break" if offer == 1 else "accept"


class Hasty(Company):
    """A broken variant that loses a request to wait."""

    def holds(self, account: int, until: datetime | None, how: str) -> None:
        self.known.held[account] = until


@pytest.mark.parametrize(
    ("broken", "found"), [(Deaf, "and yet: unsubscribed"), (Forgetful, "arrived 2 times"), (Hasty, "and yet: on hold")]
)
def test_a_broken_variant_is_found_out(grounds: Grounds, broken: type[Company], found: str) -> None:
    """The control of the test above."""
    with pytest.raises(AssertionError, match=found):
        live(grounds, broken, max_examples=100, stateful_step_count=20, derandomize=True, phases=[Phase.generate])
