"""Why the go-live is expected on its day, in the sentences that a customer reads."""

from dataclasses import replace

from onboarding.forecast.reasons import SLACK, Reason
from onboarding.model.vocabulary import CustomerRole, Side
from onboarding.plan_page.go_live import go_live
from tests.builders.tiers import MID
from tests.onboarding.plan_page.test_policy import page_of


def moved(roles: frozenset[CustomerRole], *reasons: Reason) -> list[str]:
    """Return the lines about what moved the day."""
    context = page_of(roles, MID)
    assert context.forecast is not None
    assert context.forecast.go_live is not None
    told = replace(
        context, forecast=replace(context.forecast, go_live=replace(context.forecast.go_live, reasons=reasons))
    )
    return [line for line in go_live(told).reasons if " later: " in line or " earlier: " in line]


def reason(days: int, milestone: str | None, title: str, side: Side | None) -> Reason:
    return Reason(days=days, milestone=milestone, title=title, side=side, text="")


OURS = (
    reason(15, "requirements_documented", "Document the requirements", Side.VENDOR),
    reason(-7, "validation_passed", "Validation passed", Side.VENDOR),
)
THEIRS = reason(2, "integrations_connected", "Connect the integrations", Side.CUSTOMER)


def test_work_that_the_reader_may_not_see_is_one_line_a_side() -> None:
    user = frozenset({CustomerRole.END_USER})
    assert moved(user, *OURS, THEIRS) == ["8 days later: work, ours.", "2 days later: work, yours."]
    made_up_for = reason(-8, "access_configured", "Configure access", Side.VENDOR)
    assert moved(user, *OURS, made_up_for, THEIRS) == ["2 days later: work, yours."], "it moved nothing in the end"


def test_work_that_the_reader_sees_is_named_the_largest_first() -> None:
    weekends = reason(1, None, SLACK, None)
    assert moved(frozenset({CustomerRole.CHAMPION}), weekends, THEIRS, *OURS) == [
        "15 days later: “Document the requirements”, ours.",
        "7 days earlier: “Validation passed”, ours.",
        "2 days later: “Connect the integrations”, yours.",
    ]


def test_the_day_of_the_plan_and_what_is_open_before_it_are_told_in_sentences() -> None:
    said = go_live(page_of(frozenset({CustomerRole.CHAMPION}), MID)).reasons
    assert said[0].startswith("The plan said ")
    assert [line.rpartition(":")[0] for line in said[-2:]] == ["Open before it, yours", "Open before it, ours"]
