"""What follows first value: tracks run for a while after the five stages, for customers who use the product or asked
for more, and the phase says where a customer is (ST-10, ST-11, ST-15)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from config.files.documents import adapter
from onboarding.health.summary import summarise
from onboarding.model.case import Case, Fact, Hold
from onboarding.model.playbook import Playbook, Step
from onboarding.model.review import Review
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import Stage, Status, TouchpointOutcome
from onboarding.model.written.track import Phase, Track
from onboarding.review_case import review
from onboarding.simulation.apply import decided
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done, build_use
from tests.builders.playbook import build_playbook

DONE = SIGNED + timedelta(days=40)
LATE = {"send_for_hours": 336, "then": "skip", "source": "ours"}


def track(name: str, phase: str, day: int, days: int, users: int) -> Track:
    return adapter(Track).validate_python(
        {
            "name": name,
            "title": name.capitalize(),
            "phase": phase,
            "begins": {"from": "stage", "days": day, "source": "ours"},
            "days": days,
            "in_use": {"users": users, "last_days": 30},
            "wish": ["business_reviews_set"],
            "source": "ST-15",
        }
    )


def step(name: str, of: str, day: int, **more: object) -> Step:
    mail = {"template": "champion_kit", "topic": "enablement", "to": {"roles": ["champion"]}}
    found = {"name": name, "title": name, "track": of, "due": {"from": "track", "days": day, "source": "ours"}}
    return adapter(Step).validate_python(found | {"after_completion": True, "late": LATE, "mail": mail} | more)


PLAIN = build_playbook()
TRACKS = (track("adoption", "secondary", 0, 60, 1), track("growth", "tertiary", 60, 90, 3))
STEPS = (step("new_groups", "adoption", 10), step("change", "adoption", 50), step("power", "growth", 5))
PLAYBOOK = replace(PLAIN, tracks=TRACKS, steps=STEPS)
MET = tuple(
    name for name in PLAIN.stages[Stage.FIRST_VALUE].exit if name not in ("both_sides_told", "owner_transferred")
)
COMPLETED = replace(
    CASE,
    facts=build_done(*MET, at=DONE),
    progress=replace(
        CASE.progress,
        status=Status.COMPLETED,
        stage=Stage.DONE,
        stage_times={Stage.DONE: DONE, Stage.FIRST_VALUE: DONE - timedelta(days=5)},
    ),
)


def day(number: float) -> datetime:
    return DONE + timedelta(days=number)


def used(last: float, users: int = 5, case: Case = COMPLETED) -> Case:
    """The product was last used so many days after the end of the five stages, and usage has come ever since."""
    events = [(day(last), f"user{number}@kunde.test") for number in range(users)]
    usage = Usage(known=True, read_at=day(999), heard_at=day(999), signals=(build_use("login", *events),))
    return replace(case, usage=usage)


def unheard(case: Case, since: float, **more: Any) -> Case:
    """From that day on no usage came of anybody."""
    return replace(case, usage=replace(case.usage, read_at=day(since), heard_at=day(since), **more))


def at(case: Case, number: float, playbook: Playbook = PLAYBOOK, *facts: Fact) -> Review:
    return review(replace(case, facts=(*case.facts, *facts)), playbook, day(number)).review


def planned(found: Review) -> set[str]:
    return {effect.kind for effect in found.effects if effect.channel == "mail"}


def test_steps_of_a_track_go_out_after_completion_and_the_status_stays_completed() -> None:
    found = at(used(10), 11)
    assert (found.progress.status, found.progress.stage) == (Status.COMPLETED, Stage.DONE)
    assert planned(found) == {"new_groups"}
    assert found.next_at["stages"] == datetime(2026, 6, 1, 7, tzinfo=UTC), "for the next step, on a Monday at nine"
    assert at(used(51), 52).next_at["stages"] == day(60), "it wakes for the end of a track, too"


def test_a_customer_who_does_not_use_the_product_is_not_bothered_and_the_journal_says_why() -> None:
    found = at(used(-25), 11)
    assert not planned(found)
    (line,) = [one for one in found.decisions if one.about == "new_groups"]
    assert (line.kind, line.because.startswith("not sent: nobody there has used the product since")) == (
        "skipped",
        True,
    )
    assert [one.outcome for one in found.touchpoints] == [TouchpointOutcome.SKIPPED]
    again = at(used(45, case=decided(used(-25), found)), 51)
    assert planned(again) == {"change"}, "what comes later goes out once they use it"


def test_too_few_people_are_no_use() -> None:
    few = used(63, users=2)
    assert not planned(at(few, 66))
    assert "too few people there used the product in 30 days: 2 of at least 3" in at(few, 66).tracks[0]
    assert planned(at(used(63, users=3), 66)) == {"power"}


def test_where_usage_is_unknown_a_wish_decides() -> None:
    unknown = replace(COMPLETED, usage=Usage())
    assert not planned(at(unknown, 11))
    assert planned(at(unknown, 11, PLAYBOOK, *build_done("business_reviews_set", at=DONE))) == {"new_groups"}


WISH = build_done("business_reviews_set", at=DONE)


def test_a_source_that_fell_silent_is_no_silence_of_the_customer() -> None:
    dead = unheard(used(60, users=3), 61)
    assert planned(at(dead, 66)) == {"power"}, "used in the last thirty days, as far as anybody knows"
    late = at(dead, 95)
    assert "is not known: nothing has come of it since" in late.tracks[0]
    assert late.phase is Phase.TERTIARY, "as it was when usage last came"
    silent = at(used(60, users=3), 95)
    assert (silent.phase, "nobody there has used" in silent.tracks[0]) == (Phase.SECONDARY, True)
    (line,) = [one for one in at(unheard(used(-25), -20), 11).decisions if one.about == "new_groups"]
    assert line.because.startswith("not sent: whether the product is used is not known: nothing has come")
    assert planned(at(unheard(used(-25), -20), 11, PLAYBOOK, *WISH)) == {"new_groups"}, "the wish decides"
    assert not planned(at(used(-25), 11, PLAYBOOK, *WISH)), "a silence that is proved goes before a wish"


def test_usage_that_could_not_be_read_may_have_ended_the_silence() -> None:
    found = at(replace(used(-25), usage=replace(used(-25).usage, unread_at=day(9))), 11)
    (line,) = [one for one in found.decisions if one.about == "new_groups"]
    assert "is not known: what came of it could not be read" in line.because
    never = replace(COMPLETED, usage=Usage(known=True, read_at=day(999), heard_at=day(999)))
    assert "has used the product so far" in at(never, 11).tracks[0]


def test_only_who_used_it_lately_counts_whatever_the_signal() -> None:
    old = build_use("login", *((day(-30), f"user{number}") for number in range(20)), (day(63), "user1"))
    few = replace(COMPLETED, usage=replace(used(63).usage, signals=(old,)))
    assert "too few people there used the product in 30 days: 1 of at least 3" in at(few, 66).tracks[0]
    other = build_use("quote", (day(60), "user2"), (day(60), "user3"), (day(60), "user1"))
    both = replace(few, usage=replace(few.usage, signals=(old, other)))
    assert planned(at(both, 66)) == {"power"}


def test_where_no_event_names_a_user_their_number_is_unknown_and_not_none() -> None:
    nameless = replace(COMPLETED, usage=replace(used(63).usage, signals=(build_use("login", (day(63), "")),)))
    assert "how many people there use the product is not known" in at(nameless, 66).tracks[0]
    assert not planned(at(nameless, 66))
    assert planned(at(nameless, 66, PLAYBOOK, *WISH)) == {"power"}
    one = replace(nameless, usage=replace(used(9).usage, signals=(build_use("login", (day(9), "")),)))
    assert planned(at(one, 11)) == {"new_groups"}, "one person at least there was"


def test_a_track_ends_and_a_hold_moves_its_dates_and_keeps_back_what_is_due() -> None:
    assert not planned(at(used(58), 61)) - {"power"}
    held = replace(used(10), holds=(Hold(since=day(5), until=day(25), reason="merger", by="cleo"),))
    assert not planned(at(held, 11))
    resumed = replace(held, holds=(replace(held.holds[0], ended_at=day(25)),))
    assert not planned(at(resumed, 26))
    assert planned(at(used(28, case=resumed), 31)) == {"new_groups"}, "twenty days later"
    assert "runs until" in at(used(70, case=resumed), 70).tracks[0], "the end moved too"


def test_a_track_is_over_for_who_has_another_onboarding_or_has_gone() -> None:
    assert not planned(at(replace(used(10), followed=True), 11))
    gone = replace(used(10), account=replace(COMPLETED.account, churned_on=day(9).date()))
    assert not planned(at(gone, 11))


def test_who_opted_out_gets_no_mail_and_the_person_who_left_neither() -> None:
    people = tuple(replace(one, opted_out=True) if one.id == "003CHAMPION" else one for one in COMPLETED.people)
    assert not planned(at(replace(used(10), people=people), 11))


@pytest.mark.parametrize(("number", "phase"), [(1, Phase.SECONDARY), (59, Phase.SECONDARY), (61, Phase.TERTIARY)])
def test_the_phase_goes_from_first_value_to_adoption_to_advocacy(number: int, phase: Phase) -> None:
    case = used(number - 0.5)
    assert at(case, number).phase is phase
    assert summarise(case, at(case, number), day(number)).as_json()["phase"] == phase.value
    assert at(used(-60, case=case), 61).phase is Phase.SECONDARY, "without use there is no advocacy"


def test_before_first_value_the_phase_is_primary() -> None:
    assert review(CASE, PLAYBOOK, SIGNED + timedelta(hours=1)).review.phase is Phase.PRIMARY


def test_what_runs_and_what_comes_is_said() -> None:
    found = at(used(10), 11)
    assert [said.split(" 20")[0] for said in found.tracks] == [
        "“Adoption” (secondary) runs until 10 June",
        "“Growth” (tertiary) begins on 10 June",
    ]
    assert not at(used(149), 151).tracks


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"steps": (step("extra", "nowhere", 1),)}, "there is no track nowhere; known: adoption, growth"),
        ({"steps": (step("extra", "adoption", 1, after_completion=False),)}, "needs after_completion: true"),
        ({"steps": (step("extra", "", 1),)}, "due: {from: track} needs track:"),
        ({"tracks": (TRACKS[0], TRACKS[0])}, "track names must be unique; twice: adoption"),
        ({"tracks": (replace(TRACKS[0], wish=("wishes",)), TRACKS[1])}, "wish names an unknown milestone: wishes"),
    ],
)
def test_a_track_that_cannot_work_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("{", r"\{").replace("}", r"\}")):
        replace(PLAYBOOK, **wrong)


def test_the_primary_phase_is_no_track() -> None:
    with pytest.raises(ValidationError, match="use secondary or tertiary"):
        track("adoption", "primary", 0, 60, 1)
