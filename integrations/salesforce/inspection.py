"""The checks of an org for ``first90 check``: user, missing fields and rights, remaining calls. Changes nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.company.mapping import KEY, CrmMapping, Direction, WrittenField
from config.settings.salesforce_login import SalesforceCrm
from integrations.ports import Unreachable
from integrations.salesforce.api import soql
from integrations.salesforce.api.errors import RequestRefused
from integrations.salesforce.api.session import Session
from integrations.salesforce.rows import record_id
from integrations.salesforce.schema import MILESTONE, OURS, SOURCES, describe_objects, described, fields_of

INSTALL = "install the package in salesforce/ and give the user its permission set"


@dataclass(frozen=True, slots=True)
class Line:
    """The result of one check."""

    ok: bool
    said: str


def inspect(choice: SalesforceCrm, mapping: CrmMapping, session: Session | None = None) -> Iterator[Line]:
    """Yield one line for each check; a failed login ends them."""
    session = session or Session(choice)
    try:
        for part in (_who, _reading, _writing, _left):
            try:
                yield part(session, mapping)
            except (RequestRefused, Unreachable) as error:
                yield Line(False, str(error))
                if part is _who:
                    return
    finally:
        session.close()


def known_accounts(session: Session, ids: Collection[str]) -> frozenset[str]:
    """Return those of these accounts that the user sees, with 18 characters. Raise Refused."""

    def build(part: Sequence[str]) -> str:
        return soql.select(("Id",), "Account", soql.among("Id", part))

    return frozenset(record_id(row) for query in soql.in_parts(sorted(ids), build) for row in session.query_all(query))


def _who(session: Session, mapping: CrmMapping) -> Line:
    session.get("", where="login")  # allowed to every API user; /limits needs "View Setup and Configuration"
    user = "a user whose name it does not tell"
    try:
        told = session.get("/services/oauth2/userinfo", where="who we are").body
        user = str(told["preferred_username"])
    except (RequestRefused, KeyError, TypeError):
        pass  # a SOAP session, or an app without this right, is a valid login all the same
    return Line(True, f"logged in to {session.instance} as {user}, API {session.choice.api_version}")


def _reading(session: Session, mapping: CrmMapping) -> Line:
    shape = describe_objects(session, mapping, (*SOURCES, MILESTONE))
    without = [f"{one.source}.{one.field}" if one.field else one.source for one in shape.problems]
    missing = f"; done without {', '.join(without)}, which the org lacks or hides from this user" if without else ""
    return Line(True, f"reads {len(shape.fields)} objects{missing}")


def _writing(session: Session, mapping: CrmMapping) -> Line:
    wrong, without = [], []
    for name in OURS:
        shown = described(session, name)
        if shown is None:
            wrong.append(f"{name}, which is not there or hidden")
        elif not (shown.get("createable") and shown.get("updateable")):
            wrong.append(f"{name}, which this user may not create and edit")
        elif not fields_of(shown).get(KEY, {}).get("externalId"):
            wrong.append(f"{name}, because {KEY} is no external id there")
        else:
            without += [f"{name}.{field}" for field in _unwritable(fields_of(shown), mapping.written(name))]
    if wrong:
        return Line(False, f"cannot write {'; '.join(wrong)}: {INSTALL}")
    missing = f", without {', '.join(without)}, which this user may not write" if without else ""
    return Line(True, f"writes {' and '.join(OURS)}{missing}")


def _unwritable(shown: Mapping[str, Mapping[str, Any]], written: Mapping[str, WrittenField]) -> Sequence[str]:
    ours = [field.field or own for own, field in written.items() if field.direction is not Direction.THEIRS]
    return [own for own in ours if not (shown.get(own, {}).get("createable") or shown.get(own, {}).get("updateable"))]


def _left(session: Session, mapping: CrmMapping) -> Line:
    found = session.allowance
    if found is None:
        return Line(True, "the org does not tell how many calls are left")
    left = max(0, found.limit - found.used)
    slow = f"; below the floor of {found.floor} %, so changes are looked for less often" if found.is_low else ""
    return Line(not found.is_low, f"{left} of {found.limit} calls of the last 24 hours are left ({found.left} %){slow}")
