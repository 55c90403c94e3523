"""Digests, and the tasks for a person in them, in English."""

from onboarding.model.schedule import Written
from onboarding.sentences.counted import Counted
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPhrases(Written):
    """What a digest says. A phrase keeps the names in braces of the English one, in any order."""

    headline: str = "Onboarding on {day}: {things} at {customers}"
    headline_nothing: str = "Onboarding on {day}: nothing new"
    things: Counted = Counted(one="{count} thing", other="{count} things")
    customers: Counted = Counted(one="{count} customer", other="{count} customers")
    section_new: str = "New"
    section_worse: str = "Worse"
    section_better: str = "Better"
    section_due: str = "Due today"
    section_waiting: str = "Waiting for you"
    section_closed: str = "Closed in the last seven days"
    left: str = "and {count} more with the next digest"
    as_on: Counted = Counted(one="{count} thing stands as on {day}.", other="{count} things stand as on {day}.")
    besides: Counted = Counted(one="{count} thing stands besides.", other="{count} things stand besides.")
    all_on_board: str = "All of it on the board"

    handoff: str = "The customer was handed over without {items}. Write them into the deal; the handoff waits for them."
    due: str = "{title} is due on {day}."
    was_due: str = "{title} was due on {day}."
    done: str = "Done: {title}."
    said_level: str = "Now {level}: {cause}"
    said_eased: str = "No longer critical: {cause}"
    closed: str = "closed on {day} after {span}: {causes}."
    folded: str = "{count} more"
    closed_at: str = "closed at {customers}."


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPhrases(Written):
    """What a person has to do, or to decide. A phrase keeps the names in braces of the English one, in any order."""

    owner_decides: str = "the owner decides whether to write now"
    you_decide: str = "decide whether to write now"
    asked: str = "{step}: {because}"
    asked_decides: str = "{step}: {because}; {decides}"
    """With ``tasks.owner_decides``, or to the owner ``tasks.you_decide``."""
    missed: str = "{step}: {person} did not get it ({because}); {decides}"
    write_yourself: str = "{step}: write to {person} yourself, who {because}"
    no_automated_mail: str = "wants no automated mail"
    unreachable: str = "{person} ({roles}) {what}: ask for another address and put it into the CRM"
    complained: str = "{person} ({roles}) {what}: call before anything else is sent"
    address_bounced: str = "has an address that bounced"
    reported_spam: str = "reported one of our mails as spam"
    bad_answer: str = "{person} answered {score} of {most} ({survey}) on {day}: call within a day"
    bad_answer_said: str = "{person} answered {score} of {most} ({survey}) on {day}, “{comment}”: call within a day"
    somebody_there: str = "Somebody there"

    promises_at_transition: Counted = Counted(
        one="Transition: {promises} was promised and is open; say of each whether it was kept or broken",
        other="Transition: {promises} were promised and are open; say of each whether it was kept or broken",
    )
    promise_broken: str = "What you promised, {promise}, was not kept, says {person}"
    promise_due: str = "Promise {id}, {promise}, is due on {day}: keep it, then record it as kept or broken"
    promise_was_due: str = "Promise {id}, {promise}, was due on {day}: keep it, then record it as kept or broken"
    promise_open: str = "What you promised, {promise}, was due on {day} and is open"

    buy_in_unknown: str = "Nobody has said where {person} ({role}) stands: ask them, then record it"
    clash_put: str = "{clash}, and no mail asks for a decision: put it to {people}, then record what was decided"
    clash_find: str = "{clash}, and no mail asks for a decision: find out who decides, then record what was decided"
    health_fallen: str = (
        "Health fell by {points} points in two weeks, to {health}: look at what is missing, and call before it gets "
        "worse"
    )
    health_strong: str = "Strong and active since this week: ask what comes next for them, it may be time to expand"
    unheld_customer: str = "Nobody at the customer is {role}, and the plan has work for one: ask who it is and add them"
    unheld_ours: str = (
        "Nobody of ours is {role}, and the plan has work for one: have a person named, or it stays with you"
    )
    handed_to_you: str = "{giver} handed this customer over to you."
    handed_to_you_note: str = "{giver} handed this customer over to you: “{note}”"
    handed_over: str = "{giver} handed this customer over to {holder}."
    handed_over_note: str = "{giver} handed this customer over to {holder}: “{note}”"
    answer: str = "{said}: {settle}"
    settle_held: str = "mark it as held"
    call_over: str = "{call} of {at}: its time is over. Mark it as held, or as missed"
    settle_date: str = "agree it, or call"
    settle_blocked: str = "help, or agree another date"
    settle_claimed: str = "look, then mark it done"
    settle_call: str = "agree a time"
    settle_person: str = "confirm them"
