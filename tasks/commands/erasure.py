"""Forgetting a person: taken out of everything, with the proof."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from database import erasure
from database.erasure import Somebody
from database.privacy import personal_data, pseudonyms
from onboarding.model.identity import mail_address, one_spelling, salesforce_id
from tasks.review.batches import review_named
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What forgetting somebody did, or with ``dry_run`` would do: numbers and places, and nothing of the person."""

    dry_run: bool
    records: int = 0
    """Rows that were about them alone."""
    mails: int = 0
    """Effects to them: the row stays, without address, name and content."""
    cancelled: int = 0
    """Those of them that had not left and now never will."""
    texts: int = 0
    """Other texts in which they stood."""
    onboardings: int = 0
    before: Mapping[str, int]
    after: Mapping[str, int]
    """Where they still stand, as ``table.column``: empty, or it did not work."""
    namesakes: Mapping[str, int]
    """Where the same name stands and means somebody else: left as it is."""


def forget(
    context: RunContext, wanted: str, *, reason: str, by: str, now: datetime, dry_run: bool = False
) -> Forgotten:
    """Erase or pseudonymise whoever has this mail address or CRM id, and prove it by a search of every text column.

    One transaction, safe to repeat. Raises Refused while a mail to them is leaving, for one of our own users, and where
    an id is not enough to say who is meant.
    """
    if not reason.strip():
        raise Refused("--reason is empty; say why, it stands in the journal")
    spelt = _spelt(wanted)
    with context.database.reading() as conn:
        somebody = erasure.find(conn, spelt)
        _may(somebody)
        spellings = erasure.spellings(somebody)
        around = (somebody.onboardings, somebody.accounts)
        before = personal_data.count(conn, spellings, *around)
        namesakes = personal_data.count_namesakes(conn, spellings, *around)
    if dry_run:
        return Forgotten(dry_run=True, onboardings=len(around[0]), before=before, after=before, namesakes=namesakes)
    with context.database.writing() as conn:
        somebody = erasure.find(conn, spelt)
        _may(somebody)
        if erasure.under_way(conn, somebody):
            raise Refused("a mail to this person is leaving at this moment; try again in a minute")
        done = erasure.erase(conn, somebody, reason=reason, by=by, at=now)
    review_named(context, sorted(done.onboardings), now, by)
    erasure.wipe(context.database)
    with context.database.reading() as conn:
        after = personal_data.count(conn, spellings, *around)
    return Forgotten(
        dry_run=False,
        records=done.records,
        mails=done.effects,
        cancelled=done.cancelled,
        texts=done.texts,
        onboardings=len(done.onboardings),
        before=before,
        after=after,
        namesakes=namesakes,
    )


def refuse_forgotten(conn: Connection, address: str) -> None:
    """Nobody brings somebody back by hand either. Raises Refused."""
    if pseudonyms.forgotten_among(conn, [address]):
        raise Refused("whoever has this address asked to be forgotten; nothing is kept about them")


def _spelt(wanted: str) -> str:
    try:
        return one_spelling(mail_address(wanted)) if "@" in wanted else salesforce_id(wanted)
    except ValueError as error:
        raise Refused(f"who is to be forgotten {error}; give a mail address or a contact's id of the CRM") from None


def _may(somebody: Somebody) -> None:
    if somebody.ours:
        raise Refused("this address is one of our own users'; only a customer's people can be forgotten here")
    if somebody.sharing:
        raise Refused(
            f"{somebody.sharing} other contacts have the same address; give the address to forget all of them, or give "
            "them addresses of their own in the CRM first"
        )
