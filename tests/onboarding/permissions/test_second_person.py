"""Who may confirm a request: another person, in time, once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from onboarding.acts import Act, is_asked
from onboarding.permissions.identity import Identity, KnownBy
from onboarding.permissions.second_person import NEEDED, VALID, Approval, ApprovalState

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REQUEST = Approval(
    id="3fa291bc",
    act=Act.STOP,
    onboarding_key=None,
    said="stop all sending",
    reason="wrong template",
    asked_by="jo@example.com",
    asked_known="Slack U1",
    asked_at=NOW,
    expires_at=NOW + VALID,
)


def person(name: str, known_by: KnownBy = KnownBy.SLACK) -> Identity:
    return Identity(name=name, known_by=known_by)


def test_every_act_has_its_permission() -> None:
    assert set(NEEDED) == set(Act)


@pytest.mark.parametrize("known_by", KnownBy)
@pytest.mark.parametrize("spelling", ["jo@example.com", "JO@Example.com"])
def test_who_asked_cannot_confirm_however_they_are_known(spelling: str, known_by: KnownBy) -> None:
    assert "a second person has to confirm it" in str(REQUEST.why_not(person(spelling, known_by), NOW))
    assert REQUEST.why_not(person("dana@example.com", known_by), NOW) is None


def test_it_expires() -> None:
    last = REQUEST.expires_at - timedelta(seconds=1)
    assert REQUEST.why_not(person("dana@example.com"), last) is None
    assert REQUEST.is_open(last)
    assert "expired at 2026-03-05 09:00Z; ask for it again" in str(
        REQUEST.why_not(person("dana@example.com"), REQUEST.expires_at)
    )
    assert not REQUEST.is_open(REQUEST.expires_at)


@pytest.mark.parametrize("state", [ApprovalState.DONE, ApprovalState.REFUSED])
def test_what_was_decided_stays_so(state: ApprovalState) -> None:
    decided = replace(REQUEST, state=state, decided_by="dana@example.com")
    for name in ("dana@example.com", "max@example.com"):
        assert f"was {state} already by dana@example.com" in str(decided.why_not(person(name), NOW))


def test_what_was_interrupted_goes_on_for_who_confirmed_it_until_it_expires() -> None:
    begun = replace(REQUEST, state=ApprovalState.CONFIRMED, decided_by="dana@example.com")
    assert begun.why_not(person("Dana@example.com"), NOW + VALID - timedelta(seconds=1)) is None
    assert "expired" in str(begun.why_not(person("dana@example.com"), NOW + VALID))
    assert begun.why_not(person("max@example.com"), NOW) is not None


def test_another_tier_is_asked_about_where_the_playbook_asks_for_an_act_on_one_onboarding() -> None:
    assert is_asked(Act.RETIER, (Act.RETIER,))
    assert is_asked(Act.RETIER, (Act.STOP, Act.SKIP_STAGE))
    assert not is_asked(Act.RETIER, (Act.STOP, Act.START, Act.FORGET))
    assert not is_asked(Act.RETIER, ())
    assert not is_asked(Act.CLOSE, (Act.RETIER,))
