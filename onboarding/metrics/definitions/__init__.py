"""All metrics as one table, in the order of the report."""

from onboarding.metrics.definitions.of_accounts import OF_ACCOUNTS_FURTHER
from onboarding.metrics.definitions.of_users import OF_USERS_FURTHER
from onboarding.metrics.headlines import HEADLINES

DEFINITIONS = (*HEADLINES, *OF_ACCOUNTS_FURTHER, *OF_USERS_FURTHER)
BY_NAME = {one.name: one for one in DEFINITIONS}
NAMES = tuple(BY_NAME)
