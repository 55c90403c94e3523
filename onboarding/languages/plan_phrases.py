"""The texts of the plan page in English; files translate them."""

from dataclasses import dataclass

from onboarding.model.schedule import Written
from onboarding.sentences.counted import Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPhrases(Written):
    """What the plan page says besides titles, names and dates. A phrase keeps the names in braces of the English one,
    in any order."""

    title: str = "The plan of {account}"
    reader: str = "For {reader}"
    reader_with_part: str = "For {reader}, {part}"
    not_me: str = "This is not me"
    to_content: str = "To the content"
    held: str = "The onboarding is on hold. Dates move once it goes on."
    as_of: str = "As of {day}. This page is {reader}'s alone: please do not forward the link."

    where: str = "Where we are"
    stage_done: str = "done"
    stage_done_on: str = "done on {day}"
    stage_now: str = "now"
    stage_until: str = "now, until {day}"
    stage_over: str = "now, was planned until {day}"
    stage_ahead: str = "ahead"
    done_of: str = "{done} of {all} done"

    phase_secondary: str = "You have your first results. Until {day} we help you bring in more of your people."
    """What follows the five stages, while the second phase runs."""
    phase_tertiary: str = "It is part of your daily work. Until {day} we look with you at what else it can do for you."

    live_since: str = "Live since {day}"
    live_expected: str = "Go-live expected on {day}"
    day_passed: str = "It was planned for {day}, which has passed: a new day has to be agreed."
    day_agreed: str = "This is the day that was agreed."
    day_of_plan: str = "This is the day of the plan; none was agreed yet."
    agreed_was: str = "The agreed day was {day}."
    planned_was: str = "The plan said {day}."
    later: Counted = Counted(one="{count} day later: {what}.", other="{count} days later: {what}.")
    """How far work moved the go-live."""
    earlier: Counted = Counted(one="{count} day earlier: {what}.", other="{count} days earlier: {what}.")
    work_of_side: str = "{what}, {whose}"
    work_unnamed: str = "work"
    """Work that the reader may not see."""
    on_hold: str = "On hold"
    slack: str = "Weekends and slack in the plan"
    yours: str = "yours"
    """Whose work it is."""
    ours: str = "ours"
    third_partys: str = "a third party's"
    open_before: str = "Open before it, {whose}: {count}."
    open_one_late: str = "Open before it, {whose}: {count}, late."
    open_some_late: str = "Open before it, {whose}: {count}, {late} of them late."
    open_nothing: str = "Everything it needs is done."

    next_yours: str = "Next from you"
    nothing_yours: str = "Nothing is waiting for you."
    next_ours: str = "Next from us"
    nothing_ours: str = "Nothing of ours is open that you wait for."
    quoted: str = "“{title}”"
    done_on: str = "done on {day}"
    done: str = "done"
    late: str = "late: {when}"
    we_are_late: str = "we are late: {when}"
    no_day: str = "no day yet"
    claimed: str = "Your side told us that it is done; we look at it."
    proposed: str = "Your side proposed {day}; it is not agreed yet."
    blocked: str = "Your side told us what blocks it: {cause}."
    you: str = "You"
    one_of_us: str = "One of us"
    third_party: str = "A third party, followed up by {name}"

    mood: str = "How is it going?"
    resources: str = "What helps with it"
    open_it: str = "Open it"
    next_call: str = "Next call"
    call: Counted = Counted(one="{when}, {count} minute", other="{when}, {count} minutes")
    into_calendar: str = "Put it into my calendar"
    no_call: str = "No call is agreed at the moment."

    goals: str = "What this is for"
    no_goals: str = "No goal with figures is written down yet."
    unmeasured: str = "No value was measured yet."
    confirmed: str = "Your side confirmed these figures."
    unconfirmed: str = "This is how we understood it; nobody on your side has confirmed it yet."
    correct: str = "Correct them"

    all_work: str = "All the work, of both sides"
    work_of: str = "Work of {stage}"
    what: str = "What"
    who: str = "Who"
    when: str = "When"
    answer: str = "Answer"

    agreed: str = "What was agreed"
    kept: str = "kept"
    kept_on: str = "kept on {day}"
    not_kept: str = "not kept"
    not_kept_on: str = "not kept on {day}"
    no_day_agreed: str = "no day agreed"

    team: str = "Your people on our side"
    cover: str = "for {absent}, who is back on {day}"
    takes_over: str = "your contact from {day}, after {specialist}"
    book: str = "Book a time"
    colleagues: str = "Who takes part at {account}"
    contact: str = "contact"
    """The part of who has none in the project."""
    and_you: str = "{name} (you)"
    add_colleague: str = "Name a colleague who is missing"
    choose_pace: str = "How often you get status mails"
