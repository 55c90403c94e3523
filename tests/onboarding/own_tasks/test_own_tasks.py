"""Tasks of one account: each rule that reads milestones knows them, and no version of the playbook changes them."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding import stalls
from onboarding.conditions.conditional import Part
from onboarding.conditions.fitting import left_out
from onboarding.crm.projection import rows
from onboarding.facts.fold import fold_facts
from onboarding.forecast.forecast import Experience, forecast
from onboarding.metrics.clocks import clock_of
from onboarding.model.case import Case, Fact
from onboarding.model.conditions.written import When
from onboarding.model.parties import Person, Stakeholder
from onboarding.model.vocabulary import CustomerRole, Side, Stage, Status
from onboarding.own_tasks.plan import own_tasks, playbook_of, task_name, task_of, without_tasks
from onboarding.own_tasks.request import TaskRefused, TaskRequest, same_task, task_value
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.work import work_of
from onboarding.playbook_changes.change import Version, change_of
from onboarding.review_case import review, review_context, review_without_writes
from onboarding.shared_plan.links import roles_of
from tests.builders.case import CASE, SIGNED
from tests.builders.changed import with_milestone, without_milestone
from tests.builders.facts import build_done, build_fact
from tests.builders.playbook import build_playbook
from tests.examples import examples

BOOK = build_playbook()
DAYS = timedelta(days=1)
NAME = "task_answer_the_questionnaire"
KICKED_OFF = build_done("kickoff_booked", "kickoff_held", "cadence_agreed", "plan_agreed")
SETUP = build_done(
    "requirements_documented",
    "security_review",
    "integrations_connected",
    "access_configured",
    "validation_passed",
    at=SIGNED + 2 * DAYS,
)
ASKED = TaskRequest(title="Answer the questionnaire", side="customer", owner="it_security", due_on="2026-03-20")


def added(at: datetime = SIGNED + DAYS, **other: object) -> Fact:
    value = {
        "title": "Answer the questionnaire",
        "side": "customer",
        "owner": "it_security",
        "due_on": "2026-03-20",
        "needed": True,
        "stage": "setup",
    }
    return build_fact("task", NAME, at, value=value | other)


def with_task(*more: Fact, **other: object) -> Case:
    return replace(CASE, facts=(*KICKED_OFF, *SETUP, added(**other), *more))


def test_a_stage_with_an_open_task_that_it_needs_is_not_left_until_the_task_is_done():
    now = SIGNED + 5 * DAYS
    assert review(replace(CASE, facts=(*KICKED_OFF, *SETUP)), BOOK, now).review.progress.stage is Stage.TRAINING
    waits = review(with_task(), BOOK, now)
    assert waits.review.progress.stage is Stage.SETUP
    assert "Answer the questionnaire: not done yet, the customer's IT security owes it" in [
        one.text for one in waits.review.criteria if not one.met
    ]
    task = waits.review.state.milestones[NAME]
    assert task.due_at == datetime(2026, 3, 20, 22, 59, 59, tzinfo=UTC), "the end of its day in Berlin"
    done = with_task(*build_done(NAME, at=SIGNED + 3 * DAYS))
    assert review(done, BOOK, now).review.progress.stage_times[Stage.TRAINING] == SIGNED + 3 * DAYS
    waived = with_task(build_fact("milestone_waived", NAME, SIGNED + 3 * DAYS, value={"reason": "they have a report"}))
    assert review(waived, BOOK, now).review.progress.stage is Stage.TRAINING
    again = with_task(*build_done(NAME, at=SIGNED + 3 * DAYS), build_fact("milestone_undone", NAME, SIGNED + 4 * DAYS))
    assert review(again, BOOK, now).review.progress.stage is Stage.SETUP


def test_a_task_that_no_stage_needs_holds_none_up():
    assert review(with_task(needed=False), BOOK, SIGNED + 5 * DAYS).review.progress.stage is Stage.TRAINING


def test_a_task_is_moved_as_a_milestone_is_and_its_first_words_hold():
    moved = build_fact("milestone_due", NAME, SIGNED + 3 * DAYS, value={"due_on": "2026-03-25"})
    twice = added(at=SIGNED + 2 * DAYS, due_on="2026-04-30", title="Another")
    state = fold_facts(with_task(twice, moved), BOOK, SIGNED + 5 * DAYS)
    assert (state.milestones[NAME].title, state.milestones[NAME].due_at.day) == ("Answer the questionnaire", 25)
    first = fold_facts(with_task(twice), BOOK, SIGNED + 5 * DAYS).milestones[NAME]
    assert first.due_at == datetime(2026, 3, 20, 22, 59, 59, tzinfo=UTC)


def test_an_overdue_task_stalls_and_the_clock_is_with_its_side():
    case, now = with_task(), SIGNED + 30 * DAYS
    found = [one for one in stalls.find(stalls.watches(review_context(case, BOOK, now)), now) if one.about == NAME]
    assert [(one.kind, one.waiting_on) for one in found] == [("milestone_overdue", "customer")]
    seen = review(case, BOOK, now)
    spent = clock_of(case, seen.review, seen.playbook, now)[Stage.SETUP]
    assert spent[Side.CUSTOMER] > 100, "since the rest was done, only the task is open"


def test_the_crm_gets_a_row_of_it():
    seen = review(with_task(), BOOK, SIGNED + 5 * DAYS)
    row = rows(seen.case, seen.review, seen.summary)[f"{CASE.key}:{NAME}"].fields
    assert (row["Milestone__c"], row["Side__c"], row["Owner_Role__c"], row["Due_On__c"], row["Stage__c"]) == (
        "Answer the questionnaire",
        "customer",
        "it_security",
        "2026-03-20",
        "setup",
    )


def test_the_forecast_waits_for_it_and_says_so_while_that_at_signature_stays():
    now = SIGNED + 5 * DAYS
    case = with_task(due_on="2026-06-30")
    without = replace(case, facts=(*KICKED_OFF, *SETUP[:-1]))
    plain = forecast(without, review(without, BOOK, now).review, BOOK, now)
    seen = review(case, BOOK, now)
    for given_as in (BOOK, seen.playbook):
        found = forecast(case, seen.review, given_as, now, Experience(first_playbook=given_as))
        setup = next(one for one in found.stages if one.stage is Stage.SETUP)
        assert setup.forecast == date(2026, 6, 30)
        assert [one.at_signature for one in found.stages] == [one.at_signature for one in plain.stages]
        reasons = [str(one) for one in setup.reasons]
        assert any(
            "Answer the questionnaire, customer (added to this account, agreed for 30 Jun)" in one for one in reasons
        )


def test_before_it_was_added_nobody_knew_of_it():
    seen = review(with_task(), BOOK, SIGNED + 5 * DAYS)
    assert NAME in {plan.name for plan in seen.playbook.milestones()}
    assert NAME not in fold_facts(seen.case, seen.playbook, SIGNED + timedelta(hours=1)).milestones
    assert without_tasks(seen.playbook) == BOOK
    assert playbook_of(CASE, BOOK, SIGNED) is BOOK


def test_playbooks_with_tasks_of_different_accounts_do_not_meet_in_a_cache():
    books = [playbook_of(with_task(title=f"Task {number}"), BOOK, SIGNED + 5 * DAYS) for number in range(20)]
    assert len({hash(one) for one in books}) == 20
    assert books[0] != replace(books[0])
    assert playbook_of(with_task(title="Task 0"), books[0], SIGNED + 5 * DAYS) is books[0]
    assert without_tasks(books[0]) is BOOK


def test_the_tasks_of_an_account_stay_where_its_playbook_has_conditions():
    plan = BOOK.stages[Stage.SETUP].milestones[0]
    book = with_milestone(BOOK, replace(plan, name="scanned", when=When(products=("Nothing",))), Stage.SETUP)
    seen = review(with_task(), book, SIGNED + 5 * DAYS)
    assert left_out(seen.playbook) == {
        (Part.MILESTONE, "scanned"): "not for this account: its products contain no Nothing"
    }
    assert NAME in seen.review.state.milestones
    again = review(with_task(), seen.playbook, SIGNED + 5 * DAYS)
    assert again.playbook is seen.playbook
    assert {one.holds for one in again.review.progress.conditions.values()} == {None}


def test_a_new_version_of_the_playbook_keeps_it():
    other = with_milestone(
        without_milestone(BOOK, "validation_passed"),
        replace(BOOK.stages[Stage.SETUP].milestones[0], name="data_cleaned", title="Clean the data"),
        Stage.SETUP,
    )
    case, now = with_task(), SIGNED + 5 * DAYS
    change = change_of(case, Version(hash="a", playbook=BOOK), Version(hash="b", playbook=other), now)
    named = {one.item.name for one in (*change.vanish, *change.move)} | {one.name for one in change.appear}
    assert "data_cleaned" in named
    assert NAME not in named
    assert not any("questionnaire" in one for one in change.conflicts)
    assert ("task_added", NAME, "cleo@vendor.test") in [(one.what, one.name, one.by) for one in change.kept]
    assert NAME in review(case, other, now).review.state.milestones


@settings(max_examples=examples(40))
@given(
    names=st.lists(st.sampled_from(sorted(plan.name for plan in BOOK.milestones())), max_size=8, unique=True),
    stage=st.sampled_from([Stage.SETUP, Stage.TRAINING, Stage.FIRST_VALUE]),
    needed=st.booleans(),
)
def test_whatever_a_playbook_loses_the_task_stays_as_it_was_added(names, stage, needed):
    other = BOOK
    for name in names:
        if name not in {"activation"}:
            other = without_milestone_anywhere(other, name)
    case = replace(CASE, facts=(added(stage=stage.value, needed=needed),))
    now = SIGNED + 5 * DAYS
    (before,), (after,) = (own_tasks(playbook_of(case, book, now)) for book in (BOOK, other))
    assert before == after
    assert playbook_of(case, playbook_of(case, BOOK, now), now) == playbook_of(case, BOOK, now)
    assert (NAME in playbook_of(case, other, now).stages[stage].exit) is needed


def without_milestone_anywhere(playbook, name):
    """The playbook without a milestone, unless something counts from it."""
    try:
        return without_milestone(playbook, name)
    except ValueError:
        return playbook


LONG = "Answer the security questionnaire of the procurement department for Zoë"


@pytest.mark.parametrize(
    ("title", "same"),
    [
        ("Answer the questionnaire", "  ANSWER the questionnaire! "),
        ("Antwort für Müller", "antwort fur  muller"),
        (LONG, f"{LONG}."),
        (LONG, LONG.replace("ë", "e").replace("security", "security,")),
        ("Приём данных", "Прием данных."),
    ],
)
def test_titles_that_differ_in_capitals_accents_and_signs_alone_are_one_task(title, same):
    assert task_name(title) == task_name(same)
    assert (
        task_of((replace(own_tasks(playbook_of(with_task(), BOOK, SIGNED + 5 * DAYS))[0], title=title),), same)
        is not None
    )


def test_the_name_of_a_task_has_no_word_of_its_title():
    assert re.fullmatch(r"task_[0-9a-f]{8}", task_name("Call Ana Lopez"))


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Приём данных", "Приём товара"),
        ("ハスをよぶ", "バスをよぶ"),
        ("काम करो", "काम करे"),
        ("Answer the long security questionnaire", "Answer the long security questionnaires"),
    ],
)
def test_other_titles_have_other_names_also_without_latin_letters(title, other):
    assert task_name(title) != task_name(other)


def test_a_task_is_known_by_its_title_whatever_its_name():
    (task,) = own_tasks(playbook_of(with_task(), BOOK, SIGNED + 5 * DAYS))
    assert (task.name, task_of((task,), "answer the Questionnaire!")) == (NAME, task)
    assert task_of((task,), "Answer another questionnaire") is None


@pytest.mark.parametrize(
    ("other", "field", "told"),
    [
        ({"title": " - "}, "title", "say what has to be done"),
        ({"title": "x" * 121}, "title", "shorten it"),
        ({"side": "us"}, "side", "use vendor, customer or third_party"),
        ({"owner": "boss"}, "owner", "is no role; for work of the side customer use executive_sponsor, champion"),
        ({"owner": "csm"}, "owner", "is a role of the other side"),
        ({"owner": "nobody@kunde.test"}, "owner", "name their role first"),
        ({"side": "vendor", "owner": "x@vendor.test"}, "owner", "give a role, or `first90 reassign`"),
        ({"due_on": "soon"}, "due", "write it like 2026-03-12"),
        ({"due_on": "2026-03-06"}, "due", "has passed, today is 2026-03-07"),
        ({"due_on": "9999-03-06"}, "due", "correct the year"),
        ({"stage": "launch"}, "stage", "still ahead: setup, training and first_value"),
        ({"stage": "kickoff"}, "stage", "was left already; still ahead: setup"),
        ({"internal": True}, "internal", "work of the customer cannot be internal"),
    ],
)
def test_what_cannot_be_a_task_is_refused_with_the_mend(other, field, told):
    now, case = SIGNED + 5 * DAYS, replace(CASE, progress=replace(CASE.progress, stage=Stage.SETUP))
    with pytest.raises(TaskRefused, match=told) as refused:
        task_value(replace(ASKED, **other), case, fold_facts(case, BOOK, now), now)
    assert refused.value.field == field


def test_nothing_is_added_to_what_is_over():
    now = SIGNED + 5 * DAYS
    for status, stage in ((Status.CHURNED, Stage.SETUP), (Status.ACTIVE, Stage.DONE)):
        case = replace(CASE, progress=replace(CASE.progress, status=status, stage=stage))
        with pytest.raises(TaskRefused):
            task_value(ASKED, case, fold_facts(case, BOOK, now), now)


def test_a_named_person_owes_it_in_the_role_that_they_hold():
    now = SIGNED + 5 * DAYS
    state = fold_facts(CASE, BOOK, now)
    theirs = task_value(replace(ASKED, owner="INA@kunde.test"), CASE, state, now)
    assert (theirs["owner"], theirs["person"], theirs["stage"]) == ("it_security", "003IT_SECURITY", "handoff")
    ours = task_value(replace(ASKED, side="third_party", owner="cleo@vendor.test"), CASE, state, now)
    assert ours["owner"] == "csm"
    assert "person" not in ours


def test_the_same_task_is_known_by_what_was_asked():
    now = SIGNED + 5 * DAYS
    case = with_task(needed=False, stage="handoff")
    (task,) = own_tasks(playbook_of(case, BOOK, now))
    value = task_value(ASKED, CASE, fold_facts(CASE, BOOK, now), now)
    assert same_task(task, value, date(2026, 3, 20))
    assert not same_task(task, value, date(2026, 3, 21))
    assert not same_task(task, value | {"needed": True}, date(2026, 3, 20))


def test_the_plan_page_shows_a_task_of_either_side_and_never_an_internal_one():
    ours = {"side": "vendor", "owner": "csm", "title": "Ship the adapter"}
    facts = (
        *KICKED_OFF,
        added(person="003IT_SECURITY"),
        replace(added(**ours), name="task_ship", key="b"),
        replace(added(**ours, internal=True), name="task_hidden", key="c"),
    )
    second = Person(id="003SECOND", name="Zoe Zweite", email="zoe@kunde.test", zone="Europe/Berlin")
    held = (*CASE.stakeholders, Stakeholder(person_id=second.id, role=CustomerRole.IT_SECURITY))
    case = replace(CASE, facts=facts, people=(*CASE.people, second), stakeholders=held)
    now = SIGNED + 5 * DAYS
    found = review_without_writes(case, BOOK, now)
    shown = {}
    for reader in case.people:
        roles = roles_of(found.review.state, reader.id)
        page = PageContext(case=case, review=found.review, playbook=found.playbook, now=now, reader=reader, roles=roles)
        shown[reader.id] = {one.name: (one.who, one.mine) for one in work_of(page)}
    assert shown["003CHAMPION"]["task_ship"] == ("Cleo Santos", False)
    assert shown["003IT_SECURITY"][NAME] == ("You", True)
    assert shown["003SECOND"][NAME] == ("Ina Sommer", False)
    assert not any("task_hidden" in names for names in shown.values())
