"""The check of who may do what."""

from typing import TYPE_CHECKING

from cli.check.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings.load import Settings
    from onboarding.people.team import Team


def roles(settings: "Settings", team: "Team") -> Finding:
    """Return the finding on the roles of the team file; a warning where a permission has nobody, or nobody could run
    first90 as this system user."""
    if not team.access.configured:
        said = f"{settings.team} gives no roles (access:), so everybody may do everything; docs/permissions.md"
        return Finding(what="roles", ok=True, said=said)
    problems = list(_problems(team))
    counts = ", ".join(_counted(team))
    said = "; ".join((f"{counts}, by {settings.team}", *problems))
    return Finding(what="roles", ok=True, warning=bool(problems), said=said)


def _counted(team: "Team") -> "Iterator[str]":
    from onboarding.permissions.table import AccessRole

    return (f"{role} {len(team.access.holders(role))}" for role in AccessRole)


def _problems(team: "Team") -> "Iterator[str]":
    from cli.authorized import person_at
    from cli.options import system_user
    from onboarding.people.permissions import act_words, holders_of, refusal
    from onboarding.permissions.table import Permission

    for permission in Permission:
        if not holders_of(team, permission):
            yield f"nobody may {act_words(permission)}"
    if because := refusal(team, person_at(team, system_user()), Permission.OPERATE):
        yield f"here `first90 run` is refused: {because}"
