"""What the logged-in user may see and write: the package's permission set, and what a test gives or takes away."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.schema.fields import Field, Schema, SObject
from sandbox.schema.permissions import PermissionSet

INTEGRATION = "First90_Integration"
_ALWAYS_READ = frozenset({"User", "CurrencyType", "DatedConversionRate"})
_BY_PARENT = {"OpportunityContactRole": "Opportunity"}
"""Objects that no permission set lists: users and currencies are seen by all, a contact role goes with its deal."""


@dataclass(slots=True)
class Rights:
    """Rights on objects and fields; ``hidden``, ``granted`` and ``read_only`` hold fields as ``Object.Field``."""

    schema: Schema
    permissions: PermissionSet
    hidden: set[str] = field(default_factory=set)
    granted: set[str] = field(default_factory=set)
    """To be read besides, as by another permission set."""
    read_only: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    """Objects that the org lacks or the user may not see."""
    denied: set[str] = field(default_factory=set)
    """Rights that were withdrawn, as ``create Object``."""

    def objects(self) -> Iterator[SObject]:
        """The objects that the user may read."""
        yield from (one for one in self.schema.objects.values() if self.may("read", one))

    def object(self, name: str) -> SObject | None:
        """A readable object by its name in any case."""
        found = self.schema.object(name)
        return found if found is not None and self.may("read", found) else None

    def may(self, right: str, sobject: SObject) -> bool:
        """``read``, ``create``, ``edit`` or ``delete`` on an object."""
        if sobject.name in self.missing or f"{right} {sobject.name}" in self.denied:
            return False
        if sobject.name in _ALWAYS_READ:
            return right == "read"
        return self.permissions.may(right, _BY_PARENT.get(sobject.name, sobject.name))

    def field(self, sobject: SObject, name: str) -> Field | None:
        """A visible field by its name in any case; a hidden one is as absent as one that does not exist."""
        found = sobject.field(name)
        return found if found is not None and self.sees(sobject, found) else None

    def sees(self, sobject: SObject, one: Field) -> bool:
        """Field-level security: may the user read it?"""
        if f"{sobject.name}.{one.name}" in self.hidden:
            return False
        if f"{sobject.name}.{one.name}" in self.granted:
            return True
        return one.grant is None or one.grant in self.permissions.readable

    def writes(self, sobject: SObject, one: Field) -> bool:
        """Whether the user may set the field."""
        if one.computed or f"{sobject.name}.{one.name}" in self.read_only:
            return False
        return self.sees(sobject, one) and (one.grant is None or one.grant in self.permissions.editable)
