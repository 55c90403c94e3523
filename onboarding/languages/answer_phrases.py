"""The texts of the plan page's forms, of what comes of them, and of links that open nothing, in English."""

from dataclasses import dataclass

from onboarding.languages.counted import Counted
from onboarding.model.schedule import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPhrases(Written):
    """What a reader of the plan page may answer, and what they are told. A phrase keeps the names in braces of the
    English one, in any order."""

    it_is_done: str = "It is done"
    another_date: str = "Another date"
    propose_date: str = "Propose another date"
    something_blocks: str = "Something blocks it"
    somebody_else: str = "Somebody else does it"
    figures_right: str = "These figures are right"
    correct_figures: str = "Correct these figures"
    others: str = "Other answers"
    or_else: str = "Or:"
    back: str = "Back to the plan"
    look_again: str = "Please look at this again:"
    in_the_plan: str = "In the plan: {when}."
    line: str = "A line about it (optional)"
    anything: str = "Anything we should know? (optional)"
    we_confirm: str = "One of us confirms it before we write to them."

    thank_you: str = "Thank you"
    kept: str = "It is kept, and your contact on our side is told."
    confirmed_later: str = "Thank you. One of us confirms it before we write to them."
    read_later: str = "Thank you. A person reads it."
    repeated: str = "You had sent this before; that answer counts."
    failed: str = "This did not work"
    open_again: str = "Open the form once more from the plan."
    unchanged: str = "Nothing was changed"
    stale: str = "This was changed since you opened it. Look at the plan, and answer once more if it is needed."
    nothing: str = "Nothing to answer"
    over: str = "The onboarding is over, so there is nothing more to answer here."
    too_often_title: str = "That was too often for now"
    too_often: str = "Try again in ten minutes."
    not_found_title: str = "There is no such page"
    not_found: str = "Open the plan once more from the mail."

    no_work: str = "There is no such work of yours in this plan."
    done_already: str = "{title} is {when} already."
    up_to: str = "{title} is up to {who}."
    done_title: str = "{title} is done?"
    done_submit: str = "Yes, it is done"
    done_tell: str = "Tell us that it is done"
    done_how: str = "How can we see it? (optional: a link, a name, a day)"
    done_thanks: str = "Thank you. It is marked as done, and your contact on our side is told."
    done_told: str = "Thank you. It is kept; it counts once we see it, and your contact on our side is told."
    no_tick: str = "This needs no tick: we see by ourselves when it is done, and the plan shows it then."
    we_mark: str = "We mark this as done on our side, once we have looked at it. Tell us that it is done."
    seen_in_product: str = (
        "This counts once it is seen in the product. If it is done and the plan does not show it, tell us."
    )
    date_title: str = "Another date for {title}"
    date_submit: str = "Propose this date"
    date_stays: str = "Your contact on our side agrees it with you; until then the date stays."
    date_when: str = "When can it be done?"
    date_why: str = "What is the reason?"
    blocked_title: str = "What blocks {title}?"
    blocked_submit: str = "Tell us"
    blocked_what: str = "What is in the way?"
    blocked_by_us: str = "We wait for you"
    blocked_no_more: str = "Nothing any more: it goes on"
    person_title: str = "Who does {title}?"
    person_submit: str = "Name this person"
    their_name: str = "Their name"
    their_address: str = "Their work mail address"
    their_part: str = "Their part in this"
    own_name: str = "Your name"
    own_address: str = "Your work mail address"
    own_part: str = "Your part in this"
    colleague_title: str = "Who else takes part?"
    who_title: str = "You are not {reader}?"
    who_submit: str = "Send to us"
    who_intro: str = (
        "This page was made for one person. Tell us who you are; one of us confirms it, and you get a link of your "
        "own. Until then nothing changes."
    )
    who_thanks: str = "Thank you. One of us confirms it, and then you get a link of your own."

    no_goal: str = "There is no such goal in this plan."
    confirmed_already: str = "Your side confirmed these figures already. They can still be corrected."
    goal_title: str = "Are these figures right?"
    goal_submit: str = "Yes, this is what we want to reach"
    correct_title: str = "Correct the goal {title}"
    correct_submit: str = "These are the right figures"
    baseline: str = "Today (a number)"
    target: str = "To reach (a number)"
    unit: str = "Unit"
    due: str = "By"

    mood_title: str = "How is it going?"
    mood_submit: str = "Send"
    mood_so_far: str = "So far, this goes"
    mood_well: str = "Well"
    mood_so_so: str = "So-so"
    mood_not_well: str = "Not well"
    pace_title: str = "How often do you want to hear where things stand?"
    pace_submit: str = "Save"
    pace_intro: str = "Mails that need an answer from you, invitations and training still come."
    pace_label: str = "Status mails"
    pace_thanks: str = "It is kept, and counts from the next status mail on."
    pace_nothing: str = "You get no regular status mails, so there is nothing to choose."
    every_weeks: Counted = Counted(one="Every week", other="Every {count} weeks")
    every_days: Counted = Counted(one="Every day", other="Every {count} days")

    missing: str = "Please answer this."
    no_choice: str = "Choose one of these."
    too_long: Counted = Counted(
        one="This is too long: at most {count} character.", other="This is too long: at most {count} characters."
    )
    no_address: str = "Write one mail address, like ana@acme.example."
    no_day: str = "Choose a day."
    day_passed: str = "This day has passed. Choose a later one."
    day_too_far: str = "This is more than two years ahead. Choose an earlier day."
    day_same: str = "This is the day that stands already. Choose another one."
    no_reason: str = "Say why, so that we can plan with it."
    no_number: str = "Write a number."
    same_figures: str = "This equals the figure of today, so nothing would change."
    no_measure: str = "This cannot be measured in this way. Look at the figures and the day."

    closed_title: str = "This link does not open the plan"
    closed_unknown: str = (
        "It is not complete, or none of ours. Mail programs sometimes break a long link in two: take it from the mail "
        "once more."
    )
    closed_over: str = (
        "The plan is closed: the onboarding is over, or the person whom the link was made for takes no part in it any "
        "more."
    )
    closed_expired: str = "It is too old."
    closed_revoked: str = "It was withdrawn, and a newer one takes its place."
    closed_wrong: str = "Is that wrong? Reply to any mail of ours; a person reads it."
    anew: str = "Get the link anew"
    anew_by_address: str = "If there is a plan for this address, the link is sent there, and nowhere else."
    anew_known: str = "We send it to the mail address that we know of its reader, and nowhere else."
    anew_submit: str = "Send me the link"
    or_reply: str = "Or reply to any mail of ours; a person reads it."
    on_its_way_title: str = "Look into your mail"
    on_its_way: str = (
        "If there is an open plan for this, its link is on its way to the address that we know. It takes some minutes. "
        "No second mail is sent within some hours, so look into the spam folder too."
    )
    nothing_came: str = "Nothing came? Reply to any mail of ours; a person reads it."
