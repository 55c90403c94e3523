"""The plan page says in the reader's language what goes on after first value, while a track runs; to others nothing."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from config.mail_templates.render import Templates
from onboarding.languages.language import ENGLISH, Language
from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import CustomerRole, Stage, Status, Tier
from onboarding.model.written.track import Phase
from onboarding.plan_page.context import PageContext
from onboarding.review_case import review_without_writes
from tests.builders.case import CASE, PEOPLE, SIGNED
from tests.builders.facts import build_done, build_use
from tests.builders.tiers import HIGH, MID, TECH
from tests.onboarding.plan_page.test_policy import playbooks, text_of

GERMAN = Templates().languages.of_pages(["de"])
DONE = SIGNED + timedelta(days=40)
SECONDARY = "You have your first results. Until 9 August 2026 we help you bring in more of your people."
TERTIARY = "It is part of your daily work. Until 10 June 2026 we look with you at what else it can do for you."
IN_GERMAN = (
    "Die ersten Ergebnisse sind da. Bis 9. August 2026 helfen wir Ihnen, "
    "weitere Kolleginnen und Kollegen einzubeziehen."
)


def completed(*facts: str, users: int = 9) -> Case:
    """A customer whose five stages ended on day 40, and whose people use the product."""
    events = [(DONE + timedelta(days=1, minutes=n), f"user{n}@kunde.test") for n in range(users)]
    until = DONE + timedelta(days=999)
    usage = Usage(known=True, read_at=until, heard_at=until, signals=(build_use("login", *events),) if events else ())
    times = {Stage.FIRST_VALUE: DONE - timedelta(days=5), Stage.DONE: DONE}
    progress = replace(CASE.progress, status=Status.COMPLETED, stage=Stage.DONE, stage_times=times)
    return replace(CASE, facts=build_done(*facts, at=DONE - timedelta(days=4)), usage=usage, progress=progress)


def page(case: Case, book: Playbook, day: float, language: Language = ENGLISH) -> PageContext:
    now = DONE + timedelta(days=day)
    found = review_without_writes(case, book, now, frozenset())
    return PageContext(
        case=case,
        review=found.review,
        playbook=found.playbook,
        now=now,
        reader=PEOPLE[0],
        roles=frozenset({CustomerRole.CHAMPION}),
        language=language,
    )


def told(case: Case, tier: Tier, day: float = 3, language: Language = ENGLISH) -> list[str]:
    """Return the sentences on the page that a phase could have, in either language."""
    text = text_of(page(case, playbooks()[tier], day, language))
    return re.findall(r"<p>((?:You have your first|It is part|Die ersten Ergebnisse|Es gehört zu)[^<]*)</p>", text)


def test_it_is_said_in_the_readers_language_while_the_track_runs() -> None:
    case = completed("activation")
    assert told(case, MID) == [SECONDARY]
    assert told(case, MID, language=GERMAN) == [IN_GERMAN]
    assert told(case, MID, day=119.9)
    assert told(case, HIGH)


@pytest.mark.parametrize(
    ("case", "tier", "day"),
    [
        (completed("activation"), TECH, 3),
        (completed("activation"), MID, 120.1),
        (completed(), MID, 3),
        (replace(CASE, facts=build_done("activation")), MID, 3),
    ],
    ids=["no_tracks", "track_over", "no_first_value", "under_way"],
)
def test_nothing_is_said_of_it_to_others(case: Case, tier: Tier, day: float) -> None:
    assert told(case, tier, day) == []


def test_the_third_phase_has_its_own_words_where_the_product_is_in_use() -> None:
    mid = playbooks()[MID]
    soon = replace(mid.tracks[1], begins=replace(mid.tracks[1].begins, days=10), days=50)
    book = replace(mid, tracks=(soon,), steps=tuple(one for one in mid.steps if one.track != "adoption"))
    for users, wanted in ((9, [TERTIARY]), (0, [])):
        context = page(completed("activation", users=users), book, 15)
        assert (context.review.phase is Phase.TERTIARY) is bool(wanted)
        assert re.findall(r"<p>(It is part[^<]*|You have your first[^<]*)</p>", text_of(context)) == wanted
