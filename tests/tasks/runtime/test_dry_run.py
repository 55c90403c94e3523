"""A dry run lists what would be sent and planned, by account and step, and reports nothing as sent."""

import logging

import pytest

from config.settings.load import load_settings
from flows.cycle import Cycle, run_cycle
from onboarding.model.vocabulary import Channel
from tasks.runtime.context import open_run_context
from tasks.runtime.dry_run import rehearsed
from tests.tasks.conftest import Office, moment

MONDAY = "2026-03-02T10:00"


def test_what_would_leave_now_goes_before_what_would_be_planned(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.customer()
    office.write()
    caplog.set_level(logging.INFO, logger="tasks.delivery.channel_run")
    # Prefect, which a cycle imports, replaces the handlers of the root logger.
    logging.getLogger("tasks.delivery.channel_run").addHandler(caplog.handler)
    with open_run_context(load_settings(), dry=True) as context:
        run_cycle(context, Cycle(as_of=moment(MONDAY), plain=True), lambda _: None)
        found = rehearsed(context, moment(MONDAY))
    logging.getLogger("tasks.delivery.channel_run").removeHandler(caplog.handler)
    mails = [(one.step, one.account, one.role, one.now) for one in found if one.channel is Channel.MAIL]
    assert ("welcome", "Customer 1", "champion", True) in mails
    assert [one.now for one in found] == sorted((one.now for one in found), reverse=True)
    said = [record.getMessage() for record in caplog.records if record.getMessage().startswith("effect ")]
    assert said
    assert all(line.endswith(": dry run, would be sent") for line in said)


def test_a_real_run_has_no_rehearsal(office: Office) -> None:
    office.customer()
    office.run(MONDAY)
    with office.context() as context:
        assert rehearsed(context, moment(MONDAY)) == ()
