"""The outcome of a run, found by comparing the database before and after it; also as JSON for ``--json``."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.pages.standstill import Standstill, standstill
from database.engine import Database
from database.onboardings.activity import effects_at
from database.onboardings.overview import Line, status_lines
from flows.reports import CycleReport
from onboarding.model.vocabulary import LIVE, STAGES, Channel, EffectState

WAITING = ("deal_id", "account_id", "account_name", "blocked")
ARRIVED = EffectState.SENT.value
GIVEN_UP = EffectState.CANCELLED.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The portfolio, the effects and the standstill at one moment."""

    lines: Sequence[Line]
    effects: Sequence[Line]
    stands: Standstill
    """What does not leave, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """The outcome of a finished run."""

    report: CycleReport
    lines: Sequence[Line]
    """The portfolio afterwards, the most urgent first."""
    opened: Sequence[Line]
    """The new ones of these."""
    made: Sequence[Line]
    """Effects that this run planned or sent."""
    stands: Standstill
    """What does not leave afterwards, and why."""

    @property
    def trouble(self) -> bool:
        """Return whether something failed; records set aside do not count."""
        return bool(self.report.failures or self.report.undelivered)

    @property
    def waiting(self) -> list[Line]:
        """Return the live onboardings for which nothing is sent until a person decides."""
        return [line for line in self.lines if line["status"] in LIVE and line.get("blocked")]

    def kinds(self, channel: Channel, *, sent: bool) -> Counter[str]:
        """Count by kind what was sent (or is planned and not sent yet) on a channel."""
        return Counter(line["kind"] for line in self.effects(channel, sent=sent))

    def effects(self, channel: Channel, *, sent: bool) -> list[Line]:
        """Return what was sent (or is planned and not sent yet) on a channel, by account, date and kind; what was given
        up before it left is neither."""
        made = [line for line in self.made if line["channel"] == channel.value and line["state"] != GIVEN_UP]
        found = [line for line in made if (line["state"] == ARRIVED) is sent]
        return sorted(found, key=lambda line: (line["account_name"] or "", line["due_at"], line["kind"]))

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``run --json`` prints."""
        report = self.report
        readings = [flow.intake for flow in report.flows if flow.intake is not None]
        return {
            "as_of": report.as_of,
            "dry_run": report.dry_run,
            "intake": {
                "seen": max((one.seen for one in readings), default=0),
                "opened": sum(one.opened + one.adopted for one in readings),
                "adopted": sum(one.adopted for one in readings),
                "extended": sum(one.extended for one in readings),
                "blocked": sum(one.blocked for one in readings),
                "set_aside": len(report.set_aside),
                "waiting": [{name: line[name] for name in WAITING} for line in self.waiting],
            },
            "stages": {
                stage.value: dict(zip(("reviewed", "left"), report.of_stage(stage), strict=True)) for stage in STAGES
            },
            "effects": {channel.value: self._channel(channel) for channel in Channel},
            **self.stands.as_json(),
            "set_aside": report.set_aside,
            "failures": report.failures,
            "onboardings": self.lines if report.dry_run else self.opened,
            "messages": [line for line in self.made if line["channel"] != Channel.CRM.value],
        }

    def _channel(self, channel: Channel) -> dict[str, int]:
        carried = self.report.deliveries(channel)
        return {
            "planned": sum(line["channel"] == channel.value for line in self.made),
            "sent": sum(one.sent for one in carried),
            "failed": sum(one.failed for one in carried),
            "unknown": sum(one.unknown for one in carried),
        }


def take_snapshot(database: Database, as_of: datetime) -> Snapshot:
    """Read the portfolio and the effects of ``as_of`` as they are now."""
    with database.reading() as conn:
        return Snapshot(lines=status_lines(conn), effects=effects_at(conn, as_of), stands=standstill(conn))


def compare(report: CycleReport, before: Snapshot, after: Snapshot) -> RunOutcome:
    """Return what changed between two readings."""
    known = {line["deal_id"] for line in before.lines}
    settled = {(line["key"], line["state"]) for line in before.effects}
    return RunOutcome(
        report=report,
        lines=after.lines,
        opened=[line for line in after.lines if line["deal_id"] not in known],
        made=[line for line in after.effects if (line["key"], line["state"]) not in settled],
        stands=after.stands,
    )
