"""The playbooks of docs/playbooks-for-three-companies.md: put together by the page's own commands, checked, proved and
broken once, and what each says of its customers holds for them."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.mail_templates.render import Templates
from config.playbook_library.check import warnings
from config.playbook_library.library import load_library
from config.playbook_library.policies import load_policies
from config.settings.load import PROJECT
from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import STAGES
from onboarding.review_case import Reviewed, review_without_writes
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done, build_use
from tests.conftest import MadeOnce

First90 = Callable[..., Any]
PAGE = PROJECT / "docs" / "playbooks-for-three-companies.md"
EXAMPLES = PROJECT / "docs" / "examples"
KINDS = ("paid-implementation", "regulated-enterprise", "self-service")
BLOCK = re.compile(r"```sh\n(.+?)```", re.DOTALL)
FEW = ("--customers", "16")
"""Two of them whole, both keeping their dates, one of each tier of the example; the others with all habits."""


@cache
def commands() -> Mapping[str, str]:
    """The commands of the page, by the example that they copy."""
    found = BLOCK.findall(PAGE.read_text("utf-8"))
    return {kind: block for kind in KINDS for block in found if f"docs/examples/{kind}/" in block}


def _follow(folder: Path) -> Path:
    """Run the page's commands for each kind in a folder of its own, up to the check itself."""
    for kind, block in commands().items():
        place = folder / kind
        place.mkdir()
        for name in ("config", "docs"):
            (place / name).symlink_to(PROJECT / name)
        lines = [line for line in block.splitlines() if not line.startswith("first90 ")]
        subprocess.run(["sh", "-e", "-c", "\n".join(lines)], cwd=place, check=True, env={"PATH": os.environ["PATH"]})
    return folder


@pytest.fixture(scope="session")
def followed(made_once: MadeOnce) -> Path:
    """Return a folder with the three examples, as the page's commands leave them. Only to be read or copied."""
    found: Path = made_once("three_companies", _follow)
    return found


def playbook(followed: Path, kind: str, tier: str) -> Playbook:
    library = load_library(followed / kind / "playbooks")
    return library[library.tier_named(tier)].playbook


def seen(book: Playbook, case: Case, day: int = 1) -> Reviewed:
    return review_without_writes(case, book, SIGNED + timedelta(days=day), frozenset())


def owed(book: Playbook, **parts: Any) -> set[str]:
    """Return the milestones of a customer like this."""
    return {plan.name for plan in seen(book, customer(**parts)).playbook.milestones()}


def activated(book: Playbook, used: Mapping[str, int], **parts: Any) -> bool:
    """Return whether so many events of these signals are the first value of a customer like this."""
    signals = [
        build_use(name, *[(SIGNED + timedelta(1, n), "a@kunde.test") for n in range(many)])
        for name, many in used.items()
    ]
    usage = Usage(known=True, read_at=SIGNED + timedelta(days=10), signals=tuple(signals))
    return seen(book, replace(customer(**parts), usage=usage), 10).review.state.activated_at is not None


def customer(**parts: Any) -> Case:
    """A customer with these products, seats, country and industry."""
    deal = {name: parts[name] for name in ("products", "seats") if name in parts}
    deal["product"] = next(iter(parts.get("products", ())), "")
    account = {name: parts[name] for name in ("country", "industry") if name in parts}
    return replace(CASE, deals=(replace(CASE.deals[0], **deal),), account=replace(CASE.account, **account))


def test_the_page_has_the_commands_of_every_example() -> None:
    assert sorted(one.name for one in EXAMPLES.iterdir()) == sorted(commands()) == list(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_times_of_each_add_up_and_its_rules_give_each_tier(followed: Path, kind: str) -> None:
    folder = followed / kind / "playbooks"
    assert warnings(folder, {"Analytics", "API Gateway", "Payments", "Session Replay", "Feature Flags"}) == ()
    own = {path.stem for path in (EXAMPLES / kind / "playbooks").glob("*.yaml")} - {"tiers", "policies"}
    for tier in own:
        book = playbook(followed, kind, tier)
        assert sum(book.stages[stage].allowed.days for stage in STAGES) == book.target.days, tier
    assert {rule.tier for rule in load_library(folder).tiers.rules} == own, "each tier is given by a rule"


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_customer_reads_has_a_german_title(followed: Path, kind: str) -> None:
    german = Templates(followed / kind / "templates").languages.of_pages(["de"]).words.texts
    for version in load_library(followed / kind / "playbooks").playbook_versions.values():
        shown = {plan.title for plan in version.playbook.milestones() if not plan.internal}
        shown |= {plan.customer_sees for plan in version.playbook.stages.values()}
        assert shown <= set(german)
    added = set(yaml.safe_load((EXAMPLES / kind / "texts-de.yaml").read_text("utf-8")))
    assert not added & set(Templates().languages.of_pages(["de"]).words.texts), "nothing is translated twice"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_is_sound_and_its_policies_hold_for_simulated_customers(
    followed: Path, kind: str, first90: First90, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST90_TEMPLATES", str(followed / kind / "templates"))
    said = first90("playbook", "check", str(followed / kind / "playbooks"), *FEW, "--json")
    assert said.code == 0, said.out
    policies = load_policies(followed / kind / "playbooks")
    assert policies is not None
    assert [one["name"] for one in said.json["policies"]] == [one.name for one in policies.policies]
    assert all(one["holds"] and one["customers"] for one in said.json["policies"])


BROKEN = (
    (
        "self-service",
        "self-serve.yaml",
        "steps:\n",
        "steps:\n  - {name: welcome, due: {days: 5}}\n",
        "welcomed_at_once",
    ),
    ("paid-implementation", "implementation.yaml", '"milestone:migration_approved"', "go_live", "cutover_prepared"),
    (
        "regulated-enterprise",
        "regulated.yaml",
        "due: {from: stage, days: 1, ",
        "due: {from: stage, days: 9, ",
        "security_hears_first",
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "file", "old", "new", "policy"), BROKEN, ids=[one[0] for one in BROKEN])
def test_a_change_that_breaks_a_promise_is_told(
    followed: Path,
    tmp_path: Path,
    first90: First90,
    empty_home: Path,
    kind: str,
    file: str,
    old: str,
    new: str,
    policy: str,
) -> None:
    folder = tmp_path / "playbooks"
    shutil.copytree(followed / kind / "playbooks", folder)
    text = (folder / file).read_text("utf-8")
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new), "utf-8")
    said = first90("playbook", "check", str(folder), *FEW, "--json")
    assert said.code == 1
    assert policy in [one["name"] for one in said.json["policies"] if not one["holds"]]


