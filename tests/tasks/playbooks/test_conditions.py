"""What conditions of a playbook mean for what people record."""

from datetime import UTC, datetime

import pytest

from tasks.commands.facts import record_meeting
from tasks.runtime.refusals import Refused


@pytest.mark.slow
def test_a_call_that_is_not_for_the_account_cannot_be_agreed_and_the_reason_is_told(office, playbooks):
    head = "  - name: check_in_7_call\n"
    conditional = playbooks(lambda text: text.replace(head, f"{head}    when: {{products: [Analytics]}}\n"))
    office.setenv("FIRST90_PLAYBOOKS", str(conditional))
    office.customer()
    office.run()
    told = (
        "nobody would be invited to the call check_in_7: it is not for this account: its products contain no Analytics"
    )
    at = datetime(2026, 3, 12, 9, tzinfo=UTC)
    with pytest.raises(Refused, match=told):
        office.report(record_meeting, "check_in_7", at)
    assert office.report(record_meeting, "check_in_30", at).startswith("Check-in agreed for")
