"""What each command needs, and the one place where the command line asks whether the person may.

A command that only looks is not asked: whoever can start it can read the database by other means too, and it would cost
the time of reading the team file.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from cli.options import Unusable, system_user
from onboarding.permissions.table import Permission

if TYPE_CHECKING:
    from onboarding.people.team import Team
    from onboarding.permissions.identity import Identity

_RECORDED = (
    "milestone due handoff stakeholder signal bounce note goal goal-value promise survey ticket reply task conflict "
    "profile buy-in advocate lesson renewal aim"
)
_LOOKING = (
    "status show explain forecast account-plan board report promises lessons simulate preview check sample "
    "effects:list approvals:list drafts:list drafts:show playbook:check playbook:schema playbook:show playbook:diff "
    "playbook:plan"
)
_BY_PERMISSION: Mapping[Permission, str] = {
    Permission.LOOK: _LOOKING,
    Permission.RECORD: "drafts:approve drafts:edit drafts:discard plan-link "
    + " ".join(f"record:{name}" for name in _RECORDED.split()),
    Permission.STEER: "hold resume reassign away ack snooze resolve",
    Permission.OVERRIDE_GATE: "skip-stage",
    Permission.DECIDE: "adopt retier close",
    Permission.CHANGE_PLAYBOOK: "playbook:adopt playbook:rollback playbook:policy",
    Permission.STOP: "stop start",
    Permission.REPAIR: "effects:retry effects:cancel effects:sent",
    Permission.ERASE: "forget",
    Permission.OPERATE: "run deploy reconcile export import",
}
NEEDS: Mapping[str, Permission] = {
    name.replace(":", " "): permission for permission, names in _BY_PERMISSION.items() for name in names.split()
}
"""Each command with the permission that it needs."""
SERVICES = frozenset({"up", "web", "slack", "metrics", "mcp", "sandbox", "db upgrade"})
"""Commands that act for nobody: what keeps running, and what it needs to start. It must start without a person."""


BY_REQUEST = frozenset({"approvals confirm", "approvals refuse"})
"""Commands that need what the request needs that they are about; ``tasks.approvals.deciding`` asks."""


def needed(command: str, given: Mapping[str, Any]) -> Permission:
    """Return what a command needs with these arguments, by their Python names."""
    if command in BY_REQUEST or given.get("dry_run") or (command == "reconcile" and not given.get("fix")):
        return Permission.LOOK
    if command == "record milestone" and given.get("waived") is not None:
        return Permission.OVERRIDE_GATE
    return NEEDS.get(command, Permission.OPERATE)


def authorized(command: str, run: Callable[..., Any]) -> Callable[..., Any]:
    """Return the command's function behind the question whether the person may. Raises Unusable where not."""
    if command in SERVICES or NEEDS.get(command) is Permission.LOOK:
        return run

    @wraps(run)
    def asking(**given: Any) -> Any:
        from database.acting import acting

        permission = needed(command, given)
        if permission is Permission.LOOK and command not in BY_REQUEST:
            return run(**given)
        person = _permitted(given.get("by") or system_user(), permission)
        given |= {"by": person.name} if "by" in given else {}
        with acting({person.name: person.how}):
            return run(**given)

    return asking


def person_at(team: "Team", by: str) -> "Identity":
    """Return the person of a command. Raises Unusable where ``--by`` names another than the system user is."""
    from onboarding.people.permissions import at_command_line

    try:
        return at_command_line(team, by, system_user())
    except ValueError as refused:
        raise Unusable(str(refused)) from None


def _permitted(by: str, permission: Permission) -> "Identity":
    from config.company.team import load_team
    from config.settings.load import load_settings
    from onboarding.people.permissions import refusal

    team = load_team(load_settings().team)
    person = person_at(team, by)
    because = None if permission is Permission.LOOK else refusal(team, person, permission)
    if because is not None:
        raise Unusable(because)
    return person
