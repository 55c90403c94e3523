"""A request of a person in Slack, and the checks whether it still applies, made in the database only."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import Connection

from database.events import button_presses
from database.onboardings import cases, openings, overview
from database.onboardings.lookup import find_onboarding
from integrations.slack.people import WorkspaceUser
from integrations.slack.workspace import SlackWorkspace
from onboarding.dates.working_time import zone_of
from onboarding.escalations.episodes import open_episode
from onboarding.facts.fold import fold_and_advance
from onboarding.forms.answers import start_of_day
from onboarding.forms.asked import Asked
from onboarding.model.case import Case, Episode
from onboarding.model.identity import one_spelling
from onboarding.model.vocabulary import LIVE, Status
from onboarding.people.owners import owner_of
from onboarding.people.permissions import refusal, roles_of
from onboarding.permissions.identity import Identity, KnownBy
from onboarding.permissions.table import Permission
from onboarding.sentences.sentence import sentence
from onboarding.sentences.terms import status_name
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused, refuse_far

logger = logging.getLogger(__name__)

Unneeded = Callable[[Asked, Episode | None], str | None]
"""Returns why nothing need be done as an onboarding stands; None where the request changes something."""


class Who(Protocol):
    """A person in Slack: whoever opened the App Home, pressed a button, filled in a form or wrote a command."""

    @property
    def team(self) -> str:
        """The id of the workspace."""

    @property
    def user(self) -> str:
        """The id of the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackPerson:
    """A person in Slack of whom only the ids are known."""

    team: str
    user: str


def always_needed(asked: Asked, episode: Episode | None) -> str | None:
    """Return None: the request always changes something."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackRequest:
    """A pressed button or a filled-in form, with everything that had to be looked up in Slack for it."""

    context: RunContext
    id: str
    """The same for every repeat by Slack."""
    what: str
    onboarding: str
    episode: int | None
    """The stall that it is about, which must still be open; None if it is not about one."""
    by: str
    """The mail address of the person."""
    now: datetime
    zone: str = "UTC"
    statuses: Collection[Status] = frozenset(LIVE)
    """The statuses of an onboarding in which it applies."""
    unneeded: Unneeded = field(default=always_needed)

    def guard(self, conn: Connection, key: str) -> None:
        """Raise Refused where this was handled before, or no longer applies; runs in the order's transaction."""
        # The touch locks the onboarding: a second press waits here and then sees what the first one did.
        openings.touch(conn, [key], self.now)
        if not button_presses.take(conn, self.id, self.what, self.now):
            raise Refused(sentence("replies.heard_before"))
        asked = read_asked(self.context, conn, key, self.now, self.zone)
        case = asked.case
        if case.progress.status not in self.statuses:
            raise Refused(
                sentence("replies.status", account=case.account.name, status=status_name(case.progress.status))
            )
        episode = open_episode(case.episodes)
        if self.episode is not None and (episode is None or episode.number != self.episode):
            raise Refused(sentence("replies.stall_over", account=case.account.name))
        if (because := self.unneeded(asked, episode)) is not None:
            raise Refused(because)


def read_asked(context: RunContext, conn: Connection, wanted: str, now: datetime, zone: str) -> Asked:
    """Return an onboarding as it stands. Raises NotFound."""
    key = find_onboarding(conn, wanted)
    case: Case = cases.load(conn, [key], now, context.calendars(now), context.settings.only_accounts)[key]
    state, _, playbook = fold_and_advance(case, context.playbook_version(case.progress.playbook), now)
    return Asked(case=case, state=state, playbook=playbook, now=now, zone=zone)


def was_recorded(context: RunContext, id: str) -> bool:
    """Return whether the order of this request was committed, by its id: both are written in one transaction. False too
    if the database cannot be asked."""
    try:
        with context.database.reading() as conn:
            return button_presses.taken(conn, id)
    except Exception as error:
        logger.error("whether a request was recorded is unknown: %s", type(error).__name__)
        return False


def known_member(context: RunContext, slack: SlackWorkspace, who: Who, permission: Permission) -> WorkspaceUser:
    """Return the person. Raises Refused for anyone who may not do this here, Trouble where Slack does not answer.

    They must be a full member of the workspace, and an active user of the CRM, a member of the team file or one to whom
    it gives a role; and where it gives roles, one that has the permission.
    """
    if who.team != slack.people.team():
        raise Refused(sentence("replies.other_workspace"))
    member = slack.people.member(who.user)
    if member.refused or not member.email:
        raise Refused(member.refused or sentence("replies.no_address"))
    with context.database.reading() as conn:
        user_of_crm = owner_of(overview.owners(conn), member.email)
    in_team = one_spelling(member.email) in {one_spelling(one.email) for one in context.team.members}
    person = identity_of(member)
    has_role = bool(roles_of(context.team, person))
    if not in_team and not has_role and (user_of_crm is None or not user_of_crm.active):
        raise Refused(sentence("replies.no_user"))
    if (because := refusal(context.team, person, permission)) is not None:
        raise Refused(because)
    return member


def identity_of(member: WorkspaceUser) -> Identity:
    """Return the person as Slack knows them."""
    return Identity(name=member.email or member.id, known_by=KnownBy.SLACK, detail=member.id)


def address_of(slack: SlackWorkspace, user: str) -> str:
    """Return the mail address of a chosen person. Raises Refused, or Trouble where Slack does not answer."""
    chosen = slack.people.member(user)
    if chosen.refused or not chosen.email:
        raise Refused(sentence("replies.cannot_take_it"))
    return chosen.email


def morning_of(value: str, zone_name: str, now: datetime) -> datetime:
    """Return the start (UTC) of the chosen day in a person's zone. Raises Refused for a day that is none or passed."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise Refused(sentence("replies.no_day")) from None
    refuse_far(day, sentence("replies.the_day"))
    if day <= now.astimezone(zone_of(zone_name)).date():
        raise Refused(sentence("replies.day_ahead"))
    return start_of_day(value, zone_name)
