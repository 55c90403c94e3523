"""Queries: a record is found by the query for its values, whatever they are, and nothing else is."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.salesforce.api import soql
from integrations.salesforce.api.errors import RequestRefused
from onboarding.model.identity import salesforce_id
from tests.examples import examples
from tests.integrations.salesforce.conftest import OpenSession
from tests.salesforce_fixtures import Sandbox

NASTY = [
    "O'Brien",
    'Say "hi"',
    "back\\slash",
    "100%_sure",
    "a\nb",
    "tab\there",
    "' OR Name != '",
    "Ünïcödé 東京 👩‍💻",
    "{0}",
]
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(names, st.sampled_from(NASTY)), min_size=1, max_size=6))
def test_any_name_finds_its_record_and_no_other(sandbox: Sandbox, open_session: OpenSession, found: list[str]) -> None:
    ids = {sandbox.others.create("Account", {"Name": name}): name for name in found}
    session = open_session()
    try:
        for record, name in ids.items():
            rows = session.query_all(soql.select(("Id", "Name"), "Account", soql.equals("Name", name)))
            by_name = {row["Id"]: row["Name"] for row in rows}
            assert by_name[record] == name
            assert {other.casefold() for other in by_name.values()} == {name.casefold()}
        rows = session.query_all(soql.select(("Id",), "Account", soql.among("Name", found)))
        assert {row["Id"] for row in rows} >= set(ids)
    finally:
        session.close()


@pytest.mark.parametrize("length", [15, 18])
def test_an_id_of_15_characters_is_the_record_of_18(sandbox: Sandbox, open_session: OpenSession, length: int) -> None:
    record = sandbox.others.create("Account", {"Name": "One"})
    sandbox.others.create("Account", {"Name": "Other"})
    query = soql.select(("Id",), "Account", soql.among("Id", [record[:length]]))
    assert [salesforce_id(row["Id"]) for row in open_session().query_all(query)] == [record]


@pytest.mark.parametrize(
    "name", ["Na me", "Name; DROP", "Name'", "1Name", "", "Name)", "A.B.C.D.E.F", "Näme", "N" * 81]
)
def test_what_is_no_api_name_never_enters_a_query(name: str) -> None:
    for build in (
        lambda: soql.select((name,), "Account"),
        lambda: soql.select(("Id",), name),
        lambda: soql.equals(name, "x"),
        lambda: soql.among(name, ["x"]),
        lambda: soql.since(name, datetime(2026, 3, 2, tzinfo=UTC)),
        lambda: soql.from_day(name, date(2026, 3, 2)),
        lambda: soql.within(name, "SELECT Id FROM Account"),
    ):
        with pytest.raises(ValueError, match="no API name"):
            build()


@pytest.mark.parametrize("count", [1, 400, 401, 3000])
def test_a_list_of_any_length_fits_into_addresses(sandbox: Sandbox, open_session: OpenSession, count: int) -> None:
    ids = [sandbox.others.create("Contact", {"LastName": f"Person {number}"}) for number in range(count)]
    wide = tuple(f"Mailing{part}" for part in ("Street", "City", "PostalCode", "State", "StateCode", "Country"))

    def build(part: object) -> str:
        return soql.select(("Id", *wide), "Contact", soql.among("Id", part))  # type: ignore[arg-type]

    session = open_session()
    found = [row["Id"] for query in soql.in_parts(ids, build) for row in session.query_all(query)]
    assert sorted(found) == sorted(ids)
    assert sandbox.calls.count() == -(-count // soql.MOST_IDS)


def test_a_list_of_long_keys_is_cut_by_its_bytes(sandbox: Sandbox, open_session: OpenSession) -> None:
    keys = [f"{'ключ' * 50}{number}" for number in range(200)]
    session = open_session()

    def build(part: object) -> str:
        return soql.select(("Id",), "Onboarding__c", soql.among("First90_Key__c", part))  # type: ignore[arg-type]

    assert [list(session.query_all(query)) for query in soql.in_parts(keys, build)]
    with pytest.raises(RequestRefused, match=r"HTTP_414|\(414\)|\(431\)"):
        list(session.query_all(build(keys)))
