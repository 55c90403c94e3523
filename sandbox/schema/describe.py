"""Describe: the JSON that describes an object with the fields that the user may see."""

from typing import Any

from sandbox.schema.fields import Field, SObject
from sandbox.schema.rights import Rights
from sandbox.schema.values import NUMBERS

LONG_TEXT = 255
"""A textarea longer than this can be neither filtered nor sorted."""


def is_long(field: Field) -> bool:
    """Return whether the field is a long text area."""
    return field.type == "textarea" and field.length > LONG_TEXT


def summary(rights: Rights, sobject: SObject, base: str) -> dict[str, Any]:
    """Return an object as in the list of all objects."""
    return {
        "name": sobject.name,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "keyPrefix": sobject.prefix,
        "custom": sobject.name.endswith("__c"),
        "queryable": True,
        "retrieveable": True,
        "searchable": True,
        "createable": rights.may("create", sobject),
        "updateable": rights.may("edit", sobject),
        "deletable": rights.may("delete", sobject),
        "mergeable": sobject.name in ("Account", "Contact"),
        "urls": {
            "sobject": f"{base}/sobjects/{sobject.name}",
            "describe": f"{base}/sobjects/{sobject.name}/describe",
            "rowTemplate": f"{base}/sobjects/{sobject.name}/{{ID}}",
        },
    }


def describe(rights: Rights, sobject: SObject, base: str) -> dict[str, Any]:
    """Return the full description of an object."""
    fields = [one for one in sobject.fields.values() if rights.sees(sobject, one)]
    children = [
        {"childSObject": other.name, "field": one.name, "relationshipName": one.children}
        for other in rights.objects()
        for one in other.fields.values()
        if one.reference_to == sobject.name and rights.sees(other, one)
    ]
    return summary(rights, sobject, base) | {
        "fields": [_field(rights, sobject, one) for one in fields],
        "childRelationships": children,
        "recordTypeInfos": [],
    }


def _field(rights: Rights, sobject: SObject, field: Field) -> dict[str, Any]:
    writable = rights.writes(sobject, field)
    is_flag = field.type == "boolean"
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "length": field.length,
        "precision": field.precision,
        "scale": field.scale,
        "nillable": not field.required and not is_flag and field.name != "Id",
        "defaultedOnCreate": is_flag or field.default is not None or field.name == "OwnerId",
        "createable": writable and rights.may("create", sobject),
        "updateable": writable and rights.may("edit", sobject) and (not field.master or field.reparentable),
        "filterable": not is_long(field),
        "sortable": not is_long(field),
        "groupable": not is_long(field) and field.type not in NUMBERS | {"datetime"},
        "unique": field.unique,
        "caseSensitive": field.case_sensitive,
        "externalId": field.external_id,
        "idLookup": field.external_id or field.name == "Id",
        "nameField": field.name == "Name",
        "custom": field.custom,
        "calculated": False,
        "autoNumber": field.auto_number is not None,
        "referenceTo": [field.reference_to] if field.reference_to else [],
        "relationshipName": field.relationship,
        "restrictedPicklist": field.restricted,
        "picklistValues": [
            {"value": value, "label": value, "active": True, "defaultValue": value == field.default}
            for value in field.picklist
        ],
        "inlineHelpText": field.help or None,
        "extraTypeInfo": ("plaintextarea" if field.type == "textarea" else None),
    }
