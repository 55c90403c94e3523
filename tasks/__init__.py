"""Tasks over batches of onboardings, called by the flows and, without Prefect, by the command line."""
