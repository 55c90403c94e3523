"""Commands about playbooks: check, show, compare, and move onboardings in flight to another version."""
