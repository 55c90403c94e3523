"""Stalls by product usage. Missing data are not silence: these rules do not apply where usage is unknown (HS-8)."""

from datetime import datetime

from onboarding.model.vocabulary import CustomerRole, Side, Stage
from onboarding.sentences.sentence import sentence
from onboarding.sentences.terms import utc_day
from onboarding.stalls.context import Cause, StallContext, Watch

KINDS = frozenset({"no_activity", "no_activation", "silent_drop_off"})
AT_WORK = (Stage.SETUP, Stage.TRAINING, Stage.FIRST_VALUE)
FEW_LOGINS = 3
"""TH-5 says two logins; this project also counts a third as a short visit."""


def no_activity(context: StallContext) -> tuple[Watch, ...]:
    """FM-5: no activity in the product during the stages that need it. A few logins are left to ``silent_drop_off``."""
    usage, last = context.case.usage, context.state.last_activity_at
    entered = context.progress.stage_times.get(Stage.SETUP)
    if not usage.known or context.progress.stage not in AT_WORK or entered is None or _has_few_logins(context):
        return ()
    since = max(moment for moment in (entered, last, usage.unread_at) if moment is not None)
    if since == usage.unread_at:
        said = sentence("stalls.no_activity_unread", day=utc_day(since))
    elif last:
        said = sentence("stalls.no_activity_since", day=utc_day(last))
    else:
        said = sentence("stalls.no_activity_yet", day=utc_day(entered))
    return context.watch(
        "no_activity",
        Cause(
            anchor=since,
            text=said,
            waiting_on=Side.CUSTOMER,
            owner_role=CustomerRole.CHAMPION.value,
            proved_until=usage.known_until,
        ),
    )


def no_activation(context: StallContext) -> tuple[Watch, ...]:
    """TH-4, HS-7: no activation, with a warning on day 30 and critical on day 60 from signature. Milestones prove
    activation too, so the rule needs no signals; where usage may prove it, a source that fell silent suspends it."""
    rule = context.playbook.stalls.get("no_activation")
    if rule is None or context.state.activated_at is not None:
        return ()
    signed = context.case.signed_at
    return context.watch(
        "no_activation",
        Cause(
            anchor=signed,
            since=context.after(rule.after, signed),
            text=sentence(f"stalls.no_activation{_unread(context)}", day=utc_day(signed)),
            waiting_on=Side.CUSTOMER,
            owner_role=_activates(context),
            proved_until=_activation_known_until(context),
        ),
    )


def silent_drop_off(context: StallContext) -> tuple[Watch, ...]:
    """TH-5: a few logins, then none, before first value was reached."""
    last = context.state.last_activity_at
    if not context.case.usage.known or last is None or not _has_few_logins(context):
        return ()
    logins = _logins(context)
    return context.watch(
        "silent_drop_off",
        Cause(
            anchor=max(last, context.case.usage.unread_at or last),
            since=last,
            text=sentence("stalls.silent_drop_off", count=logins, day=utc_day(last)),
            waiting_on=Side.CUSTOMER,
            owner_role=CustomerRole.CHAMPION.value,
            proved_until=context.case.usage.known_until,
        ),
    )


RULES = (no_activity, no_activation, silent_drop_off)


def _activation_known_until(context: StallContext) -> datetime | None:
    """Return until when usage would have shown the activation; None if it need not, or nobody can tell."""
    usage = context.case.usage
    by_usage = any(plan.name == "activation" and plan.signals for plan in context.playbook.milestones())
    return usage.known_until if by_usage and usage.heard_at is not None else None


def _activates(context: StallContext) -> str:
    """Return the role whose work is the activation."""
    activation = context.state.milestones.get("activation")
    return activation.owner_role if activation is not None else CustomerRole.CHAMPION.value


def _unread(context: StallContext) -> str:
    """Return the end of the phrase's key if unreadable usage might have shown the activation."""
    return "_unread" if context.case.usage.unread_at is not None else ""


def _has_few_logins(context: StallContext) -> bool:
    return (
        "silent_drop_off" in context.playbook.stalls
        and context.state.activated_at is None
        and 0 < _logins(context) <= FEW_LOGINS
    )


def _logins(context: StallContext) -> int:
    return sum(use.total for use in context.case.usage.signals if use.name == "login")
