"""The one table of who may do what: each permission with the roles that have it."""

from collections.abc import Mapping
from enum import StrEnum


class AccessRole(StrEnum):
    """What one of the vendor's people may do; a person can have several."""

    VIEWER = "viewer"
    CSM = "csm"
    MANAGER = "manager"
    OPS = "ops"


class Permission(StrEnum):
    """A kind of act that needs a role."""

    LOOK = "look"
    RECORD = "record"
    STEER = "steer"
    OVERRIDE_GATE = "override_gate"
    DECIDE = "decide"
    CHANGE_PLAYBOOK = "change_playbook"
    STOP = "stop"
    REPAIR = "repair"
    ERASE = "erase"
    OPERATE = "operate"


_VIEWER, _CSM, _MANAGER, _OPS = AccessRole

MAY: Mapping[Permission, frozenset[AccessRole]] = {
    Permission.LOOK: frozenset(AccessRole),
    Permission.RECORD: frozenset({_CSM, _MANAGER}),
    Permission.STEER: frozenset({_CSM, _MANAGER}),
    Permission.OVERRIDE_GATE: frozenset({_MANAGER}),
    Permission.DECIDE: frozenset({_MANAGER}),
    Permission.CHANGE_PLAYBOOK: frozenset({_MANAGER, _OPS}),
    Permission.STOP: frozenset({_MANAGER, _OPS}),
    Permission.REPAIR: frozenset({_MANAGER, _OPS}),
    Permission.ERASE: frozenset({_MANAGER, _OPS}),
    Permission.OPERATE: frozenset({_OPS}),
}
"""Each permission with the roles that have it. ``ops`` runs the machine and decides nothing about a customer."""
