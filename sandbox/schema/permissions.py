"""The permission sets of the package: what a user who has one may read and write."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.schema.metadata import elements, flag, read, text

_RIGHTS = {
    "allowCreate": "create",
    "allowRead": "read",
    "allowEdit": "edit",
    "allowDelete": "delete",
    "viewAllRecords": "view all",
    "modifyAllRecords": "modify all",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSet:
    """One permission set.

    ``objects``: rights by object (``create``, ``read``, ``edit``, ``delete``, ``view all``, ``modify all``).
    ``readable`` and ``editable``: fields as ``Account.Industry``. ``user``: permissions such as ``ApiEnabled``.
    """

    name: str
    label: str
    objects: Mapping[str, frozenset[str]]
    readable: frozenset[str]
    editable: frozenset[str]
    user: frozenset[str]

    def may(self, right: str, sobject: str) -> bool:
        """Return whether it grants this right on an object."""
        return right in self.objects.get(sobject, frozenset())


def permission_sets(folder: Path) -> dict[str, PermissionSet]:
    """Return the permission sets of a folder by name. Raises MetadataError."""
    found = {}
    for path in sorted(folder.glob("*.permissionset-meta.xml")):
        name = path.name.partition(".")[0]
        tree = read(path, "PermissionSet")
        fields = elements(tree, "fieldPermissions")
        found[name] = PermissionSet(
            name=name,
            label=text(tree, "label"),
            objects={
                text(one, "object"): frozenset(right for tag, right in _RIGHTS.items() if flag(one, tag))
                for one in elements(tree, "objectPermissions")
            },
            readable=frozenset(text(one, "field") for one in fields if flag(one, "readable")),
            editable=frozenset(text(one, "field") for one in fields if flag(one, "editable")),
            user=frozenset(text(one, "name") for one in elements(tree, "userPermissions") if flag(one, "enabled")),
        )
    return found
