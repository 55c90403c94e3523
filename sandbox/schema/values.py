"""Field values: read from JSON as strictly as Salesforce does, and written as JSON.

Stored are text, bool, float, date, aware UTC datetime with seconds, and None; an empty text is None.
"""

import re
from datetime import UTC, date, datetime
from typing import Any

from onboarding.model.identity import salesforce_id
from sandbox.schema.fields import Field
from sandbox.schema.refusals import RecordError, Refusal

NUMBERS = frozenset({"double", "currency", "percent", "int"})
_ADDRESS = re.compile(r"[^\s@<>,;:]+@[^\s@<>,;:]+\.[^\s@<>,;:.]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)")


def read_json(field: Field, value: Any) -> Any:
    """Return the value to store. Raises Refusal where the JSON cannot be read, RecordError where the record is bad."""
    if isinstance(value, dict | list):
        start = "START_OBJECT value {" if isinstance(value, dict) else "START_ARRAY value ["
        raise _unreadable(field, start)
    if value is None or value == "":
        return _empty(field)
    if field.type == "boolean":
        return _boolean(field, value)
    if field.type in NUMBERS:
        return _number(field, value)
    if field.type in ("date", "datetime"):
        return _moment(field, value)
    if field.type in ("reference", "id"):
        return _record_id(field, value)
    return _text(field, str(value).lower() if isinstance(value, bool) else str(value))


def write_json(field: Field, value: Any) -> Any:
    """Return the value as in a response."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    if isinstance(value, date):
        return value.isoformat()
    if field.type == "int" and value is not None:
        return int(value)
    return value


def read_id(text: str) -> str | None:
    """Return the 18-character form of an id of 15 characters, or of 18 with a valid checksum; None for other text."""
    if not re.fullmatch(r"[A-Za-z0-9]{15}|[A-Za-z0-9]{18}", text):
        return None
    full = salesforce_id(text[:15])
    return full if len(text) == 15 or full.upper() == text.upper() else None


def _empty(field: Field) -> None:
    if field.type == "boolean":
        raise _wrong_type(field, "")


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _unreadable(field, _shown(value))


def _number(field: Field, value: Any) -> float:
    if isinstance(value, bool):
        raise _unreadable(field, _shown(value))
    try:
        number = float(value)
    except ValueError:
        raise _unreadable(field, _shown(value)) from None
    if field.type == "int" and not number.is_integer():
        raise _wrong_type(field, value)
    whole = (field.precision or 18) - (field.scale or 0)
    if not abs(number) < 10.0**whole:
        raise RecordError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            (field.name,),
        )
    return round(number, field.scale or 0)


def _moment(field: Field, value: Any) -> date | datetime:
    if not isinstance(value, str):
        raise _unreadable(field, _shown(value))
    try:
        if _MOMENT.fullmatch(value):
            moment = datetime.fromisoformat(value).astimezone(UTC).replace(microsecond=0)
            return moment if field.type == "datetime" else moment.date()
        if field.type == "date" and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except (ValueError, OverflowError):
        pass
    raise _unreadable(field, _shown(value))


def _record_id(field: Field, value: Any) -> str:
    found = read_id(value) if isinstance(value, str) else None
    if found is None:
        raise RecordError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", (field.name,))
    return found


def _text(field: Field, text: str) -> str | None:
    if field.type != "textarea":
        text = text.strip()
    if not text:
        return None
    if field.length and len(text) > field.length:
        raise RecordError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text[:80]} (max length={field.length})",
            (field.name,),
        )
    if field.type == "email" and not _ADDRESS.fullmatch(text):
        raise RecordError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", (field.name,))
    if field.type == "picklist" and field.restricted and text not in field.picklist:
        raise RecordError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {text}",
            (field.name,),
        )
    return text


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return f"VALUE_{str(value).upper()} value {str(value).lower()}"
    return f"VALUE_STRING value {value}" if isinstance(value, str) else f"VALUE_NUMBER value {value}"


def _unreadable(field: Field, shown: str) -> Refusal:
    return Refusal(
        400,
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {field.type} from {shown} or request may be missing a required field at "
        "[line:1, column:1]",
    )


def _wrong_type(field: Field, value: Any) -> RecordError:
    return RecordError(
        "INVALID_TYPE_ON_FIELD_IN_RECORD", f"{field.label}: value not of required type: {value}", (field.name,)
    )
