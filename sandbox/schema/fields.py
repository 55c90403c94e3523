"""The objects and fields of the sandbox: Salesforce's standard ones, and ours, read from the package's files.

The package (``salesforce/``) is what is installed in an org, so the sandbox cannot differ from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from config.settings.locations import brought_along
from sandbox.schema.metadata import Element, MetadataError, elements, flag, read, text
from sandbox.schema.permissions import PermissionSet, permission_sets
from sandbox.schema.standard import Standard, standard_objects

PACKAGE = brought_along("salesforce")
SYSTEM_PREFIX = "a"
"""Custom objects have ids that begin with an ``a``."""
TYPES = {
    "AutoNumber": "string",
    "Checkbox": "boolean",
    "Currency": "currency",
    "Date": "date",
    "DateTime": "datetime",
    "Email": "email",
    "LongTextArea": "textarea",
    "Lookup": "reference",
    "MasterDetail": "reference",
    "Number": "double",
    "Picklist": "picklist",
    "Text": "string",
    "TextArea": "textarea",
}
"""Describe's types by metadata type."""
LENGTHS = {"Email": 80, "TextArea": 255, "Picklist": 255, "Lookup": 18, "MasterDetail": 18, "AutoNumber": 80}
"""Lengths that are fixed by Salesforce and not in the metadata."""
SYSTEM_FIELDS = (
    "Id",
    "IsDeleted",
    "CreatedDate",
    "CreatedById",
    "LastModifiedDate",
    "LastModifiedById",
    "SystemModstamp",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field; ``type`` is describe's (``string``, ``textarea``, ``double`` ...)."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    """It must be given on create and can never be emptied."""
    unique: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    reference_to: str | None = None
    relationship: str | None = None
    """The name of the reference in paths: ``Owner``, ``Account__r``."""
    children: str | None = None
    """The name of these records in subqueries of the parent: ``Contacts``, ``Milestones__r``."""
    master: bool = False
    """A master-detail reference: the record is deleted with its parent."""
    reparentable: bool = True
    picklist: tuple[str, ...] = ()
    """Allowed values; empty where any is allowed."""
    restricted: bool = False
    default: str | None = None
    auto_number: str | None = None
    """The display format of an auto-numbered name."""
    computed: bool = False
    """It cannot be written."""
    history: bool = False
    grant: str | None = None
    """The field permission that shows it, as ``Account.BillingAddress``; None: visible to all who read the object."""
    help: str = ""

    @property
    def custom(self) -> bool:
        """Return whether the field is a package's, not Salesforce's."""
        return self.name.endswith("__c")


@dataclass(frozen=True, slots=True, kw_only=True)
class SObject:
    """One object with its fields by name."""

    name: str
    label: str
    plural: str
    prefix: str
    """The first three characters of its ids."""
    fields: Mapping[str, Field]

    def field(self, name: str) -> Field | None:
        """Return a field by its name in any case, or None."""
        return next((one for one in self.fields.values() if one.name.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """All objects and the package's permission sets, by name."""

    objects: Mapping[str, SObject]
    permission_sets: Mapping[str, PermissionSet] = field(default_factory=dict)

    def object(self, name: str) -> SObject | None:
        """Return an object by its name in any case, or None."""
        return next((one for one in self.objects.values() if one.name.lower() == name.lower()), None)


def load_schema(folder: Path = PACKAGE) -> Schema:
    """Return the schema of an org in which the package in ``folder`` (with its sfdx-project.json) is installed.

    Raises MetadataError with the file and its fault.
    """
    base = folder / "force-app" / "main" / "default"
    if not (base / "objects").is_dir():
        raise MetadataError(f"{folder} is no package: it has no force-app/main/default/objects")
    found = {one.name: standard_object(one) for one in standard_objects()}
    new = [path.name for path in sorted((base / "objects").iterdir()) if path.name not in found]
    for number, name in enumerate(new):
        found[name] = _custom_object(base / "objects" / name, f"{SYSTEM_PREFIX}{number:02d}", found["Account"])
    for path in sorted((base / "objects").glob("*/fields/*.field-meta.xml")):
        owner = found[path.parent.parent.name]
        added = custom_field(path, owner.name)
        found[owner.name] = replace(owner, fields={**owner.fields, added.name: added})
    _check_references(found)
    return Schema(objects=found, permission_sets=permission_sets(base / "permissionsets"))


def custom_field(path: Path, owner: str) -> Field:
    """Return one field of the package. Raises MetadataError."""
    tree = read(path, "CustomField")
    name, kind = text(tree, "fullName"), text(tree, "type")
    if kind not in TYPES:
        raise MetadataError(f"{path.name}: the sandbox knows no field of type {kind!r}")
    if f"{name}.field-meta.xml" != path.name:
        raise MetadataError(f"{path.name}: the file is named unlike its field {name!r}")
    master = kind == "MasterDetail"
    required = master or flag(tree, "required")
    values = list(_values(tree))
    children = text(tree, "relationshipName", "")
    return Field(
        name=name,
        label=text(tree, "label"),
        type=TYPES[kind],
        length=int(text(tree, "length", str(LENGTHS.get(kind, 0)))),
        precision=int(text(tree, "precision", "0")),
        scale=int(text(tree, "scale", "0")),
        required=required,
        unique=flag(tree, "unique"),
        external_id=flag(tree, "externalId"),
        case_sensitive=flag(tree, "caseSensitive"),
        reference_to=text(tree, "referenceTo", "") or None,
        relationship=f"{name.removesuffix('__c')}__r" if TYPES[kind] == "reference" else None,
        children=f"{children}__r" if children else None,
        master=master,
        reparentable=not master or flag(tree, "reparentableMasterDetail"),
        picklist=tuple(value for value, _ in values),
        restricted=any(flag(one, "restricted") for one in elements(tree, "valueSet")),
        default=next((value for value, default in values if default), None),
        computed=bool(text(tree, "formula", "")),
        history=flag(tree, "trackHistory"),
        grant=None if required else f"{owner}.{name}",
        help=text(tree, "inlineHelpText", ""),
    )


def _values(tree: Element) -> Iterator[tuple[str, bool]]:
    for value_set in elements(tree, "valueSet"):
        for definition in elements(value_set, "valueSetDefinition"):
            for value in elements(definition, "value"):
                yield text(value, "fullName"), flag(value, "default")


def _custom_object(folder: Path, prefix: str, like: SObject) -> SObject:
    tree = read(folder / f"{folder.name}.object-meta.xml", "CustomObject")
    name_field = elements(tree, "nameField")[0]
    fields = {name: like.fields[name] for name in SYSTEM_FIELDS}
    fields["Name"] = Field(
        name="Name",
        label=text(name_field, "label"),
        type="string",
        length=80,
        computed=text(name_field, "type") == "AutoNumber",
        auto_number=text(name_field, "displayFormat", "") or None,
    )
    if text(tree, "sharingModel") != "ControlledByParent":
        fields["OwnerId"] = like.fields["OwnerId"]
    label, plural = text(tree, "label"), text(tree, "pluralLabel")
    return SObject(name=folder.name, label=label, plural=plural, prefix=prefix, fields=fields)


def standard_object(given: Standard) -> SObject:
    """Return a standard object from its lines in the file."""
    fields = {
        one.name: Field(
            name=one.name,
            label=one.name,
            type=one.type,
            length=one.length,
            precision=one.precision,
            scale=one.scale,
            required=one.required,
            reference_to=one.reference_to,
            relationship=one.name.removesuffix("Id") if one.reference_to else None,
            children=one.children,
            picklist=one.values,
            default=one.default,
            computed=one.computed,
            grant=f"{given.name}.{one.grant}" if one.grant else None,
        )
        for one in given.fields
    }
    return SObject(name=given.name, label=given.label, plural=given.plural, prefix=given.prefix, fields=fields)


def _check_references(objects: Mapping[str, SObject]) -> None:
    for owner in objects.values():
        for one in owner.fields.values():
            if one.type == "reference" and one.reference_to not in objects:
                raise MetadataError(f"{owner.name}.{one.name} refers to {one.reference_to}, which is not there")
