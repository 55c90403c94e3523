"""A small portfolio for the page: three tiers, times, clocks, and a customer with a harmful name."""

from datetime import UTC, datetime, timedelta

from onboarding.metrics.figures import AccountFigures, Share, Span
from onboarding.model.vocabulary import Side, Stage
from tests.builders.figures import build_figures
from tests.builders.tiers import BUNDLED_TIERS

AS_OF, MAY = datetime(2026, 6, 10, tzinfo=UTC), datetime(2026, 5, 5, tzinfo=UTC)
EVIL = '<script>alert("x")</script> & Söhne'


def portfolio() -> list[AccountFigures]:
    some = []
    for number in range(14):
        one = build_figures(number, MAY, days=20 + number, tier=BUNDLED_TIERS[number % 3])
        one.parts["time_to_value"] = Span(20.0 + number, number % 4 != 0)
        one.parts["activation_rate"] = Share(int(number % 4 != 0), 1)
        one.parts["clock_vendor"] = Share(30, 50)
        one.stage_times.update({Stage.HANDOFF: one.signed_at, Stage.KICKOFF: one.signed_at + timedelta(days=3)})
        one.clock.update({Stage.HANDOFF: {Side.VENDOR: 30.0, Side.CUSTOMER: 20.0}})
        some.append(one)
    object.__setattr__(some[0], "account_name", EVIL)
    return some
