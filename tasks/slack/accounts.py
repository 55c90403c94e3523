"""The accounts of one of the vendor's people, read and reviewed as they stand; and accounts by part of a name."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from database.onboardings import cases
from database.onboardings.lookup import NotFound
from database.onboardings.overview import Line, owners, status_lines, with_digest_content
from integrations.slack.views.home import MOST_ACCOUNTS, HomeLinks
from onboarding.board.mine import MyAccounts, arranged, my_account
from onboarding.model.identity import one_line, one_spelling, plain_letters
from onboarding.model.parties import Owner
from onboarding.model.vocabulary import LIVE
from onboarding.review_case import review
from tasks.review.batches import review_cases
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure
from tasks.views.readers import board_url

MOST_READ = 200
"""Onboardings read for one person: a person with more has the board."""
MANAGERS_LEVEL = 2
"""The level from which others than the CSM are told of a stall."""


def my_accounts(context: RunContext, email: str, now: datetime) -> tuple[MyAccounts, Owner]:
    """Return a person's accounts, at most as many as the App Home shows, and the person. Changes nothing.

    An account is a person's if they answer for it, were told of its stall, or owe work on it.
    """
    with context.database.reading() as conn:
        me = _person(owners(conn).values(), email)
        lines = [line for line in status_lines(conn) if line["status"] in LIVE]
        keys = [line["deal_id"] for line in lines if _concerns(line, email)]
        if not any(_is_owner(line, email) for line in lines):
            keys += [key for key in with_digest_content(conn, now) if key not in keys]
        found = cases.load(conn, keys[:MOST_READ], now, context.calendars(now), context.settings.only_accounts)
    seen = []
    for one in review_cases(context, list(found.values()), now, frozenset(), review):
        if not isinstance(one, Failure):
            mine = my_account(one.case, one.review, one.playbook, me, now)
            seen += [mine] if mine else []
    return arranged(seen, MOST_ACCOUNTS), me


def links_for(context: RunContext, email: str, now: datetime) -> HomeLinks:
    """Return where names lead for this reader: to the board by their own link, and to the CRM."""
    board, crm = board_url(context, email, now), context.settings.crm.web_address
    before, _, after = board.partition("/board?")
    return HomeLinks(
        board=board,
        page=lambda key: f"{before}/board/{quote(key, safe='')}?{after}" if board else "",
        record=lambda account: f"{crm}/{account}" if crm else "",
    )


def named_like(lines: Sequence[Line], part: str) -> list[Line]:
    """Return the onboardings whose account has this part in its name, live ones first; the whole name alone where it
    matches."""
    wanted = _plain(part)
    found = [line for line in lines if wanted and wanted in _plain(line["account_name"])]
    whole = [line for line in found if _plain(line["account_name"]) == wanted]
    return sorted(whole or found, key=lambda line: (line["status"] not in LIVE, line["account_name"]))


def only_one(lines: Sequence[Line], part: str) -> Line:
    """Return the onboarding meant by part of its account's name. Raises NotFound where none or several may be meant."""
    found = named_like(lines, part)
    accounts = list(dict.fromkeys(line["account_name"] for line in found))
    if not found:
        raise NotFound(f"no account has “{part}” in its name")
    if len(accounts) > 1:
        some = ", ".join(accounts[:8]) + (f" and {len(accounts) - 8} more" if len(accounts) > 8 else "")
        raise NotFound(f"several accounts have “{part}” in their name: {some}; write more of it")
    return found[0]


def _plain(name: str) -> str:
    """Return a name as it is typed in a hurry: without capitals and accents."""
    return plain_letters(one_line(name)).casefold()


def _person(people: Iterable[Owner], email: str) -> Owner:
    wanted = email.casefold()
    known = [one for one in people if one.email.casefold() == wanted]
    return known[0] if known else Owner(id=f"?{wanted}", name=email, email=email)


def _is_owner(line: Line, email: str) -> bool:
    return one_spelling(line["owner"] or "") == one_spelling(email)


def _concerns(line: Line, email: str) -> bool:
    return _is_owner(line, email) or line["escalation_level"] >= MANAGERS_LEVEL
