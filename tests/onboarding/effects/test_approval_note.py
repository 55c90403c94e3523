"""The message on a request for a second person names a way to decide that its reader has."""

import pytest

from onboarding.effects.approval_note import approval_post
from tests.onboarding.permissions.test_second_person import NOW, REQUEST


@pytest.mark.parametrize(
    ("answers", "way", "other"), [(True, "/first90 confirm", "approvals"), (False, "first90 approvals confirm", "/")]
)
def test_where_slack_cannot_be_heard_the_command_line_is_named(answers: bool, way: str, other: str) -> None:
    post = approval_post(REQUEST, NOW, answers=answers)
    assert f"{way} {REQUEST.id}" in post.footer
    assert other not in post.footer
    assert (post.buttons is not None) is answers
