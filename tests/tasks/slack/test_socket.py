"""A form over a real WebSocket: opened at once, refused in the acknowledgement, carried out once."""

import pytest
from pydantic import SecretStr

from integrations.slack.socket_mode import listening
from tasks.slack.receiving import SlackReceiver
from tests.integrations.slack.exchange import exchange
from tests.integrations.slack.far_slack import APP_TOKEN
from tests.tasks.slack.conftest import CLEO, Floor


@pytest.mark.slow
def test_a_form_over_socket_mode(floor: Floor) -> None:
    slack = floor.slack
    with floor.office.context() as context, exchange(slack) as there:
        receiver = SlackReceiver(context)
        with listening(SecretStr(APP_TOKEN), slack.api_url, receiver):
            there.until(lambda: bool(there.lines))
            there.send("e1", floor.pressed("form.resolve"))
            while not (slack.views and slack.modal.fields):
                floor.slack.release.wait(0.01)
            view = slack.modal
            there.send("e2", slack.submit(view, reason="-"))
            there.until(lambda: "e2" in there.told)
            assert list(slack.replied(view, there.told["e2"])) == ["reason"]
            sent = slack.submit(view, reason="Booked by phone")
            there.send("e3", sent)
            there.until(lambda: "e3" in there.told)
            there.send("e4", sent)
            there.until(lambda: "e4" in there.told)
    assert len(floor.journal("resolve")) == 1
    assert [line["by"] for line in floor.journal("resolve")] == [CLEO]


def test_a_command_and_the_home_over_socket_mode(floor: Floor) -> None:
    slack = floor.slack
    with floor.office.context() as context, exchange(slack) as there:
        receiver = SlackReceiver(context)
        with listening(SecretStr(APP_TOKEN), slack.api_url, receiver):
            there.until(lambda: bool(there.lines))
            there.send("e1", slack.command(floor.people[CLEO], "find customer"), kind="slash_commands")
            there.send("e2", slack.home_opened(floor.people[CLEO]), kind="events_api")
            there.until(lambda: there.told.keys() == {"e1", "e2"})
    assert "Customer 1 (Kickoff, csm@vendor.example)" in slack.said[0]
    assert "*Customer 1*" in slack.homes[floor.people[CLEO]].text
