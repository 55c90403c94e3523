"""What the logged-in user may see and write: the package's permission set, and what a test grants or withdraws."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.schema.fields import Field, Schema, SObject
from sandbox.schema.permissions import PermissionSet

INTEGRATION = "First90_Integration"
_ALWAYS_READ = frozenset({"User", "CurrencyType", "DatedConversionRate"})
_BY_PARENT = {"OpportunityContactRole": "Opportunity", "OpportunityLineItem": "Opportunity"}
"""Objects that no permission set lists: all users see users and currencies, contact roles and products go with their
deal."""


@dataclass(slots=True)
class Rights:
    """Rights on objects and fields; ``hidden``, ``granted`` and ``read_only`` hold fields as ``Object.Field``."""

    schema: Schema
    permissions: PermissionSet
    hidden: set[str] = field(default_factory=set)
    granted: set[str] = field(default_factory=set)
    """Fields that may be read in addition, as by another permission set."""
    read_only: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    """Objects that the org lacks or the user may not see."""
    denied: set[str] = field(default_factory=set)
    """Rights that were withdrawn, as ``create Object``."""

    def objects(self) -> Iterator[SObject]:
        """Yield the objects that the user may read."""
        yield from (one for one in self.schema.objects.values() if self.may("read", one))

    def object(self, name: str) -> SObject | None:
        """Return a readable object by its name in any case, or None."""
        found = self.schema.object(name)
        return found if found is not None and self.may("read", found) else None

    def may(self, right: str, sobject: SObject) -> bool:
        """Return whether the user has the right ``read``, ``create``, ``edit`` or ``delete`` on an object."""
        if sobject.name in self.missing or f"{right} {sobject.name}" in self.denied:
            return False
        if sobject.name in _ALWAYS_READ:
            return right == "read"
        return self.permissions.may(right, _BY_PARENT.get(sobject.name, sobject.name))

    def field(self, sobject: SObject, name: str) -> Field | None:
        """Return a visible field by its name in any case; None for a hidden one, as for one that does not exist."""
        found = sobject.field(name)
        return found if found is not None and self.sees(sobject, found) else None

    def sees(self, sobject: SObject, one: Field) -> bool:
        """Return whether field-level security lets the user read the field."""
        if f"{sobject.name}.{one.name}" in self.hidden:
            return False
        if f"{sobject.name}.{one.name}" in self.granted:
            return True
        return one.grant is None or one.grant in self.permissions.readable

    def writes(self, sobject: SObject, one: Field) -> bool:
        """Return whether the user may write the field."""
        if one.computed or f"{sobject.name}.{one.name}" in self.read_only:
            return False
        return self.sees(sobject, one) and (one.grant is None or one.grant in self.permissions.editable)
