"""Playbook versions: which are kept, who runs on which, and how an onboarding is moved to another one and back."""
