"""The buttons and menus under Slack messages, in English."""

from onboarding.model.schedule import Written
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPhrases(Written):
    """The words on what may be pressed, and of the questions that follow. Slack cuts a button's after 75 characters."""

    account: str = "Account"
    """The label of the fact with the account's name, which leads to its record."""
    ack: str = "I'm on it"
    why: str = "Why?"
    approve: str = "Approve"
    discard: str = "Discard"
    discard_title: str = "Discard this mail?"
    discard_text: str = "It will not be sent to the customer."
    confirm: str = "Confirm"
    confirm_title: str = "Confirm it?"
    confirm_text: str = "It is done at once, and the journal names you as the second person."
    refuse: str = "Refuse"
    refuse_title: str = "Refuse it?"
    refuse_text: str = "It is not done; whoever asked can ask again."
    mark_done: str = "Mark done…"
    done_title: str = "Mark it as done?"
    done_text: str = "What depends on it goes on from here."
    done: str = "Mark done"
    cancel: str = "Cancel"
    close: str = "Close"
    choose: str = "Choose"
    choose_person: str = "Choose a person"
    opening: str = "One moment… If this stays for a minute, nothing was changed: close it and press once more."
    carrying_out: str = "One moment… If this stays for a minute, close it: the Home tab shows whether it was done."
    other: str = "Other"
    not_reached: str = "For {reader}, whom Slack does not know by their mail address."
    one_of_us: str = "one of us"
    cut: str = "… more than fits in a message; the Home tab of this app has your accounts, and the board all of it."

    form_snooze: str = "Snooze…"
    form_hand_over: str = "Hand over…"
    form_resolve: str = "Resolve…"
    form_hold: str = "Put on hold…"
    form_resume: str = "Resume…"
    form_call: str = "Time of a call…"
    form_handoff: str = "Handoff items…"
    form_task: str = "Add a task…"
    form_conflict: str = "Priorities clash…"
    form_decision: str = "Record a decision…"
    form_profile: str = "What matters to a person…"
    form_buy_in: str = "Where a person stands…"
    form_goal: str = "Add a goal…"
    form_goal_value: str = "Where a goal stands…"
    form_renewal: str = "Renew, expand or at risk…"
    form_draft: str = "Edit…"


LABELS = LabelPhrases()
"""The English ones."""
