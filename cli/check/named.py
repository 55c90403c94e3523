"""The checks whether the CRM has the people of the team file and the accounts of a pilot."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.check.findings import Finding

if TYPE_CHECKING:
    from config.settings.load import Settings
    from onboarding.people.team import Team

MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the CRM has of the people and accounts that the settings name."""

    users: frozenset[str]
    """Mail addresses of its active users, as ``casefold`` has them."""
    accounts: frozenset[str]
    won_deals: int | None = None
    """The number of won deals of the pilot's accounts; None where that was not read."""


def our_people(settings: "Settings", team: "Team", known: Known | None) -> Finding:
    """Return the finding on the team file: which of its people are active users of the CRM. ``known`` is None where the
    CRM could not be read."""
    from config.company.team import BUNDLED

    said = f"{len(team.members)} people in {settings.team}"
    if known is None or not team.members:
        return Finding(what="team", ok=True, said=said)
    strangers = [member.email for member in team.members if member.email.casefold() not in known.users]
    if not strangers:
        return Finding(what="team", ok=True, said=said)
    if len(strangers) < len(team.members):
        some = f"{said}; no active users of the CRM, so nothing is given to them: {_some(strangers)}"
        return Finding(what="team", ok=True, warning=True, said=some)
    none = f"{settings.team}: 0 of {len(team.members)} people are active users of the CRM"
    if settings.team == BUNDLED:
        mend = "it is the sample's team, so only CSMs and owners in the CRM get customers; set FIRST90_TEAM to your own"
        return Finding(what="team", ok=True, warning=True, said=f"{none}; {mend}")
    mend = f"nobody of it would get a customer. It has {_some(strangers)}; write the addresses as in the CRM"
    return Finding(what="team", ok=False, said=f"{none}, so {mend}")


def pilot(settings: "Settings", known: Known | None) -> Iterator[Finding]:
    """Yield the finding on FIRST90_ACCOUNTS; nothing where there is no pilot, or the CRM could not be read."""
    wanted = settings.only_accounts
    if wanted is None or known is None:
        return
    missing = sorted(wanted - known.accounts)
    if missing:
        some = len(missing) < len(wanted)
        said = f"FIRST90_ACCOUNTS: the CRM lacks {len(missing)} of {len(wanted)} accounts: {_some(missing)}"
        mend = "correct the ids; those of accounts begin with 001"
        yield Finding(what="pilot", ok=some, warning=some, said=f"{said}; {mend}")
    elif known.won_deals == 0:
        said = f"FIRST90_ACCOUNTS: 0 of {len(wanted)} accounts have a won deal, so nothing is opened yet"
        yield Finding(what="pilot", ok=True, warning=True, said=said)
    else:
        deals = "" if known.won_deals is None else f", won deals: {known.won_deals}"
        yield Finding(what="pilot", ok=True, said=f"only the accounts of FIRST90_ACCOUNTS: {len(wanted)}{deals}")


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
