"""The calendar invitation of a payload: one version of a meeting, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from onboarding.facts.meetings import first_name, held, read_version
from onboarding.model.case import Case
from onboarding.model.effect import Leased
from onboarding.model.identity import header_text
from onboarding.model.schedule import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One version of a meeting. A higher ``sequence`` replaces the calendar entry with the same ``uid``."""

    method: Literal["REQUEST", "CANCEL", "PUBLISH"]
    """``PUBLISH``: a file that somebody downloads, which asks for no reply."""
    uid: str
    sequence: int
    starts_at: datetime
    """UTC."""
    minutes: int
    summary: str
    location: str = ""
    """The place, or the link to the meeting; empty if none is known."""

    def stored(self) -> dict[str, Any]:
        """Return the invitation as JSON can hold it."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "location"}
        place = {"location": self.location} if self.location else {}
        return plain | {"starts_at": self.starts_at.isoformat()} | place


def uid_of(case: Case, meeting: str) -> str:
    """Return the UID of a call: one through all versions, also where the sender's address, the wording or the name in
    the playbook changes."""
    return str(uuid5(NAMESPACE_URL, f"first90:{case.key}:{first_name(case, meeting)}"))


def invitation_of(effect: Leased, case: Case, call: Call, summary: str) -> Invitation | None:
    """Return the calendar entry of a call, in the version that this mail announces; None if there is no call."""
    version = read_version(effect.occurrence)
    had = held(case, effect.kind, version.number if version else None).get(effect.person_id)
    starts_at = (version and version.at) or (had and had[0].at)
    if version is None or not starts_at:
        return None
    return Invitation(
        method="REQUEST" if version.at else "CANCEL",
        uid=uid_of(case, call.meeting),
        sequence=version.number,
        starts_at=starts_at,
        minutes=call.minutes,
        summary=summary,
    )


def read_invitation(given: Mapping[str, Any] | None) -> Invitation | None:
    """Return the ``calendar`` of a mail's payload: ``method``, ``uid``, ``sequence``, ``starts_at`` (ISO 8601, aware),
    ``minutes``, ``summary``. None if there is none; raise ValueError with what is wrong."""
    if not given:
        return None
    method, uid = given.get("method"), str(given.get("uid") or "")
    summary = header_text(str(given.get("summary") or ""))
    if method not in ("REQUEST", "CANCEL"):
        raise ValueError("its method is neither REQUEST nor CANCEL")
    if not uid or not uid.isascii() or not uid.isprintable() or not summary:
        raise ValueError("its uid or summary is missing")
    try:
        starts_at = datetime.fromisoformat(str(given.get("starts_at")))
        sequence, minutes = int(given.get("sequence", 0)), int(given.get("minutes", 0))
    except ValueError:
        raise ValueError("its time or sequence cannot be read") from None
    if starts_at.tzinfo is None or sequence < 0 or not 1 <= minutes <= 24 * 60:
        raise ValueError("its time or sequence is none")
    return Invitation(
        method=method,
        uid=uid,
        sequence=sequence,
        starts_at=starts_at.astimezone(UTC),
        minutes=minutes,
        summary=summary,
        location=header_text(str(given.get("location") or "")),
    )
