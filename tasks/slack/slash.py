"""The command ``/first90``: what stands, why, and which account, found by part of a name; and who is away."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from database import approvals
from database.acting import acting
from database.onboardings.lookup import NotFound
from database.onboardings.overview import Line, status_lines
from integrations.slack.errors import Trouble
from integrations.slack.people import WorkspaceUser
from integrations.slack.text import unescape
from integrations.slack.workspace import SlackWorkspace
from onboarding.dates.wording import retold
from onboarding.health.summary import is_of
from onboarding.model.phrases import mark_of, stage_words
from onboarding.model.vocabulary import LIVE, Stage
from onboarding.orders import Order
from tasks.approvals.deciding import confirm
from tasks.commands.absences import Leave, come_back, go_away
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from tasks.slack.accounts import named_like, only_one
from tasks.slack.permissions import of_words
from tasks.slack.presses import why
from tasks.slack.requests import SlackPerson, identity_of, known_member
from tasks.slack.showing import FAULT
from tasks.slack.without_commands import in_slack

logger = logging.getLogger(__name__)

MOST_LINES = 20
HELP = """What you can ask:
• /first90 status: your accounts, the most urgent first
• /first90 status NAME: one account in a line
• /first90 explain NAME: why it is where it is, what is missing, and what happens next
• /first90 find NAME: the accounts with this in their name, and who answers for them
• /first90 away until DAY: you are away and back on that day (2026-12-24); add an address for who covers
• /first90 back: you are back
• /first90 approvals: what waits for a second person; /first90 confirm ID: you agree, and it is done
A part of the name is enough. Everything with its buttons is in the Home tab of this app."""


def handle_command(context: RunContext, payload: Mapping[str, Any], now: datetime) -> None:
    """Answer ``/first90``, visibly to that person only. Never raises: errors become the answer."""
    slack = context.chat
    if not isinstance(slack, SlackWorkspace):
        return
    try:
        text = unescape(str(payload.get("text") or ""))
        person = SlackPerson(team=str(payload.get("team_id") or ""), user=str(payload.get("user_id")))
        member = known_member(context, slack, person, of_words(text))
        known = identity_of(member)
        with acting({known.name: known.how}):
            said = _answered(context, member, text, now)
    except (Refused, NotFound, Trouble) as error:
        said = f"Sorry: {in_slack(str(error))}."
    except Exception as error:
        logger.error("a command in Slack could not be answered: %s", type(error).__name__)
        said = FAULT
    slack.answer(str(payload.get("response_url") or ""), said)


def _answered(context: RunContext, member: WorkspaceUser, text: str, now: datetime) -> str:
    asked, _, rest = " ".join(text.split()).partition(" ")
    known: Mapping[str, Callable[[], str]] = {
        "": lambda: HELP,
        "help": lambda: HELP,
        "status": lambda: _status(_lines(context), member.email or "", rest),
        "find": lambda: _found(_lines(context), rest),
        "away": lambda: _away(context, member.email or "", rest, now),
        "back": lambda: come_back(context, Order(by=member.email or "", now=now), member.email or ""),
        "approvals": lambda: _waiting(context, now),
        "confirm": lambda: confirm(context, identity_of(member), _need_id(rest), now).said,
        "explain": lambda: why(context, only_one(_lines(context), _need(rest))["deal_id"], now, member.zone),
    }
    answer = known.get(asked.lower())
    return retold(answer(), member.zone) if answer else f"I do not know “{asked}”.\n{HELP}"


def _waiting(context: RunContext, now: datetime) -> str:
    with context.database.reading() as conn:
        found = approvals.waiting(conn, now)
    said = (f"• {one.id}: {one.said}, asked by {one.asked_by}: {one.reason}".rstrip(": ") for one in found)
    return "\n".join(said) or "Nothing waits for a second person."


def _need_id(rest: str) -> str:
    if not rest:
        raise Refused("write the id after it, as /first90 approvals lists it")
    return rest


def _away(context: RunContext, email: str, words: str, now: datetime) -> str:
    """Note that the person is away: ``until DAY``, and the address of who covers. A repeat changes nothing."""
    until, day, *backup = (*words.split(), "", "")
    backup = [part for part in backup if part]
    if until.lower() != "until" or len(backup) > 1:
        raise Refused("write it like: away until 2026-12-24, and after it the address of who covers if you like")
    try:
        first_day_back = date.fromisoformat(day)
    except ValueError:
        raise Refused(f"“{day}” is no day; write the first day on which you are back like 2026-12-24") from None
    leave = Leave(until=first_day_back, backup=_address(backup[0]) if backup else None)
    return go_away(context, Order(by=email, now=now), email, leave)


def _address(text: str) -> str:
    """Return the mail address; Slack may have made a link of it."""
    return text.removeprefix("<mailto:").partition("|")[0].removesuffix(">")


def _lines(context: RunContext) -> Sequence[Line]:
    with context.database.reading() as conn:
        return status_lines(conn)


def _status(lines: Sequence[Line], email: str, part: str) -> str:
    if part:
        return _listed(named_like(lines, part), f"No account has “{part}” in its name.")
    mine = [line for line in lines if line["status"] in LIVE and is_of(line, email)]
    return _listed(mine, "No account is yours at the moment. Write /first90 find NAME for another's.")


def _found(lines: Sequence[Line], part: str) -> str:
    return _listed(named_like(lines, _need(part)), f"No account has “{part}” in its name.", owner=True)


def _listed(lines: Sequence[Line], none: str, *, owner: bool = False) -> str:
    said = [_line(line, owner=owner) for line in lines[:MOST_LINES]]
    more = len(lines) - MOST_LINES
    return "\n".join((*said, *((f"and {more} more",) if more > 0 else ()))) or none


def _line(line: Line, *, owner: bool) -> str:
    mark = mark_of(line["stall_severity"] or "") if line["status"] in LIVE else ""
    where = stage_words(Stage(line["stage"])) if line["status"] in LIVE else line["status"].replace("_", " ")
    cause = f": {line['stall_cause']}" if line["stall_cause"] and line["status"] in LIVE else ""
    whose = f", {line['owner'] or 'no owner'}" if owner else ""
    return f"{mark or '•'} {line['account_name']} ({where}{whose}){cause}"


def _need(part: str) -> str:
    if not part:
        raise Refused("write a part of the account's name after it")
    return part
