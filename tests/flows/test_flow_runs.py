"""Each flow as a real run on a real Prefect server: of two runs the second does nothing, and both report."""

import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect import Flow
from prefect.artifacts import Artifact
from prefect.client.orchestration import get_client
from prefect.client.orchestration._flow_runs.client import FlowRunClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import State
from prefect.exceptions import MissingResult

from config.settings.load import load_settings
from database.onboardings.overview import status_lines
from database.opening import open_database
from flows.cycle import Cycle, run_cycle
from flows.deliver import deliver
from flows.escalate_stalled import escalate_stalled
from flows.onboard_account import onboard_account
from flows.onboard_accounts import onboard_accounts
from flows.options import DeliveryOptions, FlowOptions, NamedAccounts, Reporting
from flows.report_metrics import report_metrics
from flows.reports import FlowReport
from flows.send_check_ins import send_check_ins
from flows.sync_crm import sync_crm
from onboarding.model.vocabulary import Channel
from tasks.runtime.context import open_run_context

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("prefect_api")]

ACCOUNT = "Kampong Glam Books Pte. Ltd."
FRESH = "Nordlicht Optik GmbH"
INTAKE = ["take-in-deals", "take-in-signals"]
STAGES = ["1-handoff", "2-kickoff", "3-setup", "4-training", "5-first-value"]
DELIVERY = ["deliver-mail", "deliver-slack", "deliver-crm"]
SWEEPS: list[tuple[Flow[Any, Any], type[FlowOptions], list[str]]] = [
    (onboard_accounts, FlowOptions, [*INTAKE, *STAGES, *DELIVERY]),
    (send_check_ins, FlowOptions, ["check-ins", "deliver-mail", "deliver-slack"]),
    (escalate_stalled, FlowOptions, ["stalls", "digests", "deliver-slack"]),
    (deliver, DeliveryOptions, DELIVERY),
    (report_metrics, Reporting, ["weekly-report", "deliver-mail", "deliver-slack"]),
    (sync_crm, FlowOptions, ["take-back-milestones", "deliver-crm"]),
]
"""Each sweep, its parameters, and the names of its task runs, whatever the number of accounts."""


def run(flow: Flow[Any, Any], options: FlowOptions) -> tuple[State[Any], FlowReport]:
    state: Any = flow(options, return_state=True)
    report = state.result(raise_on_failure=False)
    assert isinstance(report, FlowReport), report
    return state, report


def did_nothing(report: FlowReport) -> bool:
    carried = [part.sent + part.failed + part.unknown for part in report.deliveries]
    learned = [part.opened + part.adopted + part.extended for part in [report.intake] if part]
    return not any([*carried, *learned, *(part.planned + part.left for part in report.reviews)])


def task_runs_of(state: State[Any], expected: int) -> list[str]:
    """Return the names of a flow run's task runs, which reach the server as events, a little later."""
    flow_run_id = state.state_details.flow_run_id
    assert isinstance(flow_run_id, UUID)
    only = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
    found = 0
    with get_client(sync_client=True) as client:
        for _ in range(600):
            found = len(client.read_task_runs(flow_run_filter=only))
            if found >= expected:
                break
            time.sleep(0.1)
        time.sleep(0.3)
        return sorted(found.name for found in client.read_task_runs(flow_run_filter=only))


def log_of(state: State[Any], until: str) -> str:
    """Return the log of a run as Prefect shows it; it reaches the server a little later."""
    flow_run_id = state.state_details.flow_run_id
    only = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run_id]))
    with get_client(sync_client=True) as client:
        for _ in range(600):
            text = "\n".join(line.message for line in client.read_logs(log_filter=only, limit=200))
            if until in text:
                return text
            time.sleep(0.1)
    raise AssertionError(f"{until!r} is not in the log: {text}")


def name_of(state: State[Any]) -> str:
    with get_client(sync_client=True) as client:
        assert state.state_details.flow_run_id is not None
        return client.read_flow_run(state.state_details.flow_run_id).name


