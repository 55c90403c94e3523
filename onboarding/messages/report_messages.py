"""The messages about a report of the metrics: a short mail to leaders, and what got worse to the managers' channel."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from onboarding.messages.notes import note
from onboarding.messages.posts import Post
from onboarding.model.effect import PlannedEffect
from onboarding.model.identity import one_spelling
from onboarding.model.vocabulary import Channel, VendorRole

REPORT, ALARM = "report", "metrics_alarm"
PERSON = "leader"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMail:
    """The mail about one report. All text is plain."""

    subject: str
    lines: tuple[str, ...]
    """The figures that moved most."""
    alarms: tuple[str, ...] = ()
    """What got worse."""
    where: str
    """The link to the report, or how to make it."""

    @property
    def body(self) -> str:
        """The mail as Markdown, which has no meaning in our own words and figures."""
        moved = ["**Moved most since the last report:**", *(f"- {line}" for line in self.lines)]
        if not self.lines:
            moved = ["No figure moved, or none can be compared with the last report yet."]
        worse = ["**Look at this first:**", *(f"- {line}" for line in self.alarms), ""] if self.alarms else []
        return "\n".join([*worse, *moved, "", self.where])


def read_report_mail(kept: Mapping[str, Any]) -> ReportMail:
    """Return the mail as it was planned. Raise KeyError for anything else."""
    return ReportMail(
        subject=str(kept["subject"]),
        lines=tuple(map(str, kept["lines"])),
        alarms=tuple(map(str, kept["alarms"])),
        where=str(kept["where"]),
    )


def report_mail(name: str, address: str, mail: ReportMail, as_of: datetime) -> PlannedEffect:
    """Return the mail on the report of this name to one leader; planned again it is the same effect."""
    reader = sha256(one_spelling(address).encode()).hexdigest()[:16]
    return PlannedEffect(
        key=f"{REPORT}:{name}:{Channel.MAIL.value}:{reader}",
        kind=REPORT,
        occurrence=name,
        channel=Channel.MAIL,
        person_id=f"{PERSON}:{reader}",
        recipient=address,
        role=VendorRole.EXECUTIVE_SPONSOR.value,
        due_at=as_of,
        because=f"the team file names this address under leaders, and the report {name} is made",
        data={"mail": asdict(mail)},
    )


def alarm(month: str, findings: Mapping[str, str], as_of: datetime) -> PlannedEffect:
    """Return the note to managers on what got worse (ME-27): ``findings`` in words, by what they are about.

    The same findings are told once a month, though their figures go on changing.
    """
    post = Post(
        headline=f"Onboarding needs a look: {len(findings)} figure{'' if len(findings) == 1 else 's'}",
        lines=tuple(findings.values()),
        footer="The accounts behind each figure are in the report of the month, which the leaders get",
    )
    digest = sha256("\n".join(sorted(findings)).encode()).hexdigest()[:16]
    because = "figures are worse than the month before, or clearly below a published one"
    return note(ALARM, f"{month}-{digest}", post, because, as_of)
