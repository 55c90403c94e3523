"""Touchpoints: which planned messages are due, to whom and when, and what happens to late and unsent ones."""

from onboarding.touchpoints.planning import Plan, plan

__all__ = ["Plan", "plan"]
