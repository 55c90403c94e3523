"""The values of a letter: the case in the recipient's words, dates and zone, and nothing the recipient may not see."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.files.documents import adapter
from onboarding.facts.fold import fold_facts
from onboarding.languages.language import ENGLISH
from onboarding.messages.crm_texts import clip, joined_lines
from onboarding.messages.letter_parts import LetterContext
from onboarding.messages.letters import letter_context
from onboarding.model.case import Case, Fact
from onboarding.model.message_policy import Value
from onboarding.model.parties import Owner, Person, Stakeholder
from onboarding.model.playbook import Playbook
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import CustomerRole, HandoffItem, Stage, Tier
from onboarding.people.buying import BUYERS, bought_as, took_part
from tests.builders.case import CASE, DEAL
from tests.builders.facts import build_done, build_fact, build_use
from tests.builders.playbook import build_playbook

Make = Callable[..., Any]


def _letter(
    case: Case,
    playbook: Playbook,
    now: datetime,
    role: str = "champion",
    step: str = "welcome",
    reader: Person | Owner | None = None,
    **more: Any,
) -> LetterContext:
    state = fold_facts(case, playbook, now)
    plan = next(plan for plan in playbook.steps if plan.name == step)
    who = reader or case.person(f"003{role.upper()}") or case.people[0]
    return letter_context(case, state, playbook, plan, who, role, now, **more)


@pytest.mark.parametrize("called", ["Hanna", "Weber", ""])
def test_a_letter_greets_as_the_crm_calls_its_reader_and_its_writer(called: str, signed: datetime) -> None:
    case = CASE
    case = replace(case, owners={key: replace(owner, called=called) for key, owner in case.owners.items()})
    letter = _letter(case, build_playbook(), signed, reader=replace(case.people[0], called=called))
    assert (letter.person.first_name, letter.owner.first_name) == (called, called)
    assert letter.person.name == "Hanna Weber"


@pytest.mark.parametrize(
    ("tier", "said", "expected"),
    [("mid", None, False), ("tech", None, True), ("self-serve", True, True), ("tech", False, False)],
)
def test_a_letter_knows_a_tier_without_hours_of_people_by_its_playbook(
    tier: str, said: bool | None, expected: bool, signed: datetime
) -> None:
    playbook = replace(build_playbook(), tier=Tier(tier), self_service=said)
    assert _letter(CASE, playbook, signed).account.self_service is expected


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Berlin", "Thursday 5 March 2026 at 10:00 (Berlin time)"),
        ("America/New_York", "Thursday 5 March 2026 at 04:00 (New York time)"),
        ("Asia/Kolkata", "Thursday 5 March 2026 at 14:30 (Kolkata time)"),
        ("Pacific/Kiritimati", "Thursday 5 March 2026 at 23:00 (Kiritimati time)"),
        ("America/Argentina/Buenos_Aires", "Thursday 5 March 2026 at 06:00 (Buenos Aires time)"),
        ("UTC", "Thursday 5 March 2026 at 09:00 (UTC)"),
    ],
)
def test_a_meeting_is_told_on_the_readers_own_clock(zone: str, words: str) -> None:
    assert ENGLISH.meeting(datetime(2026, 3, 5, 9, tzinfo=UTC), zone) == words


def test_the_agreed_kickoff_is_told_in_the_zone_of_each_reader(signed: datetime) -> None:
    case = replace(CASE, deals=(replace(DEAL, kickoff_at=signed + timedelta(days=3)),))
    berlin = _letter(case, build_playbook(), signed)
    auckland = replace(case.people[0], zone="Pacific/Auckland", country="NZ")
    there = _letter(case, build_playbook(), signed, reader=auckland)
    assert berlin.kickoff.when == "Thursday 5 March 2026 at 10:00 (Berlin time)"
    assert there.kickoff.when == "Thursday 5 March 2026 at 22:00 (Auckland time)"
    assert (berlin.kickoff.booked, berlin.kickoff.held) == (True, False)


def test_what_sales_was_told_is_in_the_letter_and_promises_are_not(signed: datetime) -> None:
    letter = _letter(CASE, build_playbook(), signed)
    assert letter.handoff.goals == "Answer quotes faster than the two competitors"
    assert letter.handoff.technical_requirements == "SAP connection, EU hosting"
    assert letter.handoff.timeline == "Live before the spring fair"
    assert [goal.text for goal in letter.goals] == ["Quote turnaround from 48 to 4 hours by 30 April 2026"]
    assert letter.handoff.success_metrics == "", "a measurable line is told as a goal, not twice"
    assert "Single sign-on" not in repr(letter)


def test_an_empty_case_makes_a_letter_of_empty_texts_rather_than_gaps(signed: datetime) -> None:
    case = replace(CASE, deals=(replace(DEAL, handoff={}, seller_id=None),), owners={}, usage=Usage())
    letter = _letter(case, build_playbook(), signed, role="contact")
    assert (letter.owner.name, letter.seller.name, letter.kickoff.when) == ("", "", "")
    assert letter.person.role == letter.person.part == ""
    assert letter.goals == ()
    for part in fields(letter):
        assert getattr(letter, part.name) is not None


def test_only_the_champion_sees_all_work_and_executives_see_none(signed: datetime) -> None:
    now = signed + timedelta(days=12)
    case = replace(CASE, facts=build_done("kickoff_held", at=signed + timedelta(days=4)))
    playbook = build_playbook()

    def work(role: CustomerRole) -> tuple[list[str], list[str], int]:
        part = _letter(case, playbook, now, role.value, stage=Stage.SETUP).work
        return [piece.title for piece in part.theirs], [piece.title for piece in part.ours], len(part.done)

    theirs, ours, done = work(CustomerRole.CHAMPION)
    assert {"Security review", "Access configured"} <= set(theirs)
    assert ours
    assert done >= 1
    assert work(CustomerRole.TECHNICAL_ADMIN)[0] == ["Access configured"]
    assert work(CustomerRole.IT_SECURITY)[0] == ["Security review"]
    for role in (CustomerRole.EXECUTIVE_SPONSOR, CustomerRole.ECONOMIC_BUYER, CustomerRole.END_USER):
        assert work(role) == ([], [], 0)


def test_our_own_housekeeping_is_never_named(signed: datetime) -> None:
    plain = build_playbook()
    raw = adapter(Playbook).dump_python(plain, mode="json", by_alias=True)
    for plan in raw["stages"]["handoff"]["milestones"]:
        plan["internal"] = True
    hidden = adapter(Playbook).validate_python(raw)
    now = signed + timedelta(days=1)
    assert _letter(CASE, plain, now).work.ours
    assert not _letter(CASE, hidden, now).work.ours


def test_late_work_is_marked_and_the_soonest_comes_first(signed: datetime) -> None:
    now = signed + timedelta(days=20)
    work = _letter(CASE, build_playbook(), now, stage=Stage.KICKOFF).work
    assert [piece.title for piece in work.ours][:2] == ["Materials prepared", "Kickoff booked"] or work.ours[0].late
    dated = [piece for piece in work.ours if piece.on]
    assert dated[0].late


def test_the_reader_hears_the_value_of_the_own_role_from_the_playbook_alone(signed: datetime) -> None:
    value = Value(line="quotes leave faster", for_role={CustomerRole.END_USER: "you type less"})
    playbook = replace(build_playbook(), value=value)
    assert _letter(CASE, playbook, signed, "end_user").value.for_reader == "you type less"
    assert _letter(CASE, playbook, signed, "manager").value.for_reader == "quotes leave faster"


def test_who_had_no_part_in_the_purchase_is_known(signed: datetime) -> None:
    case = CASE
    others = tuple(replace(part, buyer=False) for part in case.stakeholders)
    assert _letter(case, build_playbook(), signed).person.buyer
    assert not _letter(replace(case, stakeholders=others), build_playbook(), signed).person.buyer


def test_usage_is_told_in_people_and_tasks_and_is_silent_where_unknown(signed: datetime) -> None:
    day = signed + timedelta(days=9)
    signals = (
        build_use("login", (day, "u1"), (day + timedelta(hours=1), "u2"), (day + timedelta(hours=2), "u3")),
        build_use("task_completed", (day, "u1"), (day + timedelta(hours=3), "u1")),
    )
    known = replace(CASE, usage=Usage(known=True, read_at=day, signals=signals))
    usage = _letter(known, build_playbook(), day + timedelta(days=1)).usage
    assert (usage.active_users, usage.tasks_done, usage.last_seen_on) == (3, 2, "11 March 2026")
    blank = _letter(replace(CASE, usage=Usage(signals=signals)), build_playbook(), day).usage
    assert (blank.known, blank.active_users, blank.tasks_done) == (False, 0, 0)


def test_days_are_counted_to_first_value_and_to_the_target(signed: datetime) -> None:
    reached: Fact = build_fact("milestone", "activation", signed + timedelta(days=25))
    letter = _letter(replace(CASE, facts=(reached,)), build_playbook(), signed + timedelta(days=40))
    assert letter.activation.reached
    assert letter.activation.on == "27 March 2026"
    assert (letter.days.since_signature, letter.days.to_target, letter.days.to_activation) == (40, 5, 25)


def test_our_own_people_read_with_the_same_names(signed: datetime) -> None:
    case = CASE
    letter = _letter(case, build_playbook(), signed, "csm", reader=case.owners["005CSM"])
    assert letter.person.first_name == "Cleo Santos", "known by the whole name alone"
    assert letter.person.role == ""
    assert letter.account.name == "Kunde GmbH"


def test_long_text_of_the_crm_is_cut_at_a_sentence_or_a_word() -> None:
    assert clip("one  two\nthree") == "one two three"
    sentences = "A first sentence of some length. " * 20
    assert clip(sentences, 100).endswith("length.")
    words = clip("word " * 100, 42)
    assert words.endswith("word …")
    assert len(words) <= 44
    assert joined_lines("- fast quotes;\n* fewer calls.\n\n") == "fast quotes; fewer calls"


def test_zones_without_a_place_are_called_utc() -> None:
    assert [ENGLISH.zone(zone) for zone in ("UTC", "Etc/GMT+3", "Asia/Kolkata")] == [
        "UTC",
        "UTC",
        "Kolkata time",
    ]


def test_handoff_items_of_the_letter_are_all_there_is_to_prefill(signed: datetime) -> None:
    handoff = {item: f"text of {item}" for item in HandoffItem}
    letter = _letter(replace(CASE, deals=(replace(DEAL, handoff=handoff),)), build_playbook(), signed)
    assert letter.handoff.success_metrics == "text of success_metrics"
    assert letter.handoff.goals == "text of goals"


def test_who_has_no_contact_role_is_told_of_no_missing_part_unless_they_are_an_end_user(signed: datetime) -> None:
    late = Person(id="003LATE", name="Lena Late", email="lena@kunde.test", zone="Europe/Berlin")
    named = replace(CASE, people=(*CASE.people, late))
    assert took_part(named, late, CustomerRole.CHAMPION) is None, "named by hand, they may have chosen the product"
    assert took_part(named, late, CustomerRole.END_USER) is False
    assert _letter(named, build_playbook(), signed, "champion", reader=late).person.buyer
    assert not _letter(named, build_playbook(), signed, "end_user", reader=late).person.buyer
    assert took_part(named, CASE.people[0])
    assert {role for role in (*CustomerRole, None) if not bought_as(role)} == {CustomerRole.END_USER}
    both = (Stakeholder(person_id=late.id, role=None), Stakeholder(person_id=late.id, role=None, buyer=False))
    assert took_part(replace(named, stakeholders=both), late), "one role that took part is enough"
    assert not took_part(replace(named, stakeholders=both[1:]), late, CustomerRole.CHAMPION)


@pytest.mark.parametrize(
    ("listed", "bought"),
    [
        ("HANNA@kunde.test; erik@kunde.test", True),
        ("Hanna Weber, Erik Brandt", True),
        ("Weber, Hanna; Brandt, Erik", True),
        ("Erik Brandt\nhanna   weber", True),
        ("Brandt, Erik, Weber, Hanna", True),
        ("Hanna W. <hanna@kunde.test>", True),
        ("003CHAMPION", True),
        ("erik@kunde.test", False),
        ("Erik Brandt, everybody but Hanna Weber", False),
        ("Johanna Weber; 003EXECUTIVE_SPONSOR", False),
        ("hanna@kunde.test.example, Erik Brandt", False),
        ("x.hanna@kunde.test; erik@kunde.test", False),
        ("everybody but Erik Brandt", True),
        ("erik@kunde.test.example", True),
        ("", True),
        *((none, True) for none in ("TBD", "n/a", "-", "see notes", "Somebody Else")),
    ],
)
def test_a_list_in_the_deal_says_who_bought_and_the_contacts_own_field_goes_first(listed: str, bought: bool) -> None:
    hanna = CASE.people[0]
    case = replace(CASE, deals=(replace(DEAL, fields={BUYERS: listed} if listed else {}),))
    assert took_part(case, hanna, CustomerRole.CHAMPION) is bought
    assert not took_part(case, replace(hanna, buyer=False), CustomerRole.CHAMPION)
    assert took_part(case, replace(hanna, buyer=True), CustomerRole.END_USER)


def test_a_list_never_says_no_by_itself_of_whom_a_contact_role_does_not_know() -> None:
    late = Person(id="003LATE", name="Lena Late", email="lena@kunde.test", zone="Europe/Berlin")
    case = replace(CASE, people=(*CASE.people, late), deals=(replace(DEAL, fields={BUYERS: "see notes"}),))
    assert took_part(case, late, CustomerRole.CHAMPION) is None
    assert took_part(case, late, CustomerRole.END_USER) is False


def test_one_word_that_is_a_name_is_no_part_of_a_longer_one() -> None:
    jo, smith = Person(id="003JO", name="Jo"), Person(id="003SMITH", name="Jo Smith")
    for text, both in (("Jo Smith", [False, True]), ("Smith, Jo", [False, True]), ("Jo; Erik Brandt", [True, False])):
        case = replace(CASE, people=(*CASE.people, jo, smith), deals=(replace(DEAL, fields={BUYERS: text}),))
        assert [took_part(case, one) for one in (jo, smith)] == both, text


def test_each_won_deal_speaks_for_itself_and_one_that_says_yes_is_enough() -> None:
    hanna, erik = CASE.people[:2]
    listed = replace(DEAL, id="006LISTED", fields={BUYERS: erik.name})
    parts = tuple(replace(part, deals=(DEAL.id,)) for part in CASE.stakeholders)
    case = replace(CASE, deals=(DEAL, listed), stakeholders=parts)
    assert took_part(case, hanna), "her role in the first deal counts whatever the second one lists"
    of_the_listed = replace(case, stakeholders=tuple(replace(part, deals=(listed.id,)) for part in parts))
    assert took_part(of_the_listed, hanna) is False, "the list goes before the roles of its own deal"
    assert took_part(replace(case, deals=(listed,)), hanna) is False
    lost = replace(case, deals=(DEAL, replace(listed, won=False)), stakeholders=())
    assert took_part(lost, hanna) is None, "a deal that is not won says nothing"
