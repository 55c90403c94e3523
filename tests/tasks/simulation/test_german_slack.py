"""Every Slack message of the sample over 120 days, read by a team whose language is German."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from config.languages.words import read_words
from config.mail_templates.render import BUNDLED
from config.playbook_library.library import load_library
from config.sample_portfolio.sample import make_sample
from onboarding.sentences.catalogue import ENGLISH
from onboarding.sentences.counted import Counted
from tests.conftest import MadeOnce
from tests.tasks.simulation.test_simulate import A_SUNDAY, fresh, lived_for

DAYS = 120
WORDS = read_words(BUNDLED / "de")
LITERAL = re.compile(r"[A-Za-z][A-Za-z' ,;]{9,}")
"""What a phrase says besides its values: long enough that no name or quoted text has it by chance."""

REASONS = ("wants no automated mail",)
"""Phrases that the journal uses too: its reasons are quoted as they stand there."""


@pytest.fixture(scope="module")
def posts(made_once: MadeOnce) -> list[Mapping[str, Any]]:
    """Return the Slack messages of the German team."""

    def fill(folder: Path) -> list[Mapping[str, Any]]:
        settings, team = fresh(folder / "home"), folder / "team.yaml"
        bundled = settings.team.read_text("utf-8")
        team.write_text(f"language: de\n{bundled}", "utf-8")
        start = make_sample(settings.crm.folder, A_SUNDAY)
        lived_for(replace(settings, team=team), start, folder / "german", days=DAYS)
        lines = (folder / "german" / "slack.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]

    found: list[Mapping[str, Any]] = made_once("german slack", fill)
    return found


def texts(value: Any) -> Iterator[str]:
    """Yield every text that a reader sees in the blocks of a message."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text"):
            yield value["text"]
        for inside in value.values():
            yield from texts(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from texts(inside)


def said(phrase: str | Counted) -> list[str]:
    forms = [getattr(phrase, one.name) for one in fields(phrase)] if isinstance(phrase, Counted) else [phrase]
    return [part.strip() for form in forms for part in re.split(r"\{\w+\}", form)]


def phrases_of(sections: Mapping[str, Any]) -> Iterator[str]:
    for section in sections.values():
        for one in fields(section):
            yield from said(getattr(section, one.name))


def english() -> Iterator[str]:
    """Yield what English phrases say that German ones do not, and titles and next steps of the playbooks."""
    german = set(phrases_of({name: getattr(WORDS, name) for name in ENGLISH}))
    yield from (part for part in phrases_of(ENGLISH) if LITERAL.fullmatch(part) and part not in german)
    for version in load_library().playbook_versions.values():
        yield from (plan.title for plan in version.playbook.milestones())
        yield from (rule.next_step.split("{")[0].strip() for rule in version.playbook.stalls.values())


@pytest.mark.long
def test_a_german_team_reads_no_english_phrase(posts: list[Mapping[str, Any]]) -> None:
    phrases = [one for one in dict.fromkeys(english()) if len(one) > 9 and WORDS.texts.get(one) != one]
    phrases = [one for one in phrases if one not in REASONS]
    assert len(phrases) > 150
    seen = {text for post in posts for text in (post["text"], *texts(post["blocks"]))}
    assert len(posts) > 500
    assert any("Nächster Schritt: " in text for text in seen)
    assert {(one, text) for text in seen for one in phrases if one in text} == set()
