"""The people of an onboarding, their names and roles, and the recipients of messages."""