@pytest.mark.parametrize(("flow", "form", "tasks"), SWEEPS, ids=lambda value: getattr(value, "name", ""))
def test_a_second_run_does_nothing(
    flow: Flow[Any, Any], form: type[FlowOptions], tasks: list[str], sample_moment: datetime
) -> None:
    if flow is not onboard_accounts:
        run(onboard_accounts, FlowOptions(as_of=sample_moment))
    later = sample_moment + timedelta(hours=1)
    first, _ = run(flow, form(as_of=later))
    second, again = run(flow, form(as_of=later))
    assert first.is_completed()
    assert second.is_completed()
    assert did_nothing(again)
    assert task_runs_of(second, len(tasks)) == sorted(tasks)


def test_a_run_takes_as_many_task_runs_for_one_account_as_for_all(sample_moment: datetime) -> None:
    everything, all_of_them = run(onboard_accounts, FlowOptions(as_of=sample_moment))
    one, _ = run(onboard_accounts, FlowOptions(as_of=sample_moment + timedelta(days=1), accounts=(ACCOUNT,)))
    assert all_of_them.intake is not None
    assert all_of_them.intake.seen >= 24
    assert task_runs_of(everything, 10) == task_runs_of(one, 10) == sorted([*INTAKE, *STAGES, *DELIVERY])


def test_records_set_aside_complete_the_run_under_a_name_that_says_so(sample_moment: datetime) -> None:
    state, report = run(onboard_accounts, FlowOptions(as_of=sample_moment))
    assert state.is_completed()
    assert state.name == f"Completed, {len(report.set_aside)} set aside"
    assert len(report.set_aside) >= 1


def test_a_crm_that_cannot_be_read_fails_the_run_after_the_rest_was_done(
    home: Path, sample_moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST90_CRM", f"csv:{home / 'crm'}")
    run(onboard_accounts, FlowOptions(as_of=sample_moment))
    (home / "crm" / "Opportunity.csv").unlink()
    state, report = run(onboard_accounts, FlowOptions(as_of=sample_moment + timedelta(days=1)))
    assert state.is_failed()
    assert str(state.name).startswith("Failed, ")
    assert "Opportunity.csv" in " ".join(failure.error for failure in report.failures)
    assert sum(part.reviewed for part in report.reviews) > 0
    assert sum(part.sent for part in report.deliveries) > 0


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (lambda moment: FlowOptions(as_of=moment), r"deliver \d{4}-\d\d-\d\d 09:30Z"),
        (lambda moment: FlowOptions(as_of=moment, accounts=(ACCOUNT,)), rf"deliver .*Z, {ACCOUNT}"),
        (lambda moment: FlowOptions(as_of=moment, accounts=(ACCOUNT, ACCOUNT)), r"deliver .*Z, 2 accounts"),
        (lambda moment: FlowOptions(as_of=moment, dry_run=True), r"deliver .*Z, dry run"),
    ],
)
def test_a_run_is_named_by_when_and_what(
    options: Callable[[datetime], FlowOptions], name: str, sample_moment: datetime
) -> None:
    asked = DeliveryOptions(**options(sample_moment).model_dump())
    assert re.fullmatch(name, name_of(run(deliver, asked)[0]))


def test_every_flow_leaves_a_page_for_people_without_their_addresses(sample_moment: datetime) -> None:
    run(onboard_accounts, FlowOptions(as_of=sample_moment))
    for flow, form, _ in SWEEPS:
        run(flow, form(as_of=sample_moment + timedelta(days=2)))
        page = Artifact.get(key=flow.name)
        assert page is not None
        text = str(page.data)
        assert text.startswith(f"# {flow.name}: Completed")
        assert "As of " in text
        assert "@" not in text
    onboarding = Artifact.get(key="onboard-accounts")
    assert onboarding is not None
    assert "## Set aside until corrected" in str(onboarding.data)


