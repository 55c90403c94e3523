"""Finds the onboarding that a person means."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from database.crm.problems import open_problems
from database.statements import chunks
from database.tables import AccountRow, DealRow, OnboardingRow
from onboarding.model.identity import Mangled, lost_capitals, salesforce_id, without_capitals
from onboarding.model.vocabulary import LIVE, Status


class NotFound(Exception):
    """No onboarding matches what was asked for, or several do. The message names the mend."""


def find_onboarding(conn: Connection, wanted: str) -> str:
    """Return the key of the onboarding meant by an account id (15 or 18 characters), a deal id or an account's name.

    Of several onboardings of an account it is the live one, else the latest. Raises NotFound.
    """
    name = wanted.strip()
    record = _record_id(name)
    by_deal = select(DealRow.onboarding_key).where(DealRow.id == record, DealRow.onboarding_key.is_not(None))
    key: str | None = conn.execute(by_deal).scalar()
    if key is not None:
        return key
    found = _best_first(conn, select(AccountRow.id).where(AccountRow.id == record))
    if found:
        return found[0]
    named = select(AccountRow.id).where(AccountRow.name == name)
    if conn.execute(named).first() is None:
        named = select(AccountRow.id).where(func.lower(AccountRow.name) == name.lower())
    onboarded = named.where(AccountRow.id.in_(select(OnboardingRow.account_id)))
    accounts = sorted(conn.execute(onboarded).scalars())
    if len(accounts) > 1:
        raise NotFound(
            f"{len(accounts)} accounts are called {name!r}; give the account id instead, one of: "
            + ", ".join(accounts[:5])
        )
    if not accounts:
        raise NotFound(_why_none(conn, name, record))
    return _best_first(conn, named)[0]


def _why_none(conn: Connection, name: str, record: str) -> str:
    """Return why no onboarding matches: a mangled id, an id that lost its capitals, a record set aside, or unknown."""
    try:
        salesforce_id(name)
    except Mangled as error:
        return f"{name!r} {error}"
    except ValueError:
        pass
    for meant in spelt_otherwise(conn, [record]).values():
        return f"{name!r} {lost_capitals(meant)}"
    aside = next((one for one in open_problems(conn) if one.record == record), None)
    if aside is not None:
        told = f"{aside.source}, {aside.field}: {aside.problem}"
        return f"no onboarding answers to {name!r}: the record was set aside ({told})"
    return (
        f"no onboarding answers to {name!r}; give an account id, a deal id or an account's full name "
        "(`first90 status` lists them)."
    )


def find_onboardings(conn: Connection, wanted: Sequence[str]) -> list[str]:
    """Return the keys of all that are meant, each once. Raises NotFound for the first without a match."""
    return list(dict.fromkeys(find_onboarding(conn, one) for one in wanted))


def whose_page_may_be_open(conn: Connection, keys: Collection[str], most: int) -> list[str]:
    """Return ``most`` of these onboardings that are live or were completed: live ones first, then the newest."""
    open_ = sorted(status.value for status in {*LIVE, Status.COMPLETED})
    query = select(OnboardingRow.key).where(OnboardingRow.key.in_(sorted(keys)), OnboardingRow.status.in_(open_))
    return list(conn.execute(_in_order(query).limit(most)).scalars())


def spelt_otherwise(conn: Connection, ids: Collection[str]) -> Mapping[str, str]:
    """Return the unknown ones of these ids that differ from a known account or deal id in capitals only, with that."""
    unknown, alike = set(ids), defaultdict[str, set[str]](set)
    for table in (AccountRow, DealRow):
        for part in chunks(sorted(ids)):
            unknown -= set(conn.execute(select(table.id).where(table.id.in_(part))).scalars())
    for table in (AccountRow, DealRow):
        for part in chunks(sorted({without_capitals(one) for one in unknown} - {""})):
            query = select(table.id).where(func.lower(func.substr(table.id, 1, 15)).in_(part))
            for one in conn.execute(query).scalars():
                alike[without_capitals(one)].add(one)
    return {one: min(others) for one in unknown if (others := alike[without_capitals(one)])}


def _best_first(conn: Connection, accounts: Select[Any]) -> list[str]:
    query = select(OnboardingRow.key).where(OnboardingRow.account_id.in_(accounts))
    return list(conn.execute(_in_order(query)).scalars())


def _in_order(query: Select[Any]) -> Select[Any]:
    """Return the query with live onboardings first, then the newest first."""
    live = case((OnboardingRow.status.in_(sorted(status.value for status in LIVE)), 0), else_=1)
    return query.order_by(live, OnboardingRow.signed_at.desc(), OnboardingRow.key)


def _record_id(text: str) -> str:
    """Return the 18-character form of a CRM id; the text itself where it is none."""
    try:
        return salesforce_id(text)
    except ValueError:
        return text


def all_keys(conn: Connection) -> list[str]:
    """Return the keys of all onboardings, in order."""
    return list(conn.execute(select(OnboardingRow.key).order_by(OnboardingRow.key)).scalars())
