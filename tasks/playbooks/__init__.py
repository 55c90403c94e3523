"""Playbook versions of onboardings in flight: compared, planned for, adopted, taken back."""
