"""Drafts, requests for a second person, absences and other notes to the vendor's people, in English."""

from onboarding.model.schedule import Written
from onboarding.sentences.counted import Counted
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePhrases(Written):
    """What these messages say. A phrase keeps the names in braces of the English one, in any order."""

    draft: str = "{account}: your draft {step}"
    draft_to: str = "To"
    draft_subject: str = "Subject"
    draft_person: str = "{person} ({role})"
    draft_undecided: str = "Not decided in time; it was sent on {at}"
    draft_sent: str = "{decided}; it was sent on {at}"
    draft_approved: str = "Approved by {person}"
    draft_discarded: str = "Discarded by {person}"
    draft_reason: str = "{said}: {reason}"

    asked_by: str = "Asked by"
    reason: str = "Why"
    settled: str = "Settled: {what}"
    confirmed_by: str = "Confirmed by {person}."
    refused_by: str = "Refused by {person}."
    second_person: str = "A second person is needed: {what}"
    nothing_changed: str = "Nothing was changed yet. It waits until {until} for somebody else who may do it."
    expired: str = "Expired: {what}"
    nobody_confirmed: str = "Nobody confirmed it by {until}, so nothing was changed."
    ask_again: str = "If it is still wanted, ask for it again."
    confirm_in_slack: str = "Or write /first90 confirm {id}."
    confirm_elsewhere: str = "At the command line: first90 approvals confirm {id}, or refuse in place of confirm."
    erase_a_person: str = "erase a person"

    answers: Counted = Counted(
        one="{account}: {count} answer on the plan page", other="{account}: {count} answers on the plan page"
    )
    answers_footer: str = "What waits for you is among your tasks, with how to settle it."
    waiting: Counted = Counted(
        one="{count} onboarding waits for a decision of yours", other="{count} onboardings wait for a decision of yours"
    )
    waiting_footer: str = "Nothing is sent to these customers until then; what they do is followed all the same."

    away_uncovered: str = "You are away until {day}, and nobody covers for you"
    name_a_backup: str = "Ask your manager to name a backup; until then your messages and work stay with you."
    covered: str = "{cover} covers for you until {day}"
    covered_work: str = "New work, alerts and replies of {customers} go to {cover} until then."
    told_at_return: str = "On your return you are told what happened."
    you_cover: str = "You cover for {absent} until {day}: {customers}"
    you_cover_footer: str = (
        "New work, alerts and replies come to you until then, and mails go out in your name, not {absent}'s."
    )
    no_longer_cover: str = "{absent} is back, and you no longer cover"
    goes_back: str = "New work, alerts and replies go to {absent} again. Thank you."
    welcome_back: str = "Welcome back: what happened since {day}"
    quiet: str = "Nothing new at {count} more of your customers."
    comes_back: str = "From now on new work, alerts and replies come to you again."
    in_stage: str = "in {stage}"
    is_due: str = "{title} is due on {day}"
    was_due: str = "{title} was due on {day}"
    stage_since: str = "{stage} since {day}"
    done: str = "done: {titles}"
    done_more: str = "done: {titles} and {count} more"
    over: str = "over: {cause}"
    stands_still: str = "stands still: {cause}"
    replies: Counted = Counted(one="{count} reply", other="{count} replies")
    mails: Counted = Counted(one="{count} mail sent", other="{count} mails sent")
