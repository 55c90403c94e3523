"""Further metrics of accounts."""

from onboarding.metrics.definition import CUSTOMISATION_BENCHMARK, LAST_THIRTY_DAYS, Definition, Figure
from onboarding.metrics.headlines import DAYS, NO_USAGE, OF_ACCOUNTS, OF_HOURS

MONEY = "amount an account, in the currency of the tier rules"

OF_ACCOUNTS_FURTHER: tuple[Definition, ...] = (
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
        unit=MONEY,
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
        id="ME-14",
        name="renewal_rate",
        title="Renewals",
        **OF_ACCOUNTS,
        window="contracts that ended between the signature and the report",
        definition="Contracts that were renewed, of the account's contracts whose last day has passed; renewed is one "
        "where a further won deal of the account ends later. A deal without a last day counts nowhere.",
        unknown="no contract has ended yet of which the CRM tells the last day (contract_ends_on in the mapping)",
    ),
    Definition(
        id="ME-20",
        name="productivity_gain",
        title="Gain in productivity",
        figure=Figure.MEAN,
        unit="share",
        definition="How much better than at the start the customers' goals of kind efficiency stand, by the value "
        "reported last and as a share of the baseline; mean over these goals, negative where one got worse. It is the "
        "customer's own figure of what its people get done; first90 measures no single user's work.",
        unknown="no confirmed goal of kind efficiency has a value yet: the kind is recorded with the goal or comes "
        "from the deal (goal_worth in the mapping)",
    ),
    Definition(
        id="ME-25",
        name="lifetime_value",
        title="Customer lifetime value so far",
        figure=Figure.MEAN,
        unit=MONEY,
        lowest=0,
        definition="Mean sum of the amounts of an account's won deals, from the one that opened the onboarding on. "
        "What a customer will still buy is not estimated; left out where an amount is unknown.",
    ),
)
