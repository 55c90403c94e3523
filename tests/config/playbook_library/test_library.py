"""Playbooks: the bundled ones are complete with sources, and mistakes are reported with a remedy."""

import json
import re
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from config.files.marked_yaml import MarkedError, read_marked
from config.files.mistakes import PlaybookError
from config.mail_templates.render import Templates
from config.playbook_library.check import FIXED_KINDS, check
from config.playbook_library.library import BUNDLED, POLICIES, from_content, load_library, schema_text, version_of
from onboarding.brand.company import Brand
from onboarding.brand.resources import Resources
from onboarding.facts.tiers import Size, TierRules, choose
from onboarding.languages.phrases import Words
from onboarding.model.playbook import Playbook, Step
from onboarding.model.schedule import Written
from onboarding.model.vocabulary import STAGES, Side, Stage, Tier
from onboarding.people.team import Team
from onboarding.simulation.policies import Policies
from onboarding.stages import TABLE
from onboarding.stalls import KINDS
from tests.builders.tiers import BUNDLED_TIERS, HIGH, MID, TECH

LIBRARY = load_library()
PLAYBOOKS = [LIBRARY[tier].playbook for tier in BUNDLED_TIERS]
SOURCE = re.compile(r"(ours|[A-Z]{2}-([A-Z]+|\d+))(, (ours|[A-Z]{2}-([A-Z]+|\d+)))*")

THIRTY_TASKS = {
    Stage.HANDOFF: "handoff_documented tier_assigned materials_prepared kickoff_booked welcome_sent",
    Stage.KICKOFF: "goals_confirmed stakeholders_identified cadence_agreed plan_agreed contacts_introduced",
    Stage.SETUP: "requirements_documented security_review integrations_connected access_configured validation_passed",
    Stage.TRAINING: "role_training_delivered resources_shared live_sessions_held champion_enabled "
    "new_user_resources_shared usage_monitored check_ins_sent blockers_addressed",
    Stage.FIRST_VALUE: "wins_celebrated expansion_identified owner_transferred business_reviews_set "
    "health_tracked advocacy_developed learnings_documented",
}
RANKS = {"priority"}
"""Numbers that are no measure: the order of messages of one day."""


def _steps(playbook: Playbook) -> dict[str, Step]:
    return {step.name: step for step in playbook.steps}


def _unsourced(model: Any, place: str, sourced: bool = False) -> list[str]:
    """Places of numbers without a source in their own or an enclosing model."""
    sourced = sourced or bool(getattr(model, "source", ""))
    found = []
    for name in [field.name for field in fields(model)]:
        value, here = getattr(model, name), f"{place}.{name}"
        parts = list(value.values()) if hasattr(value, "values") else value if isinstance(value, tuple) else [value]
        for part in parts:
            if isinstance(part, Written):
                found += _unsourced(part, here, sourced)
            elif isinstance(part, int | float) and not isinstance(part, bool) and name not in RANKS:
                own = sourced or bool(getattr(model, name.removesuffix("_days") + "_source", ""))
                found += [] if own else [here]
    return found


def _sources(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [text for key, text in value.items() if key == "source" or str(key).endswith("_source")]
        return own + [text for part in value.values() for text in _sources(part)]
    return [text for part in value for text in _sources(part)] if isinstance(value, list) else []


def test_everything_that_ships_is_sound() -> None:
    assert [str(mistake) for mistake in check(BUNDLED, Templates())] == []


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.tier)
def test_every_number_has_a_source(playbook: Playbook) -> None:
    assert _unsourced(playbook, playbook.tier) == []
    sources = _sources(json.loads(version_of(playbook).content))
    assert len(sources) > 100
    assert [source for source in sources if not SOURCE.fullmatch(source)] == []


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.tier)
def test_each_playbook_holds_the_thirty_tasks_in_their_stages(playbook: Playbook) -> None:
    for stage, names in THIRTY_TASKS.items():
        tasks = {plan.name: plan for plan in playbook.stages[stage].milestones}
        assert set(names.split()) <= set(tasks)
        assert all("ST-17" in tasks[name].source for name in names.split())
    assert sum(len(names.split()) for names in THIRTY_TASKS.values()) == 30


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.tier)
def test_each_playbook_has_what_other_programs_know_by_name(playbook: Playbook) -> None:
    assert set(_steps(playbook)) >= FIXED_KINDS
    by_wish = {"kickoff_not_booked"} if playbook.serves_itself else set()
    assert set(playbook.stalls) == KINDS - by_wish
    for stage in STAGES:
        assert set(TABLE[stage].conditions) >= set(playbook.stages[stage].exit) - {
            plan.name for plan in playbook.milestones()
        }


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.tier)
def test_the_times_of_the_stages_add_up_to_the_target(playbook: Playbook) -> None:
    assert sum(playbook.stages[stage].allowed.days for stage in STAGES) == playbook.target.days


