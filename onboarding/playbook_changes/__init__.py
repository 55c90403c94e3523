"""Changes of a playbook while onboardings run on it: what differs, and what that means for each of them. Pure."""
