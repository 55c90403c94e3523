"""All metrics as one table, in the order of the report."""

from typing import Any

from onboarding.metrics.definition import CUSTOMISATION_BENCHMARK, LAST_THIRTY_DAYS, Definition, Figure
from onboarding.metrics.headlines import DAYS, HEADLINES, NO_USAGE, OF_ACCOUNTS, OF_HOURS, OF_USERS

NO_TERM = "the CRM's fields that first90 reads do not say when a contract ends"
NO_OUTPUT = "no source that first90 reads tells it; what the customer gains as a whole is told by the goals"
USERS_AN_ACCOUNT: dict[str, Any] = {
    "figure": Figure.MEAN,
    "unit": "users an account",
    "level": "user",
    "kind": "activity",
    "lowest": 0,
    "window": LAST_THIRTY_DAYS,
    "unknown": NO_USAGE,
}

FURTHER: tuple[Definition, ...] = (
    Definition(
        id="ME-12",
        name="goal_attainment",
        title="Goals reached",
        **OF_ACCOUNTS,
        definition="Goals whose last reported value is at the target or beyond, of all goals due by the "
        "report. A goal of which nobody reported a value counts as not reached.",
        unknown="no goal is due yet",
    ),
    Definition(
        id="ME-9",
        name="ticket_volume",
        title="Support tickets",
        figure=Figure.MEAN,
        unit="tickets an account",
        lowest=0,
        kind="activity",
        rising_is="bad",
        window="from the signature to the end of the onboarding",
        definition="Mean number of tickets opened between signature and the end of the onboarding.",
        unknown="no ticket was reported",
        none_is_unknown=True,
    ),
    Definition(
        id="ME-10",
        name="health_score",
        title="Health score",
        figure=Figure.MEAN,
        unit="points of 100",
        lowest=0,
        highest=100,
        window="at the report",
        definition="Mean score of the onboardings under way, by what was known then. An unknown score counts nowhere.",
        unknown="no score is known yet",
    ),
    Definition(
        id="ME-11",
        name="account_adoption",
        title="Breadth of use",
        **OF_HOURS,
        kind="activity",
        window=LAST_THIRTY_DAYS,
        definition="Users active in the last 30 days, of the seats bought, over accounts with known usage and seats.",
        unknown=NO_USAGE,
    ),
    Definition(
        id="ME-13",
        name="integration_success",
        title="Integrations connected",
        **OF_ACCOUNTS,
        definition="Accounts whose integrations milestone is done, of those that have entered setup and have it to do.",
        unknown="no account has entered setup yet",
    ),
    Definition(
        id="ME-15",
        name="sponsor_engagement",
        title="Sponsor heard of",
        **OF_ACCOUNTS,
        kind="activity",
        definition="Accounts whose executive sponsor replied or answered a survey, of those that name one.",
        unknown="no account names an executive sponsor",
    ),
    Definition(
        id="ME-16",
        name="project_completion_rate",
        title="Projects completed",
        **OF_ACCOUNTS,
        definition="Onboardings completed at any time, of those that have ended: completed, or the customer left.",
        unknown="no onboarding has ended yet",
    ),
    Definition(
        id="ME-17",
        name="time_to_roi",
        title="Time to the first goal reached",
        **DAYS,
        window="from the signature to the first goal reached, at most to the report or the day the customer left",
        definition="Days from signature to the first goal reported at its target; median by Kaplan-"
        "Meier, over accounts with a measurable goal.",
        unknown="no account has a measurable goal yet",
    ),
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
        id="ME-25",
        name="retention_rate",
        title="Customers kept",
        **OF_ACCOUNTS,
        definition="Accounts that have not left by the report, of all.",
    ),
    Definition(
        id="ME-25",
        name="csat",
        title="Customer satisfaction",
        figure=Figure.MEAN,
        unit="points from 1 to 5",
        lowest=1,
        highest=5,
        definition="Mean of all answers to questions on satisfaction, put on one scale.",
        unknown="nobody was asked or answered yet",
    ),
    Definition(
        id="ME-14",
        name="expansion_rate",
        title="Customers who bought more",
        **OF_ACCOUNTS,
        definition="Accounts with a further won deal, signed after the one that opened the onboarding, of all.",
    ),
    Definition(
        id="ME-14",
        name="expansion_revenue",
        title="Further deals",
        figure=Figure.MEAN,
        unit="amount an account, in the currency of the tier rules",
        lowest=0,
        definition="Mean sum of the amounts of an account's further won deals, over all accounts; left out where an "
        "amount is unknown.",
    ),
    Definition(
        id="ME-20",
        name="task_completion_rate",
        title="Daily tasks done",
        **OF_ACCOUNTS,
        kind="activity",
        definition="Daily tasks of a role that its users were seen or reported to do, of those that the playbook names "
        "for accounts that have entered training; tasks declared not applicable are left out.",
        unknown="no account has entered training yet",
    ),
    Definition(
        id="TI-3",
        name="customisation_share",
        title="Plan changed for the account",
        **OF_HOURS,
        kind="activity",
        rising_is="neither",
        definition="Tasks that were added to an account, and milestones of its playbook that people declared not "
        "applicable or gave another due day, of all of its milestones and tasks.",
        benchmark=CUSTOMISATION_BENCHMARK,
    ),
    Definition(
        id="ME-22",
        name="how_to_tickets",
        title="Fall in how-to tickets",
        figure=Figure.RATIO,
        unit="share",
        highest=1,
        window="the first 60 days from the signature",
        definition="Tickets whose topic begins with how-to, by how many fewer there were in days 31 to 60 from the "
        "signature than in the first 30, of those in the first 30; over accounts signed at least 60 days ago that "
        "stayed as long. Negative if there were more.",
        unknown="no such account had a how-to ticket in its first 30 days",
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
    *(
        Definition(id=id_, name=name, title=title, **OF_ACCOUNTS, definition=text, unknown=why)
        for id_, name, title, text, why in (
            ("ME-14", "renewal_rate", "Renewals", "Contracts renewed, of those that came up for renewal.", NO_TERM),
            ("ME-20", "productivity_gain", "Productivity of a user", "Rise in what one user gets done.", NO_OUTPUT),
            ("ME-25", "lifetime_value", "Customer lifetime value", "Revenue of a customer over all years.", NO_TERM),
        )
    ),
)

DEFINITIONS = (*HEADLINES, *FURTHER)
BY_NAME = {one.name: one for one in DEFINITIONS}
NAMES = tuple(BY_NAME)