def test_the_numbers_of_the_sources_are_in_the_playbooks() -> None:
    high, mid, tech = PLAYBOOKS
    assert [playbook.target.days for playbook in PLAYBOOKS] == [112, 45, 14]
    assert [playbook.check_in_anchor for playbook in PLAYBOOKS] == ["go_live", "signature", "signature"]
    assert (_steps(high)["status_update"].every, _steps(mid)["status_update"].every) != (None, None)
    assert [_steps(p)["status_update"].every.days for p in (high, mid)] == [7, 14]  # type: ignore[union-attr]
    assert "status_update" not in _steps(tech)
    for playbook in PLAYBOOKS:
        steps = _steps(playbook)
        assert [steps[f"check_in_{days}"].due.days for days in (7, 30, 90)] == [7, 30, 90]
        booked = next(plan for plan in playbook.milestones() if plan.name == "kickoff_booked")
        assert (booked.due.anchor, booked.due.hours, booked.due.source) == ("signature", 48, "TH-1")
        if not playbook.serves_itself:  # there the call is a wish
            warned = playbook.stalls["kickoff_not_booked"]
            assert (warned.after.hours, warned.critical_after and warned.critical_after.hours) == (36, 48)
        activation = playbook.stalls["no_activation"]
        assert (activation.after.days, activation.critical_after and activation.critical_after.days) == (
            30,
            60,
        )
        assert steps["risk_review"].mail is None
        assert steps["risk_review"].due.days == 90
        assert steps["activation"].mail is not None
        assert steps["activation"].slack is not None


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.tier)
def test_an_incomplete_handoff_holds_back_only_what_comes_later(playbook: Playbook) -> None:
    free = {step.name for step in playbook.steps if not step.handoff_first}
    assert free - {"owner_change", "kickoff_brief"} == {
        "welcome",
        "kickoff_invitation",
        "check_in_7",
        "check_in_30",
        "check_in_90",
        "kickoff_call",
        "check_in_7_call",
        "check_in_30_call",
        "check_in_90_call",
        "risk_review",
        "decision_request",
        "missed_call",
        "catch_up",
    }


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.tier)
def test_activation_is_an_event_of_the_customer_that_usage_can_prove(playbook: Playbook) -> None:
    activation = next(plan for plan in playbook.milestones() if plan.name == "activation")
    assert activation.side is Side.CUSTOMER
    assert activation.signal is not None


def test_a_customer_never_reads_of_our_own_housekeeping() -> None:
    for playbook in PLAYBOOKS:
        internal = {plan.name for plan in playbook.milestones() if plan.internal}
        assert {"expansion_identified", "advocacy_developed", "account_plan_recorded"} <= internal
        assert all(plan.side is Side.VENDOR for plan in playbook.milestones() if plan.internal)


@pytest.mark.parametrize(
    ("amount", "seats", "tier"),
    [(None, 10, TECH), (None, 2000, HIGH), (40_000.0, None, MID), (None, None, TECH)],
)
def test_ten_seats_and_two_thousand_seats_get_different_onboardings(
    amount: float | None, seats: int | None, tier: Tier
) -> None:
    assert choose(LIBRARY.tiers, Size(amount, seats))[0] == tier


@pytest.mark.parametrize(
    ("file", "model"),
    [
        ("playbooks/schema.json", Playbook),
        ("playbooks/policies.schema.json", Policies),
        ("tiers.schema.json", TierRules),
        ("brand.schema.json", Brand),
        ("resources.schema.json", Resources),
        ("team.schema.json", Team),
        ("templates/words.schema.json", Words),
    ],
)
def test_the_published_schema_is_the_models_own(file: str, model: type[Any]) -> None:
    published = (BUNDLED.parent / file).read_text(encoding="utf-8")
    assert published == schema_text(model), f"regenerate it: config/{file} differs from the model"
    assert json.loads(published)["type"] == "object"


