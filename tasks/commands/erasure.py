"""Erasure of a person (``first90 forget``), proved by a search of every text column."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from database import erasure
from database.erasure import DataSubject
from database.privacy import personal_data, pseudonyms
from onboarding.model.identity import mail_address, one_spelling, salesforce_id
from onboarding.orders import Order
from tasks.commands.deliveries import need_reason
from tasks.review.batches import review_named
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What an erasure did, or with ``dry_run`` would do: counts and places, and no data of the person."""

    dry_run: bool
    records: int = 0
    """Rows that were about them alone."""
    mails: int = 0
    """Effects to them: the row stays, without address, name and content."""
    cancelled: int = 0
    """Those of the mails that had not left and are cancelled."""
    texts: int = 0
    """Other texts that named them."""
    onboardings: int = 0
    before: Mapping[str, int]
    after: Mapping[str, int]
    """Where they are still named, as ``table.column``: empty, or the erasure failed."""
    namesakes: Mapping[str, int]
    """Where the same name means another person, as ``table.column``: left as it is."""


def forget(context: RunContext, order: Order, wanted: str, *, dry_run: bool = False) -> Forgotten:
    """Erase or pseudonymise the person with this mail address or CRM id, and search every text column for what is left.

    One transaction, safe to repeat. Raises Refused while a mail to them is being sent, for one of our own users, and
    where an id does not identify one person.
    """
    need_reason(order)
    spelt = _spelt(wanted)
    with context.database.reading() as conn:
        subject = erasure.find(conn, spelt)
        _refuse_erasure(subject)
        spellings = erasure.spellings(subject)
        around = (subject.onboardings, subject.accounts)
        before = personal_data.count(conn, spellings, *around)
        namesakes = personal_data.count_namesakes(conn, spellings, *around)
    if dry_run:
        return Forgotten(dry_run=True, onboardings=len(around[0]), before=before, after=before, namesakes=namesakes)
    with context.database.writing() as conn:
        subject = erasure.find(conn, spelt)
        _refuse_erasure(subject)
        if erasure.under_way(conn, subject):
            raise Refused("a mail to this person is leaving at this moment; try again in a minute")
        order.guard(conn, "")
        done = erasure.erase(conn, subject, reason=order.reason, by=order.by, at=order.now)
    review_named(context, sorted(done.onboardings), order.now, order.by)
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
    """Raise Refused for the address of an erased person, so that no command brings them back."""
    if pseudonyms.erased_among(conn, [address]):
        raise Refused("whoever has this address asked to be forgotten; nothing is kept about them")


def _spelt(wanted: str) -> str:
    try:
        return one_spelling(mail_address(wanted)) if "@" in wanted else salesforce_id(wanted)
    except ValueError as error:
        raise Refused(f"who is to be forgotten {error}; give a mail address or a contact's id of the CRM") from None


def _refuse_erasure(subject: DataSubject) -> None:
    if subject.ours:
        raise Refused("this address is one of our own users'; only a customer's people can be forgotten here")
    if subject.sharing:
        raise Refused(
            f"{subject.sharing} other contacts have the same address; give the address to forget all of them, or give "
            "them addresses of their own in the CRM first"
        )
