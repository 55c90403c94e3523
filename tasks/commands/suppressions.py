"""Takes in unsubscriptions of recipients and providers' reports on addresses, and notes them in the journal."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from database.events import inbox
from database.onboardings import openings
from database.privacy import pseudonyms, suppressions
from database.statements import chunks
from onboarding.model.suppressions import Suppressed
from onboarding.orders import Order
from onboarding.people.mail_reports import SOFT_BOUNCE_DAYS, SOFT_BOUNCES, MailReport, ReportKind
from tasks.runtime.context import RunContext
from tasks.runtime.links import Link

BATCH = 50
"""Reports in one transaction, which then takes a fraction of a second. Our choice."""
READER = "the recipient"
"""The author of an unsubscription in the journal, which holds no recipient's name."""


def unsubscribe(context: RunContext, link: Link, now: datetime) -> bool:
    """Send this person no more mail but service mail; return False where they were unsubscribed. Safe to repeat.

    Person and addresses are suppressed, so that another address of the person or another record with the address
    counts too. Leased mails to them that are not marked as sending are released, and are rechecked.
    """
    with context.database.writing() as conn:
        subjects, order = _subjects(conn, link), Order(by=READER, now=now, reason="unsubscribed by the link in a mail")
        fresh = suppressions.suppress(conn, subjects, Suppressed.UNSUBSCRIBED, order)
        _tell(conn, link, subjects if fresh else (), "unsubscribe", order)
    return bool(fresh)


def resubscribe(context: RunContext, link: Link, now: datetime) -> bool:
    """Take an unsubscription back; return False where there was none. Safe to repeat."""
    with context.database.writing() as conn:
        subjects = _subjects(conn, link)
        order = Order(by=READER, now=now, reason="subscribed again by the link in a mail")
        ended = suppressions.lift(conn, subjects, Suppressed.UNSUBSCRIBED, order)
        _tell(conn, link, subjects if ended else (), "resubscribe", order)
    return bool(ended)


def take_reports(context: RunContext, reports: Sequence[MailReport], now: datetime) -> int:
    """Take in a provider's reports; return how many events were new.

    Each event counts once, however often it arrives. What happened last holds, in whatever order events arrive. A
    temporary refusal has no effect before ``SOFT_BOUNCES`` of them. ``BATCH`` of them share a transaction, so that
    others write in between; the provider sends all again after an error, and what was taken in counts once.
    """
    return sum(_take(context, part, now) for part in chunks(reports, BATCH))


def _take(context: RunContext, reports: Sequence[MailReport], now: datetime) -> int:
    with context.database.writing() as conn:
        fresh = inbox.take(conn, reports, now)
        gone = pseudonyms.erased_among(conn, {report.address.lower() for report in fresh})
        lines = [line for report in fresh if report.address.lower() not in gone for line in _apply(conn, report)]
        for (source, kind), keys in sorted(_grouped(lines).items()):
            openings.note(conn, [(key, _KINDS[kind], "", _SAID[kind]) for key in keys], at=now, by=source)
        # All at once and in one order, so that two requests cannot deadlock.
        openings.touch(conn, {key for _, _, key in lines}, now)
    return len(fresh)


_SAID = {
    ReportKind.BOUNCED: "an address bounced",
    ReportKind.DELAYED: "an address took no mail several times, which counts as a bounce",
    ReportKind.COMPLAINED: "one of our mails was reported as spam",
    ReportKind.UNSUBSCRIBED: "unsubscribed at the provider",
    ReportKind.RESUBSCRIBED: "subscribed again at the provider",
    ReportKind.REACTIVATED: "the provider writes to the address again",
}
_SUPPRESSES = {
    ReportKind.BOUNCED: Suppressed.BOUNCED,
    ReportKind.DELAYED: Suppressed.BOUNCED,
    ReportKind.COMPLAINED: Suppressed.COMPLAINED,
    ReportKind.UNSUBSCRIBED: Suppressed.UNSUBSCRIBED,
}
_LIFTS = {ReportKind.RESUBSCRIBED: Suppressed.UNSUBSCRIBED, ReportKind.REACTIVATED: Suppressed.BOUNCED}


def _apply(conn: Connection, report: MailReport) -> list[tuple[str, ReportKind, str]]:
    """Apply one report; return (source, kind, onboarding key) for each onboarding that it changes something for."""
    if report.kind is ReportKind.DELAYED:
        days = inbox.days_with(conn, report.address, ReportKind.DELAYED, report.at, SOFT_BOUNCE_DAYS)
        if days < SOFT_BOUNCES:
            return []
    order = Order(by=report.source, now=report.at)
    if report.kind in _SUPPRESSES:
        news = suppressions.suppress(conn, [report.address], _SUPPRESSES[report.kind], order)
    else:
        news = suppressions.lift(conn, [report.address], _LIFTS[report.kind], order)
    keys = openings.onboardings_of(conn, addresses=[report.address]) | suppressions.written_to(conn, [report.address])
    return [(report.source, report.kind, key) for key in sorted(keys)] if news else []


def _grouped(lines: Sequence[tuple[str, ReportKind, str]]) -> dict[tuple[str, ReportKind], list[str]]:
    found: defaultdict[tuple[str, ReportKind], list[str]] = defaultdict(list)
    for source, kind, key in lines:
        found[source, kind].append(key)
    return found


_KINDS = {
    ReportKind.BOUNCED: "bounce",
    ReportKind.DELAYED: "bounce",
    ReportKind.COMPLAINED: "complaint",
    ReportKind.UNSUBSCRIBED: "unsubscribe",
    ReportKind.RESUBSCRIBED: "resubscribe",
    ReportKind.REACTIVATED: "bounce_over",
}


def _subjects(conn: Connection, link: Link) -> frozenset[str]:
    """Return the person's id and known addresses; empty for an erased person."""
    if pseudonyms.erased_among(conn, [link.person_id]):
        return frozenset()
    return frozenset({link.person_id}) | suppressions.addresses_of(conn, link.person_id, link.onboarding_key)


def _tell(conn: Connection, link: Link, subjects: Collection[str], kind: str, order: Order) -> None:
    if subjects:
        addresses = [one for one in subjects if "@" in one]
        keys = openings.onboardings_of(conn, addresses=addresses, people=[link.person_id])
        keys |= frozenset(openings.accounts_of(conn, [link.onboarding_key]))
        openings.note(conn, [(key, kind, "", order.reason) for key in sorted(keys)], at=order.now, by=order.by)
        openings.touch(conn, keys, order.now)
