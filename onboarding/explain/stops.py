"""Why nothing moves or nothing is sent for one onboarding: holds, blocks, the pilot, a stop for all."""

from onboarding.escalations.listeners import Waits
from onboarding.model.case import Case
from onboarding.model.phrases import day_words, list_words
from onboarding.model.review import Review
from onboarding.model.vocabulary import Status
from onboarding.stages import is_stopping

SETTLED = {
    Status.COMPLETED: "All five stages are done; what is left goes on after the onboarding.",
    Status.CHURNED: "The customer has gone; nothing is planned or sent any more.",
    Status.CANCELLED: "It was cancelled; nothing is planned or sent any more.",
}


def stopped(case: Case, review: Review, waits: Waits) -> tuple[str, ...]:
    """Return why nothing moves or nothing is sent, each in a sentence; empty if there is no reason."""
    progress, now, audience = review.progress, waits.now, waits.audience
    said = [SETTLED[progress.status]] if progress.status in SETTLED else []
    if progress.closed_reason:
        said.append(f"Why: {progress.closed_reason}.")
    if progress.blocked:
        said.append(f"Nothing is sent: {audience.told(progress.blocked)}.")
    if case.is_outside_pilot:
        said.append(f"Nothing is sent: the account is not among the pilot's{audience.hint(' (FIRST90_ACCOUNTS)')}.")
    holds = [hold for hold in case.holds if hold.since <= now and is_stopping(hold, now)]
    if progress.status in (Status.ON_HOLD, Status.COMPLETED) and not holds and not case.deals[0].won:
        said.append(f"On hold: {case.deals[0].lost} in the CRM.")
    for hold in holds:
        until = f" until {audience.moment(hold.until)}" if hold.until else " until somebody resumes it"
        said.append(f"On hold since {day_words(hold.since)}{until}, by {hold.by}: {hold.reason}.")
    return tuple(said)


def halts(waits: Waits) -> list[str]:
    """Return each reason once, with its channels."""
    about: dict[str, list[str]] = {}
    for channel, reason in waits.halted.items():
        about.setdefault(reason, []).append(channel.value)
    return [f"Nothing leaves on {list_words(channels)}: {reason}." for reason, channels in about.items()]
