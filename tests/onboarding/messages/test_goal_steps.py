"""What a letter of the tech tier asks about goals follows the version of the playbook that is in force (TI-L)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from config.mail_templates.render import Templates
from config.playbook_library.library import load_library
from onboarding.facts.fold import fold_facts
from onboarding.messages.letter_parts import GoalStepsPart, LetterContext
from onboarding.messages.letters import letter_context
from onboarding.model.case import Case, Fact
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Stage, Tier
from tests.builders.case import CASE
from tests.builders.facts import build_fact
from tests.builders.playbook import build_playbook

TEMPLATES = Templates()
TECH = load_library()[Tier("tech")].playbook
OLDER = build_playbook("tech")
"""As versions before: the kickoff is held and the goals are checked by the vendor's people."""
COPIED = replace(build_playbook("mid"), self_service=True)


def _letter(
    playbook: Playbook, now: datetime, *facts: Fact, folder: str = "", stage: Stage = Stage.KICKOFF
) -> LetterContext:
    case: Case = replace(CASE, facts=facts)
    state = fold_facts(case, playbook, now)
    language = TEMPLATES.languages.read(folder or "en", folder)
    step = next(one for one in playbook.steps if one.name == "welcome")
    made = letter_context(case, state, playbook, step, case.people[0], "champion", now, stage=stage, language=language)
    return replace(made, plan_url="https://vendor.test/p/x")


def _text(name: str, letter: LetterContext) -> str:
    mail = TEMPLATES.render(name, letter)
    return " ".join(f"{mail.subject} {mail.text}".split())


def _confirmed(now: datetime) -> Fact:
    return build_fact("goal_confirmed", CASE_GOAL, now)


CASE_GOAL = fold_facts(CASE, OLDER, CASE.signed_at + timedelta(days=1)).goals[0].metric


@pytest.mark.parametrize("playbook", [OLDER, COPIED])
@pytest.mark.parametrize(
    ("folder", "asked", "kickoff", "last"),
    [
        ("", "your goal, as a number with a date", "A kickoff call", "Which number do you want to move first?"),
        ("de", "Ihr Ziel als Zahl mit Datum", "Ein Kickoff-Gespräch", "Welche Zahl möchten Sie zuerst verbessern?"),
    ],
)
def test_a_version_that_waits_for_our_kickoff_does_not_say_that_it_waits_for_the_customer(
    playbook: Playbook, folder: str, asked: str, kickoff: str, last: str, signed: datetime
) -> None:
    now = signed + timedelta(days=7)
    letter = _letter(playbook, now, folder=folder)
    assert letter.account.self_service
    assert letter.goal_steps == GoalStepsPart()
    assert asked not in _text("check_in_7", letter)
    assert kickoff in _text("welcome", letter)
    assert " ".join(letter.offer.first.split()) in _text("check_in_7", letter)
    done = _letter(playbook, now, build_fact("milestone", "activation", now), folder=folder, stage=Stage.FIRST_VALUE)
    assert last in _text("activation", done)


@pytest.mark.parametrize(
    ("folder", "right", "stands", "nothing"),
    [
        ("", "are these goals right?", "where does your number stand now?", "nothing is left for you to do"),
        ("de", "Stimmen diese Ziele?", "Wo steht Ihre Zahl jetzt?", "für Sie bleibt nichts zu tun"),
    ],
)
def test_the_first_result_asks_for_what_is_open_and_for_that_alone(
    folder: str, right: str, stands: str, nothing: str, signed: datetime
) -> None:
    now = signed + timedelta(days=7)
    used, agreed = build_fact("milestone", "activation", now), _confirmed(signed)
    told = build_fact("goal_value", CASE_GOAL, now, value={"value": 20})
    for facts, words in (((used,), right), ((used, agreed), stands), ((used, agreed, told), nothing)):
        text = _text("activation", _letter(TECH, now, *facts, folder=folder, stage=Stage.FIRST_VALUE))
        assert [one in text for one in (right, stands, nothing)] == [one == words for one in (right, stands, nothing)]


@pytest.mark.parametrize(
    ("folder", "ours", "asked"), [("", "waits for us", "as a number"), ("de", "wartet auf uns", "als Zahl")]
)
@pytest.mark.parametrize("mail", ["check_in_7", "check_in_30"])
def test_a_customer_whose_goal_stands_is_not_told_that_the_onboarding_waits_for_it(
    mail: str, folder: str, ours: str, asked: str, signed: datetime
) -> None:
    now = signed + timedelta(days=7)
    text = _text(mail, _letter(TECH, now, _confirmed(signed), folder=folder, stage=Stage.HANDOFF))
    assert (ours in text, asked in text) == (True, False)
    open_goal = _letter(TECH, now, folder=folder, stage=Stage.HANDOFF)
    assert open_goal.goal_steps.turn == "theirs"
    assert ours not in _text(mail, open_goal)


@pytest.mark.parametrize("folder", ["", "de"])
@pytest.mark.parametrize("mail", ["check_in_7", "check_in_30", "check_in_90"])
def test_no_check_in_of_who_serves_itself_promises_a_persons_time(mail: str, folder: str, signed: datetime) -> None:
    now = signed + timedelta(days=7)
    for facts in ((), (_confirmed(signed),), (build_fact("milestone", "activation", now),)):
        for stage in Stage:
            letter = _letter(TECH, now, *facts, folder=folder, stage=stage)
            text = _text(mail, letter)
            promised = (letter.offer.first, letter.offer.second, "next call", "nächsten Gespräch", "Thirty", "Dreißig")
            assert [one for one in promised if " ".join(one.split()) in text] == [], text
