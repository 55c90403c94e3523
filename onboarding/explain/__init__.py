"""Explanations: why an onboarding is where it is, and why a message was sent or not."""
