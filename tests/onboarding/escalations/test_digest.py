"""The digest and posts for the vendor's people: most urgent first, without mentions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.escalations.causes import climbed, ended
from onboarding.escalations.digest import ORDER, DigestLine, digests, lines_for
from onboarding.escalations.digest_changes import LastDigest, Section, changes
from onboarding.escalations.digest_news import digest_lines, news_lines
from onboarding.escalations.episodes import opened
from onboarding.facts.fold import fold_facts
from onboarding.messages import posts
from onboarding.messages.digest_effects import digest_post
from onboarding.messages.undelivered import set_aside_post
from onboarding.model.case import Case, Episode, Stall
from onboarding.model.crm_records import Problem
from onboarding.model.review import Review, Task
from onboarding.model.vocabulary import NewsKind, Stage, Status
from onboarding.review_case import review, review_context
from tests.builders.case import CASE
from tests.builders.facts import build_done, build_fact
from tests.builders.playbook import build_playbook
from tests.examples import examples

Make = Callable[..., Any]
SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = SIGNED + timedelta(days=7)
DAY = date(2026, 3, 9)
OVERDUE = Stall(
    kind="stage_overdue",
    severity="warning",
    cause="Setup should have ended.",
    waiting_on="customer",
    since=SIGNED + timedelta(days=2),
    next_step="Call them.",
)
THIN = replace(OVERDUE, kind="thin_map", severity="low", cause="The map is thin.")
OPEN = Episode(
    number=1,
    kind=OVERDUE.kind,
    severity=OVERDUE.severity,
    cause=OVERDUE.cause,
    waiting_on=OVERDUE.waiting_on,
    since=OVERDUE.since,
    next_step=OVERDUE.next_step,
    opened_at=NOW,
    level=1,
)


def _setup(case: Case) -> Case:
    times = {Stage.HANDOFF: SIGNED, Stage.KICKOFF: SIGNED, Stage.SETUP: SIGNED + timedelta(days=1)}
    return replace(case, progress=replace(case.progress, stage=Stage.SETUP, stage_times=times))


def _lines(
    case: Case, playbook: Any, episodes: Any, stalls: Any, tasks: Any, now: datetime = NOW
) -> tuple[DigestLine, ...]:
    context = review_context(case, playbook, now)
    review = Review(
        case_key=case.key,
        version=case.version,
        state=context.state,
        progress=context.progress,
        criteria=context.criteria,
        stalls=stalls,
        episodes=episodes,
        tasks=tasks,
    )
    return lines_for(case, review, playbook, now)


def _review(case: Case, episodes: tuple[Episode, ...]) -> Review:
    context = review_context(case, build_playbook(), NOW)
    return Review(
        case_key=case.key,
        version=case.version,
        state=context.state,
        progress=context.progress,
        criteria=context.criteria,
        episodes=episodes,
    )


def test_what_happened_to_each_cause_is_a_line_whatever_rung_it_is_on() -> None:
    case = replace(CASE, progress=replace(CASE.progress, stage=Stage.DONE, status=Status.COMPLETED))
    episode = climbed(opened(case, (OVERDUE, THIN), NOW), 0, NOW)
    found = list(news_lines(case, _review(case, (episode,)), NOW))
    assert [(line.text, line.severity, line.news) for line in found] == [
        ("Setup should have ended. Call them.", "warning", NewsKind.FOUND),
        ("The map is thin. Call them.", "low", NewsKind.FOUND),
    ]
    higher = climbed(climbed(episode, 0, NOW), 1, NOW)
    told = [line.text for line in news_lines(case, _review(case, (higher,)), NOW)]
    assert told[2:] == ["Now with the manager: Setup should have ended."], "the first rung is where it is found"


def test_what_a_person_resolved_is_told_as_over_for_as_long_as_a_digest_may_be_late() -> None:
    closed = replace(ended(opened(CASE, (OVERDUE,), NOW), NOW), resolved_reason="known", closed_at=NOW)
    (_, over, back) = news_lines(CASE, _review(CASE, (closed,)), NOW)
    assert (over.text, over.news) == ("Over: Setup should have ended.", NewsKind.GONE)
    assert (back.text, back.closed) == ("closed on 9 March 2026 after less than an hour: stage overdue.", True)
    assert list(news_lines(CASE, _review(CASE, (closed,)), NOW + timedelta(days=15))) == []


def test_our_own_work_is_told_to_its_owner_when_overdue_or_due_within_a_working_day() -> None:
    facts = build_done("kickoff_booked", "kickoff_held", "cadence_agreed", "plan_agreed")
    case = _setup(replace(CASE, facts=facts))
    found = _lines(case, build_playbook(), (), (), ())
    assert [(line.text, line.severity, line.owner_id) for line in found if line.severity != "done"] == [
        ("“Requirements documented” was due on 6 March 2026.", "overdue", "005CSM")
    ]
    friday = SIGNED + timedelta(days=9)  # the integrations are due on Friday 13 March
    texts = [line.text for line in _lines(case, build_playbook(), (), (), (), now=friday + timedelta(days=1))]
    assert "“Integrations connected” is due on 13 March 2026." in texts


def test_work_of_ones_own_is_one_line_and_no_stall_beside_it() -> None:
    case = _setup(replace(CASE, facts=build_done("kickoff_booked", "kickoff_held", "cadence_agreed", "plan_agreed")))
    (work,) = (line for line in _lines(case, build_playbook(), (), (), ()) if line.severity != "done")
    stall = replace(THIN, kind="milestone_overdue", about=work.work[0], cause="“Requirements documented” was due.")
    (news,) = news_lines(case, _review(case, (opened(case, (stall,), NOW),)), NOW)
    found = changes((work, news), None, NOW, "UTC")
    assert [line.text for line in found.shown] == ["“Requirements documented” was due on 6 March 2026."]
    other = replace(news, same_as="another's work")
    assert len(changes((work, other), None, NOW, "UTC").shown) == 2


def test_what_first90_proves_itself_and_what_the_customer_owes_has_no_line() -> None:
    found = _lines(CASE, build_playbook(), (), (), ())
    assert [line.text for line in found] == ["“Materials prepared” was due on 4 March 2026."]


def test_a_task_goes_to_the_holder_of_the_role_else_to_the_owner() -> None:
    held = replace(CASE.progress, status=Status.ON_HOLD)
    case = replace(CASE, progress=held)
    tasks = (
        Task(role="cs_manager", about="1", text="Look"),
        Task(role="onboarding_specialist", about="2", text="Call"),
    )
    assert [line.owner_id for line in _lines(case, build_playbook(), (), (), tasks)] == [
        "005MANAGER",
        "005CSM",
    ]


def test_a_task_is_the_same_line_whatever_its_words_and_another_thing_is_another_line() -> None:
    def line(about: str, text: str, role: str = "csm", *, late: bool = False) -> DigestLine:
        tasks = (Task(role=role, about=about, text=text, is_overdue=late),)
        (found,) = (one for one in _lines(CASE, build_playbook(), (), (), tasks) if one.work is None)
        return found

    first = line("health:fallen", "Health fell by 20 points")
    assert line("health:fallen", "Health fell by 30 points").id == first.id
    assert line("health:strong", "Health fell by 20 points").id != first.id
    assert line("health:fallen", first.text, "cs_manager").id != first.id
    assert "fallen" not in first.id, "what it is about may name a person"
    known = changes((first,), None, NOW, "UTC")
    late = changes((line("health:fallen", "Late", late=True),), LastDigest(day=DAY, works=known.works), NOW, "UTC")
    assert [one.text for one in late.sections[Section.WORSE]] == ["Late"]


def test_lines_of_an_inactive_person_go_to_the_managers_channel() -> None:
    owners = {"005CSM": replace(CASE.owners["005CSM"], active=False)}
    line = DigestLine(owner_id="005CSM", onboarding="1", account="A", text="T", severity="low")
    assert digests((line,), owners, DAY) == {"channel": (line,)}


LINES = st.builds(
    DigestLine,
    owner_id=st.sampled_from(["005CSM", "005MANAGER", "channel"]),
    onboarding=st.just("1"),
    account=st.sampled_from("AB"),
    text=st.sampled_from("xyz"),
    severity=st.sampled_from(ORDER),
    due=st.one_of(st.none(), st.integers(-9, 9).map(lambda days: NOW + timedelta(days=days))),
)


@settings(max_examples=examples(100))
@given(lines=st.lists(LINES, max_size=12), data=st.data())
def test_every_line_is_in_one_digest_once_most_urgent_first_whatever_the_order(
    lines: list[DigestLine], data: st.DataObject
) -> None:
    owners = CASE.owners
    found = digests(lines, owners, DAY)
    assert found == digests(data.draw(st.permutations(lines)), owners, DAY)
    assert {line for mine in found.values() for line in mine} == set(lines)
    for mine in found.values():
        ranks = [ORDER.index(line.severity) for line in mine]
        assert ranks == sorted(ranks)


def test_the_post_of_a_stall_says_what_whose_move_since_when_and_what_to_do() -> None:
    case = _setup(CASE)
    post = posts.stall_post(
        case, fold_facts(case, build_playbook(), NOW), OPEN, (OVERDUE, THIN), NOW, link="https://crm.test/1"
    )
    assert post.headline == "Kunde GmbH: stage overdue (warning)"
    assert dict(post.facts) == {
        "Account": "Kunde GmbH",
        "Stage": "Setup, day 7",
        "Tier": "mid",
        "Whose move": "the customer",
        "Since": "Wed 4 Mar (5 days)",
        "Owner": "Cleo Santos",
    }
    assert post.lines == (
        "Setup should have ended.",
        "",
        "Next step: Call them.",
        "",
        "Also open:",
        "• The map is thin.",
    )
    assert post.link == "https://crm.test/1"
    assert post.severity == "warning"
    assert post.footer == f"Stall {OPEN.number}, with the CSM.", "no command line in a message to a CSM"


def test_a_post_shows_who_took_it_up_and_until_when_it_rests() -> None:
    case = CASE
    episode = replace(OPEN, acked_at=NOW, acked_by="cleo", snoozed_until=NOW + timedelta(days=2))
    state = fold_facts(case, build_playbook(), NOW)
    lines = posts.stall_post(case, state, episode, (), NOW, zone="America/New_York").lines
    assert list(filter(None, lines))[-2:] == [
        "Taken up by cleo on Mon 9 Mar, 05:00.",
        "Rests until Wed 11 Mar, 05:00.",
    ]


def test_the_end_says_how_long_it_was_open_and_why_it_is_over() -> None:
    closed = replace(OPEN, closed_at=NOW + timedelta(days=3))
    case = CASE
    post = posts.closing_post(case, fold_facts(case, build_playbook(), NOW), closed, "the cause is gone")
    assert dict(post.facts) == {"Account": "Kunde GmbH", "Open for": "3 days", "Owner": "Cleo Santos"}
    assert post.lines[-1] == "Closed on Thu 12 Mar, 09:00: the cause is gone."


def test_a_step_and_a_raise_name_the_account_first() -> None:
    step = next(step for step in build_playbook().steps if step.name == "risk_review")
    post = posts.step_post(CASE, step, "Ninety days.\n\nLook at it. ", NOW)
    assert (post.headline, post.lines) == ("Kunde GmbH: Risk review", ("Ninety days.", "Look at it."))
    raised = posts.raised_post(CASE, replace(OPEN, level=2))
    assert raised.headline == "Kunde GmbH: now also with the manager"


def test_a_long_digest_is_cut_and_the_rest_comes_with_the_next_one() -> None:
    lines = [
        DigestLine(owner_id="1", onboarding="1", account="A", text=f"{number:02}", severity="task", id=f"{number}")
        for number in range(60)
    ]
    first = changes(lines, None, NOW, "UTC")
    post = digest_post(first, None, DAY)
    assert post.headline == "Onboarding on 9 March 2026: 40 things at 1 customer"
    assert post.lines[:2] == ("Waiting for you", "• A: 00")
    assert post.lines[-1] == "and 20 more with the next digest"
    assert post.footer == "", "whoever reads it is alone in the conversation, or is named by the channel's line"
    second = changes(lines, LastDigest(day=DAY, works=first.works, marks=first.marks), NOW + timedelta(days=1), "UTC")
    assert [line.text for line in second.shown] == [f"{number:02}" for number in range(40, 60)]
    assert digest_post(second, DAY, DAY).lines[-1] == "40 things stand as on 9 March 2026."


def test_what_could_not_be_read_is_told_by_record() -> None:
    problems = (
        Problem(source="Contact.csv", record="line 4", field="Email", problem="is not one mail address"),
        Problem(source="Contact.csv", record="line 4", field="Id", problem="is empty"),
    )
    post = set_aside_post(problems)
    assert post.headline == "1 record could not be read and was set aside"
    assert post.lines == ("Contact.csv, line 4: Email: is not one mail address; Id: is empty",)


def test_the_lines_of_some_readers_are_those_of_all_without_the_others() -> None:
    promised = build_fact("promise", "p1", SIGNED, value={"text": "A named engineer", "source": "sales"})
    broken = build_fact("promise_settled", "p1", NOW, value={"state": "broken"})
    case = replace(CASE, episodes=(OPEN,), facts=(promised, broken))
    found = review(case, build_playbook(), NOW)
    everything = digest_lines(case, found.review, found.playbook, NOW)
    readers = {line.owner_id for line in everything}
    assert readers == {"005CSM", "005SELLER"}
    for reader in readers:
        mine = digest_lines(case, found.review, found.playbook, NOW, lambda one, me=reader: one == me)
        assert list(mine) == [line for line in everything if line.owner_id == reader]
