"""Prefect events of what a run changed, to which automations can react. They hold ids only, and come only from runs
under Prefect; the database stays the source of truth.

An event is emitted after its change was saved, by the run that saved it, so that no other run emits it again. A run
that is killed in between emits none.
"""

from collections.abc import Mapping

from prefect.events import emit_event

from flows.reports import FlowReport
from tasks.runtime.reports import DeliveryReport, OnboardingEvent, ReviewReport

PREFIX = "first90"


def tell(report: FlowReport) -> None:
    """Emit the events of a run. ``docs/events.md`` lists them."""
    for part in report.parts:
        if isinstance(part, ReviewReport | DeliveryReport):
            for event in part.happened:
                _onboarding(event)
        if isinstance(part, DeliveryReport):
            _delivery(part)


def _delivery(part: DeliveryReport) -> None:
    for word, found in (("dead", part.dead), ("unknown", part.doubtful)):
        for failure in found:
            _emit(f"effect.{word}", "effect", failure.where, {"channel": part.channel, "error": failure.error})
    if part.down is not None:
        _emit("channel.down", "channel", part.channel, {"error": part.down.error})


def _onboarding(event: OnboardingEvent) -> None:
    _emit(event.name, "onboarding", event.about, event.details)


def _emit(name: str, kind: str, about: str, details: Mapping[str, str]) -> None:
    resource = {"prefect.resource.id": f"{PREFIX}.{kind}.{about}", "prefect.resource.role": kind}
    resource |= {f"{PREFIX}.{word}": str(value) for word, value in details.items()}
    emit_event(event=f"{PREFIX}.{name}", resource=resource, payload={kind: about, **details})
