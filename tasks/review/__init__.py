"""Due onboardings reviewed in batches: stages, check-ins, escalations."""
