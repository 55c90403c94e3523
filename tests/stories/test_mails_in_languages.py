"""Every mail of the whole sample, at every stage, in English and in German: complete, and in one language alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from config.company.brand import load_brand
from config.mail_templates.render import BUNDLED, Rendered, open_templates
from onboarding.messages.letters import letter_context
from onboarding.model.message_policy import may_receive
from onboarding.model.vocabulary import HandoffItem, Stage, SurveyKind
from tasks.runtime.context import RunContext
from tasks.views.picture import Picture, picture_of

ENGLISH_WORDS = re.compile(
    r"\b(the|and|your|you|with|for|is|are|to|of|we|our|this|that|not|have|has|been|due|at|time|by|who|what|reply|"
    r"stage|days|first|call|yes|from|on|Monday|Tuesday|Wednesday|Thursday|Friday|March|May|June|July)\b",
    re.IGNORECASE,
)
"""Words that no German text has; ``was``, ``so`` and ``in`` are German as well."""
GERMAN_WORDS = re.compile(r"\b(und|Sie|Ihre?|der|das|wir|nicht|ist|mit|Guten|Grüßen|Uhr|fällig|bis|März)\b")
SPOKEN = {"en": GERMAN_WORDS, "de": ENGLISH_WORDS}
"""What the mails of a language must not hold."""
SAMPLE = BUNDLED.with_name("brand.yaml")
NEUTRAL = "Xyz"
"""In place of what the customer's people and the seller wrote, in whatever language."""


def mails(seen: Picture, language: str, count: int) -> Iterator[tuple[str, Rendered]]:
    templates = open_templates(brand=load_brand(SAMPLE))
    case, state = _neutral(seen)
    for number, step in enumerate(seen.playbook.steps):
        if step.mail is None:
            continue
        spoken = templates.languages.of_mail(step.mail.template, [language])
        stage = list(Stage)[(number + count) % len(Stage)]
        readers = dict.fromkeys((*step.mail.to.roles, *step.mail.to.otherwise))
        for role in list(readers)[count % 3 : count % 3 + 2] or list(readers)[:1]:
            assert may_receive(frozenset({role}), step.mail.topic)
            person = case.people[0]
            letter = letter_context(
                case, state, seen.playbook, step, person, role.value, seen.now, stage=stage, language=spoken
            )
            survey = replace(letter.survey, question=spoken.question(SurveyKind.NPS), url="https://a.example/s/x")
            whole = replace(letter, survey=survey, plan_url="https://a.example/p/x")
            yield f"{step.name} to {role} in {stage}", templates.render(step.mail.template, whole)


def _neutral(seen: Picture) -> tuple[Any, Any]:
    """Return case and state with one word in place of every text and name that people wrote."""
    people = tuple(
        replace(person, name=f"{NEUTRAL} {NEUTRAL}", called=NEUTRAL, family_name=NEUTRAL) for person in seen.case.people
    )
    case = replace(seen.case, account=replace(seen.case.account, name=NEUTRAL), people=people)
    state = seen.review.state
    goals = tuple(replace(goal, metric=NEUTRAL, unit=NEUTRAL) for goal in state.goals)
    return case, replace(state, goals=goals, handoff={item: NEUTRAL for item in HandoffItem if item in state.handoff})


def _said(mail: Rendered, names: set[str]) -> str:
    text = "\n".join((mail.subject, mail.preheader, mail.text))
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return re.sub(r"https?://\S+|\S+@\S+|\(Zeit in [^)]*\)|\([\w ]+ time\)", "", text)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_mail_of_every_stage_is_whole_and_in_one_language(seen: Any, context: RunContext, language: str) -> None:
    brand = load_brand(SAMPLE)
    rendered, stages = set(), set()
    for count, line in enumerate(seen.lines):
        with context.database.reading() as conn:
            found = picture_of(conn, line["deal_id"], seen.as_of)
        ours = [owner.name for owner in found.case.owners.values()]
        names = {brand.name, brand.postal, brand.legal, *ours, *(name.split()[0] for name in ours)}
        for what, mail in mails(found, language, count):
            rendered.add((line["deal_id"], what))
            stages.add(what.rpartition(" in ")[2])
            for part in (mail.subject, mail.preheader, mail.text):
                assert not re.search(r"\{\{|\}\}|\{%|\{\w+\}|None|undefined|\(\)| [,.;:?](\s|$)|\.\.|,,", part), part
            assert mail.html.startswith("<!DOCTYPE html>")
            assert f'<html lang="{language}" dir="ltr"' in mail.html
            left_over = SPOKEN[language].search(_said(mail, names))
            assert left_over is None, f"{line['account_name']}, {what}: {left_over}"
    assert len(rendered) > 800
    assert stages == set(Stage)