def test_editors_find_the_schema_from_each_file() -> None:
    for path in BUNDLED.glob("*.yaml"):
        schema = "policies.schema.json" if path.name == POLICIES else "schema.json"
        assert path.read_text(encoding="utf-8").startswith(f"# yaml-language-server: $schema={schema}\n")


def test_a_version_is_known_by_what_it_says_and_not_by_how_it_is_written(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    path = folder / "tech.yaml"
    path.write_text("# a comment more\n" + path.read_text())
    assert load_library(folder)[TECH].hash == LIBRARY[TECH].hash
    path.write_text(path.read_text().replace("days: 14, source: ours", "days: 15, source: ours", 1))
    assert load_library(folder)[TECH].hash != LIBRARY[TECH].hash
    assert len(LIBRARY[TECH].hash) >= 12


@pytest.mark.parametrize("tier", BUNDLED_TIERS)
def test_the_version_kept_in_the_database_reads_back_as_the_same_playbook(tier: Tier) -> None:
    playbook_version = LIBRARY[tier]
    assert from_content(playbook_version.content) == playbook_version.playbook
    assert version_of(from_content(playbook_version.content)) == playbook_version


def test_a_kept_version_is_not_held_to_limits_that_were_tightened_since() -> None:
    kept = json.loads(LIBRARY[MID].content)
    kept["target"]["days"] = 0
    assert from_content(json.dumps(kept)).target.days == 0


def test_a_kept_version_that_cannot_be_read_says_so() -> None:
    with pytest.raises(PlaybookError, match="kept in the database"):
        from_content("{}")


def _copy(tmp_path: Path) -> Path:
    folder = tmp_path / "playbooks"
    shutil.copytree(BUNDLED, folder)
    return folder


BROKEN = [
    (
        "    owner: implementation_engineer\n    allowed",
        "    ownr: implementation_engineer\n    allowed",
        "stages.setup.ownr: unknown field. Mend: did you mean 'owner'.",
    ),
    (
        "side: customer\n        owner: champion\n        due: {from: signature, hours: 48",
        "side: custumer\n        owner: champion\n        due: {from: signature, hours: 48",
        "stages.handoff.milestones[3].side: 'custumer' is not known here. Mend: did you mean 'customer'.",
    ),
    (
        "owner: champion\n        due: {from: signature, hours: 48",
        "owner: champon\n        due: {from: signature, hours: 48",
        "stages.handoff.milestones[3].owner: 'champon' is not known here. Mend: did you mean 'champion'.",
    ),
    (
        "hours: 48, source: TH-1}",
        "hours: 48}",
        "stages.handoff.milestones[3].due.source: this field is missing. Mend: add `source:`.",
    ),
    (
        "hours: 48, source: TH-1}",
        "hours: soon, source: TH-1}",
        "stages.handoff.milestones[3].due.hours: 'soon' does not fit. "
        "Mend: it should be a valid integer, unable to parse string as an integer.",
    ),
    (
        "{from: signature, hours: 48",
        "{from: signing, hours: 48",
        "stages.handoff.milestones[3].due.from: 'signing' does not fit. Mend: string should match pattern",
    ),
    (
        'hours: [{start: "09:00", end: "17:00"}]',
        "hours: [{start: 17:00, end: 09:00}]",
        "pace.hours[0]: start must be before end. Mend: change it so that this holds.",
    ),
    (
        "sponsor_expected: false\n",
        "sponsor_expected: false\ntarget: {days: 45, source: ours}\n",
        "target: 'target' stands here twice, first in line 18. Mend: keep one of the two.",
    ),
    (
        "sponsor_expected: false\n",
        "sponsor_expected: [\n",
        ": this is not YAML:",
    ),
    (
        "sponsor_expected: false\n",
        'sponsor_expected: !!python/object/apply:os.system ["true"]\n',
        "sponsor_expected:",
    ),
    (
        "exit: [kickoff_held, measurable_goal,",
        "exit: [kickoff_heldd, measurable_goal,",
        "stages.kickoff.exit[0]: 'kickoff_heldd' is neither a milestone nor a condition of this stage. "
        "Mend: did you mean 'kickoff_held'.",
    ),
    (
        "template: check_in_7\n",
        "template: check_in_8\n",
        "steps[{check_in_7}].mail.template: there is no template 'check_in_8'. Mend: did you mean 'check_in_7'.",
    ),
    (
        "topic: executive_update\n",
        "topic: decision\n",
        "steps[{executive_update}].mail.topic: the template executive_update is about executive_update, "
        "not decision. Mend: write topic: executive_update, or use another template.",
    ),
    (
        "to: {roles: [end_user]}",
        "to: {roles: [end_user, technical_admin]}",
        "steps[{training_end_users}].mail.to.roles[1]: technical_admin must not get end_user_training "
        "(SH-4). Mend: take technical_admin out of roles, or send a template on another topic.",
    ),
    (
        "to: {roles: [technical_admin], otherwise: [champion]}",
        "to: {roles: [technical_admin], otherwise: [executive_sponsor]}",
        "steps[{technical_pack}].mail.to.otherwise[0]: executive_sponsor must not get "
        "technical_documentation (SH-4). "
        "Mend: take executive_sponsor out of otherwise, or send a template on another topic.",
    ),
    (
        "title: Share the first content with a prospect from inside Salesforce\n        side: customer",
        "title: Share the first content\n        side: vendor",
        "stages.first_value.milestones[0].side: activation is a task of ours and so no outcome of the "
        "customer (GO-2). Mend: name an event of the customer and set side: customer.",
    ),
    (
        "title: Share the first content with a prospect from inside Salesforce\n        side: customer",
        "title: Completed setup\n        side: customer",
        "stages.first_value.milestones[0].title: 'Completed setup' measures our work and no outcome of the customer, "
        "whatever its side (GO-2). Mend: name the first thing that the customer's people do with the product, such as: "
        "Share the first report.",
    ),
    (
        "signal: {signal: content_shared, source",
        "signal: {signal: kickoff_held, also: [{signal: content_shared}], within_days: 14, source",
        "stages.first_value.milestones[0].signal.signal: 'kickoff_held' measures our work and no outcome of the "
        "customer, whatever its side (GO-2). Mend: name the first thing that the customer's people do with the "
        "product, such as: Share the first report.",
    ),
    (
        "{{ account.name }} reached first value",
        "{{ acount.name }} reached first value",
        "steps[{activation}].slack.says: a letter has no 'acount.name'. Mend: did you mean 'account.name'.",
    ),
    (
        "  - name: risk_review\n",
        "  - name: risk_revue\n",
        "steps: the step risk_review is missing. Mend: add a step named risk_review: others rely on it.",
    ),
    (
        "  no_activity:\n",
        "  no_activty:\n",
        "stalls.no_activty: no rule finds a stall named 'no_activty'. Mend: did you mean 'no_activity'.",
    ),
    (
        "Call {champion} and",
        "Call {champ} and",
        "stalls.kickoff_not_booked.next_step: a next step cannot name {champ}. Mend: did you mean 'champion'.",
    ),
    (
        "calendar: {meeting: kickoff_booked,",
        "calendar: {meeting: kickof_booked,",
        "steps[{kickoff_call}].calendar.meeting: nothing records the time of 'kickof_booked': it is neither "
        "a milestone nor a step. Mend: did you mean 'kickoff_booked'.",
    ),
    (
        "calendar: {meeting: check_in_30,",
        "calendar: {meeting: check_in_7,",
        "steps[{check_in_30_call}].calendar.meeting: another step invites to check_in_7 already. "
        "Mend: keep one step for each call.",
    ),
    (
        "due: {from: stage, days: 2, source: ours}",
        "due: {from: meeting, days: 2, source: ours}",
        "stages.setup.milestones[0].due.from: only a step with calendar: counts from a meeting. "
        "Mend: name another anchor.",
    ),
    (
        "due: {from: stage, days: 2, source: ours}",
        "due: {from: track, days: 2, source: ours}",
        "stages.setup.milestones[0].due.from: only a step of a track counts from a track. Mend: name another anchor.",
    ),
    (
        "allowed: {from: stage,",
        "allowed: {from: track,",
        "stages.handoff.allowed.from: only a step of a track counts from a track. Mend: name another anchor.",
    ),
    (
        "begins: {from: stage,",
        "begins: {from: conflict,",
        "tracks[0].begins.from: only a step counts from a conflict. Mend: name another anchor.",
    ),
    (
        "name: contacts_introduced",
        "name: task_contacts",
        "stages.kickoff.milestones[5].name: names that begin with task_ are those of single accounts' own tasks. "
        "Mend: give it another name.",
    ),
    (
        "    exit: [kickoff_held, measurable_goal, cadence_agreed, plan_agreed]\n",
        "    exit: []\n",
        "stages.kickoff.exit: a list does not fit. Mend: tuple should have at least 1 item",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "message"), BROKEN, ids=[row[1].strip()[:40] for row in BROKEN])
def test_a_mistake_is_told_with_file_line_field_and_mend(right: str, wrong: str, message: str, tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    path = folder / "mid.yaml"
    text = path.read_text()
    assert text.count(right) >= 1
    broken = text.replace(right, wrong, 1)
    path.write_text(broken)
    (mistake,) = check(folder, Templates())
    numbers = {name: str(number) for number, name in enumerate(_steps(LIBRARY[MID].playbook))}
    expected = re.sub(r"\[\{(\w+)\}\]", lambda found: f"[{numbers[found[1]]}]", message)
    place, _, rest = str(mistake).partition(f"mid.yaml, line {mistake.line}")
    assert place == ""
    assert rest.lstrip(":, ").startswith(expected.lstrip(": ")), str(mistake)
    same = next(n for n, (a, b) in enumerate(zip(right + "\0", wrong + "\0", strict=False)) if a != b)
    written_in = text[: text.index(right) + same].count("\n") + 1
    if "add a step named" not in message and "not YAML" not in message:
        assert mistake.line in (written_in - 1, written_in, written_in + 1)


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    for name in ("mid.yaml", "high.yaml"):
        path = folder / name
        path.write_text(path.read_text().replace("sponsor_expected", "sponsor_expcted").replace("pace:", "pase:"))
    with pytest.raises(PlaybookError) as told:
        load_library(folder)
    assert [(mistake.file, mistake.field) for mistake in told.value.mistakes] == [
        ("high.yaml", "pase"),
        ("high.yaml", "sponsor_expcted"),
        ("mid.yaml", "pase"),
        ("mid.yaml", "sponsor_expcted"),
    ]
    assert str(told.value).count("\n") == 3


def test_a_missing_or_doubled_tier_is_told(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    (folder / "tech.yaml").unlink()
    told = r"tiers.yaml, line 11, rules\[2\].tier: there is no playbook of tier 'tech'. Mend: use one of high, mid, or"
    with pytest.raises(PlaybookError, match=told):
        load_library(folder)
    shutil.copy(folder / "mid.yaml", folder / "zwei.yaml")
    with pytest.raises(PlaybookError, match=r"zwei.yaml, line 4, tier: mid.yaml is the playbook of tier mid already"):
        load_library(folder)


def test_wrong_tier_rules_are_told_like_wrong_playbooks(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    (folder / "tiers.yaml").write_text("rules:\n  - {tier: high, seats_from: 500, source: ours}\n")
    with pytest.raises(PlaybookError, match=r"tiers.yaml, line 1: the last rule must have no threshold"):
        load_library(folder)


def test_times_and_leading_zeros_stay_text() -> None:
    assert read_marked("a: 09:00\nb: 001\nc: 12\nd: 1.5\ne: 2026-03-02\nf: true\ng:\n").data == {
        "a": "09:00",
        "b": "001",
        "c": 12,
        "d": 1.5,
        "e": "2026-03-02",
        "f": True,
        "g": None,
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", 3),
        ("a: &x [*x]\n", 1),
        ("a: 1\nb: !!set {x}\n", 2),
        ("a: 'open\n", 2),
        ("a: \x00", 1),
    ],
)
def test_yaml_that_is_broken_or_tricky_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(MarkedError) as told:
        read_marked(text)
    assert told.value.line == line


@pytest.mark.parametrize(("tier", "days"), [(HIGH, 91), (MID, 91), (TECH, None)])
def test_business_reviews_recur_as_the_tier_says(tier: Tier, days: int | None) -> None:
    steps = {step.name: step for step in LIBRARY[tier].playbook.steps}
    review = steps.get("business_review_invitation")
    assert (review and review.every and review.every.days) == days
