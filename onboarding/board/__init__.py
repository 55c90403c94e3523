"""What the pages for our own people show: the portfolio by stage, and the history of one onboarding."""
