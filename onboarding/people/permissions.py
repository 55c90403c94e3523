"""Whether a person may do something, by the roles of the team file, and who may instead."""

from collections.abc import Iterator

from onboarding.model.identity import one_spelling
from onboarding.people.team import Team
from onboarding.permissions.access import GROUP, ROLE
from onboarding.permissions.identity import Identity, KnownBy
from onboarding.permissions.table import MAY, MEANS, AccessRole, Permission

MOST_NAMED = 3


def roles_of(team: Team, identity: Identity) -> frozenset[AccessRole]:
    """Return the roles of a person."""
    own = one_spelling(identity.name)
    vendor_roles = {role for one in team.members if one_spelling(one.email) == own for role in one.roles}
    return team.access.roles_of(identity, vendor_roles)


def refusal(team: Team, identity: Identity, permission: Permission) -> str | None:
    """Return why the person may not do it, and whom to ask; None where they may. Without any role in the team file
    everybody may do everything."""
    if not team.access.configured:
        return None
    roles = roles_of(team, identity)
    if roles & MAY[permission]:
        return None
    known = f"is {' and '.join(sorted(roles))} and" if roles else "has no role in the team file (access:) and"
    return f"{identity.name} {known} may not {MEANS[permission]}; {whom_to_ask(team, permission)}"


def whom_to_ask(team: Team, permission: Permission, *, but: str = "") -> str:
    """Return who may do it, for a sentence: ``ask a manager: dana@example.com``. ``but`` is left out."""
    words = " or ".join("ops" if role is AccessRole.OPS else f"a {role}" for role in _roles_with(permission))
    named = [one for one in holders_of(team, permission) if one_spelling(one) != one_spelling(but)]
    if not named:
        return f"ask {words}: the team file names nobody, so add one under access:"
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"ask {words}: {', '.join(named[:MOST_NAMED])}{more}"


def holders_of(team: Team, permission: Permission) -> tuple[str, ...]:
    """Return who has the permission: people, and the proxy's groups by their names."""
    return tuple(dict.fromkeys(_named(team, _roles_with(permission))))


def at_command_line(team: Team, by: str, user: str) -> Identity:
    """Return the person of a command: who ``--by`` says; or, once the team file has ``users:``, who the system user is.
    Raises ValueError where the two differ."""
    users = team.access.users
    name = users.get(user, user) if users else by
    if by != user and one_spelling(by) != one_spelling(name):
        known = f"says that the system user {user} is {name}" if user in users else f"has no system user {user}"
        raise ValueError(
            f"--by {by}: the team file {known} (access: users:); leave --by away, or work as the system user of that "
            "person"
        )
    return Identity(name=name, known_by=KnownBy.COMMAND_LINE, detail=user)


def _roles_with(permission: Permission) -> tuple[AccessRole, ...]:
    return tuple(role for role in AccessRole if role in MAY[permission])


def _named(team: Team, roles: tuple[AccessRole, ...]) -> Iterator[str]:
    for role in roles:
        for holder in team.access.holders(role):
            if holder.startswith(ROLE):
                yield from (one.email for one in team.members if holder.removeprefix(ROLE) in one.roles)
            else:
                yield f"the group {holder.removeprefix(GROUP)}" if holder.startswith(GROUP) else holder
