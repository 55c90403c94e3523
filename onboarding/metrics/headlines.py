"""The headline metrics as a table: what each counts, over which accounts, and its benchmarks."""

from typing import Any

from onboarding.metrics.definition import COMPLETION_BENCHMARK, USER_ACTIVATION_BENCHMARK, Definition, Figure
from onboarding.model.vocabulary import STAGES

NO_USAGE = "no source of product usage tells who used it"
DWELL = "stage_dwell_"
CLOCK = "clock_"

DAYS: dict[str, Any] = {"figure": Figure.MEDIAN_TIME, "unit": "days", "rising_is": "bad"}
OF_ACCOUNTS: dict[str, Any] = {"figure": Figure.PROPORTION, "unit": "share"}
OF_USERS: dict[str, Any] = {"figure": Figure.PROPORTION, "unit": "share", "level": "user"}
OF_HOURS: dict[str, Any] = {"figure": Figure.RATIO, "unit": "share", "lowest": 0, "highest": 1}

HEADLINES: tuple[Definition, ...] = (
    Definition(
        id="ME-1",
        name="time_to_value",
        title="Time to value",
        **DAYS,
        window="from the signature to activation, at most to the report or the day the customer left",
        definition="Days from signature to the activation milestone, the customer's first measurable "
        "outcome; median by Kaplan-Meier. Who has not reached it counts up to the report, who"
        " left up to that day. Trial use makes it 0 or negative.",
    ),
    Definition(
        id="ME-4",
        name="activation_rate",
        title="Activation rate",
        **OF_ACCOUNTS,
        definition="Accounts that reached the activation milestone, of all accounts signed in the time "
        "of the report; young accounts count as not yet.",
    ),
    Definition(
        id="ME-2",
        name="time_to_first_value",
        title="Time to first value",
        **DAYS,
        window="from the signature to first value, at most to the report or the day the customer left",
        definition="Days from signature to the first event of the usage that proves activation, or to "
        "the milestone itself where that came first; median by Kaplan-Meier, others counted "
        "as for time_to_value.",
    ),
    Definition(
        id="ME-3",
        name="completion_rate",
        title="Completion rate",
        **OF_ACCOUNTS,
        window="from the signature to the target date",
        definition="Accounts that left all five stages by their target date, of those whose target date "
        "has passed. A stage is left by its exit criteria, not by every item of the "
        "checklist. Accounts taken over after their target date are left out.",
        benchmark=COMPLETION_BENCHMARK,
        unknown="no account that was followed up to its target date has passed it yet",
    ),
    Definition(
        id="ME-5",
        name="user_activation_rate",
        title="User activation rate",
        **OF_USERS,
        definition="Users who did a key action (usage that proves one of the customer's milestones or "
        "activation), of the users seen in the product since the signature.",
        benchmark=USER_ACTIVATION_BENCHMARK,
        unknown=NO_USAGE,
    ),
    Definition(
        id="ME-6",
        name="effort_score",
        title="Customer effort score",
        figure=Figure.MEAN,
        unit="points from 1 (very hard) to 7 (very easy)",
        lowest=1,
        highest=7,
        definition="Mean of all answers to the question how hard the onboarding was, put on one scale.",
        unknown="nobody was asked or answered yet",
    ),
    Definition(
        id="ME-7",
        name="early_churn_90",
        title="Early churn, 90 days",
        **{**OF_ACCOUNTS, "rising_is": "bad"},
        window="the first 90 days from the signature",
        definition="Accounts that left within 90 days of the signature, of those signed at least 90 days ago. "
        "Accounts taken over after those days are left out.",
        unknown="no account was signed at least 90 days ago and followed from then on",
    ),
    Definition(
        id="ME-7",
        name="early_churn_180",
        title="Early churn, 180 days",
        **{**OF_ACCOUNTS, "rising_is": "bad"},
        window="the first 180 days from the signature",
        definition="Accounts that left within 180 days of the signature, of those signed at least 180 days ago. "
        "Accounts taken over after those days are left out.",
        unknown="no account was signed at least 180 days ago and followed from then on",
    ),
    Definition(
        id="ME-8",
        name="adoption_depth",
        title="Adoption depth",
        figure=Figure.MEAN,
        unit="users an account",
        lowest=0,
        kind="activity",
        window="the 30 days before the end of the onboarding",
        definition="Mean number of distinct users active in the 30 days before the end of the "
        "onboarding, over completed accounts.",
        unknown="no account with known usage has completed its onboarding",
    ),
    *(
        Definition(
            id="ME-26",
            name=f"{DWELL}{stage.value}",
            title=f"Days in {stage.value.replace('_', ' ')}",
            **DAYS,
            kind="activity",
            window="from entering the stage to leaving it, at most to the report or the day the customer left",
            definition="Days between entering and leaving the stage; median by Kaplan-Meier, accounts "
            "still in it count up to the report. Left out where the account was taken over "
            "after it had entered the stage.",
            unknown="no account has entered the stage while it was followed",
        )
        for stage in STAGES
    ),
    *(
        Definition(
            id="RO-9",
            name=f"{CLOCK}{side}",
            title=f"Clock of {words}",
            **OF_HOURS,
            kind="activity",
            rising_is="neither",
            window="from entering the first stage to the end of the onboarding, at most to the report",
            definition=f"Share of the working hours of open stages in which the move was {words}'s: the "
            "side of the exit criterion that was open and due first. Time on hold is "
            "nobody's.",
            unknown="no stage of an account that was followed from its signature has been open in working time yet",
        )
        for side, words in (("vendor", "the vendor"), ("customer", "the customer"), ("third_party", "a third party"))
    ),
    Definition(
        id="RO-9",
        name="time_to_value_net",
        title="Time to value, net",
        figure=Figure.MEDIAN_TIME,
        unit="working hours of the vendor",
        rising_is="bad",
        window="from the signature to activation, at most to the report or the day the customer left",
        definition="Working hours from signature to activation in which the move was the vendor's; "
        "median by Kaplan-Meier. The gross figure beside it is time_to_value.",
    ),
)
"""Time to value and activation first, because they predict most (ME-28)."""
