"""Writes records: all checks that Salesforce makes before it saves one, and the save."""

from collections.abc import Mapping
from typing import Any

from sandbox.org.org import USER_ID, Org
from sandbox.org.records import Row, Values
from sandbox.schema.fields import Field, SObject
from sandbox.schema.refusals import RecordError, no_column_written
from sandbox.schema.values import read_id, read_json

NOT_FIELDS = frozenset({"attributes"})


def create(org: Org, sobject: SObject, given: Mapping[str, Any]) -> str:
    """Save a new record and return its id. Raises Refusal or RecordError; nothing is saved then."""
    if not org.rights.may("create", sobject):
        raise _no_access()
    if any(name.lower() == "id" for name in given):
        raise RecordError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ("Id",))
    org.faults.check_record(sobject.name, given)
    values = _defaults(org, sobject) | _read(org, sobject, given)
    empty = [one.name for one in sobject.fields.values() if one.required and values.get(one.name) is None]
    if empty:
        raise _required(empty)
    _check_unique(org, sobject, values, None)
    _check_rules(org, sobject, values)
    return org.records.put(sobject.name, values, by=USER_ID)


def update(org: Org, sobject: SObject, row: Row, given: Mapping[str, Any]) -> None:
    """Change a record. Raises as ``create`` does."""
    if not org.rights.may("edit", sobject):
        raise _no_access()
    if row.deleted:
        raise RecordError("ENTITY_IS_DELETED", "entity is deleted")
    org.faults.check_record(sobject.name, {"Id": row.id, **given})
    values = _read(org, sobject, given)
    for name, value in values.items():
        field = sobject.fields[name]
        if field.required and value is None:
            raise _required([name])
        if field.master and not field.reparentable and row.values.get(name) != value:
            raise _not_writable([name])
    _check_unique(org, sobject, values, row)
    _check_rules(org, sobject, row.values | values)
    org.records.put(sobject.name, {"Id": row.id, **values}, by=USER_ID)


def find_by_id(org: Org, sobject: SObject, given: Any) -> Row:
    """Return the record with an id from a body. Raises RecordError."""
    if given in (None, ""):
        raise RecordError("MISSING_ARGUMENT", "Id not specified in an update call", ("Id",))
    record_id = read_id(given) if isinstance(given, str) else None
    if record_id is None or not record_id.startswith(sobject.prefix):
        raise RecordError("MALFORMED_ID", f"{sobject.label} ID: id value of incorrect type: {given}", ("Id",))
    row = org.records.get(sobject.name, record_id)
    if row is None:
        raise RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return row


def key_field(org: Org, sobject: SObject, name: str) -> Field | None:
    """Return the field of this name if it is an external id or Id."""
    field = org.rights.field(sobject, name)
    return field if field is not None and (field.external_id or field.name == "Id") else None


def _read(org: Org, sobject: SObject, given: Mapping[str, Any]) -> Values:
    values: Values = {}
    refused: list[str] = []
    for name, value in given.items():
        if name in NOT_FIELDS or name.lower() == "id":
            continue
        field = org.rights.field(sobject, name)
        if field is None:
            reference = _relationship(org, sobject, name)
            if reference is None or not isinstance(value, dict | None):
                raise no_column_written(name, sobject.name)
            field, value = reference, _parent(org, reference, value)
        if not org.rights.writes(sobject, field):
            refused.append(field.name)
            continue
        values[field.name] = read_json(field, value)
        if field.type == "reference" and values[field.name] is not None:
            _check_reference(org, field, values[field.name])
    if refused:
        raise _not_writable(refused)
    return values


def _relationship(org: Org, sobject: SObject, name: str) -> Field | None:
    return next(
        (
            one
            for one in sobject.fields.values()
            if (one.relationship or "").lower() == name.lower() and org.rights.sees(sobject, one)
        ),
        None,
    )


def _parent(org: Org, field: Field, given: Mapping[str, Any] | None) -> str | None:
    """Return the id of a parent named by its external id: ``"Onboarding__r": {"First90_Key__c": "..."}``."""
    if given is None:
        return None
    target = org.object(field.reference_to or "")
    keys = {name: value for name, value in given.items() if name not in NOT_FIELDS}
    if len(keys) != 1:
        raise RecordError(
            "INVALID_FIELD",
            f"More than 1 field provided in an external foreign key reference in entity: {target.name}",
            (field.relationship or "",),
        )
    ((name, value),) = keys.items()
    key = key_field(org, target, name)
    if key is None:
        raise no_column_written(name, target.name)
    if key.name == "Id":
        return str(value)
    found = org.records.find(target.name, key.name, value)
    if not found:
        raise RecordError(
            "INVALID_FIELD",
            f"Foreign key external ID: {value} not found for field {key.name} in entity {target.name}",
            (field.relationship or "",),
        )
    return found[0].id


def _check_reference(org: Org, field: Field, record_id: str) -> None:
    target = org.object(field.reference_to or "")
    if not record_id.startswith(target.prefix):
        raise RecordError(
            "FIELD_INTEGRITY_EXCEPTION", f"{field.label}: id value of incorrect type: {record_id}", (field.name,)
        )
    row = org.records.get(target.name, record_id)
    if row is None:
        raise RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field.name,))
    if row.deleted:
        raise RecordError("ENTITY_IS_DELETED", "entity is deleted", (field.name,))


def _check_unique(org: Org, sobject: SObject, values: Values, row: Row | None) -> None:
    for name, value in values.items():
        if value is None or not sobject.fields[name].unique:
            continue
        for other in org.records.find(sobject.name, name, value):
            if row is None or other.id != row.id:
                raise RecordError(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {name} duplicates value on record with id: {other.id[:15]}",
                    (name,),
                )


def _check_rules(org: Org, sobject: SObject, values: Mapping[str, Any]) -> None:
    for rule in org.validation_rules:
        message = rule(sobject.name, values)
        if message:
            raise RecordError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message)


def _defaults(org: Org, sobject: SObject) -> Values:
    values: Values = {}
    for field in sobject.fields.values():
        if field.type == "boolean":
            values[field.name] = field.default == "true"
        elif field.default is not None:
            values[field.name] = field.default
        elif field.auto_number is not None:
            number = len(org.records.all(sobject.name)) + 1
            head, _, digits = field.auto_number.partition("{")
            values[field.name] = head + str(number).zfill(len(digits.rstrip("}")))
    if "OwnerId" in sobject.fields:
        values["OwnerId"] = USER_ID
    return values


def _required(names: list[str]) -> RecordError:
    return RecordError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", tuple(names))


def _not_writable(names: list[str]) -> RecordError:
    return RecordError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set.",
        tuple(names),
    )


def _no_access() -> RecordError:
    return RecordError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
