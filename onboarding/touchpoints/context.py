"""The context that all rules for touchpoints share."""

from collections.abc import Collection, Mapping
from dataclasses import field, fields
from datetime import datetime
from typing import Literal

from onboarding.dates.anchors import Anchors, dates
from onboarding.facts.milestones import done_or_waived
from onboarding.model.case import Hold
from onboarding.model.parties import Person
from onboarding.model.phrases import day_words, list_words, name_words, stage_words
from onboarding.model.playbook import Step
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import STAGES, Channel, Concern, HandoffItem, Stage, Status
from onboarding.people.audience import Audience
from onboarding.people.leading import BY_RECORDS
from onboarding.people.phases import widened
from onboarding.people.recipients import recipients
from onboarding.review_context import ReviewContext
from onboarding.shared_plan.pace import is_status_mail, paced
from onboarding.touchpoints.outlook import Occurrence
from onboarding.tracks.running import TrackState, track_states
from onboarding.values import dataclass

NO_OWNER = "waits for an accountable owner, in whose name it goes out"
ORDER = {stage: number for number, stage in enumerate((*STAGES, Stage.DONE))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Whether anything may be sent for this account.

    ``completed`` admits only steps that go out after completion; ``withheld`` holds everything back for a while;
    ``closed`` is final.
    """

    state: Literal["open", "completed", "withheld", "closed"]
    because: str = ""
    edits: bool = False
    """Whether messages already sent are still edited while everything else is withheld."""

    @property
    def tells(self) -> bool:
        """Return whether the vendor's people are told what was said on the plan page: on hold too, but not once the
        onboarding is closed, nor where nothing may leave."""
        return self.state in ("open", "completed") or self.edits

    def admits(self, step: Step) -> bool:
        """Return whether a message of this step may be planned now."""
        return self.state == "open" or (self.state == "completed" and step.after_completion)

    def settles(self, occurrence: Occurrence) -> bool:
        """Return whether an occurrence may be settled now. Calls are cancelled on hold too, as the customer's people
        would be there, and even after the onboarding ended."""
        if occurrence.step.calendar is not None and (self.state == "closed" or (self.edits and occurrence.withdraws)):
            return True
        return self.state in ("open", "completed")


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchpointContext(ReviewContext):
    """The review's context, with what several rules for touchpoints need computed once."""

    anchors: Anchors
    """The moments of the anchors of ``schedule.Due``; ``stage`` depends on the step."""
    hold: Hold | None
    """The hold that stops the clock now, if any."""
    gate: Gate
    """Whether anything may leave, and why not."""
    settled: Mapping[str, Collection[str]]
    """Step to its settled occurrences."""
    tracks: Mapping[str, TrackState] = field(default_factory=dict)
    """By name."""
    audiences: dict[str, Audience] = field(default_factory=dict, compare=False)
    """Step to the audience of its mail; a cache."""

    @classmethod
    def of(cls, context: ReviewContext) -> "TouchpointContext":
        """Return the same context for the rules for touchpoints."""
        shared = {one.name: getattr(context, one.name) for one in fields(ReviewContext)}
        settled: dict[str, set[str]] = {}
        for touchpoint in context.case.touchpoints:
            settled.setdefault(touchpoint.step, set()).add(touchpoint.occurrence)
        hold = _running_hold(context)
        anchors = dates(context.case, context.state)
        tracks = {one.track.name: one for one in track_states(context)}
        gate = _gate(context, hold)
        return cls(**shared, anchors=anchors, hold=hold, gate=gate, settled=settled, tracks=tracks)

    def readers(self, step: Step) -> Audience:
        """Return the audience of a step's mail."""
        found = self.audiences.get(step.name)
        if found is None:
            found = widened(recipients(step, self.case, self.state), step, self)
            found = self.audiences[step.name] = paced(found, step, self) if is_status_mail(step) else found
        return found

    def reader(self, person_id: str) -> Person | None:
        """Return the customer's person with this id, including one known only from a report; None if unknown."""
        named = (person for people in self.state.holders.values() for person in people)
        return self.case.person(person_id) or next((one for one in named if one.id == person_id), None)

    def zone_of_reader(self, person_id: str) -> str:
        """Return the time zone of one of the customer's people; UTC if unknown."""
        known = self.reader(person_id)
        return known.zone if known else "UTC"

    def anchor_at(self, step: Step) -> datetime | None:
        """Return the moment from which the step's date counts; None while it is not known."""
        if step.due.anchor == "stage":
            return self.progress.stage_times.get(step.stage) if step.stage else None
        if step.due.anchor == "track":
            return self.tracks[step.track].begins_at
        return self.anchors.get(step.due.anchor)

    def entered(self, step: Step) -> tuple[datetime, Stage] | None:
        """Return when the onboarding first entered a stage in which the step may go out, and that stage; None if it has
        not."""
        times = self.progress.stage_times
        return min(((times[stage], stage) for stage in step.while_in if stage in times), default=None)

    def pointless(self, step: Step) -> str | None:
        """Return why the step is no longer useful, in words; None if it is."""
        milestones = [self.state.milestones[name] for name in step.unless if name in self.state.milestones]
        # A milestone proved by a mail of first90 must not stop that mail for its other recipients.
        # One that only does not fit the customer did not happen, so it ends nothing.
        over = [one for one in milestones if done_or_waived(one) and one.done_by != BY_RECORDS]
        if over:
            return f"no longer needed: {_over_words(over)}"
        if (step.every or step.track) and self.case.followed and self.progress.stage is Stage.DONE:
            return "no longer needed: another onboarding of this customer goes on with it"
        if step.track and (track := self.tracks[step.track]).over(self.now) and track.ends_at:
            return f"no longer fits: “{track.track.title}” ended on {day_words(track.ends_at)}"
        if step.while_in and ORDER[self.progress.stage] > max(ORDER[stage] for stage in step.while_in):
            return f"no longer fits: the onboarding is past {stage_words(step.while_in[-1]).lower()}"
        return None

    def unwanted(self, step: Step) -> str | None:
        """Return why nobody wants this occurrence of a status mail, or of a step of a track, in words; None if somebody
        does."""
        if step.track and (because := self.tracks[step.track].unwanted):
            return f"not sent: {because}"
        audience = self.readers(step) if is_status_mail(step) else None
        if audience is None or audience.to or not any(one.reason == "paced" for one in audience.left_out):
            return None
        return audience.because

    def skipped_by_hold(self, due_at: datetime) -> str | None:
        """Return why a date inside a hold that resumes with ``skip`` is dropped, in words; None if it is not."""
        for hold in self.case.holds:
            end = hold.ended_at or hold.until
            if hold.resume == "skip" and end is not None and hold.since <= due_at < end <= self.now:
                span = f"{day_words(hold.since)} to {day_words(end)}"
                return f"fell into the hold of {span}, which was to be skipped"
        return None

    def waits_for(self, step: Step, channel: Channel) -> str | None:
        """Return what the step waits for although it is due, in words; None if nothing."""
        if step.while_in and self.progress.stage not in step.while_in:
            return f"waits for {list_words(stage_words(stage).lower() for stage in step.while_in)}"
        if step.handoff_first and step.group is Concern.STAGES and self.progress.stage is Stage.HANDOFF:
            missing = [name_words(item) for item in HandoffItem if item not in self.state.handoff]
            named = {person.id for people in self.state.holders.values() for person in people}
            if len(named) < self.playbook.stakeholders.at_least:
                missing.append("stakeholder map")
            if missing:
                return f"waits for a complete handoff; missing: {list_words(missing)}"
        if channel is Channel.MAIL and self.state.owner is None:
            return NO_OWNER
        return None


def _over_words(over: Collection[Milestone]) -> str:
    """Return which of the milestones are done, and which a person waived."""
    done = [name_words(one.name) for one in over if one.status == "done"]
    waived = [name_words(one.name) for one in over if one.status != "done"]
    said = [f"{list_words(done)} {'is' if len(done) == 1 else 'are'} done"] if done else []
    said += [f"{list_words(waived)} {'does' if len(waived) == 1 else 'do'} not apply"] if waived else []
    return list_words(said)


def _gate(context: ReviewContext, hold: Hold | None) -> Gate:
    status, case, blocked = context.progress.status, context.case, context.progress.blocked
    if status in (Status.CHURNED, Status.CANCELLED):
        return Gate(state="closed", because=f"the onboarding is {status}")
    if blocked:
        return Gate(state="withheld", because=blocked.partition("; ")[0])
    if case.is_outside_pilot:
        return Gate(state="withheld", because="the account is not among the pilot's (FIRST90_ACCOUNTS)")
    # Checked before completion: a hold also covers what goes out after the last stage is done.
    if hold is not None or status is Status.ON_HOLD or not case.deals[0].won:
        reason = hold.reason if hold else case.deals[0].lost
        return Gate(state="withheld", because=f"on hold: {reason}", edits=True)
    if status is Status.COMPLETED:
        return Gate(state="completed", because="the onboarding is completed")
    return Gate(state="open")


def _running_hold(context: ReviewContext) -> Hold | None:
    now = context.now
    running = [
        hold
        for hold in context.case.holds
        if hold.since <= now and hold.ended_at is None and (hold.until is None or hold.until > now)
    ]
    return max(running, key=lambda hold: hold.since, default=None)
