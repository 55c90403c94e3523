"""Agreed calls and the versions of their invitations."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from onboarding.facts.fold import fold_facts
from onboarding.facts.meetings import Version, read_version
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_fact
from tests.builders.playbook import build_playbook


@pytest.mark.parametrize("name", ["kickoff_scheduled", "check_in_30"])
def test_the_version_of_an_invitation_names_the_time_that_was_agreed_whatever_its_fractions(name: str) -> None:
    told = datetime(2026, 4, 1, 9, 30, 15, 123456, tzinfo=UTC)
    case = replace(CASE, facts=(build_fact("meeting", name, value={"meeting_at": told.isoformat()}),))
    state = fold_facts(case, build_playbook(), SIGNED + timedelta(days=1))
    (meeting,) = state.meetings.values()
    assert read_version(str(Version(number=1, at=meeting.at))) == Version(number=1, at=meeting.at)
