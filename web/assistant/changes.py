"""Changes that an assistant may ask for: first a preview on a copy of the database, then the same call with its token.

The token is signed for one process, holds for ten minutes and once, and only for the same words, person and state of
the onboarding: what was previewed is what is done.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from itsdangerous import BadSignature, TimestampSigner
from sqlalchemy import Connection

from database.onboardings.saves import lock, versions
from onboarding.model.identity import one_line
from onboarding.orders import FactReport, Order, unguarded
from tasks.commands import onboardings
from tasks.commands.facts import record_milestone
from tasks.runtime.clock import present
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.refusals import Refused
from tasks.views.picture import Picture
from web.assistant.answers import facts_of, picture
from web.assistant.quoting import NOTICE, quoted

VALID_SECONDS = 600
CHANGED = "this is not what was previewed, or the onboarding has changed since; ask for the preview again"
Guard = Callable[[Any, str], None]
"""A check in the transaction of the change, by its connection and the onboarding's key; raises Refused."""
Command = Callable[[RunContext, str, Guard], str]
"""Carries the change out in a context for the onboarding of a key, if the guard agrees; returns what is told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for: the tool, the onboarding and the words, and how it is carried out."""

    tool: str
    account: str
    words: tuple[str, ...]
    carry_out: Command


@dataclass
class ChangingTools:
    """The changing tools of one server process. ``by`` is who asks, as the journal says it."""

    context: RunContext
    by: str
    _signer: TimestampSigner = field(default_factory=lambda: TimestampSigner(secrets.token_bytes(32)))
    _used: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def record(self, account: str, milestone: str, at: str, confirm: str) -> dict[str, Any]:
        """Record that a milestone was reached."""

        def carry_out(context: RunContext, key: str, guard: Guard) -> str:
            moment = _moment(at) if at else None
            report = FactReport(by=self.by, now=present(context), at=moment, guard=guard)
            return record_milestone(context, report, key, milestone)

        return self._ask(Wish(tool="record", account=account, words=(milestone, at), carry_out=carry_out), confirm)

    def hold(self, account: str, reason: str, until: str, confirm: str) -> dict[str, Any]:
        """Put an onboarding on hold."""

        def carry_out(context: RunContext, key: str, guard: Guard) -> str:
            order = Order(by=self.by, now=present(context), reason=one_line(reason), guard=guard)
            moment = _moment(until) if until else None
            return onboardings.hold(context, order, key, until=moment, resume="shift")

        return self._ask(Wish(tool="hold", account=account, words=(reason, until), carry_out=carry_out), confirm)

    def ack(self, account: str, confirm: str) -> dict[str, Any]:
        """Acknowledge what is escalated for an onboarding."""

        def carry_out(context: RunContext, key: str, guard: Guard) -> str:
            return onboardings.ack(context, Order(by=self.by, now=present(context), guard=guard), key)

        return self._ask(Wish(tool="ack", account=account, words=(), carry_out=carry_out), confirm)

    def _ask(self, wish: Wish, confirm: str) -> dict[str, Any]:
        seen = picture(self.context, wish.account)
        meant = f"{wish.tool}\0{seen.case.key}\0{seen.case.version}\0{self.by}\0" + "\0".join(wish.words)
        meant = hashlib.sha256(meant.encode()).hexdigest()
        if not confirm:
            return self._preview(wish, meant)
        with self._lock:
            self._check(confirm, meant)
            self._used.add(confirm)
        said = wish.carry_out(self.context, seen.case.key, _as_seen(seen))
        return {"notice": NOTICE, "done": quoted(said), "onboarding": seen.case.key, "by": self.by}

    def _check(self, confirm: str, meant: str) -> None:
        try:
            signed = self._signer.unsign(confirm, max_age=VALID_SECONDS).decode()
        except BadSignature:
            raise Refused(
                "the token of the preview is unknown or older than ten minutes; ask for the preview again"
            ) from None
        if not secrets.compare_digest(signed.partition(":")[0], meant):
            raise Refused(CHANGED)
        if confirm in self._used:
            raise Refused("this was confirmed and done already")

    def _preview(self, wish: Wish, meant: str) -> dict[str, Any]:
        """Return what the change would do, found by doing it in a copy of the database from which nothing leaves."""
        with open_run_context(self.context.settings, create=False, dry=True) as copy:
            before = picture(copy, wish.account)
            said = wish.carry_out(copy, before.case.key, unguarded)
            after = picture(copy, before.case.key)
        token = self._signer.sign(f"{meant}:{secrets.token_hex(8)}").decode()
        return {
            "notice": NOTICE,
            "preview": "Nothing was changed. Show this to the person who asked; to do it, call the same tool with the "
            "same words and this token as `confirm`.",
            "would": quoted(said),
            "onboarding": before.case.key,
            "before": quoted(before.explained().lines),
            "after": quoted(after.explained().lines),
            "rests_on": quoted({"playbooks": [before.case.progress.playbook], "facts": facts_of(before)}),
            "confirm": token,
        }


def _as_seen(seen: Picture) -> Guard:
    """Return a check that the onboarding is still as it was seen, which holds until the change is saved."""

    def guard(conn: Connection, key: str) -> None:
        lock(conn, key)
        if versions(conn, [key]) != {key: seen.case.version}:
            raise Refused(CHANGED)

    return guard


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no moment in time; write 2026-03-02 or 2026-03-02T09:00Z") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
