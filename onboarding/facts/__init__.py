"""What is known of an onboarding: facts folded into one state, milestones, goals, meetings, tier."""
