"""Resources: the few that fit a reader's next step, and none that the reader's roles must not get."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.mail_templates.render import Templates
from onboarding.brand.resources import Resource, ResourceKind, Resources
from onboarding.languages.language import ENGLISH, Language
from onboarding.messages.resources import IN_A_MAIL, Seeker, fitting
from onboarding.model.message_policy import Topic, may_receive
from onboarding.model.vocabulary import CustomerRole, GoalKind, Stage

USER = Seeker(
    roles=frozenset({CustomerRole.END_USER}),
    stage=Stage.TRAINING,
    work=frozenset({"tasks_done_end_users"}),
    goals=frozenset({GoalKind.EFFICIENCY}),
    use_case="quotes are slow",
    products=frozenset({"flow"}),
)


def resource(title: str = "Begin here", **more: Any) -> Resource:
    links = more.pop("links", {"en": "https://learn.example/en"})
    topic = more.pop("topic", Topic.END_USER_TRAINING)
    return Resource(title=title, kind=ResourceKind.GUIDE, links=links, topic=topic, **more)


def titles(*resources: Resource, who: Seeker = USER, most: int = 9) -> list[str]:
    return [one.title for one in fitting(Resources(resources=resources), who, ENGLISH, most)]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"stages": (Stage.TRAINING, Stage.SETUP)}, True),
        ({"stages": (Stage.SETUP,)}, False),
        ({"roles": (CustomerRole.END_USER,)}, True),
        ({"roles": (CustomerRole.MANAGER,)}, False),
        ({"milestones": ("tasks_done_end_users",)}, True),
        ({"milestones": ("go_live",)}, False),
        ({"goals": (GoalKind.EFFICIENCY, GoalKind.RISK)}, True),
        ({"goals": (GoalKind.RISK,)}, False),
        ({"use_cases": ("Quote",)}, True),
        ({"use_cases": ("invoice",)}, False),
        ({"products": ("Flow",)}, True),
        ({"products": ("Other",)}, False),
    ],
)
def test_every_condition_that_is_given_must_hold(condition: dict[str, Any], holds: bool) -> None:
    assert bool(titles(resource(**condition))) is holds
    assert titles(resource(**condition, stages=(Stage.KICKOFF,)) if "stages" not in condition else resource()) == (
        [] if "stages" not in condition else ["Begin here"]
    )


def test_what_is_for_the_next_work_comes_first_then_what_fits_in_more_ways() -> None:
    general = resource("general")
    staged = resource("staged", stages=(Stage.TRAINING,), roles=(CustomerRole.END_USER,))
    work = resource("work", milestones=("tasks_done_end_users",))
    assert titles(general, staged, work) == ["work", "staged", "general"]
    assert titles(general, staged, work, most=IN_A_MAIL) == ["work", "staged"]
    assert titles(general, resource("second")) == ["general", "second"], "of equals the order of the file decides"


@given(
    roles=st.frozensets(st.sampled_from(CustomerRole)),
    topics=st.lists(st.sampled_from(Topic), min_size=1, max_size=6),
)
def test_no_role_is_shown_what_it_must_not_get(roles: frozenset[CustomerRole], topics: list[Topic]) -> None:
    judged = roles or frozenset({CustomerRole.END_USER})
    shown = titles(*(resource(topic.value, topic=topic) for topic in topics), who=replace(USER, roles=roles))
    assert all(may_receive(judged, Topic(title)) for title in shown)
    assert len(shown) == sum(may_receive(judged, topic) for topic in topics), "and everything else is"


@pytest.mark.parametrize(("minutes", "english", "german"), [(1, "1 minute", "1 Minute"), (5, "5 minutes", "5 Minuten")])
def test_its_length_is_told_in_the_number_of_its_minutes(minutes: int, english: str, german: str) -> None:
    only, spoken = Resources(resources=(resource(minutes=minutes),)), Templates().languages.of_mail("welcome", ["de"])
    assert fitting(only, USER, ENGLISH, 1)[0].about == f"guide, {english}"
    assert fitting(only, USER, spoken, 1)[0].about == f"Anleitung, {german}, en"


def test_the_link_is_in_the_readers_language_or_says_which_one_it_is_in() -> None:
    german = Language(tag="de-AT")
    both = Resources(resources=(resource(links={"en": "https://learn.example/en", "de": "https://learn.example/de"}),))
    (found,) = fitting(both, USER, german, 1)
    assert (found.url, found.about) == ("https://learn.example/de", "guide")
    (found,) = fitting(Resources(resources=(resource(minutes=5),)), USER, german, 1)
    assert (found.url, found.about) == ("https://learn.example/en", "guide, 5 minutes, en")
