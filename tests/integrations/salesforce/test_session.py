"""Calls over real TLS: which are repeated, which never, and how often the session logs in."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from integrations import far_clocks
from integrations.salesforce.api.errors import RequestRefused
from integrations.salesforce.api.session import LOGIN_WINDOW, MOST_LOGINS, WAITS, Session
from tests.integrations.salesforce.conftest import OpenSession
from tests.salesforce_fixtures import Sandbox

ACCOUNTS = "SELECT Id, Name, SystemModstamp FROM Account ORDER BY SystemModstamp, Id"
ROWS = 12
ROW = {"allOrNone": False, "records": [{"attributes": {"type": "Onboarding__c"}, "First90_Key__c": "006A"}]}


@pytest.fixture
def accounts(sandbox: Sandbox) -> list[str]:
    """Twelve accounts of one second, in pages of five."""
    sandbox.at(datetime(2026, 3, 2, 9, tzinfo=UTC))
    sandbox.org.page_limit = 5
    return sorted(sandbox.others.create("Account", {"Name": f"Customer {number}"}) for number in range(ROWS))


def _ids(session: Session) -> list[str]:
    return [row["Id"] for row in session.query_all(ACCOUNTS)]


def test_more_rows_of_one_second_than_a_page_come_once_each(
    sandbox: Sandbox, open_session: OpenSession, accounts: list[str]
) -> None:
    assert _ids(open_session()) == accounts
    assert [call.kind for call in sandbox.calls.calls] == ["query", "query_more", "query_more"]


def test_each_answer_says_how_far_this_machines_clock_is_ahead(open_session: OpenSession, accounts: list[str]) -> None:
    assert _ids(open_session()) == accounts
    (one,) = far_clocks.heard().values()
    assert abs(one.ahead) < timedelta(seconds=5)


@pytest.mark.parametrize("page", [0, 1])
def test_a_session_that_ends_between_pages_is_renewed_once(
    sandbox: Sandbox, open_session: OpenSession, accounts: list[str], page: int
) -> None:
    sandbox.faults.add(lambda call: sandbox.org.sessions.end_all(), "query_more", skip=page)
    assert _ids(open_session("jwt")) == accounts
    assert sandbox.calls.logins() == 2


@pytest.mark.parametrize("also_the_session", [False, True])
def test_a_lost_place_in_the_pages_begins_the_query_anew_and_repeats_no_row(
    sandbox: Sandbox, open_session: OpenSession, accounts: list[str], also_the_session: bool
) -> None:
    def lose(_: object) -> None:
        sandbox.org.locators.lose()
        if also_the_session:
            sandbox.org.sessions.end_all()

    sandbox.faults.add(lose, "query_more", skip=1)
    assert _ids(open_session("jwt")) == accounts
    assert sandbox.calls.count("query") == 2


def test_a_place_that_is_lost_each_time_ends_in_an_error_and_no_loop(
    sandbox: Sandbox, open_session: OpenSession, accounts: list[str]
) -> None:
    sandbox.faults.refuse("INVALID_QUERY_LOCATOR", "query_more", times=None)
    with pytest.raises(RequestRefused, match="INVALID_QUERY_LOCATOR"):
        _ids(open_session())
    assert sandbox.calls.count("query") == 3


def test_a_given_session_that_ended_says_what_to_give_and_logs_in_nowhere(
    sandbox: Sandbox, open_session: OpenSession
) -> None:
    session = open_session("session")
    sandbox.org.sessions.end_all()
    with pytest.raises(RequestRefused, match=r"INVALID_SESSION_ID \(401\); give a new FIRST90_SALESFORCE_SESSION_ID"):
        session.get("limits")
    assert sandbox.calls.logins() == 0


def test_51_refused_sessions_never_make_51_logins(
    sandbox: Sandbox, open_session: OpenSession, proof: Callable[[str], None]
) -> None:
    sandbox.org.sessions.refuse_all = True
    session = open_session("jwt")
    for _ in range(51):
        with pytest.raises(RequestRefused, match="INVALID_SESSION_ID"):
            session.get("limits")
    assert sandbox.calls.logins() == MOST_LOGINS
    assert sandbox.calls.count() <= 2 * MOST_LOGINS
    proof(f"SESSIONS refused=51 logins={sandbox.calls.logins()} requests={sandbox.calls.count()}")


def test_sessions_that_end_after_every_call_are_renewed_a_few_times_and_then_left_alone(
    sandbox: Sandbox, open_session: OpenSession
) -> None:
    now = [1000.0]
    session = open_session("jwt", clock=lambda: now[0])
    for _ in range(MOST_LOGINS):
        assert session.get("limits").status == 200
        sandbox.org.sessions.end_all()
    with pytest.raises(RequestRefused, match="logins in 10 minutes did not last") as refused:
        session.get("limits")
    assert refused.value.retry_after
    assert sandbox.calls.logins() == MOST_LOGINS
    now[0] += LOGIN_WINDOW
    assert session.get("limits").status == 200
    assert sandbox.calls.logins() == MOST_LOGINS + 1


def test_threads_that_meet_an_ended_session_together_log_in_once(sandbox: Sandbox, open_session: OpenSession) -> None:
    session, ready = open_session("jwt"), Barrier(8)
    session.get("limits")
    sandbox.org.sessions.end_all()

    def ask(_: int) -> int:
        ready.wait()
        return session.get("limits").status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {200}
    assert sandbox.calls.logins() == 2


READS = [
    pytest.param(lambda faults, times: faults.refuse("SERVER_UNAVAILABLE", times=times), id="503 in JSON"),
    pytest.param(lambda faults, times: faults.refuse("QUERY_TIMEOUT", times=times), id="QUERY_TIMEOUT"),
    *(
        pytest.param(lambda faults, times, status=status: faults.outage(status, times=times), id=f"{status} in HTML")
        for status in (500, 502, 503, 504)
    ),
    pytest.param(lambda faults, times: faults.cut(times=times), id="cut before"),
    pytest.param(lambda faults, times: faults.cut(times=times, moment="after"), id="cut after"),
]


@pytest.mark.parametrize("trouble", READS)
def test_a_read_in_trouble_is_tried_three_times(
    sandbox: Sandbox, open_session: OpenSession, waits: list[float], trouble: Callable[..., None]
) -> None:
    trouble(sandbox.faults, 2)
    session = open_session()
    assert session.get("limits").status == 200
    assert waits == list(WAITS)
    trouble(sandbox.faults, 3)
    with pytest.raises(RequestRefused) as refused:
        session.get("limits")
    assert refused.value.kind in ("transient", "doubt")


WRITES = [
    pytest.param(lambda faults: faults.refuse("SERVER_UNAVAILABLE"), "transient", id="503 in JSON"),
    pytest.param(lambda faults: faults.refuse("UNABLE_TO_LOCK_ROW"), "transient", id="locked row"),
    pytest.param(lambda faults: faults.refuse("REQUEST_LIMIT_EXCEEDED"), "limits", id="limits"),
    pytest.param(lambda faults: faults.outage(503), "transient", id="503 in HTML"),
    *(
        pytest.param(lambda faults, status=status: faults.outage(status), "doubt", id=f"{status} in HTML")
        for status in (500, 502, 504)
    ),
    pytest.param(lambda faults: faults.cut(), "doubt", id="cut before"),
    pytest.param(lambda faults: faults.cut(moment="after"), "doubt", id="cut after"),
]


@pytest.mark.parametrize(("trouble", "kind"), WRITES)
def test_a_write_in_trouble_is_never_repeated_by_itself(
    sandbox: Sandbox, open_session: OpenSession, waits: list[float], trouble: Callable[..., None], kind: str
) -> None:
    trouble(sandbox.faults)
    with pytest.raises(RequestRefused) as refused:
        open_session().patch("composite/sobjects/Onboarding__c/First90_Key__c", ROW)
    assert refused.value.kind == kind
    assert (sandbox.calls.count(), waits) == (1, [])


def test_the_allowance_used_up_is_not_asked_again_and_again(
    sandbox: Sandbox, open_session: OpenSession, waits: list[float]
) -> None:
    sandbox.faults.refuse("REQUEST_LIMIT_EXCEEDED", times=None)
    with pytest.raises(RequestRefused, match=r"REQUEST_LIMIT_EXCEEDED \(403\)") as refused:
        open_session().get("limits")
    assert (refused.value.kind, refused.value.retry_after, waits) == ("limits", 900.0, [])
    assert sandbox.calls.count() == 1


def test_a_server_that_does_not_answer_is_left_after_the_time_out(sandbox: Sandbox, open_session: OpenSession) -> None:
    sandbox.faults.slow(30, times=None)
    session = open_session(timeouts=(5.0, 0.2))
    with pytest.raises(RequestRefused, match="ReadTimeout") as refused:
        session.patch("sobjects/Account/001000000000001", {})
    assert refused.value.kind == "doubt"
    assert sandbox.calls.count() == 1
    with pytest.raises(RequestRefused, match="ReadTimeout"):
        session.get("limits")
    assert sandbox.calls.count() == 4


def test_an_answer_that_is_no_salesforce_is_no_answer(sandbox: Sandbox, open_session: OpenSession) -> None:
    sandbox.faults.outage(200, times=3)
    with pytest.raises(RequestRefused, match=r"UNREADABLE_ANSWER \(200\)"):
        open_session().get("limits")


def test_an_untrusted_certificate_gets_no_token(
    sandbox: Sandbox, open_session: OpenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RequestRefused, match="SSLError") as refused:
        open_session().get("limits")
    assert refused.value.kind == "transient"
    assert sandbox.calls.calls == []
    monkeypatch.setenv("SSL_CERT_FILE", str(sandbox.ca_file))
    assert open_session().get("limits").status == 200


def test_every_answer_tells_what_is_left_of_the_allowance(sandbox: Sandbox, open_session: OpenSession) -> None:
    sandbox.org.allowance, sandbox.org.used = 1000, 790
    session = open_session(choice={"api_floor": 20})
    assert session.allowance is None
    session.get("limits")
    assert session.allowance is not None
    assert (session.allowance.used, session.allowance.limit, session.allowance.is_low) == (791, 1000, False)
    sandbox.org.used = 900
    with pytest.raises(RequestRefused, match="MALFORMED_QUERY"):
        list(session.query_all("SELECT"))
    assert session.allowance.is_low


def test_a_refused_query_names_the_field_and_not_what_was_asked_for(
    sandbox: Sandbox, open_session: OpenSession
) -> None:
    with pytest.raises(RequestRefused) as refused:
        list(open_session().query_all("SELECT Id, Nickname__c FROM Contact WHERE LastName = 'Müller'"))
    assert refused.value.fields == ("Contact.Nickname__c",)
    assert str(refused.value) == "Salesforce, query Contact: INVALID_FIELD (400), field Contact.Nickname__c"


def test_a_token_never_leaves_in_the_clear_nor_by_a_redirect(open_session: OpenSession) -> None:
    session = open_session()
    with pytest.raises(Exception, match="https alone"):
        session._http.get("http://localhost:9/")
    assert session._http.max_redirects == 0


@pytest.fixture(autouse=True)
def _no_waiting_for_slow_answers(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.faults.clear()


def test_a_locator_lives_as_long_as_the_org_keeps_it(
    sandbox: Sandbox, open_session: OpenSession, accounts: list[str]
) -> None:
    rows = open_session().query_all(ACCOUNTS)
    assert next(rows)["Id"] == accounts[0]
    sandbox.later(timedelta(minutes=20))
    assert [row["Id"] for row in rows] == accounts[1:]
