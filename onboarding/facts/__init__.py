"""Facts folded into the state of an onboarding: milestones, goals, meetings, tier."""
