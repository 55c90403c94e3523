"""Further metrics of the users of the product."""

from typing import Any

from onboarding.metrics.definition import LAST_THIRTY_DAYS, Definition, Figure
from onboarding.metrics.headlines import DAYS, NO_USAGE, OF_USERS

USERS_AN_ACCOUNT: dict[str, Any] = {
    "figure": Figure.MEAN,
    "unit": "users an account",
    "level": "user",
    "kind": "activity",
    "lowest": 0,
    "window": LAST_THIRTY_DAYS,
    "unknown": NO_USAGE,
}

OF_USERS_FURTHER: tuple[Definition, ...] = (
    Definition(
        id="ME-18",
        name="user_time_to_value",
        title="Time to value of a user",
        **DAYS,
        level="user",
        window="from a user's first event to the first key action, at most to the report",
        definition="Days from a user's first event to their first key action; median by Kaplan-Meier over users.",
        unknown=NO_USAGE,
    ),
    Definition(
        id="ME-21",
        name="nps",
        title="Net promoter score",
        figure=Figure.MEAN,
        unit="points from -100 to 100",
        lowest=-100,
        highest=100,
        level="user",
        definition="Share of answers of 9 and 10 less the share of answers of 0 to 6, times 100.",
        unknown="nobody was asked or answered yet",
    ),
    Definition(
        id="ME-24",
        name="user_engagement",
        title="Users active in 30 days",
        **OF_USERS,
        kind="activity",
        window=LAST_THIRTY_DAYS,
        definition="Users active in the last 30 days, of all users seen since the signature.",
        unknown=NO_USAGE,
    ),
    Definition(
        id="ME-19",
        name="feature_adoption",
        title="Key features in regular use",
        **OF_USERS,
        window=LAST_THIRTY_DAYS,
        definition="Users with a key action on at least four of the last 30 days, of all users seen since the "
        "signature.",
        unknown=NO_USAGE,
    ),
    Definition(
        id="ME-20",
        name="daily_active_users",
        title="Users a day",
        **USERS_AN_ACCOUNT,
        definition="Mean number of an account's users active on a day (UTC) of the last 30.",
    ),
    Definition(
        id="ME-20",
        name="monthly_active_users",
        title="Users a month",
        **USERS_AN_ACCOUNT,
        definition="Mean number of an account's users active in the last 30 days.",
    ),
    Definition(
        id="ME-23",
        name="time_to_first_success",
        title="Time to a user's first success",
        **DAYS,
        level="user",
        window="from a user's first event to the first success, at most to the report",
        definition="Days from a user's first event to their first one of the usage that proves activation; median by "
        "Kaplan-Meier over users.",
        unknown=NO_USAGE,
    ),
    Definition(
        id="SX-17",
        name="time_in_product",
        title="Time in the product",
        **{**USERS_AN_ACCOUNT, "unit": "minutes a user", "unknown": "no signal tells of time spent"},
        definition="Mean over accounts of the minutes that a user spent in the product in the last 30 days, by the "
        "signals that the playbook names under users.time_spent; over accounts of which there is such a signal.",
    ),
)
