"""The texts of the plan page about the times of calls, in English."""

from dataclasses import dataclass

from onboarding.model.schedule import Written
from onboarding.sentences.counted import Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPhrases(Written):
    """How a call is booked, moved and cancelled on the plan page. A phrase keeps the names in braces of the English
    one, in any order."""

    which: Counted = Counted(
        one="{title}, {count} minute with {host}: which time suits you?",
        other="{title}, {count} minutes with {host}: which time suits you?",
    )
    choose: str = "Choose a time"
    asks_once: str = "{zone}. The next page asks once, then it is booked."
    none_suits: str = "None of these times suits me"
    propose: str = "Propose another time"
    free_times: str = "Choose among the free times"
    move: str = "Move it to another time"
    off: str = "Cancel it"
    proposed: str = "You proposed: {said}. It is not agreed yet."
    proposed_by_other: str = "A colleague of yours proposed another time. It is not agreed yet."

    over: str = "{title}: it was agreed for {when}. Did it take place?"
    took_place: str = "It took place"
    if_not: str = "If not, choose another time:"
    missed: str = "{title}: it did not take place on {when}."

    book_title: str = "{title}: choose a time"
    move_title: str = "Another time: {title}"
    book_submit: str = "Book this time"
    move_submit: str = "Move it to this time"
    gone: str = "That time is not free any more. Here are others."
    stands: str = "Agreed so far: {when}."
    was: str = "It was agreed for {when}."
    settles: Counted = Counted(
        one="{count} minute with {host}. One press settles it, and the invitation follows.",
        other="{count} minutes with {host}. One press settles it, and the invitation follows.",
    )
    when: str = "When? ({zone})"
    time: str = "{day}, {time}"
    settled: str = "It is settled. The invitation is on its way, and your contact on our side is told."
    off_title: str = "Cancel this call? {title}"
    off_intro: str = "It is agreed for {when}. Calendars take it out."
    off_submit: str = "Cancel the call"
    off_why: str = "What is the reason?"
    off_thanks: str = "It is cancelled. Calendars take it out, and your contact on our side is told."
    held_title: str = "Did it take place? {title}"
    held_submit: str = "Yes, it took place"
    held_thanks: str = "Thank you. Your contact on our side is told."
    propose_title: str = "Which time suits you? {title}"
    propose_submit: str = "Propose this"
    propose_intro: str = "Your contact on our side agrees it with you."
    propose_what: str = "A day and a time, or several, in your own words"
    propose_thanks: str = "Thank you. Your contact on our side is told, and agrees it with you."

    taken: str = "This time is not free any more. Choose another one."
    same: str = "This is the time that stands already. Choose another one."
    no_words: str = "Say it in a few words, so that we can plan with it."
    no_times: str = "There are no times to choose from here at the moment. Reply to any mail of ours, and we find one."
    no_call: str = "There is no such call in this plan."
    up_to_lead: str = "The time of this call is up to who leads the project on your side."
    passed: str = "The time of this call has come. Reply to any mail of ours if you need another."
    not_over: str = "Nobody has to say at the moment whether this call took place."
    not_asked: str = "No time is to be agreed for this call at the moment."
    not_agreed: str = "This call is not agreed, so there is nothing to cancel."