def test_a_small_team_owes_less_and_each_product_has_its_first_value(followed: Path) -> None:
    book = playbook(followed, "self-service", "self-serve")
    assert {"security_review", "access_configured", "team_active"} <= owed(book, seats=60)
    assert {"security_review", "access_configured", "team_active"} & owed(book, seats=5) == {"team_active"}
    assert "team_active" not in owed(book, seats=2)
    for tier in ("self-serve", "assisted"):
        book = playbook(followed, "self-service", tier)
        assert activated(book, {"dashboard_shared": 1}, products=("Core",))
        assert not activated(book, {"dashboard_shared": 1}, products=("Analytics",))
        assert activated(book, {"dashboard_shared": 1, "analysis_saved": 3}, products=("Analytics",))
        assert [activated(book, {"recording_watched": many}, products=("Session Replay",)) for many in (4, 5)] == [
            False,
            True,
        ]
        assert activated(book, {"flag_rolled_out": 1}, products=("Feature Flags",))


def test_a_migration_is_owed_by_who_pays_for_it_and_silence_counts_from_the_go_live(followed: Path) -> None:
    migration = {"data_exported", "data_mapped", "test_migration", "migration_approved", "data_migrated"}
    paid, fixed = (playbook(followed, "paid-implementation", tier) for tier in ("implementation", "quick-start"))
    assert migration <= owed(paid)
    assert (migration | {"data_imported"}) & owed(fixed) == {"data_imported"}
    assert "bank_connected" in owed(paid, products=("Payments",))
    assert "bank_connected" not in owed(paid, products=("Core",))
    assert activated(paid, {"month_closed": 1})
    assert not activated(paid, {"month_closed": 1}, products=("Payments",))
    assert activated(paid, {"month_closed": 1, "payment_run_completed": 1}, products=("Payments",))
    assert activated(fixed, {"stock_count_completed": 1}, industry="Retail")
    assert "no_activity" not in seen(paid, CASE).playbook.stalls
    assert "no_activity" in seen(paid, replace(CASE, facts=build_done("go_live")), 2).playbook.stalls
    assert (paid.specialist is None, fixed.specialist is None) == (False, True)


def test_evidence_goes_by_place_trade_and_product(followed: Path) -> None:
    book = playbook(followed, "regulated-enterprise", "regulated")
    evidence = {"data_agreement", "outsourcing_notice", "validation_protocol", "next_region_live"}
    for parts, wanted in (
        ({"country": "DE", "industry": "Banking", "seats": 400}, {"data_agreement", "outsourcing_notice"}),
        ({"country": "US", "industry": "Banking", "seats": 4000}, {"next_region_live"}),
        ({"country": "NO", "industry": "Pharmaceuticals"}, {"data_agreement", "validation_protocol"}),
    ):
        assert owed(book, **parts) & evidence == wanted, parts
    assert activated(book, {"batch_record_signed": 1}, industry="Life Sciences")
    assert not activated(book, {"client_file_approved": 3}, industry="Banking")
    assert activated(book, {"client_file_approved": 3, "audit_trail_viewed": 1}, industry="Banking")
    both = [plan.name for plan in seen(book, customer(products=("Analytics", "API Gateway"))).playbook.milestones()]
    assert (both.count("network_change"), both.count("gateway_keys"), both.count("analytics_warehouse")) == (1, 1, 1)
    assert not {"network_change", "gateway_keys"} & owed(book, products=("Core",))
    assert "next_region_live" not in owed(playbook(followed, "regulated-enterprise", "regulated-unit"), seats=4000)
