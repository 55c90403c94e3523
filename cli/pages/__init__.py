"""What commands print: the summary of a run, one onboarding, a standstill."""
