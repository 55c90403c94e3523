"""Calls on the plan page whose agreed time is over, or that did not take place."""

from onboarding.model.schedule import Call
from onboarding.plan_page.context import PageContext
from onboarding.shared_plan.passed_calls import MissedCall, PassedCall, missed_calls, passed_calls


def passed_call(context: PageContext, call: Call) -> PassedCall | None:
    """Return a call whose agreed time is over, while nobody has said whether it took place; None for any other."""
    passed = passed_calls(context.case, context.state, context.playbook, context.now)
    return next((one for one in passed if one.call == call and one.held is None), None)


def missed(context: PageContext) -> tuple[MissedCall, ...]:
    """Return the calls that did not take place and have no new time."""
    return missed_calls(context.case, context.state, context.playbook, context.now)


def before(context: PageContext, call: Call) -> str:
    """Return what became of the time that was agreed last, in the reader's language: it is over, with the question
    whether the call took place, or it did not; empty where there was none."""
    passed, title = passed_call(context, call), context.language.text(call.title)
    if passed is not None:
        return context.calls.over.format(title=title, when=context.days.when(passed.at))
    gone = next((one for one in missed(context) if one.call == call), None)
    return context.calls.missed.format(title=title, when=context.days.when(gone.was_at)) if gone else ""