def test_a_dry_run_decides_and_writes_nothing(home: Path, sample_moment: datetime) -> None:
    state, report = run(onboard_accounts, FlowOptions(as_of=sample_moment, dry_run=True))
    assert state.is_completed()
    assert report.dry_run
    assert sum(part.sent for part in report.deliveries) > 0
    assert {path.name for path in home.iterdir()} == {"crm"}
    assert not (home / "crm" / "Onboarding__c.csv").exists()


def test_a_run_by_hand_is_a_dry_run_that_shows_what_would_be_sent_to_whom(home: Path, sample_moment: datetime) -> None:
    asked: dict[str, Any] = {"accounts": (FRESH,), "reason": "they asked", "actor": "jo@example.com"}
    state, report = run(onboard_account, NamedAccounts(**asked, as_of=sample_moment))
    would = [(one.step, one.now) for one in report.rehearsed if one.channel is Channel.MAIL]
    assert ("welcome", True) in would
    now = Counter(one.channel is Channel.CRM for one in report.rehearsed if one.now)
    assert str(state.name).startswith(f"Dry run, {now[False]} messages and {now[True]} CRM rows would be sent")
    assert name_of(state).endswith("dry run")
    assert {path.name for path in home.iterdir()} == {"crm"}
    page = Artifact.get(key="onboard-account")
    assert page is not None
    told, logged = str(page.data), log_of(state, "dry run: would be")
    assert f"| {FRESH} | welcome | mail to the champion |" in told
    assert f"would be sent now: mail welcome to the champion of {FRESH}" in logged
    assert "nothing was written or sent" in told
    for text in (told, logged, str(state.message), str(state.name)):
        assert "@" not in text
        for sentence in re.findall(r"[^.\n|]*\bsent\b[^.\n|]*", text, flags=re.IGNORECASE):
            assert "would be" in sentence.lower() or "nothing was" in sentence, f"says {sentence!r} of what was not"


def test_a_run_by_hand_serves_the_named_account_and_no_other(home: Path, sample_moment: datetime) -> None:
    asked: dict[str, Any] = {"accounts": (ACCOUNT,), "reason": "they asked", "actor": "jo@example.com"}
    options = NamedAccounts(**asked, as_of=sample_moment, dry_run=False)
    state, report = run(onboard_account, options)
    assert state.is_completed()
    assert report.intake is not None
    assert report.intake.opened + report.intake.adopted == 1
    with open_database(load_settings().database_url, create=False).reading() as conn:
        assert [line["account_name"] for line in status_lines(conn)] == [ACCOUNT]
    assert did_nothing(run(onboard_account, options)[1])
    assert task_runs_of(state, 12) == sorted([*INTAKE, *STAGES, "check-ins", "stalls", *DELIVERY])


def test_a_report_is_not_lost_with_the_reply_to_the_last_state(
    sample_moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prefect's client sends the state again, and the server answers with the one it has, which has no data."""
    usual, repeated = FlowRunClient.request, []

    def without_first_reply(self: FlowRunClient, method: Any, path: Any, *args: Any, **given: Any) -> Any:
        reply = usual(self, method, path, *args, **given)
        if path == "/flow_runs/{id}/set_state" and reply.json()["state"]["type"] == "COMPLETED":
            reply = usual(self, method, path, *args, **given)
            repeated.append(reply.json()["status"])
        return reply

    monkeypatch.setattr(FlowRunClient, "request", without_first_reply)
    state: Any = onboard_accounts(FlowOptions(as_of=sample_moment), return_state=True)
    assert repeated == ["REJECT"]
    with pytest.raises(MissingResult):
        state.result()
    with open_run_context(load_settings()) as context:
        found = run_cycle(context, Cycle(as_of=sample_moment + timedelta(hours=1)), lambda _: None)
    assert [one.crashed for one in found.flows] == [None] * 5
    assert len(repeated) == 6
