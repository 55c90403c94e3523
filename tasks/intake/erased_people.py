"""Keeps erased people out of what is read afterwards, whatever the CRM or the product still holds of them."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from database.onboardings import openings
from database.privacy import pseudonyms
from onboarding.model.crm_records import CrmBatch, CrmDeal, MilestoneBatch
from onboarding.model.usage import SignalRecord
from onboarding.privacy.name_matching import account_subject, mentioned, without

_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class _Gone:
    """The erased people whom some texts mention: addresses with their hash, and names."""

    addresses: Mapping[str, str]
    names: Collection[str]

    def cleared(self, account_id: str, text: str) -> str:
        """Return a text of an account without them."""
        erased = self.addresses
        text = _ADDRESS.sub(lambda one: pseudonyms.pseudonym(erased[one[0]]) if one[0] in erased else one[0], text)
        return without(account_id, text, self.names) if self.names else text


def without_forgotten(conn: Connection, batch: CrmBatch) -> CrmBatch:
    """Return the batch without erased people: no record, no role in a deal, no address or name in a text."""
    if not pseudonyms.any_erased(conn):
        return batch
    ids = {contact.id for contact in batch.contacts} | {role.contact_id for role in batch.roles}
    ids |= {contact.email for contact in batch.contacts if contact.email} | {one.record for one in batch.problems}
    gone = pseudonyms.erased_among(conn, ids).keys()
    people = {contact.id for contact in batch.contacts if contact.id in gone or (contact.email or "") in gone} | gone
    said = _gone(conn, [(deal.account_id, text) for deal in batch.deals for text in _texts(deal)])
    return replace(
        batch,
        contacts=tuple(contact for contact in batch.contacts if contact.id not in people),
        roles=tuple(role for role in batch.roles if role.contact_id not in people),
        deals=tuple(
            replace(
                deal,
                handoff={item: said.cleared(deal.account_id, text) for item, text in deal.handoff.items()},
                goal_values=said.cleared(deal.account_id, deal.goal_values),
                fields={name: said.cleared(deal.account_id, text) for name, text in deal.fields.items()},
            )
            for deal in batch.deals
        ),
        problems=tuple(problem for problem in batch.problems if problem.record not in people),
    )


def _texts(deal: CrmDeal) -> tuple[str, ...]:
    """Return the texts that people wrote about a deal."""
    return (*deal.handoff.values(), *deal.fields.values(), deal.goal_values)


def without_forgotten_in(conn: Connection, batch: MilestoneBatch) -> MilestoneBatch:
    """Return the batch without erased people in the texts that users wrote into milestone rows."""
    if not pseudonyms.any_erased(conn):
        return batch
    of = openings.accounts_of(conn, {row.onboarding_key for row in batch.milestones})
    rows = [(of.get(row.onboarding_key, ""), row) for row in batch.milestones]
    said = _gone(conn, [(account, text) for account, row in rows for text in (row.completed_by, row.reason)])
    cleared = [
        replace(
            row,
            completed_by=said.cleared(account, row.completed_by),
            reason=said.cleared(account, row.reason),
        )
        for account, row in rows
    ]
    return replace(batch, milestones=tuple(cleared))


def pseudonymous(conn: Connection, signals: Iterable[SignalRecord]) -> list[SignalRecord]:
    """Return the signals with each erased user replaced by their pseudonym."""
    found = list(signals)
    gone = pseudonyms.erased_among(conn, {one.user for one in found})
    return [_renamed(one, pseudonyms.pseudonym(gone[one.user])) if one.user in gone else one for one in found]


def without_forgotten_users(conn: Connection, answers: Collection[SignalRecord]) -> list[SignalRecord]:
    """Return answers to surveys without erased people: neither as the author, whose words are dropped, nor in a
    comment."""
    gone = pseudonyms.erased_among(conn, {one.user for one in answers if one.user})
    kept = [replace(one, user="", comment="") if one.user in gone else one for one in answers]
    said = _gone(conn, [(one.account, one.comment) for one in kept])
    return [replace(one, comment=said.cleared(one.account, one.comment)) for one in kept]


def _gone(conn: Connection, texts: Collection[tuple[str, str]]) -> _Gone:
    """Return the erased people mentioned in texts, given with their account. Names are searched only in accounts where
    a person was erased."""
    addresses = {address for _, text in texts for address in _ADDRESS.findall(text)}
    affected = pseudonyms.erased_among(conn, {account_subject(account) for account, _ in texts})
    names = {one for account, text in texts if account_subject(account) in affected for one in mentioned(account, text)}
    return _Gone(pseudonyms.erased_among(conn, addresses), pseudonyms.erased_among(conn, names).keys())


def _renamed(signal: SignalRecord, name: str) -> SignalRecord:
    return replace(signal, user=name, key=re.sub(re.escape(signal.user), name, signal.key, flags=re.IGNORECASE))
