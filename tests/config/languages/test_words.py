"""The words of a language: German is complete, a file with a mistake is refused, and what is left out is in English."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from config.company.brand import load_resources
from config.files.documents import DocumentError
from config.files.marked_yaml import read_marked
from config.languages.words import is_language, read_language, read_words
from config.mail_templates.render import BUNDLED, Templates
from config.playbook_library.library import load_library
from onboarding.brand.resources import ResourceKind
from onboarding.facts.feedback import QUESTIONS
from onboarding.languages.language import ENGLISH
from onboarding.languages.phrases import Words
from onboarding.model.vocabulary import CustomerRole, Stage, SurveyKind, Tier, VendorRole
from onboarding.shared_plan.said import Blocker
from tests.builders.tiers import BUNDLED_TIERS

GERMAN = read_marked((BUNDLED / "de" / "words.yaml").read_text("utf-8")).data
LIBRARY = load_library()
RESOURCES = {one.title for one in load_resources(BUNDLED.parent / "resources.yaml").resources}


ENGLISH_PARTS: Mapping[str, Any] = {part.name: getattr(Words(), part.name) for part in fields(Words)}
IN_BRACES = re.compile(r"\{+[^{}']*")
SECTIONS = {name: part for name, part in ENGLISH_PARTS.items() if is_dataclass(part)}
TABLES = {name: part for name, part in ENGLISH_PARTS.items() if isinstance(part, dict) and name != "texts"}


def test_english_has_a_word_for_everything() -> None:
    whole = {"roles": CustomerRole, "stages": Stage, "blockers": Blocker, "scales": SurveyKind}
    whole |= {"questions": QUESTIONS, "resources": ResourceKind}
    assert {name: set(table) for name, table in TABLES.items() if name != "titles"} == {
        name: set(known) for name, known in whole.items()
    }
    assert set(TABLES["titles"]) < set(VendorRole), "some roles meet no customer"


def test_german_has_every_word_and_every_template() -> None:
    assert {name: set(GERMAN[name]) for name in SECTIONS} == {
        name: {part.name for part in fields(section)} for name, section in SECTIONS.items()
    }
    assert {name: set(GERMAN[name]) for name in TABLES} == {name: set(table) for name, table in TABLES.items()}
    templates = Templates()
    assert templates.names("de") == templates.names()
    assert all((BUNDLED / "de" / file).is_file() for file in ("footer.md", "signature.md"))


@pytest.mark.parametrize("tier", BUNDLED_TIERS)
def test_german_has_every_text_of_playbooks_and_resources_that_customers_read(tier: Tier) -> None:
    playbook = LIBRARY[tier].playbook
    texts = {plan.title for plan in playbook.milestones() if not plan.internal}
    texts |= {playbook.value.line, *playbook.value.for_role.values()}
    texts |= {stage.customer_sees for stage in playbook.stages.values()}
    texts |= {step.calendar.title for step in playbook.steps if step.calendar}
    assert (texts | RESOURCES) - set(GERMAN["texts"]) == set()


@pytest.mark.parametrize("tier", BUNDLED_TIERS)
def test_german_has_every_text_of_playbooks_that_our_people_read_in_slack(tier: Tier) -> None:
    playbook = LIBRARY[tier].playbook
    texts = {plan.title for plan in playbook.milestones()} | {step.title for step in playbook.steps}
    texts |= {rule.next_step for rule in playbook.stalls.values()}
    texts |= {step.slack.says for step in playbook.steps if step.slack and step.slack.says}
    assert texts - set(GERMAN["texts"]) == set()
    names = {text: (IN_BRACES.findall(text), IN_BRACES.findall(GERMAN["texts"][text])) for text in texts}
    assert {text for text, (ours, theirs) in names.items() if sorted(ours) != sorted(theirs)} == set()


def test_no_translation_belongs_to_a_text_that_is_nowhere() -> None:
    known = {text for tier in BUNDLED_TIERS for text in _strings(LIBRARY[tier].playbook)} | RESOURCES
    assert set(GERMAN["texts"]) - known == set()


def _strings(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    if is_dataclass(value):
        return {text for part in fields(value) for text in _strings(getattr(value, part.name))}
    if isinstance(value, dict):
        return {text for inside in value.values() for text in _strings(inside)}
    return {text for inside in value for text in _strings(inside)} if isinstance(value, tuple) else set()


@pytest.mark.parametrize("section", SECTIONS)
def test_a_name_that_a_phrase_has_not_is_refused_in_every_section(section: str, tmp_path: Path) -> None:
    phrase = next(part.name for part in fields(SECTIONS[section]) if isinstance(part.default, str))
    (tmp_path / "words.yaml").write_text(f"{section}:\n  {phrase}: a {{nobody}} here\n", "utf-8")
    with pytest.raises(DocumentError, match=f"{section}.{phrase}: it has not the names of the English one"):
        read_words(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("phrases:\n  due_bye: bis {day}\n", "line 2, phrases.due_bye: unknown field. Mend: did you mean 'due_by'"),
        ("phrases:\n  due_by: bis {tag}\n", "phrases.due_by: it has not the names of the English one ({day})"),
        ("phrases:\n  due_by: bis {day\n", "phrases.due_by: it has not the names of the English one ({day})"),
        ("pages:\n  scale: von {low}\n", "pages.scale: it has not the names of the English one"),
        ("plan:\n  title: Der Plan\n", "plan.title: it has not the names of the English one ({account})"),
        ("answers:\n  every_days: {other: Alle Tage, one: 'Alle {count'}\n", "answers.every_days"),
        ("answers:\n  every_days: {other: Alle Tage, one: '{tag}'}\n", "of the English one ({count})"),
        ("roles:\n  champoin: die Projektleitung\n", "did you mean 'champion'"),
        ("stages: [a]\n", "stages"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_mend(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text(text, "utf-8")
    with pytest.raises(DocumentError) as error:
        read_words(tmp_path)
    assert str(tmp_path / "words.yaml") in str(error.value)
    assert told in str(error.value)


def test_what_a_file_leaves_out_is_said_in_english(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text("roles:\n  champion: le chef de projet\n", "utf-8")
    french = read_language("fr", "fr", read_words(tmp_path))
    assert french.words.roles[CustomerRole.CHAMPION] == "le chef de projet"
    assert french.words.roles[CustomerRole.MANAGER] == ENGLISH.words.roles[CustomerRole.MANAGER]
    assert french.words.phrases == ENGLISH.words.phrases


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("de", True), ("de-AT", True), ("ar", True), ("mail", False), ("xx", False), ("DE", False), ("de_DE", False)],
)
def test_a_folder_is_a_language_by_its_name(name: str, is_one: bool) -> None:
    assert is_language(name) is is_one
