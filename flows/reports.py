"""The reports of a flow and of a whole cycle: those of their tasks, added up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from onboarding.model.crm_records import Problem
from onboarding.model.vocabulary import Channel, Stage
from tasks.runtime.reports import (
    DeliveryReport,
    Failure,
    IntakeReport,
    MetricsReport,
    Rehearsed,
    ReviewReport,
    SignalReport,
)

TaskReport = IntakeReport | SignalReport | ReviewReport | MetricsReport | DeliveryReport


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowReport:
    """What one run of one flow did."""

    flow: str
    as_of: datetime
    dry_run: bool = False
    parts: tuple[TaskReport, ...] = ()
    crashed: str | None = None
    """Why the run ended early, or None."""
    rehearsed: tuple[Rehearsed, ...] = ()
    """What a dry run would send and plan."""

    @property
    def intake(self) -> IntakeReport | None:
        """Return the first report on reading the CRM, if this flow read it."""
        return next((part for part in self.parts if isinstance(part, IntakeReport)), None)

    @property
    def reviews(self) -> tuple[ReviewReport, ...]:
        """Return the reviews of due onboardings, in order."""
        return tuple(part for part in self.parts if isinstance(part, ReviewReport))

    @property
    def deliveries(self) -> tuple[DeliveryReport, ...]:
        """Return what was delivered on each channel."""
        return tuple(part for part in self.parts if isinstance(part, DeliveryReport))

    @property
    def set_aside(self) -> tuple[Problem, ...]:
        """Return the records that cannot be read at present, each once."""
        found = [p for part in self.parts if isinstance(part, IntakeReport | SignalReport) for p in part.set_aside]
        return tuple(dict.fromkeys(found))

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Return what failed on our side: an onboarding that could not be reviewed, a source that could not be read."""
        own = [Failure(where=self.flow, error=self.crashed)] if self.crashed else []
        return (
            *own,
            *(f for part in self.parts if not isinstance(part, DeliveryReport) for f in part.failures),
        )

    @property
    def undelivered(self) -> int:
        """Return the number of effects that were refused or are in doubt."""
        return sum(part.failed + part.unknown for part in self.deliveries)

    @property
    def outcome(self) -> str:
        """Return the run in a few words, as ops see it in a list of runs: ``Completed, 3 set aside``, or for a dry run
        ``Dry run, 2 messages and 40 CRM rows would be sent``."""
        if self.failures:
            return f"Failed, {len(self.failures)} not done"
        done = f"Dry run, {self._would_be_sent()} would be sent" if self.dry_run else "Completed"
        notes = [f"{len(self.set_aside)} set aside"] if self.set_aside else []
        notes += [f"{self.undelivered} not delivered"] if self.undelivered else []
        return ", ".join([done, *notes])

    def _would_be_sent(self) -> str:
        rows = sum(one.now for one in self.rehearsed if one.channel is Channel.CRM)
        messages = sum(one.now for one in self.rehearsed) - rows
        return f"{messages} message{'' if messages == 1 else 's'} and {rows} CRM row{'' if rows == 1 else 's'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleReport:
    """What one whole cycle did: the reports of its flows in order."""

    as_of: datetime
    dry_run: bool
    flows: tuple[FlowReport, ...]

    @property
    def set_aside(self) -> tuple[Problem, ...]:
        """Return the records that could not be read, each once however many flows read it."""
        return tuple(dict.fromkeys(problem for flow in self.flows for problem in flow.set_aside))

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Return what failed on our side, each once."""
        return tuple(dict.fromkeys(failure for flow in self.flows for failure in flow.failures))

    @property
    def undelivered(self) -> int:
        """Return the number of effects that were refused or are in doubt."""
        return sum(flow.undelivered for flow in self.flows)

    def of_stage(self, stage: Stage) -> tuple[int, int]:
        """Return how many onboardings were reviewed in this stage, and how many left it."""
        found = [review for flow in self.flows for review in flow.reviews if review.stage is stage]
        return sum(review.reviewed for review in found), sum(review.left for review in found)

    def deliveries(self, channel: Channel) -> Iterable[DeliveryReport]:
        """Return what was delivered on this channel, flow by flow."""
        return [part for flow in self.flows for part in flow.deliveries if part.channel is channel]
