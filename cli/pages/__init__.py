"""The pages that commands print: the summary of a run, one onboarding, what does not leave."""
