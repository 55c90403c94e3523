"""The content of the board for the vendor's people: the portfolio by stage, and the history of one onboarding."""
