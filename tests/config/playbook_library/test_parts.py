"""Parts of products: stitched into every playbook for who bought them, and what does not fit is told with its line."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from config.files.mistakes import PlaybookError
from config.mail_templates.render import Templates
from config.playbook_library.check import check, warnings
from config.playbook_library.library import BUNDLED, load_library
from onboarding.conditions.traits import said
from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Stage
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.tiers import BUNDLED_TIERS, MID

ANALYTICS = """\
part: analytics
title: What customers of Analytics get besides
products: [Analytics, AN1]
stages:
  setup:
    exit: [analytics_connected]
    milestones:
      - name: analytics_connected
        title: Connect the warehouse
        side: customer
        owner: technical_admin
        due: {from: stage, days: 5, source: ours}
        source: ours
      - name: data_agreement
        title: Sign the data agreement
        side: customer
        owner: technical_admin
        due: {from: stage, days: 5, source: ours}
        source: ours
steps:
  - name: analytics_pack
    title: How to connect the warehouse
    stage: setup
    due: {from: stage, source: ours}
    late: {send_for_hours: 120, then: merge, source: ours}
    mail: {template: technical_pack, topic: technical_documentation, to: {roles: [technical_admin]}}
"""
BILLING = """\
part: billing
title: What customers of Billing get besides
products: [Billing]
stages:
  setup:
    milestones:
      - name: data_agreement
        title: Sign the data agreement
        side: customer
        owner: technical_admin
        due: {from: stage, days: 5, source: ours}
        source: ours
"""
NOW = SIGNED + timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BUNDLED, tmp_path / "playbooks")
    (tmp_path / "playbooks" / "parts").mkdir(exist_ok=True)
    return tmp_path / "playbooks"


def write(folder: Path, **parts: str) -> None:
    for name, text in parts.items():
        (folder / "parts" / f"{name}.yaml").write_text(text, "utf-8")


def setup_names(playbook: Playbook, *products: str) -> list[str]:
    """The milestones of the setup for who bought these."""
    case: Case = replace(CASE, deals=(replace(CASE.deals[0], products=products),))
    return [one.name for one in review(case, playbook, NOW).playbook.stages[Stage.SETUP].milestones]


def test_a_part_is_in_every_playbook_for_who_bought_its_product(folder: Path) -> None:
    write(folder, analytics=ANALYTICS)
    library, before = load_library(folder), load_library(BUNDLED)
    assert check(folder, Templates()) == ()
    for tier in BUNDLED_TIERS:
        book, was = library[tier].playbook, before[tier].playbook
        assert setup_names(book, "Core") == setup_names(was), "nothing for the others"
        own = [one for one in setup_names(book, "an1") if one not in setup_names(was)]
        assert own == ["analytics_connected", "data_agreement"]
        assert "analytics_connected" in book.stages[Stage.SETUP].exit
        assert "analytics_pack" in {step.name for step in book.steps}
        assert library[tier].hash != before[tier].hash, "another version, which is planned and adopted like any"


def test_what_two_parts_share_is_there_once_for_the_customers_of_either(folder: Path) -> None:
    write(folder, analytics=ANALYTICS, billing=BILLING)
    book = load_library(folder)[MID].playbook
    plan = next(one for one in book.milestones() if one.name == "data_agreement")
    assert plan.when is not None
    assert said(plan.when) == "its products contain Analytics or AN1, or its products contain Billing"
    for bought in (("Analytics",), ("Billing",), ("Billing", "Analytics")):
        assert setup_names(book, *bought).count("data_agreement") == 1


def exits(playbook: Playbook, *products: str) -> set[str]:
    """What the setup waits for at who bought these."""
    case: Case = replace(CASE, deals=(replace(CASE.deals[0], products=products),))
    return set(review(case, playbook, NOW).playbook.stages[Stage.SETUP].exit)


def test_a_stage_waits_for_what_parts_share_only_where_a_part_of_the_customer_says_so(folder: Path) -> None:
    waits = BILLING.replace("    milestones:", "    exit: [data_agreement]\n    milestones:")
    support = BILLING.replace("billing", "support").replace("Billing", "Support")
    write(folder, analytics=ANALYTICS, billing=waits, support=support)
    book = load_library(folder)[MID].playbook
    assert check(folder, Templates()) == ()
    for bought in (("Analytics",), ("Support",), ("Analytics", "Support")):
        assert "data_agreement" in setup_names(book, *bought)
        assert "data_agreement" not in exits(book, *bought), "no part of theirs waits for it"
    for bought in (("Billing",), ("Analytics", "Billing")):
        assert "data_agreement" in exits(book, *bought)
    assert "data_agreement" not in exits(book, "Core")
    write(
        folder,
        analytics=ANALYTICS.replace("exit: [", "exit: [data_agreement, "),
        support=waits.replace("billing", "support"),
    )
    both = load_library(folder)[MID].playbook
    assert both.stages[Stage.SETUP].exit_when == {}, "where all parts wait for it, its own condition says for whom"
    assert "data_agreement" in exits(both, "Analytics")


def test_what_the_playbook_has_already_is_not_added_again(folder: Path) -> None:
    mine = next(one for one in load_library(BUNDLED)[MID].playbook.milestones() if one.name == "security_review")
    same = f"""\
      - name: security_review
        title: {mine.title}
        side: {mine.side}
        owner: {mine.owner}
        due: {{from: {mine.due.anchor}, days: {mine.due.days}, source: "{mine.due.source}"}}
        source: "{mine.source}"
