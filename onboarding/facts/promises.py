"""Promises of sales or the team to the customer, with due date and outcome (SX-4)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from onboarding.dates.limits import in_years
from onboarding.dates.working_time import zone_of
from onboarding.model.case import Case, Fact
from onboarding.model.state import Promise
from onboarding.model.vocabulary import FactKind, HandoffItem, PromiseState
from onboarding.stages.handoff import is_answer

_BULLET = re.compile(r"^\s*(?:[-–—*•]|\d+[.)])\s+")
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_NOTHING = re.compile(
    r"(?:none|nothing|no (?:\w+ )?(?:promises?|commitments?|concessions?)(?: (?:were )?made)?)"
    r"(?: (?:beyond|besides|outside|except|apart from|other than) .+)?",
    re.IGNORECASE,
)


def promise_id(text: str) -> str:
    """Return the id of a promise: the same text, regardless of blanks, is the same promise."""
    return sha256(" ".join(text.casefold().split()).encode()).hexdigest()[:6]


def read_promises(case: Case, facts: Sequence[Fact]) -> tuple[Promise, ...]:
    """Return every promise with its outcome, the open ones first, by due date.

    The handoff's commitments count line by line (``;`` ends one too), ``none`` is no promise, and a day written as
    2026-05-31 is when it is due. A settled commitment stays, even if its text is changed later.
    ``facts`` are in the order of ``reports.known``.
    """
    found = {promise.id: promise for promise in _sold(case, facts)}
    for fact in facts:
        if fact.kind == FactKind.PROMISE and fact.name not in found:
            found[fact.name] = _recorded(fact)
        elif fact.kind == FactKind.PROMISE:
            found[fact.name] = replace(found[fact.name], due=_day(fact.value.get("due")) or found[fact.name].due)
        elif fact.kind == FactKind.PROMISE_SETTLED and str(fact.value.get("state")) in set(PromiseState):
            found[fact.name] = replace(
                found.get(fact.name) or _recorded(fact),
                state=PromiseState(fact.value["state"]),
                settled_at=fact.at,
                settled_by=fact.by,
            )
    return tuple(sorted(found.values(), key=_order))


def due_from(promise: Promise, case: Case) -> tuple[datetime, datetime] | None:
    """Return when a promise is about to be due and when it is overdue (UTC): the start of the day before its day and of
    the day after it, in the account's zone. None without a day."""
    if promise.due is None or not in_years(promise.due):
        return None
    zone = zone_of(case.account.zone or "UTC")
    day = timedelta(days=1)
    soon, over = (datetime.combine(promise.due + way, time(), tzinfo=zone).astimezone(UTC) for way in (-day, day))
    return soon, over


def is_nothing(text: str) -> bool:
    """Return whether a text says that nothing was promised."""
    return _NOTHING.fullmatch(text.strip(" .")) is not None


def _sold(case: Case, facts: Sequence[Fact]) -> Iterator[Promise]:
    """Yield the commitments of the handoff; a person's last report takes precedence over the text of the deals."""
    item = HandoffItem.COMMITMENTS
    told = [fact for fact in facts if fact.kind == FactKind.HANDOFF and fact.name == item and is_answer(_text(fact))]
    if told:
        texts = [(_text(told[-1]), told[0].at, told[-1].by)]
    else:
        texts = [
            (deal.handoff.get(item, ""), deal.handoff_seen_at or deal.signed_at, _seller(case, deal.seller_id))
            for deal in case.deals
            if deal.won
        ]
    for text, at, by in texts:
        for line in re.split(r"[\n;]", text):
            said = _BULLET.sub("", line).strip().rstrip(".")
            if is_answer(said) and not is_nothing(said):
                days = _DAY.findall(said)
                due = _day(days[-1]) if days else None
                yield Promise(id=promise_id(said), text=said, source="sales", at=at, by=by, due=due)


def _recorded(fact: Fact) -> Promise:
    """Return a promise recorded by a person; the settlement of one also has its text."""
    source = fact.value.get("source")
    return Promise(
        id=fact.name,
        text=_text(fact),
        source="sales" if source == "sales" else "team",
        at=fact.at,
        by=fact.by,
        due=_day(fact.value.get("due")),
    )


def _text(fact: Fact) -> str:
    return str(fact.value.get("text") or "").strip()


def _seller(case: Case, seller_id: str | None) -> str:
    seller = case.owners.get(seller_id or "")
    return seller.email if seller else "sales"


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _order(promise: Promise) -> tuple[bool, date, str]:
    return promise.state is not PromiseState.OPEN, promise.due or date.max, promise.id
