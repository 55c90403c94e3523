"""The account plan: the handover from the onboarding to the next owner of the customer."""
