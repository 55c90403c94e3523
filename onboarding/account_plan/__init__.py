"""The account plan: what passes from the onboarding to whoever looks after the customer from then on."""
