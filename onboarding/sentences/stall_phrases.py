"""The causes of stalls and their next steps in English, where the playbook does not word them."""

from onboarding.model.schedule import Written
from onboarding.sentences.counted import Counted
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StallPhrases(Written):
    """Why an account does not move, in sentences. A phrase keeps the names in braces of the English one, in any
    order."""

    handoff_incomplete: Counted = Counted(
        one="The handoff is incomplete: {items} is missing.", other="The handoff is incomplete: {items} are missing."
    )
    kickoff_not_booked: str = "No kickoff is booked; it was to be booked by {limit}."
    kickoff_seen_late: str = (
        "No kickoff is booked; it was to be booked by {limit}. Signed on {signed}, first seen on {seen}: it counts "
        "from then."
    )
    stage_overdue: str = "{stage} should have ended on {day}. Still open: {work}."
    waiting_for: str = "{work} (waiting for {side})"
    milestone_overdue: str = "{title} was due on {day}; {side}: {role}."
    criterion_lost: str = "No longer true since {day}, though its stage was left: {work}."
    confirm_goals: str = (
        "Ask {champion} whether each goal is right: what is measured, its value today, the target and the day. Correct "
        "it if it is not, and mark this work as done when they say yes."
    )
    value_goals: str = "Ask {champion} for the present value of each goal and record it."

    sponsor_missing: str = "The customer has no executive sponsor."
    sponsor_gone: str = "The customer has no executive sponsor since {person} left on {day}."
    champion_missing: str = "The customer has no known champion."
    champion_left: str = "The champion {person} left on {day}; nobody is known to have taken over."
    nobody_named: str = "There is nobody to write to: no contact has a part in the deal."
    nobody_to_write_to: str = "There is nobody to write to: {people}."
    address_bounced: str = "{person} (the address bounced)"
    no_address: str = "{person} (no address in the CRM)"
    cannot_be_read: str = "{people}. What is for them waits, and goes to nobody else."
    contact_unreadable: str = "{person} is named in the deal, but the contact record cannot be read: {problem}"
    contact_unreadable_as: str = (
        "{person} is named as {roles} in the deal, but the contact record cannot be read: {problem}"
    )
    mend_contact: str = (
        "Mend the contact or its role in the CRM, or let first90 see it; what waits goes out by itself then."
    )
    owner_unreadable: str = (
        "{person} is named as the one who looks after the account, but the user record cannot be read: {problem}; "
        "nothing goes out in another's name"
    )
    csm_inactive: str = "{person}, the CSM in the CRM, is no longer active"
    keeper_inactive: str = "{person}, the account's owner in the CRM, is no longer active and there is no CSM"
    no_owner_named: str = "the CRM names neither a CSM nor an owner of the account"
    stands_in: str = "{why}; {owner} stands in."
    nobody_accountable: str = "No one on our side is accountable: {why}."
    thin_map: str = "The stakeholder map has {known} of at least {needed} people."

    no_activity_since: str = "No activity in the product since {day}."
    no_activity_unread: str = "No activity in the product since {day}, when usage came that could not be read."
    no_activity_yet: str = "No activity in the product yet, setup began on {day}."
    no_activation: str = "Not activated, though signed on {day}."
    no_activation_unread: str = "Not activated, though signed on {day}. Usage came that could not be read."
    silent_drop_off: Counted = Counted(
        one="Logged in once, last on {day}, and not seen since.",
        other="Logged in {count} times, last on {day}, and not seen since.",
    )

    clash: str = "“{this}” clashes with “{other}”"
    conflict_undecided: str = "{clash}, since {day}; nobody has decided which goes first."
    decision_maker_opposed: str = "{person} ({role}) is against it since {day}."
    decision_maker_opposed_why: str = "{person} ({role}) is against it since {day}: “{why}”."

    health_falling: str = "Health fell from {before} to {after} by {day}."
    health_falling_weak: str = "Health fell from {before} to {after} by {day}; weak now: {parts}."
    value_not_shown: str = "The users work with it, and nobody can show what it brings."
    few_users: str = "Goals and sponsor are in place, and few people work with it."
