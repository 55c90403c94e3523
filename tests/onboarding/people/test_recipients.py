from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.files.documents import adapter
from onboarding.facts.fold import fold_facts
from onboarding.model.case import Case
from onboarding.model.parties import Person, Stakeholder
from onboarding.model.playbook import Playbook, Step
from onboarding.model.suppressions import Suppression, SuppressionScope
from onboarding.model.vocabulary import CustomerRole
from onboarding.people.audience import Audience
from onboarding.people.recipients import colleagues, recipients
from tests.builders.case import CASE
from tests.builders.playbook import build_playbook
from tests.examples import examples

Make = Callable[..., Any]
CHAMPION, SPONSOR = CustomerRole.CHAMPION, CustomerRole.EXECUTIVE_SPONSOR
ADMIN, USER, MANAGER = CustomerRole.TECHNICAL_ADMIN, CustomerRole.END_USER, CustomerRole.MANAGER


def a_step(*roles: str, otherwise: tuple[str, ...] = (), anybody: bool = False, topic: str = "check_in") -> Step:
    return adapter(Step).validate_python(
        {
            "name": "letter",
            "title": "A letter",
            "due": {"from": "signature", "source": "ours"},
            "late": {"send_for_hours": 72, "then": "skip", "source": "ours"},
            "mail": {
                "template": "letter",
                "topic": topic,
                "to": {"roles": roles, "otherwise": otherwise, "anybody": anybody},
            },
        }
    )


def person(name: str, **changes: Any) -> Person:
    given: dict[str, Any] = {"id": f"003{name}", "name": name, "email": f"{name.lower()}@kunde.test"}
    return Person(**{**given, **changes})


@pytest.fixture
def audience(signed: datetime) -> Callable[..., Audience]:
    playbook: Playbook = build_playbook()

    def ask(step: Step, *parts: tuple[Person, CustomerRole | None], **changes: Any) -> Audience:
        people = tuple({who.id: who for who, _ in parts}.values())
        stakeholders = tuple(Stakeholder(person_id=who.id, role=role) for who, role in parts)
        case: Case = replace(CASE, people=people, stakeholders=stakeholders, **changes)
        return recipients(step, case, fold_facts(case, playbook, signed))

    return ask


def names(found: Audience) -> list[str]:
    return [to.name for to in found.to]


def reasons(found: Audience) -> dict[str, str]:
    return {out.name: out.reason for out in found.left_out}


def test_all_who_hold_the_roles_get_it_in_the_order_of_the_roles(audience: Callable[..., Audience]) -> None:
    found = audience(
        a_step("champion", "manager"),
        (person("Max"), MANAGER),
        (person("Zoe"), CHAMPION),
        (person("Ada"), CHAMPION),
        (person("Tom"), ADMIN),
    )
    assert names(found) == ["Ada", "Zoe", "Max"]
    assert [to.role for to in found.to] == ["champion", "champion", "manager"]


def test_if_the_role_has_no_holder_the_first_of_the_others_with_one_gets_it(
    audience: Callable[..., Audience],
) -> None:
    step = a_step("champion", otherwise=("manager", "executive_sponsor"))
    found = audience(step, (person("Eva"), SPONSOR), (person("Max"), MANAGER))
    assert names(found) == ["Max"]
    assert "as nobody with champion can be written to" in found.to[0].because


def test_a_champion_without_an_address_is_named_and_the_next_in_line_gets_it(
    audience: Callable[..., Audience],
) -> None:
    step = a_step("champion", otherwise=("executive_sponsor",))
    found = audience(step, (person("Ada", email=None), CHAMPION), (person("Eva"), SPONSOR))
    assert names(found) == ["Eva"]
    assert reasons(found) == {"Ada": "no_address"}


def test_a_person_who_opted_out_gets_nothing_and_has_no_substitute(
    audience: Callable[..., Audience],
) -> None:
    step = a_step("champion", otherwise=("executive_sponsor",), anybody=True)
    found = audience(step, (person("Ada", opted_out=True), CHAMPION), (person("Eva"), SPONSOR))
    assert names(found) == []
    assert reasons(found) == {"Ada": "opted_out"}


def test_an_address_that_bounced_is_not_written_to_however_it_is_spelt(
    audience: Callable[..., Audience],
) -> None:
    found = audience(
        a_step("champion"),
        (person("Ada", email="Ada@Kunde.test"), CHAMPION),
        (person("Ben"), CHAMPION),
        suppressions=(Suppression(subject="ada@kunde.test", scope=SuppressionScope.ALL, reason="bounced"),),
    )
    assert names(found) == ["Ben"]
    assert reasons(found) == {"Ada": "suppressed"}


def test_two_people_with_one_address_get_one_mail(audience: Callable[..., Audience]) -> None:
    found = audience(
        a_step("champion", "end_user"),
        (person("Ben", email="TEAM@kunde.test"), USER),
        (person("Ada", email="team@kunde.test"), CHAMPION),
    )
    assert names(found) == ["Ada"]
    assert reasons(found) == {"Ben": "same_address"}


