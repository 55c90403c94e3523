"""What an account contributes to the metrics, for tests of what is made of it."""

from datetime import datetime, timedelta

from onboarding.metrics.figures import AccountFigures, Share
from onboarding.model.vocabulary import Stage, Status, Tier
from tests.builders.tiers import MID


def build_figures(
    number: int,
    due: datetime,
    days: float | None = None,
    reached: int | None = None,
    *,
    tier: Tier = MID,
    status: Status = Status.ACTIVE,
) -> AccountFigures:
    """An account due at that moment and signed 45 days before, with value after so many days; ``reached`` of one
    goal."""
    signed = due - timedelta(days=45)
    return AccountFigures(
        account_id=f"001-{number}",
        account_name=f"Customer {number}",
        deal_id=f"{due:%m}-{number}-{tier}",
        tier=tier,
        owner=None,
        status=status,
        stage=Stage.SETUP,
        adopted=False,
        signed_at=signed,
        target_at=due,
        activated_at=signed + timedelta(days=days) if days is not None else None,
        parts={"goal_attainment": Share(reached, 1)} if reached is not None else {},
    )
