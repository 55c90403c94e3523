"""Requests behind buttons pressed in Slack, and the checks whether they still apply, made in the database only."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import Connection

from database.events import button_presses
from database.onboardings import cases, openings
from integrations.slack.buttons import ACK, DONE, REASSIGN, SNOOZE
from integrations.slack.interactions import Press
from integrations.slack.people import Member
from integrations.slack.workspace import SlackWorkspace
from onboarding.dates.working_time import zone_of
from onboarding.escalations.episodes import open_episode
from onboarding.facts.fold import fold_facts
from onboarding.model.case import Case, Episode
from onboarding.model.vocabulary import LIVE
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused, refuse_far


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackRequest:
    """A button press with everything that had to be looked up in Slack for it."""

    context: RunContext
    press: Press
    by: str
    """The mail address of the person who pressed."""
    now: datetime
    until: datetime | None = None
    """The start of the chosen day, both in the person's zone and in UTC (aware, UTC)."""
    address: str = ""
    """The mail address of the chosen person."""

    @property
    def milestone(self) -> str:
        """Return the chosen milestone."""
        return self.press.value.partition(":")[2]

    def guard(self, conn: Connection, key: str) -> None:
        """Raise Refused where this press was handled before or its stall is over; runs in the command's transaction."""
        # The touch locks the onboarding: a second press waits here and then sees what the first one did.
        openings.touch(conn, [key], self.now)
        if not button_presses.take(conn, self.press.id, self.press.action, self.now):
            raise Refused("this was heard before")
        case = cases.load(conn, [key], self.now, self.context.calendars(self.now), self.context.settings.only_accounts)[
            key
        ]
        if case.progress.status not in LIVE:
            raise Refused(f"the onboarding of {case.account.name} is {case.progress.status.value.replace('_', ' ')}")
        episode = open_episode(case.episodes)
        if self.press.episode is not None and (episode is None or episode.number != self.press.episode):
            raise Refused(f"this stall is over, {case.account.name} goes on")
        if (because := self._done_already(case, episode)) is not None:
            raise Refused(because)

    def _done_already(self, case: Case, episode: Episode | None) -> str | None:
        """Return why nothing need be done; None where the request changes something."""
        state = fold_facts(case, self.context.playbook_version(case.progress.playbook), self.now)
        if self.press.action == ACK and episode and episode.acked_by == self.by and _rests(episode):
            return "you are on it already"
        if self.press.action == SNOOZE and episode and episode.snoozed_until == self.until:
            return "it rests until then already"
        if self.press.action == REASSIGN and state.owner and _same(state.owner.email, self.address):
            return f"{state.owner.name} has it already"
        if self.press.action == DONE and (found := state.milestones.get(self.milestone)) and found.met:
            return f"this is done already: {found.title}"
        return None


def read_request(
    context: RunContext, slack: SlackWorkspace, press: Press, member: Member, now: datetime
) -> SlackRequest:
    """Return the request behind a press. Raises Refused for an invalid choice, Trouble where Slack does not answer."""
    by = member.email or member.id
    if press.action == SNOOZE:
        return SlackRequest(context=context, press=press, by=by, now=now, until=_morning(press.value, member.zone, now))
    if press.action == REASSIGN:
        chosen = slack.people.member(press.value)
        if chosen.refused or not chosen.email:
            raise Refused("this person cannot take it: no member of the workspace with a mail address")
        return SlackRequest(context=context, press=press, by=by, now=now, address=chosen.email)
    return SlackRequest(context=context, press=press, by=by, now=now)


def _morning(value: str, zone_name: str, now: datetime) -> datetime:
    zone = zone_of(zone_name)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise Refused("no day was chosen") from None
    refuse_far(day, "the day")
    if day <= now.astimezone(zone).date():
        raise Refused("choose a day after today")
    # Messages and explain show the day in UTC, where a morning in the east is still the day before.
    return max(datetime.combine(day, time(), zone).astimezone(UTC), datetime.combine(day, time(), UTC))


def _rests(episode: Episode) -> bool:
    """Return whether nothing was sent of the stall since it was acknowledged."""
    said = [at for at in (episode.level_at, episode.reminded_at) if at is not None]
    return episode.acked_at is not None and all(at <= episode.acked_at for at in said)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
