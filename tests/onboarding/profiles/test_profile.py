"""What matters to a person: the last word holds, and what anybody has answered is asked of nobody (SH-1, HO-8)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from onboarding.account_plan.markdown import as_markdown
from onboarding.account_plan.plan import account_plan
from onboarding.facts.fold import fold_facts
from onboarding.model.case import Case, Fact
from onboarding.model.parties import ProfileItem, Stakeholder
from onboarding.model.reports import words
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import CustomerRole
from onboarding.people.stakeholders import person_named
from onboarding.plan_page.form import AnswerKind, NothingToAnswer
from onboarding.plan_page.forms import form_for
from onboarding.profiles.asking import asked_items
from onboarding.profiles.request import ProfileRefused, checked_item, person_at
from onboarding.profiles.words import item_sentence, short_item
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_fact
from tests.builders.tiers import BUNDLED_TIERS, MID
from tests.onboarding.plan_page.test_languages import GERMAN
from tests.onboarding.plan_page.test_policy import page_of, playbooks, text_of

LATER = SIGNED + timedelta(days=3)
HANNA, ERIK, ULLA = "003CHAMPION", "003EXECUTIVE_SPONSOR", "003END_USER"
AFRAID = "Zebra data gets lost"


def told(item: ProfileItem, text: str, person: str = HANNA, day: float = 1) -> Fact:
    return build_fact("profile", item, SIGNED + timedelta(days=day), value={"person": person, "text": text})


def state_of(*facts: Fact, case: Case = CASE) -> tuple[Case, OnboardingState]:
    case = replace(case, facts=facts)
    return case, fold_facts(case, playbooks()[MID], LATER)


def asked(*facts: Fact, person: str = HANNA, case: Case = CASE) -> set[str]:
    return set(asked_items(*state_of(*facts, case=case), person))


def with_crm(**fields: str) -> Case:
    people = tuple(
        replace(one, profile={ProfileItem(name): text for name, text in fields.items()}) if one.id == HANNA else one
        for one in CASE.people
    )
    return replace(CASE, people=people)


def test_the_last_word_holds_and_says_who_when_and_from_where() -> None:
    first, last = told(ProfileItem.CONCERNS, "the audit"), told(ProfileItem.CONCERNS, AFRAID, day=2)
    for facts in ((first, last), (last, first, last)):
        said = state_of(*facts)[1].profiles[HANNA][ProfileItem.CONCERNS]
        assert (said.text, said.by, said.source, said.at) == (AFRAID, "cleo@vendor.test", "record", last.at)
    assert state_of(told(ProfileItem.CONCERNS, AFRAID, day=9))[1].profiles == {}, "it was not said by then"
    assert words(first) == "what matters to a person is known", "the journal repeats no words about a person"


def test_what_is_said_goes_before_the_contact_s_field() -> None:
    case = with_crm(concerns="the budget", priorities="tbd")
    said = state_of(case=case)[1].profiles[HANNA]
    assert {item: (one.text, one.source, one.at) for item, one in said.items()} == {
        ProfileItem.CONCERNS: ("the budget", "crm", None)
    }
    assert (
        state_of(told(ProfileItem.CONCERNS, AFRAID), case=case)[1].profiles[HANNA][ProfileItem.CONCERNS].text == AFRAID
    )


def test_what_was_said_of_a_person_before_the_crm_knew_them_is_theirs() -> None:
    early = told(ProfileItem.CONCERNS, AFRAID, person=person_named("hanna@kunde.test"))
    assert state_of(early)[1].profiles[HANNA][ProfileItem.CONCERNS].text == AFRAID


def test_who_bought_is_not_asked_what_the_handoff_says() -> None:
    assert asked() == {"concerns", "pain_points"}
    users = tuple(replace(one, buyer=one.person_id != ULLA) for one in CASE.stakeholders)
    assert asked(person=ULLA, case=replace(CASE, stakeholders=users)) == set(ProfileItem), "nobody asked them"
    deals = tuple(replace(deal, fields={"pain_points": "Quotes take two days"}) for deal in CASE.deals)
    assert asked(case=replace(CASE, deals=deals)) == {"concerns"}
    deals = tuple(replace(deal, handoff={}) for deal in CASE.deals)
    assert asked(case=replace(CASE, deals=deals)) == set(ProfileItem)


@pytest.mark.parametrize("item", [ProfileItem.CONCERNS, ProfileItem.PAIN_POINTS])
def test_answered_anywhere_it_is_asked_nowhere(item: ProfileItem) -> None:
    assert item not in asked(told(item, AFRAID))
    assert item not in asked(case=with_crm(**{item: AFRAID}))
    assert item in asked(told(item, AFRAID, person=ERIK)), "each person has their own"
    assert item in asked(told(item, "tbd")), "which is no answer"


@pytest.mark.parametrize("tier", BUNDLED_TIERS)
@pytest.mark.parametrize("role", list(CustomerRole))
def test_the_page_shows_and_asks_a_reader_their_own_alone(tier: Any, role: CustomerRole) -> None:
    page = page_of(frozenset({role}), tier)
    others = tuple(
        told(item, f"Zebra {person.id}", person=person.id)
        for person in CASE.people
        for item in ProfileItem
        if person.id != page.reader.id
    )
    mine = told(ProfileItem.SUCCESS, "Giraffe", person=page.reader.id)
    case = replace(page.case, facts=(*page.case.facts, *others, mine))
    seen = replace(page, case=case, review=review(case, page.playbook, page.now).review)
    for language in (page.language, GERMAN):
        shown = text_of(replace(seen, language=language))
        assert "Zebra" not in shown
        assert "Giraffe" in shown
        assert language.words.profile.labels[ProfileItem.CONCERNS] in shown, "it is asked"
        form = form_for(AnswerKind.PROFILE, "", replace(seen, language=language))
        given = {field.name: field.initial for field in form.fields}
        assert given["success"] == "Giraffe"
        assert (given["concerns"], "Zebra" in str(form)) == ("", False)
        assert "priorities" not in given, "sales asked the buyers"


def test_where_all_is_known_elsewhere_nothing_is_asked() -> None:
    page = page_of(frozenset({CustomerRole.CHAMPION}), MID)
    deals = tuple(replace(deal, fields={"pain_points": "Quotes take two days"}) for deal in page.case.deals)
    case = replace(page.case, deals=deals, facts=(told(ProfileItem.CONCERNS, AFRAID, person=page.reader.id),))
    seen = replace(page, case=case, review=review(case, page.playbook, page.now).review)
    shown = text_of(seen)
    assert "We do not know yet" not in shown
    assert AFRAID in shown
    with pytest.raises(NothingToAnswer, match="nothing to ask you"):
        form_for(AnswerKind.PROFILE, "other", seen)


def test_the_account_plan_tells_it() -> None:
    case = replace(CASE, facts=(told(ProfileItem.SUCCESS, "One zebra\na week"), told(ProfileItem.CONCERNS, AFRAID)))
    plan = as_markdown(account_plan(case, review(case, playbooks()[MID], LATER).review))
    assert f"concerns: “{AFRAID}”; definition of success: “One zebra a week”" in plan


def test_what_says_nothing_or_too_much_is_refused() -> None:
    assert checked_item(ProfileItem.CONCERNS, f" {AFRAID} ") == AFRAID
    for text, why in (("-", "says nothing about concerns"), ("x" * 501, "longer than 500")):
        with pytest.raises(ProfileRefused, match=why):
            checked_item(ProfileItem.CONCERNS, text)
    case, state = state_of()
    assert person_at(case, state, "HANNA@kunde.test").id == HANNA
    with pytest.raises(ProfileRefused, match=r"nobody at .* has this address"):
        person_at(case, state, "who@kunde.test")


def test_a_person_without_a_role_who_bought_nothing_is_asked_everything() -> None:
    more = replace(CASE.people[0], id="003NEW", email="new@kunde.test")
    part = Stakeholder(person_id="003NEW", role=None, buyer=False)
    case = replace(CASE, people=(*CASE.people, more), stakeholders=(*CASE.stakeholders, part))
    assert asked(person="003NEW", case=case) == set(ProfileItem)


def elsewhere(*facts: Fact, case: Case = CASE) -> Case:
    return replace(case, said_elsewhere=facts)


def test_what_another_onboarding_knows_is_asked_in_none_and_says_where_it_is_from() -> None:
    long_ago = told(ProfileItem.CONCERNS, AFRAID, day=-300)
    for fact in (long_ago, told(ProfileItem.CONCERNS, AFRAID, person=person_named("hanna@kunde.test"), day=-300)):
        assert "concerns" not in asked(case=elsewhere(fact))
        said = state_of(case=elsewhere(fact))[1].profiles[HANNA][ProfileItem.CONCERNS]
        assert (said.text, said.at, said.elsewhere) == (AFRAID, long_ago.at, True)
        assert item_sentence(ProfileItem.CONCERNS, said) == (
            f"concerns: “{AFRAID}” (6 May 2025, cleo@vendor.test, in another onboarding)"
        )
        assert short_item(ProfileItem.CONCERNS, said) == f"concerns: “{AFRAID}” (6 May 2025, in another onboarding)"
    assert "concerns" in asked(case=elsewhere(long_ago), person=ERIK), "it is of one person alone"
    assert "concerns" in asked(case=elsewhere(told(ProfileItem.CONCERNS, AFRAID, day=9))), "it was not said by then"


@pytest.mark.parametrize(("there", "text"), [(-300, "the audit"), (2, AFRAID)])
def test_of_several_onboardings_the_last_word_holds(there: float, text: str) -> None:
    own = told(ProfileItem.CONCERNS, "the audit", day=1)
    case = elsewhere(told(ProfileItem.CONCERNS, AFRAID, day=there), case=with_crm(concerns="the budget"))
    said = state_of(own, case=case)[1].profiles[HANNA][ProfileItem.CONCERNS]
    assert (said.text, said.elsewhere) == (text, text == AFRAID)


def test_the_page_says_since_when_another_onboarding_knows_it_to_its_reader_alone() -> None:
    page = page_of(frozenset({CustomerRole.CHAMPION}), MID)
    old = told(ProfileItem.CONCERNS, AFRAID, person=page.reader.id, day=-300)
    other = told(ProfileItem.SUCCESS, "Giraffe", person=ERIK, day=-300)
    case = elsewhere(old, other, case=page.case)
    seen = replace(page, case=case, review=review(case, page.playbook, page.now).review)
    shown = text_of(seen)
    assert (AFRAID in shown, "Giraffe" in shown) == (True, False)
    assert "We know this since 6 May 2025, from another onboarding. Change it" in shown
    assert "seit dem 6. Mai 2025 aus einer anderen Einführung" in text_of(replace(seen, language=GERMAN))
    own = replace(case, facts=(told(ProfileItem.CONCERNS, AFRAID, person=page.reader.id),), said_elsewhere=())
    assert "another onboarding" not in text_of(
        replace(page, case=own, review=review(own, page.playbook, page.now).review)
    )