"""
    for tier in ("high", "tech"):
        (folder / f"{tier}.yaml").write_text(f"tier: {tier}\ntitle: as mid\nextends: mid\n", "utf-8")
    head, _, rest = BILLING.partition("      - name: data_agreement")
    write(folder, billing=head + same)
    assert rest
    assert check(folder, Templates()) == ()
    assert setup_names(load_library(folder)[MID].playbook, "Billing").count("security_review") == 1


CALL = """\
steps:
  - name: billing_workshop
    title: Invitation to the workshop on invoices
    due: {from: meeting, source: ours}
    late: {send_for_hours: 24, then: merge, source: ours}
    calendar: {meeting: NAME, title: Workshop, minutes: 45, source: ours}
    mail: {template: check_in_call, topic: check_in, to: {roles: [champion]}}
"""


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        (BILLING + CALL.replace("NAME", "billing_workshp"), "steps[0].calendar.meeting", "nothing records the time"),
        (BILLING + CALL.replace("NAME", "kickoff_booked"), "steps[0].calendar.meeting", "another step invites to"),
        (
            BILLING.replace("data_agreement", "task_data"),
            "stages.setup.milestones[0].name",
            "single accounts' own tasks",
        ),
        (BILLING.replace("stages:", "when: {products: [Sync]}\nstages:", 1), "", "said that already"),
    ],
)
def test_the_check_holds_parts_to_the_rules_of_playbooks(folder: Path, text: str, place: str, told: str) -> None:
    write(folder, billing=text)
    found = [one for one in check(folder, Templates()) if told in one.problem]
    assert [(one.file, one.field) for one in found][:1] == [("parts/billing.yaml", place)]


@pytest.mark.parametrize(
    ("changed", "place", "told"),
    [
        (("days: 5", "days: 6"), "line 7, stages.setup.milestones[0]", "data_agreement is there already, and differs"),
        (("data_agreement", "security_review"), "line 7", "begin its name with billing_"),
        (("products: [Billing]", "product: Billing"), "line 3", "products"),
        (("side: customer", "side: customers"), "line 9", "customer"),
        (("    milestones:", "    exit: [activation]\n    milestones:"), "line 5", "none of the milestones here"),
        (("part: billing", "part: analytics"), "line 1, part", "the part analytics already"),
    ],
)
def test_a_part_that_does_not_fit_is_told_with_its_place(
    folder: Path, changed: tuple[str, str], place: str, told: str
) -> None:
    write(folder, analytics=ANALYTICS, billing=BILLING.replace(*changed))
    with pytest.raises(PlaybookError) as refused:
        load_library(folder)
    assert "parts/billing.yaml" in str(refused.value)
    assert place in str(refused.value)
    assert told in str(refused.value)
    assert str(refused.value).splitlines()[0] in "\n".join(map(str, check(folder, Templates())))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ANALYTICS.replace("template: technical_pack", "template: tecnical_pack"), "did you mean 'technical_pack'"),
        (ANALYTICS.replace("products: [Analytics, AN1]", "products: [Analytics]\nwhen: {segment: [SMB]}"), "'segment'"),
        (
            ANALYTICS + "stalls:\n  nothing: {severity: warning, next_step: Look, source: ours}\n",
            "no rule finds a stall",
        ),
    ],
)
def test_the_check_reads_parts_too(folder: Path, text: str, told: str) -> None:
    write(folder, analytics=text)
    mistakes = [str(one) for one in check(folder, Templates())]
    assert len(mistakes) == 1, "once, and not for each tier"
    assert "parts/analytics.yaml, line " in mistakes[0]
    assert told in mistakes[0]


def test_a_part_with_which_a_playbook_is_none_is_named(folder: Path) -> None:
    write(folder, billing=BILLING.replace("from: stage", "from: milestone:nothing"))
    with pytest.raises(PlaybookError, match="counts from an unknown milestone: milestone:nothing") as refused:
        load_library(folder)
    assert "parts/billing.yaml: with them the playbook of high is none" in str(refused.value)


def test_a_part_cannot_take_a_name_of_the_playbook_for_its_own(folder: Path) -> None:
    part = BILLING.replace("part: billing", "part: security").replace("data_agreement", "security_review")
    write(folder, security=part)
    with pytest.raises(PlaybookError, match="the playbook has something named security_review already"):
        load_library(folder)


def test_a_product_that_nobody_bought_is_warned_of(folder: Path) -> None:
    write(folder, analytics=ANALYTICS)
    assert [one.field for one in warnings(folder, {"analytics", "Core"})] == ["products[1]"]
