"""The errors of the sandbox, with Salesforce's codes and wording."""

from typing import Any


class Refusal(Exception):
    """The refusal of a whole call, with Salesforce's HTTP status, code and message."""

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields

    def body(self) -> list[dict[str, Any]]:
        """Return the JSON array of a REST error."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = list(self.fields)
        return [error]


class RecordError(Exception):
    """The error of one record that cannot be written: it refuses a single call, but only its record in a collection."""

    def __init__(self, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code, self.message, self.fields = code, message, fields

    def body(self) -> dict[str, Any]:
        """Return the error as in a collection's result."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}

    def refusal(self) -> Refusal:
        """Return the refusal of a call about this one record."""
        status = 404 if self.code in ("NOT_FOUND", "ENTITY_IS_DELETED") else 400
        return Refusal(status, self.code, self.message, self.fields)


def not_found(message: str = "The requested resource does not exist") -> Refusal:
    """Return the refusal for an unknown path, object or record."""
    return Refusal(404, "NOT_FOUND", message)


def no_column_written(name: str, sobject: str) -> Refusal:
    """Return the refusal for a written field that the object lacks or the user may not see: both have one message."""
    return Refusal(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}")


def in_query(code: str, soql: str, at: int, message: str) -> Refusal:
    """Return the refusal of a query, with the line that shows the place of the error."""
    before = soql[max(0, at - 40) : at]
    line = " ".join((before + soql[at : at + 30]).split())
    row = soql.count("\n", 0, at) + 1
    column = at - (soql.rfind("\n", 0, at) + 1) + 1
    mark = " " * len(" ".join(before.split()) + (" " if before.endswith(" ") else "")) + "^"
    return Refusal(400, code, f"\n{line}\n{mark}\nERROR at Row:{row}:Column:{column}\n{message}")


def no_column(name: str, sobject: str, soql: str, at: int) -> Refusal:
    """Return the refusal for a queried field that the object lacks or the user may not see."""
    return in_query(
        "INVALID_FIELD",
        soql,
        at,
        f"No such column '{name}' on entity '{sobject}'. If you are attempting to use a custom field, be sure to "
        "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
        "appropriate names.",
    )


def no_object(name: str, soql: str, at: int) -> Refusal:
    """Return the refusal for a queried object that the org lacks or the user may not see."""
    return in_query(
        "INVALID_TYPE",
        soql,
        at,
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append "
        "the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
    )


def unknown_here(what: str) -> Refusal:
    """Return the refusal for what Salesforce supports and the sandbox does not."""
    return Refusal(501, "SANDBOX_DOES_NOT_KNOW", f"the first90 sandbox does not know {what}; Salesforce may")
