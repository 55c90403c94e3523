"""The message on a request for a second person names a way to decide that its reader has."""

from datetime import UTC, datetime, timedelta

import pytest

from onboarding.acts import Act
from onboarding.effects.approval_note import approval_post
from onboarding.permissions.second_person import Approval

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ASKED = Approval(
    id="0123abcd",
    act=Act.STOP,
    onboarding_key=None,
    said="stop mail",
    reason="wrong template",
    asked_by="csm@vendor.example",
    asked_known="Slack",
    asked_at=NOW,
    expires_at=NOW + timedelta(hours=72),
)


@pytest.mark.parametrize(
    ("answers", "way", "other"), [(True, "/first90 confirm", "approvals"), (False, "first90 approvals confirm", "/")]
)
def test_where_slack_cannot_be_heard_the_command_line_is_named(answers: bool, way: str, other: str) -> None:
    post = approval_post(ASKED, NOW, answers=answers)
    assert f"{way} 0123abcd" in post.footer
    assert other not in post.footer
    assert (post.buttons is not None) is answers
