"""``check`` of an org: one line for each check, everything missing is named, nothing is changed."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from config.company.mapping import CrmMapping
from config.settings.salesforce_login import PasswordLogin
from integrations.salesforce.inspection import Line, inspect
from tests.integrations.salesforce.conftest import OpenSession
from tests.salesforce_fixtures import Sandbox


def _lines(sandbox: Sandbox, open_session: OpenSession, mapping: CrmMapping) -> list[Line]:
    session = open_session("jwt")
    return list(inspect(session.choice, mapping, session))


def test_an_org_with_the_package_is_well_and_is_left_as_it_was(
    sandbox: Sandbox, open_session: OpenSession, mapping: CrmMapping
) -> None:
    who, reads, writes, left = _lines(sandbox, open_session, mapping)
    host = sandbox.url.removeprefix("https://")
    assert who == Line(True, f"logged in to {host} as {sandbox.org.secrets.username}, API 62.0")
    assert reads == Line(True, "reads 8 objects")
    assert writes == Line(True, "writes Onboarding__c and Onboarding_Milestone__c")
    assert left.ok
    assert f"of {sandbox.org.allowance} calls" in left.said
    assert {call.method for call in sandbox.calls.calls if call.kind != "login"} == {"GET"}


def test_missing_fields_objects_and_rights_are_named(
    sandbox: Sandbox, open_session: OpenSession, mapping: CrmMapping
) -> None:
    sandbox.org.rights.hidden |= {"Opportunity.First90_Goals__c", "Contact.HasOptedOutOfEmail"}
    sandbox.org.rights.read_only |= {"Onboarding__c.Stage__c"}
    _, reads, writes, _ = _lines(sandbox, open_session, mapping)
    assert reads.ok
    for name in ("Opportunity.First90_Goals__c", "Contact.HasOptedOutOfEmail"):
        assert name in reads.said
    assert writes.ok
    assert "without Onboarding__c.Stage__c, which this user may not write" in writes.said
    sandbox.org.rights.missing.add("Onboarding_Milestone__c")
    _, reads, writes, _ = _lines(sandbox, open_session, mapping)
    assert "Onboarding_Milestone__c" in reads.said
    assert not writes.ok
    assert "cannot write Onboarding_Milestone__c, which is not there or hidden: install the package" in writes.said


@pytest.mark.parametrize("right", ["create", "edit"])
def test_an_object_that_may_not_be_written_is_an_error(
    sandbox: Sandbox, open_session: OpenSession, mapping: CrmMapping, right: str
) -> None:
    given = sandbox.org.rights.permissions
    objects = dict(given.objects) | {"Onboarding__c": given.objects["Onboarding__c"] - {right}}
    sandbox.org.rights.permissions = replace(given, objects=objects)
    writes = _lines(sandbox, open_session, mapping)[2]
    assert not writes.ok
    assert "Onboarding__c, which this user may not create and edit" in writes.said


def test_what_nothing_can_be_read_without_is_an_error(
    sandbox: Sandbox, open_session: OpenSession, mapping: CrmMapping
) -> None:
    sandbox.org.rights.hidden.add("Contact.Email")
    _, reads, _, _ = _lines(sandbox, open_session, mapping)
    assert reads == Line(False, "Salesforce shows this user no Contact.Email: give the user the right to read it")


@pytest.mark.parametrize(("used", "ok"), [(79_000, True), (85_000, False), (200_000, False)])
def test_the_allowance_is_held_against_the_floor(
    sandbox: Sandbox, open_session: OpenSession, mapping: CrmMapping, used: int, ok: bool
) -> None:
    sandbox.org.used = used
    session = open_session("jwt", choice={"api_floor": 20})
    assert list(inspect(session.choice, mapping, session))[-1].ok is ok


def test_a_wrong_secret_is_one_line_and_nothing_else(
    sandbox: Sandbox, open_session: OpenSession, mapping: CrmMapping
) -> None:
    login = sandbox.login("password")
    assert isinstance(login, PasswordLogin)
    session = open_session(choice={"login": replace(login, password=SecretStr("canary4711"))})
    [line] = inspect(session.choice, mapping, session)
    assert not line.ok
    assert line.said.startswith("Salesforce, login: INVALID_LOGIN")
    assert "canary4711" not in line.said
    assert sandbox.calls.logins() == 1


def test_who_may_not_ask_who_he_is_is_logged_in_all_the_same(
    sandbox: Sandbox, open_session: OpenSession, mapping: CrmMapping
) -> None:
    sandbox.faults.refuse("NOT_FOUND", "userinfo", times=None)
    who = _lines(sandbox, open_session, mapping)[0]
    assert who.ok
    assert "a user whose name it does not tell" in who.said


def test_least_rights_are_enough_to_check(sandbox: Sandbox, open_session: OpenSession, mapping: CrmMapping) -> None:
    """``/limits`` needs "View Setup and Configuration", which the package's permission set does not give."""
    sandbox.faults.refuse("INSUFFICIENT_ACCESS", "limits", status=403, times=None)
    lines = _lines(sandbox, open_session, mapping)
    assert [line.ok for line in lines] == [True] * 4
    assert f"of {sandbox.org.allowance} calls" in lines[-1].said
