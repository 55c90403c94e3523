"""Whether a person may do something, by the roles of the team file, and who may instead."""

from collections.abc import Iterable, Iterator
from functools import reduce

from onboarding.model.identity import one_spelling
from onboarding.people.team import Team
from onboarding.permissions.access import GROUP, ROLE
from onboarding.permissions.identity import Identity, KnownBy
from onboarding.permissions.table import MAY, AccessRole, Permission
from onboarding.sentences.sentence import joined, sentence

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
    what, ask = act_words(permission), whom_to_ask(team, permission)
    if not roles:
        return sentence("replies.no_role", person=identity.name, what=what, ask=ask)
    return sentence("replies.other_role", person=identity.name, roles=tuple(sorted(roles)), what=what, ask=ask)


def act_words(permission: Permission) -> str:
    """Return what a permission allows, to follow "may"."""
    return sentence(f"replies.may_{permission.value}")


def whom_to_ask(team: Team, permission: Permission, *, but: str = "") -> str:
    """Return who may do it, for a sentence: ``ask a manager: dana@example.com``. ``but`` is left out."""
    words = _or(
        "ops" if role is AccessRole.OPS else sentence("replies.a_role", role=str(role))
        for role in _roles_with(permission)
    )
    named = [one for one in holders_of(team, permission) if one_spelling(one) != one_spelling(but)]
    if not named:
        return sentence("replies.ask_nobody", roles=words)
    names, more = joined(", ", named[:MOST_NAMED]), len(named) - MOST_NAMED
    if more > 0:
        return sentence("replies.ask_more", roles=words, names=names, count=more)
    return sentence("replies.ask", roles=words, names=names)


def _or(roles: Iterable[str]) -> str:
    return reduce(lambda first, second: sentence("replies.either", first=first, second=second), roles)


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
