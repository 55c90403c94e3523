"""Why an onboarding needs a person: from its summary, and never where it is over."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as some

from onboarding.board.portfolio import Attention, attentions
from onboarding.health.summary import Summary
from onboarding.model.vocabulary import LIVE, Status
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.playbook import build_playbook

CALM = replace(review(CASE, build_playbook(), SIGNED).summary, stalled_since=None, stall_severity=None, unheld_roles=())
SUMMARIES = some.builds(
    lambda **more: replace(CALM, **more),
    status=some.sampled_from(Status),
    stalled_since=some.sampled_from([None, SIGNED]),
    stall_severity=some.sampled_from([None, "warning", "critical"]),
    blocked=some.sampled_from([None, "which deal it is"]),
    unheld_roles=some.sampled_from([(), ("vendor:implementation_engineer",)]),
)


@given(SUMMARIES)
def test_what_is_over_needs_no_person_and_what_is_live_needs_one_for_each_reason(one: Summary) -> None:
    holds = {
        Attention.STALLED: one.stalled_since is not None,
        Attention.CRITICAL: one.stall_severity == "critical",
        Attention.DECISION: one.blocked is not None,
        Attention.HELD: one.status is Status.ON_HOLD,
        Attention.ROLE: bool(one.unheld_roles),
    }
    assert attentions(one) == tuple(why for why in Attention if holds[why] and one.status in LIVE)
