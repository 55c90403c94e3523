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
from onboarding.health.summary import is_of
from onboarding.model.phrases import mark_of
from onboarding.model.vocabulary import LIVE, Stage, Status
from onboarding.orders import Order
from onboarding.permissions.second_person import Approval
from onboarding.sentences.sentence import joined, pattern, sentence
from onboarding.sentences.terms import status_name
from tasks.approvals.deciding import confirm
from tasks.commands.absences import Leave, come_back, go_away
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from tasks.slack.accounts import named_like, only_one, said_causes
from tasks.slack.permissions import of_words
from tasks.slack.presses import why
from tasks.slack.readers import reader_by_id, reader_of
from tasks.slack.requests import SlackPerson, identity_of, known_member
from tasks.slack.showing import FAULT

logger = logging.getLogger(__name__)

MOST_LINES = 20
HELP = sentence("slash.help")


def handle_command(context: RunContext, payload: Mapping[str, Any], now: datetime) -> None:
    """Answer ``/first90``, visibly to that person only. Never raises: errors become the answer."""
    slack = context.chat
    if not isinstance(slack, SlackWorkspace):
        return
    person = SlackPerson(team=str(payload.get("team_id") or ""), user=str(payload.get("user_id")))
    try:
        text = unescape(str(payload.get("text") or ""))
        member = known_member(context, slack, person, of_words(text))
        known = identity_of(member)
        with acting({known.name: known.how}):
            said = reader_of(context, member).told(_answered(context, member, text, now))
    except (Refused, NotFound, Trouble) as error:
        said = reader_by_id(context, slack, person).refused(error, "replies.not_answered")
    except Exception as error:
        logger.error("a command in Slack could not be answered: %s", type(error).__name__)
        said = reader_by_id(context, slack, person).told(FAULT)
    slack.answer(str(payload.get("response_url") or ""), said)


def _answered(context: RunContext, member: WorkspaceUser, text: str, now: datetime) -> str:
    asked, _, rest = " ".join(text.split()).partition(" ")
    known: Mapping[str, Callable[[], str]] = {
        "": lambda: HELP,
        "help": lambda: HELP,
        "status": lambda: _status(context, member.email or "", rest, now),
        "find": lambda: _found(context, rest, now),
        "away": lambda: _away(context, member.email or "", rest, now),
        "back": lambda: come_back(context, Order(by=member.email or "", now=now), member.email or ""),
        "approvals": lambda: _waiting(context, now),
        "confirm": lambda: confirm(context, identity_of(member), _need_id(rest), now).said,
        "explain": lambda: why(context, only_one(_lines(context), _need(rest))["deal_id"], now, member.zone),
    }
    answer = known.get(asked.lower())
    return answer() if answer else sentence("slash.unknown", asked=asked, help=HELP)


def _waiting(context: RunContext, now: datetime) -> str:
    with context.database.reading() as conn:
        found = approvals.waiting(conn, now)
    return joined("\n", map(_asked, found)) if found else sentence("slash.nothing_waits")


def _asked(one: Approval) -> str:
    said = "slash.waiting" if one.reason else "slash.waiting_plain"
    reason = {"reason": one.reason} if one.reason else {}
    return sentence(said, id=one.id, what=one.said, person=one.asked_by, **reason)


def _need_id(rest: str) -> str:
    if not rest:
        raise Refused(sentence("slash.no_id"))
    return rest


def _away(context: RunContext, email: str, words: str, now: datetime) -> str:
    """Note that the person is away: ``until DAY``, and the address of who covers. A repeat changes nothing."""
    until, day, *backup = (*words.split(), "", "")
    backup = [part for part in backup if part]
    if until.lower() != "until" or len(backup) > 1:
        raise Refused(sentence("slash.away_how"))
    try:
        first_day_back = date.fromisoformat(day)
    except ValueError:
        raise Refused(sentence("slash.no_day", day=day)) from None
    leave = Leave(until=first_day_back, backup=_address(backup[0]) if backup else None)
    return go_away(context, Order(by=email, now=now), email, leave)


def _address(text: str) -> str:
    """Return the mail address; Slack may have made a link of it."""
    return text.removeprefix("<mailto:").partition("|")[0].removesuffix(">")


def _lines(context: RunContext) -> Sequence[Line]:
    with context.database.reading() as conn:
        return status_lines(conn)


def _status(context: RunContext, email: str, part: str, now: datetime) -> str:
    lines = _lines(context)
    if part:
        return _listed(context, named_like(lines, part), now) or sentence("slash.none_named", part=part)
    mine = [line for line in lines if line["status"] in LIVE and is_of(line, email)]
    return _listed(context, mine, now) or sentence("slash.none_yours")


def _found(context: RunContext, part: str, now: datetime) -> str:
    found = named_like(_lines(context), _need(part))
    return _listed(context, found, now, owner=True) or sentence("slash.none_named", part=part)


def _listed(context: RunContext, lines: Sequence[Line], now: datetime, *, owner: bool = False) -> str:
    """Return a line for each account, as many as an answer has room for; empty for none."""
    shown = lines[:MOST_LINES]
    causes = said_causes(context, shown, now)
    said = [_line(line, causes.get(line["deal_id"], ""), owner=owner) for line in shown]
    more = len(lines) - len(shown)
    said += [sentence("posts.and_more", count=more)] if more else []
    return joined("\n", said)


def _line(line: Line, cause: str, *, owner: bool) -> str:
    mark = mark_of(line["stall_severity"] or "") if line["status"] in LIVE else ""
    where: list[str] = [Stage(line["stage"]) if line["status"] in LIVE else status_name(Status(line["status"]))]
    where += [line["owner"] or sentence("slash.no_owner")] if owner else []
    account = line["account_name"]
    said = pattern("{mark} {account} ({where})", mark=mark or "•", account=account, where=joined(", ", where))
    return pattern("{said}: {cause}", said=said, cause=cause) if cause else said


def _need(part: str) -> str:
    if not part:
        raise Refused(sentence("slash.no_part"))
    return part
