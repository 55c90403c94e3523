"""Drafts: the mails that wait for their owner, as they would leave, and what a person decides about each.

Each decision is a fact, with its line in the journal; the next run sends or drops the mail. Functions raise Refused
where nothing was changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from config.mail_templates.render import CLOSING
from database.onboardings import cases
from database.outbox import calls, drafts
from onboarding.booking.offer import Offer, read_offer
from onboarding.drafts.decisions import Decided, DraftDecision, decided_on, draft_of
from onboarding.health.summary import plain
from onboarding.model.effect import Leased
from onboarding.model.identity import many_lines
from onboarding.model.vocabulary import EffectState, FactKind
from onboarding.orders import FactReport
from onboarding.review_case import Reviewed, review_context, review_without_writes
from onboarding.sentences.sentence import of_playbook, sentence
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.draft_verdicts import waits_until
from tasks.booking.offering import read_diary
from tasks.commands.fact_entry import FactEntry, open_entry
from tasks.delivery.payload_inputs import NothingToSend, PayloadInputs
from tasks.delivery.payloads import compose
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused

LONGEST_SUBJECT, LONGEST_TEXT = 180, 20_000
"""Letters of an edited mail. This project's choice."""
APPROVAL: Mapping[str, Any] = {"decision": DraftDecision.APPROVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMail:
    """A draft as the mail that it will be."""

    id: str
    """The key of its effect."""
    account_id: str
    account_name: str
    deal_id: str
    step: str
    title: str
    to: str
    to_name: str
    role: str
    owner: str | None
    """The mail address of the person who decides."""
    due_at: datetime
    useful_until: datetime | None
    """When it stops waiting, at the latest; None once it is decided."""
    then: str
    """What happens then: ``send``, ``drop`` or ``task``."""
    decision: str | None
    """``approved`` while the next run has not sent it yet."""
    edited_by: str | None
    because: str
    subject: str
    text: str
    html: str | None = None
    offer: Offer | None = None
    """The times for a call that it names."""

    def as_json(self) -> Mapping[str, Any]:
        """Return the draft as plain values, without what is only kept inside."""
        return {name: plain(value) for name, value in asdict(self).items() if name != "offer"}

    @property
    def body(self) -> str:
        """Return the text that may be edited: without the closing lines."""
        return self.text.rpartition(CLOSING)[0].strip() or self.text.strip()


def list_drafts(context: RunContext, now: datetime) -> list[DraftMail]:
    """Return the drafts that wait, those due first. Reads only."""
    with context.database.reading() as conn:
        return list(_drafts(context, conn, drafts.withheld_mails(conn), now))


def find_draft(context: RunContext, key: str, now: datetime) -> DraftMail:
    """Return one draft. Raises Refused for an unknown one, and for a mail that is none or waits no more."""
    with context.database.reading() as conn:
        return _find(context, conn, key, now)


def approve_draft(context: RunContext, report: FactReport, key: str) -> str:
    """Let the draft leave, as it is or as it was edited, with the next run in its reader's working hours."""
    return _decide(context, report, key, APPROVAL)


def discard_draft(context: RunContext, report: FactReport, key: str) -> str:
    """Give the draft up, with a reason or without; it is never sent."""
    return _decide(context, report, key, {"decision": DraftDecision.DISCARDED, "reason": report.reason.strip()})


def edit_draft(context: RunContext, report: FactReport, key: str, subject: str, text: str) -> str:
    """Give the draft other words, kept exactly; it still waits to be approved."""
    return _decide(context, report, key, _words(subject, text))


def approve_edited(context: RunContext, report: FactReport, key: str, subject: str, text: str) -> str:
    """Give the draft other words and let it leave with them: both are stored, or neither."""
    return _decide(context, report, key, _words(subject, text), APPROVAL)


def _words(subject: str, text: str) -> Mapping[str, Any]:
    subject, text = " ".join(subject.split()), many_lines(text)
    if not subject or len(subject) > LONGEST_SUBJECT:
        raise Refused(f"the subject needs 1 to {LONGEST_SUBJECT} letters")
    if not text or len(text) > LONGEST_TEXT:
        raise Refused(f"the text needs 1 to {LONGEST_TEXT} letters")
    return {"decision": DraftDecision.EDITED, "subject": subject, "text": text}


def _decide(context: RunContext, report: FactReport, key: str, *values: Mapping[str, Any]) -> str:
    """Store the decisions in one transaction, and return what the last one means."""
    edited = values[0]["decision"] is DraftDecision.EDITED
    with context.database.writing() as conn:
        if edited:
            calls.lock(conn)  # before the onboarding, as deliveries do
        entry = _open(context, conn, report, key)
        if values[-1]["decision"] != DraftDecision.DISCARDED and (why := _cannot_leave(entry, key)):
            raise Refused(sentence("replies.draft_cannot_leave", because=why))
        draft = _find(context, conn, key, report.now)
        if draft.decision is not None:
            raise Refused(sentence(f"replies.draft_{draft.decision}_already"))
        for value in values:
            entry.keep(FactKind.DRAFT, key, value)
        if edited:
            calls.hold(conn, key, _find(context, conn, key, report.now).offer)
    said = f"replies.draft_{DraftDecision(values[-1]['decision'])}"
    return sentence(said, title=of_playbook(draft.title), person=draft.to_name or draft.to)


def _cannot_leave(entry: FactEntry, key: str) -> str | None:
    """Return why the next review would cancel the mail although it was approved now; None if it would not."""
    approved = replace(entry.case, facts=(*entry.case.facts, entry.fact(FactKind.DRAFT, key, APPROVAL)))
    changes = review_without_writes(approved, entry.playbook, entry.report.now).review.changes
    cancelled = (one.because for one in changes if one.key == key and one.state is EffectState.CANCELLED)
    return next(cancelled, None)


def _open(context: RunContext, conn: Connection, report: FactReport, key: str) -> FactEntry:
    """Return the entry for the draft's onboarding, whose version is checked when it is saved."""
    found = drafts.mail_of(conn, key)
    if found is None or found[0].onboarding_key is None:
        raise _unknown(key)
    return open_entry(context, conn, report, found[0].onboarding_key)


def _find(context: RunContext, conn: Connection, key: str, now: datetime) -> DraftMail:
    found = drafts.mail_of(conn, key)
    if found is None:
        raise _unknown(key)
    mail, state = found
    if state is not EffectState.WITHHELD:
        raise Refused(f"this mail waits for nobody any more: it is {state.value.replace('_', ' ')}")
    made = next(iter(_drafts(context, conn, [mail], now)), None)
    if made is None:
        raise Refused(f"{key} is no draft: {mail.because}")
    return made


def _unknown(key: str) -> Refused:
    return Refused(f"there is no mail {key}; `first90 drafts` lists the ids of those that wait")


def _drafts(context: RunContext, conn: Connection, mails: Iterable[Leased], now: datetime) -> Iterable[DraftMail]:
    found = list(mails)
    keys = sorted({mail.onboarding_key for mail in found if mail.onboarding_key})
    known = cases.load(conn, keys, now, context.calendars(now), context.settings.only_accounts)
    inputs = PayloadInputs(context=context, as_of=now, diary=read_diary(conn, now))
    seen: dict[str, Reviewed] = {}
    for mail in found:
        case = known.get(mail.onboarding_key or "")
        if case is None:
            continue
        if case.key not in seen:
            seen[case.key] = review_without_writes(case, context.playbook_version(case.progress.playbook), now)
        made = _draft(mail, seen[case.key], inputs)
        if made is not None:
            yield made


def _draft(mail: Leased, found: Reviewed, inputs: PayloadInputs) -> DraftMail | None:
    """Return the mail as a draft; None if it is none, or is withheld for another reason and expired."""
    case = found.case
    step = next((step for step in found.playbook.steps if step.name == mail.kind), None)
    draft = draft_of(case, found.playbook, step) if step else None
    if step is None or draft is None:
        return None
    decided: Decided = decided_on(case.facts, mail.key)
    if decided.decision is DraftDecision.DISCARDED:
        return None
    try:
        payload = compose(mail, found, inputs, mail.recipient)
    except NothingToSend:
        return None
    owner = found.review.state.owner
    context = TouchpointContext.of(review_context(case, found.playbook, inputs.as_of))
    return DraftMail(
        id=mail.key,
        account_id=case.account.id,
        account_name=case.account.name,
        deal_id=case.key,
        step=mail.kind,
        title=step.title,
        to=mail.recipient,
        to_name=payload["to_name"],
        role=mail.role,
        owner=owner.email if owner else None,
        due_at=mail.due_at,
        useful_until=None if decided.decision else waits_until(context, step, mail),
        then=draft.then,
        decision=decided.decision.value if decided.decision else None,
        edited_by=decided.edited_by or None,
        because=mail.because,
        subject=payload["subject"],
        text=payload["text"],
        html=payload["html"],
        offer=read_offer(payload.get("offer")),
    )