def test_a_person_who_also_holds_a_role_that_must_not_get_the_topic_is_left_out(
    audience: Callable[..., Audience],
) -> None:
    both = person("Ada")
    found = audience(
        a_step("technical_admin", topic="technical_documentation"),
        (both, ADMIN),
        (both, SPONSOR),
        (person("Tom"), ADMIN),
    )
    assert names(found) == ["Tom"]
    assert reasons(found) == {"Ada": "policy"}
    assert "executive sponsor" in found.left_out[0].because


def test_who_left_gets_nothing_and_is_named(audience: Callable[..., Audience]) -> None:
    found = audience(
        a_step("champion"),
        (person("Ada", left_on=date(2026, 3, 1)), CHAMPION),
        (person("Ben"), CHAMPION),
    )
    assert names(found) == ["Ben"]
    assert reasons(found) == {"Ada": "left"}


def test_in_the_last_resort_one_person_with_an_address_gets_it_and_not_all_of_them(
    audience: Callable[..., Audience],
) -> None:
    step = a_step("champion", otherwise=("manager",), anybody=True)
    found = audience(
        step,
        (person("Ada", email=None), None),
        (person("Ben"), None),
        (person("Cem"), None),
        (person("Gone", left_on=date(2026, 1, 1)), None),
    )
    assert names(found) == ["Ben"]


def test_without_recipients_it_says_which_role_is_missing(audience: Callable[..., Audience]) -> None:
    found = audience(a_step("champion", otherwise=("manager",)), (person("Tom"), ADMIN))
    assert names(found) == []
    assert found.because == "nobody is known as champion or manager"


def test_ours_get_a_slack_message_once_though_they_hold_two_roles(signed: datetime) -> None:
    playbook = build_playbook()
    case = CASE
    state = fold_facts(case, playbook, signed)
    step = adapter(Step).validate_python(
        {
            "name": "note",
            "title": "A note",
            "due": {"from": "signature", "source": "ours"},
            "late": {"send_for_hours": 72, "then": "skip", "source": "ours"},
            "slack": {"to": ["csm", "onboarding_specialist", "cs_manager"], "says": "x"},
        }
    )
    found = colleagues(step, state)
    assert [to.id for to in found.to] == ["005CSM", "005MANAGER"]
    assert found.to[0].zone == "Europe/Berlin"
    nobody = colleagues(step, replace(state, team={}))
    assert nobody.to == ()
    assert nobody.because == "none of our people is CSM or onboarding specialist or CS manager"


ROLES = st.sampled_from([*CustomerRole, None])
PEOPLE = st.lists(
    st.builds(
        Person,
        id=st.sampled_from([f"003{letter}" for letter in "ABCDEFGH"]),
        name=st.sampled_from(["Ada", "Ben", "Cem"]),
        email=st.sampled_from([None, "", "a@k.test", "A@K.test", "b@k.test", "c@k.test", "d@k.test"]),
        opted_out=st.booleans(),
        left_on=st.sampled_from([None, None, date(2026, 1, 1)]),
    ),
    unique_by=lambda who: who.id,
    max_size=8,
)
STEPS = st.sampled_from(
    [
        a_step("champion", "end_user", otherwise=("manager", "executive_sponsor"), anybody=True),
        a_step("technical_admin", otherwise=("end_user",), topic="admin_configuration"),
        a_step("executive_sponsor", "manager", topic="technical_update", anybody=True),
        a_step("end_user", topic="executive_update"),
    ]
)


@given(people=PEOPLE, step=STEPS, data=st.data())
@settings(max_examples=examples(200))
def test_the_order_of_people_does_not_matter_and_no_rule_is_broken(
    people: list[Person],
    step: Step,
    data: st.DataObject,
    signed: datetime,
) -> None:
    parts = [
        Stakeholder(person_id=who.id, role=role)
        for who in people
        for role in data.draw(st.lists(ROLES, max_size=3, unique=True), label=who.id)
    ]
    playbook = build_playbook()

    def ask(people: list[Person], parts: list[Stakeholder]) -> tuple[Case, Audience]:
        suppressions = (Suppression(subject="d@k.test", scope=SuppressionScope.ALL, reason="bounced"),)
        case = replace(CASE, people=tuple(people), stakeholders=tuple(parts), suppressions=suppressions)
        return case, recipients(step, case, fold_facts(case, playbook, signed))

    case, found = ask(people, parts)
    _, shuffled = ask(data.draw(st.permutations(people)), data.draw(st.permutations(parts)))
    assert shuffled == found
    addresses = [to.address.lower() for to in found.to]
    assert len(set(addresses)) == len(addresses)
    assert "d@k.test" not in addresses
    for to in found.to:
        who = case.person(to.id)
        assert who is not None
        assert who.email
        assert not who.opted_out
        assert who.left_on is None
    assert not {to.id for to in found.to} & {out.id for out in found.left_out}
