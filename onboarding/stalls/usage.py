"""What product usage shows, or fails to show. No data is not silence: these rules rest where usage is
unknown (HS-8)."""

from onboarding.model.phrases import day_words
from onboarding.model.vocabulary import Side, Stage
from onboarding.stalls.context import Cause, StallContext, Watch

KINDS = frozenset({"no_activity", "no_activation", "silent_drop_off"})
AT_WORK = (Stage.SETUP, Stage.TRAINING, Stage.FIRST_VALUE)
FEW_LOGINS = 3
"""TH-5 says twice; up to one more still counts as having looked in and gone. Ours."""


def no_activity(ground: StallContext) -> tuple[Watch, ...]:
    """FM-5: nothing happens in the product while work on it should go on. Few logins are the drop-off's to
    tell."""
    usage, last = ground.case.usage, ground.standing.last_activity_at
    entered = ground.progress.stage_times.get(Stage.SETUP)
    if not usage.known or ground.progress.stage not in AT_WORK or entered is None or _looked_in(ground):
        return ()
    since = max(moment for moment in (entered, last, usage.unread_at) if moment is not None)
    if since == usage.unread_at:
        seen = f"since {day_words(since)}, when usage came that could not be read"
    else:
        seen = f"since {day_words(last)}" if last else f"yet, setup began on {day_words(entered)}"
    return ground.watch(
        "no_activity",
        Cause(
            anchor=since,
            text=f"No activity in the product {seen}.",
            waiting_on=Side.CUSTOMER,
            proved_until=usage.read_at,
        ),
    )


def no_activation(ground: StallContext) -> tuple[Watch, ...]:
    """TH-4, HS-7: day 30 warns, day 60 is critical, from signature. Proved by milestones too, so it needs
    no signals."""
    rule = ground.playbook.stalls.get("no_activation")
    if rule is None or ground.standing.activated_at is not None:
        return ()
    signed = ground.case.signed_at
    return ground.watch(
        "no_activation",
        Cause(
            anchor=signed,
            since=ground.after(rule.after, signed),
            text=f"Not activated, though signed on {day_words(signed)}.{_unread(ground)}",
            waiting_on=Side.CUSTOMER,
        ),
    )


def silent_drop_off(ground: StallContext) -> tuple[Watch, ...]:
    """TH-5: a few logins, then none, before any value was reached."""
    last = ground.standing.last_activity_at
    if not ground.case.usage.known or last is None or not _looked_in(ground):
        return ()
    logins = _logins(ground)
    times = "once" if logins == 1 else f"{logins} times"
    return ground.watch(
        "silent_drop_off",
        Cause(
            anchor=max(last, ground.case.usage.unread_at or last),
            since=last,
            text=f"Logged in {times}, last on {day_words(last)}, and not seen since.",
            waiting_on=Side.CUSTOMER,
            proved_until=ground.case.usage.read_at,
        ),
    )


RULES = (no_activity, no_activation, silent_drop_off)


def _unread(ground: StallContext) -> str:
    """What is not known, where activation could have been shown by usage that cannot be read."""
    return " Usage came that could not be read." if ground.case.usage.unread_at is not None else ""


def _looked_in(ground: StallContext) -> bool:
    return (
        "silent_drop_off" in ground.playbook.stalls
        and ground.standing.activated_at is None
        and 0 < _logins(ground) <= FEW_LOGINS
    )


def _logins(ground: StallContext) -> int:
    return sum(use.total for use in ground.case.usage.signals if use.name == "login")
