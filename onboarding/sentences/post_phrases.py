"""The Slack messages about one account, in English."""

from onboarding.model.schedule import Written
from onboarding.sentences.counted import Counted
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PostPhrases(Written):
    """What the messages of a stall's thread and of a step say. A phrase keeps the names in braces of the English one,
    in any order."""

    of_the_crm: str = "Open in the CRM"
    its_page: str = "Open its page"
    next_step: str = "Next step: {step}"
    yours: str = "This one is yours: do it today, or say what is in the way and set a new date."

    stage: str = "Stage"
    stage_day: str = "{stage}, day {day}"
    tier: str = "Tier"
    whose_move: str = "Whose move"
    since: str = "Since"
    since_for: str = "{day} ({span})"
    owner: str = "Owner"
    open_for: str = "Open for"

    stall: str = "{account}: {cause} ({severity})"
    also_open: str = "Also open:"
    taken_up: str = "Taken up by {person} on {at}."
    rests: str = "Rests until {at}."
    footer: str = "Stall {number}, {level}."
    footer_over: str = "Stall {number}"
    level_0: str = "in the digest"
    level_1: str = "with the CSM"
    level_2: str = "with the manager"
    level_3: str = "with our executive sponsor"
    handed_over: str = "Handed over by {person} on {day}."
    handed_over_note: str = "Handed over by {person} on {day}: “{note}”"

    move_named: str = "{side}: {person}"
    move_named_role: str = "{side}: {person} ({role})"
    move_nobody: str = "{side}: {role}, whom nobody is yet"
    move_followed: str = "{side}; {person} follows it up"
    move_followed_role: str = "{side}; {person} ({role}) follows it up"

    raised: str = "{account}: now also {level}"
    over: str = "{account}: over: {cause}"
    it_was: str = "It was: {cause}"
    closed: str = "Closed on {at}: {why}."
    why_gone: str = "the cause is gone"
    why_resolved: str = "resolved: {reason}"
    why_completed: str = "the onboarding is completed"
    why_churned: str = "the onboarding is churned"
    why_cancelled: str = "the onboarding is cancelled"

    news: str = "{account}: {news}"
    news_over: str = "over: {cause}"
    news_not_yours: str = "no longer yours: {cause}"
    news_critical: str = "now critical: {cause}"
    news_level: str = "now also {level}: {cause}"
    news_up_to_you: str = "it has come up to you: {cause} ({severity})"
    news_date: str = "a date was not kept: {cause} ({severity})"
    news_cause: str = "a new cause: {cause} ({severity})"
    said_over: str = "Over: {cause}"
    said_not_yours: str = "No longer yours: {cause}"
    said_critical: str = "Now critical: {cause}"
    said_level: str = "{cause} Now {level}."
    not_yours: str = "{account}: no longer yours"
    still_open: str = "Still open, {level}: {cause}"
    before: str = "Before and besides: {causes}."
    before_gone: str = "{cause}, {since} to {until}"
    and_more: str = "and {count} more"
    gathered: Counted = Counted(
        one="{count} more change in your onboardings today", other="{count} more changes in your onboardings today"
    )
    before_now: str = "{cause}, {since}, {level}"
