"""The check of the vendor's roles that the playbooks' work needs and that nobody holds (RO-8)."""

from collections import defaultdict
from typing import TYPE_CHECKING

from cli.check.findings import Finding
from cli.opening import existing_database
from cli.options import Unusable
from cli.printing import counted

if TYPE_CHECKING:
    from config.settings.load import Settings
    from onboarding.people.team import Team


def unheld(settings: "Settings", team: "Team") -> Finding:
    """Return the finding on roles that no member of the team file may hold, and on onboardings under way in which
    nobody holds one."""
    from config.files.mistakes import PlaybookError

    try:
        needed = _needed(settings)
    except PlaybookError:
        return Finding(what="unheld", ok=True, said="not known while the playbooks cannot be read")
    nobody = [role for role in needed if not any(role in member.roles for member in team.members)]
    said = [f"no member of the team file is {name}, so the CSM does that work" for name in map(_words, nobody)]
    lacking = _unheld(settings)
    for role, accounts in sorted(lacking.items()):
        where = f"{counted(len(accounts), 'onboarding')} (first {accounts[0]})"
        said.append(f"nobody is {_words(role)} in {where}; name one with first90 reassign KEY --role {role} --to EMAIL")
    if not said:
        return Finding(what="unheld", ok=True, said="each of our roles that the playbooks need is held")
    return Finding(what="unheld", ok=True, warning=bool(lacking), said="; ".join(said))


def _needed(settings: "Settings") -> list[str]:
    """Return the roles with work in the playbooks that the team file alone can give."""
    from config.playbook_library.library import load_library
    from onboarding.model.vocabulary import Side, VendorRole

    found = {
        plan.owner.value
        for version in load_library(settings.playbooks).playbook_versions.values()
        for plan in version.playbook.milestones()
        if plan.side is not Side.CUSTOMER
    }
    return [role for role in (VendorRole.IMPLEMENTATION_ENGINEER.value,) if role in found]


def _unheld(settings: "Settings") -> dict[str, list[str]]:
    """Return the customers by role of ours that nobody holds there; none where there is no database to ask."""
    from database.engine import DatabaseProblem
    from database.onboardings.overview import status_lines
    from onboarding.model.vocabulary import LIVE, Side

    try:
        database = existing_database(settings)
    except (Unusable, DatabaseProblem):
        return {}
    found: dict[str, list[str]] = defaultdict(list)
    try:
        with database.reading() as conn:
            lines = [line for line in status_lines(conn) if line["status"] in LIVE]
    finally:
        database.close()
    for line in lines:
        for named in line.get("unheld_roles", ()):
            side, _, role = named.partition(":")
            if side == Side.VENDOR:
                found[role].append(line["account_name"])
    return found


def _words(role: str) -> str:
    from onboarding.model.phrases import role_words

    return role_words(role)
