"""The accounts of one of the vendor's people, read and reviewed as they stand; and accounts by part of a name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import Connection

from database.onboardings import cases, openings
from database.onboardings.lookup import NotFound
from database.onboardings.overview import Line, owners, status_lines, with_digest_content
from integrations.slack.views.home import MOST_ACCOUNTS, HomeLinks
from onboarding.board.mine import WEEK, MyAccounts, arranged, my_account
from onboarding.health.summary import is_of
from onboarding.model.identity import one_line, one_spelling, plain_letters
from onboarding.model.parties import Owner
from onboarding.model.vocabulary import LIVE
from onboarding.people.absences import cover_of
from onboarding.people.owners import owner_of
from onboarding.review_case import review
from onboarding.sentences.sentence import joined, sentence
from tasks.review.batches import review_cases
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure
from tasks.views.readers import board_url

MOST_READ = 200
"""Onboardings read of a person's own, and of others' in which they have a part; the most urgent are read."""


def my_accounts(context: RunContext, email: str, now: datetime) -> tuple[MyAccounts, Owner]:
    """Return a person's accounts, at most as many as the App Home shows, and the person. Changes nothing.

    An account is a person's if they answer for it, were told of its stall, or owe work on it within a week.
    """
    with context.database.reading() as conn:
        people = owners(conn)
        me = owner_of(people, email) or Owner(id=f"?{one_spelling(email)}", name=email, email=email)
        lines = [line for line in status_lines(conn) if line["status"] in LIVE]
        own = [line["deal_id"] for line in lines if is_of(line, email)]
        part = _with_a_part(conn, me, people, now).difference(own)
        others = [line["deal_id"] for line in lines if line["deal_id"] in part]
        keys = [*own[:MOST_READ], *others[:MOST_READ]]
        found = cases.load(conn, keys, now, context.calendars(now), context.settings.only_accounts)
    seen = []
    for one in review_cases(context, list(found.values()), now, frozenset(), review):
        if not isinstance(one, Failure):
            mine = my_account(one.case, one.review, one.playbook, me, now)
            seen += [mine] if mine else []
    shown = arranged(seen, MOST_ACCOUNTS)
    return replace(shown, left_out=shown.left_out + len(own[MOST_READ:])), me


def _with_a_part(conn: Connection, me: Owner, people: Mapping[str, Owner], now: datetime) -> frozenset[str]:
    """Return the onboardings with a stall or with work due within a week in which a person may have a part: by a role
    of theirs, of one whom they stand in for, or of one who reports to them."""
    stand_ins = ((one.id, cover_of(one, people, now)) for one in people.values())
    theirs = {absent for absent, by in stand_ins if by is not None and by.id == me.id}
    return openings.onboardings_of(conn, owners={me.id, *theirs}).intersection(with_digest_content(conn, now, WEEK))


def said_causes(context: RunContext, lines: Sequence[Line], now: datetime) -> Mapping[str, str]:
    """Return the cause of each stall by the onboarding's key, as a sentence that can be said in another language; as it
    was stored where a review at ``now`` finds another one. Changes nothing."""
    told = {line["deal_id"]: line["stall_cause"] for line in lines if line["stall_cause"] and line["status"] in LIVE}
    with context.database.reading() as conn:
        found = cases.load(conn, list(told), now, context.calendars(now), context.settings.only_accounts)
    for one in review_cases(context, list(found.values()), now, frozenset(), review):
        if not isinstance(one, Failure):
            fresh = {str(stall.cause): stall.cause for stall in one.review.stalls}
            told[one.case.key] = fresh.get(told[one.case.key], told[one.case.key])
    return told


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
    """Return the onboardings whose account has this part in its name, live ones first; the whole name, or the account's
    id, alone where it matches."""
    wanted = _plain(part)
    if meant := [line for line in lines if part in (line["account_id"], line["deal_id"])]:
        return meant
    found = [line for line in lines if wanted and wanted in _plain(line["account_name"])]
    whole = [line for line in found if _plain(line["account_name"]) == wanted]
    return sorted(whole or found, key=lambda line: (line["status"] not in LIVE, line["account_name"]))


def only_one(lines: Sequence[Line], part: str) -> Line:
    """Return the onboarding meant by part of its account's name. Raises NotFound where none or several may be meant."""
    found = named_like(lines, part)
    if not found:
        raise NotFound(sentence("slash.none_named_refused", part=part))
    accounts = {line["account_id"]: line for line in reversed(found)}
    if len(accounts) > 1:
        names = Counter(line["account_name"] for line in accounts.values())
        told = [_told_apart(line) if names[line["account_name"]] > 1 else line["account_name"] for line in found]
        several = list(dict.fromkeys(told))
        some = joined(", ", several[:8])
        some = sentence("slash.more_names", names=some, count=len(several) - 8) if len(several) > 8 else some
        mend = sentence("slash.write_more" if len(names) == len(accounts) else "slash.write_more_or_id")
        raise NotFound(sentence("slash.several", part=part, names=some, mend=mend))
    return found[0]


def _told_apart(line: Line) -> str:
    """Return what tells an account from another one of the same name."""
    owner = line["owner"] or sentence("slash.no_owner")
    return sentence("slash.told_apart", account=line["account_name"], owner=owner, id=line["account_id"])


def _plain(name: str) -> str:
    """Return a name as it is typed in a hurry: without capitals and accents."""
    return plain_letters(one_line(name)).casefold()
